package io.heliodor.describe;

import io.heliodor.schema.Schema;
import java.util.Objects;

/** The form of a payload. */
public sealed interface Content {
    /**
     * JSON.
     *
     * @param schema its schema; names are those of {@link SocketContract#types()}
     */
    record Json(Schema schema) implements Content {
        /** Checks that nothing is null. */
        public Json {
            Objects.requireNonNull(schema, "schema");
        }
    }

    /** Bytes, in a binary message. */
    record Bytes() implements Content {}

    /** An empty object. A client may also send any other object, which is ignored. */
    record None() implements Content {}
}
