package io.heliodor.wire.schema;

import io.heliodor.schema.Schema;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
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

    /** The serializers or deserializers whose schemas are being computed, by identity. */
    private final Set<Object> inlined = Collections.newSetFromMap(new IdentityHashMap<>());

    /** The schema of a type, as a reference to its definition. */
    Schema.Ref define(JavaType type, Supplier<Schema> schema) {
        String key = type.toCanonical();
        if (types.putIfAbsent(key, type) == null) {
            schemas.put(key, schema.get());
        }
        return new Schema.Ref(key);
    }

    /** A schema that is not defined: of a type with a form of its own in one place. Such a type may contain itself. */
    Schema inline(Object form, JavaType type, Supplier<Schema> schema) {
        if (!inlined.add(form)) {
            return new Schema.Any(type.toCanonical() + " contains itself in another form");
        }
        try {
            return schema.get();
        } finally {
            inlined.remove(form);
        }
    }

    Map<String, JavaType> types() {
        return types;
    }

    /** The schemas by the keys of their types. */
    Map<String, Schema> schemas() {
        return schemas;
    }
}
