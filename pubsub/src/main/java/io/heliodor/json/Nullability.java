package io.heliodor.json;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.lang.annotation.Annotation;
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
        Type raw =
                type.getType() instanceof ParameterizedType parameterized ? parameterized.getRawType() : type.getType();
        return isNullable(type) || OPTIONALS.contains(raw);
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
     * Whether the elements of a list, or the values of a map, may be null.
     *
     * @param type the type of the list or map with its annotations
     * @return whether its last type argument may be null; false for a type without arguments
     */
    public static boolean elementsMayBeNull(AnnotatedType type) {
        if (type instanceof AnnotatedParameterizedType container) {
            AnnotatedType[] arguments = container.getAnnotatedActualTypeArguments();
            return mayBeNull(arguments[arguments.length - 1]);
        }
        return false;
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
