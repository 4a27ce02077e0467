package io.heliodor.wire;

import io.heliodor.schema.Schema;

/** A deserializer, or one of keys, that reads JSON if and only if it has a schema. */
public interface ExactForm {
    /**
     * The form of the JSON.
     *
     * @return the schema
     */
    Schema schema();
}
