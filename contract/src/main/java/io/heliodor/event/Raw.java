package io.heliodor.event;

import io.heliodor.event.json.RawJson;
import java.util.Objects;

/**
 * JSON as bytes: validated as UTF-8 and JSON within the limits for clients, but not decoded. It is a payload of a client that is passed on
 * as it came, or ready JSON of the server, such as a column of a database:
 *
 * {@snippet lang="java" :
 * static final Event<Raw> ROW = Event.of("row", Raw.class);
 * static final Event<Change> CHANGED = Event.of("changed", Change.class); // record Change(long id, Raw row) {}
 * room.push(ROW, Raw.of(rows.getString("document")));
 * }
 *
 * <p>The payload of an event is an object. A reply, a component of a record or a value of a map may be any JSON value.
 *
 * <p>Immutable; any thread may use it.
 */
public sealed interface Raw permits RawJson {
    /**
     * Ready JSON by the rules of {@link JsonProfile#RFC_8259}.
     *
     * @param json one JSON value in UTF-8, which is copied. White space around it is removed
     * @return the value, which is not validated again when it is sent
     * @throws IllegalArgumentException if it is not JSON, or exceeds a limit for clients: a depth of 63, keys of 1,000 bytes, numbers of
     *     100 characters
     */
    static Raw of(byte[] json) {
        return of(json, JsonProfile.RFC_8259);
    }

    /**
     * The same for a text.
     *
     * @param json one JSON value
     * @return the value
     * @throws IllegalArgumentException as for bytes, or if the text has half of a surrogate pair that is not an escape sequence
     */
    static Raw of(String json) {
        return of(json, JsonProfile.RFC_8259);
    }

    /**
     * Ready JSON by the rules of a profile.
     *
     * @param json one JSON value in UTF-8, which is copied
     * @param profile the rules
     * @return the value
     * @throws IllegalArgumentException if it is not JSON, exceeds a limit, or breaks a rule of the profile
     */
    static Raw of(byte[] json, JsonProfile profile) {
        Objects.requireNonNull(json, "json");
        Objects.requireNonNull(profile, "profile");
        return RawJson.validated(json, profile);
    }

    /**
     * The same for a text.
     *
     * @param json one JSON value
     * @param profile the rules
     * @return the value
     * @throws IllegalArgumentException as for bytes
     */
    static Raw of(String json, JsonProfile profile) {
        Objects.requireNonNull(json, "json");
        Objects.requireNonNull(profile, "profile");
        return RawJson.validated(json, profile);
    }

    /**
     * The value as text.
     *
     * @return a copy of its bytes, UTF-8
     */
    byte[] json();

    /**
     * The length of the value.
     *
     * @return bytes, at least 1
     */
    int length();
}
