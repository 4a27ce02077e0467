package io.heliodor.wire.schema;

import io.heliodor.schema.Schema;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import tools.jackson.databind.JavaType;

/**
 * The schemas of one direction that have names. Until names are given, a name is the key of its type. A type refers to itself by its
 * key, which is reserved before its schema is computed.
 */
final class Definitions {
    /** The types by their keys, for names. */
    private final Map<String, JavaType> types = new LinkedHashMap<>();

    private final Map<String, Schema> schemas = new HashMap<>();

    /** The schema of a type, as a reference to its definition. */
    Schema.Ref define(JavaType type, Supplier<Schema> schema) {
        String key = type.toCanonical();
        if (types.putIfAbsent(key, type) == null) {
            schemas.put(key, schema.get());
        }
        return new Schema.Ref(key);
    }

    Map<String, JavaType> types() {
        return types;
    }

    /** The schema of a key; null if the key is of the other direction alone. */
    Map<String, Schema> schemas() {
        return schemas;
    }
}
