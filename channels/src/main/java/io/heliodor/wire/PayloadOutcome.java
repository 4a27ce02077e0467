package io.heliodor.wire;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a payload turned out to be when it was read as a type.
 *
 * @param <T> the type
 */
public sealed interface PayloadOutcome<T> {
    /**
     * It fits.
     *
     * @param value what was read
     * @param <T> the type
     */
    record Valid<T>(T value) implements PayloadOutcome<T> {}

    /**
     * It does not fit.
     *
     * @param field what does not, as a path from the payload's root such as {@code user.name} or {@code items[2].id};
     *     empty for the payload itself
     * @param message what is wrong, a phrase to follow the field's name; it holds nothing of the server's inside
     * @param <T> the type
     */
    record Invalid<T>(String field, String message) implements PayloadOutcome<T> {
        /**
         * The response that tells the client. A map and not a record, so that a naming strategy of the user's mapper
         * leaves its keys alone.
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
