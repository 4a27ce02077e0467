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
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds annotations of Bean Validation by their names, without a dependency on it. {@code @NotNull} is not among them, since the strict
 * mapper requires each property anyway.
 */
final class Constraints {
    private static final Set<String> MARKERS = Set.of("jakarta.validation.Constraint", "javax.validation.Constraint");

    private Constraints() {}

    /** The first constraint on a class or one of its properties, also an inherited one; empty if there is none. */
    static Optional<String> of(Class<?> type) {
        Set<Class<?>> all = new LinkedHashSet<>();
        addWithSupertypes(type, all);
        return all.stream()
                .flatMap(each -> of(each, "").or(() -> ofProperties(each)).stream())
                .findFirst();
    }

    /** A validator applies the constraints of all superclasses and interfaces. */
    private static void addWithSupertypes(@Nullable Class<?> type, Set<Class<?>> all) {
        if (type != null && !isOfJdk(type) && all.add(type)) {
            addWithSupertypes(type.getSuperclass(), all);
            for (Class<?> each : type.getInterfaces()) {
                addWithSupertypes(each, all);
            }
        }
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
            Optional<String> found = method.getParameterCount() == 0
                    ? of(method, " on '" + method.getName() + "'")
                            .or(() -> of(method.getAnnotatedReturnType(), " on '" + method.getName() + "'"))
                    : Optional.empty();
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
                .flatMap(type -> Stream.concat(Stream.of(type), repeated(type)))
                .filter(Constraints::isConstraint)
                .map(constraint -> "@" + constraint.getSimpleName() + place)
                .findFirst();
    }

    /** The annotation in a container, which a compiler writes for a repeated one: constraints may be repeated. */
    private static Stream<Class<? extends Annotation>> repeated(Class<? extends Annotation> container) {
        return Arrays.stream(container.getDeclaredMethods())
                .filter(method -> method.getName().equals("value"))
                .flatMap(method -> Stream.ofNullable(method.getReturnType().getComponentType()))
                .filter(Class::isAnnotation)
                .map(element -> element.asSubclass(Annotation.class));
    }

    private static boolean isConstraint(Class<? extends Annotation> type) {
        return !type.getName().endsWith(".validation.constraints.NotNull")
                && Arrays.stream(type.getAnnotations())
                        .anyMatch(marker ->
                                MARKERS.contains(marker.annotationType().getName()));
    }
}
