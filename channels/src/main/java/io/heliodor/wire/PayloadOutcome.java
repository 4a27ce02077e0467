package io.heliodor.wire;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The result of decoding a payload as a type.
 *
 * @param <T> the type
 */
public sealed interface PayloadOutcome<T> {
    /**
     * The payload is valid.
     *
     * @param value the decoded value
     * @param <T> the type
     */
    record Valid<T>(T value) implements PayloadOutcome<T> {}

    /**
     * The payload is not valid.
     *
     * @param field the path of the invalid field from the payload's root, such as {@code user.name} or {@code items[2].id}; empty for the
     *     payload itself
     * @param message the reason, a phrase to follow the field's name. It contains no internals of the server
     * @param <T> the type
     */
    record Invalid<T>(String field, String message) implements PayloadOutcome<T> {
        /**
         * The response to the client. It is a map, since a naming strategy of the application's mapper would rename the components of a
         * record.
         *
         * @return {@code reason}, {@code field} and {@code message}, in this order
         */
        public Map<String, String> response() {
            Map<String, String> response = new LinkedHashMap<>();
            response.put("reason", "invalid_payload");
            response.put("field", field);
            response.put("message", message);
            return Collections.unmodifiableMap(response);
        }
    }
}
