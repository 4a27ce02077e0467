package io.heliodor.json;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides which values may be null: those of an {@code Optional} type, or with any annotation named {@code Nullable}. */
public final class Nullability {
    private static final Set<Type> OPTIONALS =
            Set.of(Optional.class, OptionalInt.class, OptionalLong.class, OptionalDouble.class);

    private Nullability() {}

    /**
     * Whether a value of a type may be null.
     *
     * @param type the type with its annotations
     * @return whether it is optional or annotated
     */
    public static boolean mayBeNull(AnnotatedType type) {
        return isNullable(type) || isOptional(type);
    }

    /**
     * Whether a type is an {@code Optional}, of objects or of numbers.
     *
     * @param type the type
     * @return whether it is one
     */
    public static boolean isOptional(AnnotatedType type) {
        Type raw =
                type.getType() instanceof ParameterizedType parameterized ? parameterized.getRawType() : type.getType();
        return OPTIONALS.contains(raw);
    }

    /**
     * The nulls that Jackson accepts for a property.
     *
     * @param allowed whether it may be null itself
     * @param type its type with its annotations, which decide about the elements of a list or map
     * @return the rule
     */
    public static JsonSetter.Value setter(boolean allowed, AnnotatedType type) {
        return JsonSetter.Value.construct(nulls(allowed), nulls(elementsMayBeNull(type)));
    }

    private static Nulls nulls(boolean allowed) {
        return allowed ? Nulls.SET : Nulls.FAIL;
    }

    /**
     * Whether the elements of a list or array, or the values of a map, may be null.
     *
     * @param type the type of the list, array or map with its annotations
     * @return whether they may; false for a type whose elements are not known
     */
    public static boolean elementsMayBeNull(AnnotatedType type) {
        AnnotatedType element = element(type);
        return element != null && mayBeNull(element);
    }

    /**
     * The type of the elements of a list or array, of the values of a map, or of the value of an {@code Optional}.
     *
     * @param type the type with its annotations
     * @return the element of the array, or the last type argument; null if there is none
     */
    public static @Nullable AnnotatedType element(@Nullable AnnotatedType type) {
        return switch (type) {
            case AnnotatedParameterizedType container ->
                container.getAnnotatedActualTypeArguments()[container.getAnnotatedActualTypeArguments().length - 1];
            case AnnotatedArrayType array -> array.getAnnotatedGenericComponentType();
            case null, default -> null;
        };
    }

    /**
     * Whether a declaration has an annotation named {@code Nullable}.
     *
     * @param element the declaration, such as a record component, a field or a parameter
     * @return whether it has one that is retained at run time
     */
    public static boolean isNullable(AnnotatedElement element) {
        for (Annotation annotation : element.getAnnotations()) {
            if (annotation.annotationType().getSimpleName().equals("Nullable")) {
                return true;
            }
        }
        return false;
    }
}
