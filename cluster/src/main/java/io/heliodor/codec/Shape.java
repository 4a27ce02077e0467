package io.heliodor.codec;

import com.fasterxml.jackson.annotation.JsonValue;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.type.TypeFactory;

/**
 * Checks whether JSON can hold a type, before any value of it is sent: the type must determine the class of each value at the
 * other end.
 */
final class Shape {
    private final TypeFactory types;
    private final Map<Class<?>, Reference<?>> references;
    private final Set<Class<?>> own;
    private final Consumer<JavaType> readable;
    private final Set<JavaType> seen = new HashSet<>();

    /**
     * @param references what travels as a text
     * @param own classes with a codec of their own
     * @param readable throws when Jackson cannot read a type
     */
    Shape(TypeFactory types, Map<Class<?>, Reference<?>> references, Set<Class<?>> own, Consumer<JavaType> readable) {
        this.types = types;
        this.references = references;
        this.own = own;
        this.readable = readable;
    }

    /**
     * Looks at a type and all that it is made of.
     *
     * @throws IllegalArgumentException when JSON cannot carry it
     */
    void check(JavaType root) {
        look(root, root.toCanonical());
        readable.accept(root);
    }

    private void look(JavaType type, String where) {
        if (!seen.add(type)) {
            return;
        }
        Class<?> raw = type.getRawClass();
        Reference<?> reference = references.get(raw);
        if (reference != null) {
            reference(reference, type, where);
        } else if (type.isContainerType() || type.isReferenceType()) {
            container(type, where);
        } else if (own.contains(raw)) {
            require(
                    Modifier.isFinal(raw.getModifiers()) || raw.isEnum(),
                    raw,
                    where,
                    "has a codec of its own but may have subclasses; make it final, or use it only at the top level");
        } else if (raw.isRecord()) {
            for (RecordComponent component : raw.getRecordComponents()) {
                look(
                        types.resolveMemberType(component.getGenericType(), type.getBindings()),
                        raw.getName() + "." + component.getName());
            }
            readable.accept(type);
        } else if (Family.isOne(raw)) {
            for (Class<?> member : Family.of(raw).members().values()) {
                if (member != raw) {
                    look(types.constructSpecializedType(type, member), where);
                }
            }
        } else {
            require(raw != Object.class, raw, where, "is Object; name a type");
            require(
                    raw.isPrimitive() || raw.isEnum() || !Modifier.isAbstract(raw.getModifiers()),
                    raw,
                    where,
                    "is abstract, and its subclasses are unknown; make it a record, an enum or sealed, or give a codec");
            if (raw.getName().startsWith("java.")) {
                readable.accept(type);
            }
            require(
                    isOfPlatform(raw) || raw.isEnum() || isValue(raw),
                    raw,
                    where,
                    "is a class, and properties of it that are missing would not be noticed; make it a record, or give a codec");
        }
    }

    private static boolean isOfPlatform(Class<?> raw) {
        return raw.isPrimitive()
                || raw.getName().startsWith("java.")
                || raw.getName().startsWith("tools.jackson.");
    }

    /** Whether its annotations read it from one value, or by a deserializer of its own. */
    private static boolean isValue(Class<?> raw) {
        return raw.isAnnotationPresent(JsonDeserialize.class)
                || Arrays.stream(raw.getMethods()).anyMatch(method -> method.isAnnotationPresent(JsonValue.class))
                || Arrays.stream(raw.getDeclaredFields()).anyMatch(field -> field.isAnnotationPresent(JsonValue.class));
    }

    private void reference(Reference<?> reference, JavaType type, String where) {
        JavaType argument = type.containedTypeOrUnknown(0);
        if (argument.hasRawClass(Object.class)) {
            require(!reference.needsArgument(), type.getRawClass(), where, "needs a type argument");
        } else if (!own.contains(argument.getRawClass())) {
            look(argument, where);
        }
    }

    private void container(JavaType type, String where) {
        Class<?> raw = type.getRawClass();
        require(
                raw.isArray()
                        || raw.getName().startsWith("java.")
                        || Collection.class.isAssignableFrom(raw)
                        || Map.class.isAssignableFrom(raw),
                raw,
                where,
                "is not a known container; take a List, a Set, a Map or Optional");
        if (type.getContentType() != null) {
            look(type.getContentType(), where);
        }
    }

    private static void require(boolean holds, Class<?> type, String where, String problem) {
        if (!holds) {
            throw new IllegalArgumentException("%s at %s %s.".formatted(type.getTypeName(), where, problem));
        }
    }
}
