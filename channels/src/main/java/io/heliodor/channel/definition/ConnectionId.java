package io.heliodor.channel.definition;

import io.heliodor.type.text.ControlCharacters;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The id of a connection. Nodes keep the ids of disconnects for two minutes, so that an id without a limit would fill their memory. */
public final class ConnectionId {
    /** The maximum size, in bytes of UTF-8. */
    public static final int MAX_BYTES = 1_000;

    private static final int SHOWN = 40;

    private ConnectionId() {}

    /**
     * Checks an id.
     *
     * @param id the text
     * @return the text
     * @throws IllegalArgumentException if it does not have 1 to 1 000 bytes of UTF-8
     * @throws NullPointerException if it is null
     */
    public static String check(String id) {
        Objects.requireNonNull(id, "id");
        if (id.isEmpty()) {
            throw new IllegalArgumentException(
                    "The id of a connection is empty, so that all clients without a name would be"
                            + " disconnected together; give a name such as \"users:42\", or none: Connect.ok(assigns).");
        }
        if (id.length() > MAX_BYTES || id.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new IllegalArgumentException("An id of a connection has at most " + MAX_BYTES
                    + " bytes of UTF-8, and the one that begins with '"
                    + ControlCharacters.escaped(id.substring(0, SHOWN))
                    + "' has more; take the key of the user, such as \"users:42\".");
        }
        // JSON can represent an unpaired surrogate; other nodes would get another id.
        boolean ascii = id.chars().allMatch(c -> c < 0x80);
        if (!ascii && !StandardCharsets.UTF_8.newEncoder().canEncode(id)) {
            throw new IllegalArgumentException(
                    "The id '" + ControlCharacters.escaped(id) + "' of a connection has half a surrogate pair,"
                            + " which UTF-8 cannot represent; take the key of the user, such as \"users:42\".");
        }
        return id;
    }
}
