package io.heliodor.channel.definition;

import io.heliodor.type.text.ControlCharacters;
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
        // Each push to an id checks it, so nothing is encoded for that.
        int bytes = id.length() > MAX_BYTES ? id.length() : bytes(id);
        if (bytes > MAX_BYTES) {
            throw new IllegalArgumentException("An id of a connection has at most " + MAX_BYTES
                    + " bytes of UTF-8, and the one that begins with '"
                    + ControlCharacters.escaped(id.substring(0, SHOWN))
                    + "' has more; take the key of the user, such as \"users:42\".");
        }
        // JSON can represent an unpaired surrogate; other nodes would get another id.
        if (bytes < 0) {
            throw new IllegalArgumentException(
                    "The id '" + ControlCharacters.escaped(id) + "' of a connection has half a surrogate pair,"
                            + " which UTF-8 cannot represent; take the key of the user, such as \"users:42\".");
        }
        return id;
    }

    /** The size of an id in UTF-8; negative if it has half a surrogate pair. */
    private static int bytes(String id) {
        int bytes = 0;
        for (int i = 0; i < id.length(); i++) {
            char next = id.charAt(i);
            if (!Character.isSurrogate(next)) {
                bytes += next < 0x80 ? 1 : next < 0x800 ? 2 : 3;
            } else if (i + 1 < id.length() && Character.isSurrogatePair(next, id.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else {
                return -1;
            }
        }
        return bytes;
    }
}
