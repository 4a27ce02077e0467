package io.heliodor.event;

import io.heliodor.type.Type;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.util.List;
import java.util.Optional;

/** Checks that values of a type can be JSON objects: a client could not receive other payloads. */
final class JsonObjects {
    private static final List<Class<?>> OTHERS = List.of(
            Number.class,
            CharSequence.class,
            Boolean.class,
            Character.class,
            Iterable.class,
            Optional.class,
            Enum.class);

    private JsonObjects() {}

    static void check(String what, Type<?> type) {
        if (type.type() == Object.class) {
            throw new IllegalArgumentException(
                    what + " has a payload of java.lang.Object, of which a client knows nothing; take"
                            + " a record, a sealed interface of several records, Raw for JSON that is passed on, or a Type<Map<String,"
                            + " Object>> for an object with any properties.");
        }
        if (!type.type().equals(Empty.class) && isOther(type.type())) {
            String name = type.type().getTypeName();
            String simple = name.substring(name.lastIndexOf('.') + 1);
            throw new IllegalArgumentException(what + " has a payload of " + name
                    + ", which is not written as a JSON object; wrap it in a record, as in record Value(" + simple + " "
                    + "value) {}.");
        }
    }

    private static boolean isOther(java.lang.reflect.Type type) {
        if (type instanceof ParameterizedType generic) {
            return isOther(generic.getRawType());
        }
        return type instanceof GenericArrayType
                || (type instanceof Class<?> plain
                        && (plain.isArray()
                                || plain.isPrimitive()
                                || OTHERS.stream().anyMatch(other -> other.isAssignableFrom(plain))));
    }
}
