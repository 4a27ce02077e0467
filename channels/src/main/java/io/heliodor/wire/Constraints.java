package io.heliodor.wire;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * Finds annotations of Bean Validation by their names, without a dependency on it. {@code @NotNull} is not among them, since the strict
 * mapper requires each property anyway.
 */
final class Constraints {
    private static final Set<String> MARKERS = Set.of("jakarta.validation.Constraint", "javax.validation.Constraint");

    private Constraints() {}

    /** The first constraint on a class or one of its properties; empty if there is none. */
    static Optional<String> of(Class<?> type) {
        Optional<String> own = of(type, "");
        for (Class<?> each = type; own.isEmpty() && each != null && !isOfJdk(each); each = each.getSuperclass()) {
            own = ofProperties(each);
        }
        return own;
    }

    private static boolean isOfJdk(Class<?> type) {
        return type.getName().startsWith("java.");
    }

    private static Optional<String> ofProperties(Class<?> type) {
        for (Field field : type.getDeclaredFields()) {
            Optional<String> found = of(field, " on '" + field.getName() + "'")
                    .or(() -> of(field.getAnnotatedType(), " on '" + field.getName() + "'"));
            if (found.isPresent()) {
                return found;
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            Optional<String> found =
                    method.getParameterCount() == 0 ? of(method, " on '" + method.getName() + "'") : Optional.empty();
            if (found.isPresent()) {
                return found;
            }
        }
        return Arrays.stream(type.getDeclaredConstructors())
                .map(Constructor::getParameters)
                .flatMap(Arrays::stream)
                .flatMap(parameter -> of(parameter).stream())
                .findFirst();
    }

    private static Optional<String> of(Parameter parameter) {
        return of(parameter, " on '" + parameter.getName() + "'");
    }

    /** The constraints of elements, as in {@code List<@NotBlank String>}. */
    private static Optional<String> of(AnnotatedType type, String place) {
        if (!(type instanceof AnnotatedParameterizedType container)) {
            return Optional.empty();
        }
        return Arrays.stream(container.getAnnotatedActualTypeArguments())
                .flatMap(element -> of((AnnotatedElement) element, place).or(() -> of(element, place)).stream())
                .findFirst();
    }

    private static Optional<String> of(AnnotatedElement element, String place) {
        return Arrays.stream(element.getAnnotations())
                .map(Annotation::annotationType)
                .filter(Constraints::isConstraint)
                .map(constraint -> "@" + constraint.getSimpleName() + place)
                .findFirst();
    }

    private static boolean isConstraint(Class<? extends Annotation> type) {
        return !type.getName().endsWith(".validation.constraints.NotNull")
                && Arrays.stream(type.getAnnotations())
                        .anyMatch(marker ->
                                MARKERS.contains(marker.annotationType().getName()));
    }
}
