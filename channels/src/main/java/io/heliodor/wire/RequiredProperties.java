package io.heliodor.wire;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.heliodor.json.Nullability;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedField;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.AnnotatedMethod;
import tools.jackson.databind.introspect.AnnotatedParameter;
import tools.jackson.databind.introspect.NopAnnotationIntrospector;

/**
 * The introspector that makes properties required for Jackson, unless they are {@code Optional} or annotated with any {@code @Nullable}.
 * The same holds for the elements of a property that is a list or a map. The application's annotations take precedence: a property that
 * they make optional may also be null.
 */
final class RequiredProperties extends NopAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    private static final String SETTER = "set";

    /**
     * The declaration of a property.
     *
     * @param elements the elements whose annotations count
     * @param type its type
     */
    private record Declaration(List<AnnotatedElement> elements, AnnotatedType type) {
        static Declaration of(AnnotatedElement element, AnnotatedType type) {
            return new Declaration(List.of(element), type);
        }

        boolean mayBeNull() {
            return elements.stream().anyMatch(Nullability::isNullable)
                    || Nullability.mayBeNull(type)
                    || elements.stream()
                            .anyMatch(element ->
                                    element instanceof Field field && Nullability.mayBeNull(field.getAnnotatedType()));
        }
    }

    @Override
    public @Nullable Boolean hasRequiredMarker(MapperConfig<?> config, AnnotatedMember member) {
        Declaration declaration = declaration(member);
        return declaration == null ? null : !isOptional(member) && !declaration.mayBeNull() && !isUnsent(member);
    }

    /** A component that clients never send has the value of none: 0, false, an empty Optional or null. */
    @Override
    public @Nullable Object findDeserializer(MapperConfig<?> config, Annotated annotated) {
        return annotated instanceof AnnotatedParameter parameter && isUnsent(parameter)
                ? new Unsent(parameter.getType())
                : null;
    }

    /** Whether a component of a record is ignored, or read-only: what clients send of it is not read, and it is not required. */
    private static boolean isUnsent(AnnotatedMember member) {
        if (!(member instanceof AnnotatedParameter parameter)
                || !(parameter.getOwner().getAnnotated() instanceof Executable creator)) {
            return false;
        }
        RecordComponent[] components = creator.getDeclaringClass().getRecordComponents();
        if (components == null || !isCanonical(creator, components)) {
            return false;
        }
        String name = components[parameter.getIndex()].getName();
        try {
            Field field = creator.getDeclaringClass().getDeclaredField(name);
            return isUnsent(field) || isUnsent(components[parameter.getIndex()].getAccessor());
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("The record " + creator.getDeclaringClass() + " has no field " + name, e);
        }
    }

    /** Whether a type argument of its class makes a property optional, which its declaration does not show. */
    private static boolean isOptional(AnnotatedMember member) {
        return isOptional(type(member));
    }

    private static JavaType type(AnnotatedMember member) {
        return member instanceof AnnotatedMethod setter ? setter.getParameterType(0) : member.getType();
    }

    static boolean isOptional(JavaType type) {
        return type.getRawClass().getName().startsWith("java.util.Optional");
    }

    /** The type of a property with its annotations; null for a member that has no value in JSON. */
    static @Nullable AnnotatedType annotatedType(@Nullable Annotated member) {
        Declaration declaration = declaration(member);
        return declaration == null ? null : declaration.type();
    }

    private static boolean isUnsent(AnnotatedElement element) {
        JsonIgnore ignored = element.getAnnotation(JsonIgnore.class);
        JsonProperty property = element.getAnnotation(JsonProperty.class);
        return (ignored != null && ignored.value())
                || (property != null && property.access() == JsonProperty.Access.READ_ONLY);
    }

    @Override
    public JsonSetter.Value findSetterInfo(MapperConfig<?> config, Annotated annotated) {
        Declaration declaration = declaration(annotated);
        if (declaration == null || !(annotated instanceof AnnotatedMember member)) {
            return JsonSetter.Value.empty();
        }
        boolean allowed = declaration.mayBeNull()
                || isOptional(member)
                || Boolean.FALSE.equals(config.getAnnotationIntrospector().hasRequiredMarker(config, member));
        JavaType elements = type(member).getContentType();
        JsonSetter.Value declared = Nullability.setter(allowed, declaration.type());
        return elements != null && isOptional(elements) ? declared.withContentNulls(Nulls.SET) : declared;
    }

    /** The declaration of a property; null for a member that has no value in JSON. */
    private static @Nullable Declaration declaration(@Nullable Annotated annotated) {
        return switch (annotated) {
            case AnnotatedParameter parameter
            when parameter.getOwner().getAnnotated() instanceof Executable creator ->
                ofCreator(creator, parameter.getIndex());
            case AnnotatedField field ->
                Declaration.of(field.getAnnotated(), field.getAnnotated().getAnnotatedType());
            case AnnotatedMethod method when method.getParameterCount() == 1 -> ofSetter(method.getAnnotated());
            case null, default -> null;
        };
    }

    private static Declaration ofCreator(Executable creator, int index) {
        RecordComponent[] components = creator.getDeclaringClass().getRecordComponents();
        if (components != null && isCanonical(creator, components)) {
            return Declaration.of(components[index], components[index].getAnnotatedType());
        }
        Parameter parameter = creator.getParameters()[index];
        return Declaration.of(parameter, parameter.getAnnotatedType());
    }

    private static boolean isCanonical(Executable creator, RecordComponent[] components) {
        return creator instanceof Constructor<?>
                && Arrays.equals(
                        creator.getParameterTypes(),
                        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
    }

    /** The declaration of a setter, to which the annotations of the field of the same name belong as well. */
    private static Declaration ofSetter(Method setter) {
        Parameter parameter = setter.getParameters()[0];
        return field(setter)
                .map(field -> new Declaration(List.of(parameter, field), parameter.getAnnotatedType()))
                .orElseGet(() -> Declaration.of(parameter, parameter.getAnnotatedType()));
    }

    private static Optional<Field> field(Method setter) {
        String name = setter.getName();
        if (!name.startsWith(SETTER) || name.length() == SETTER.length()) {
            return Optional.empty();
        }
        String property = name.substring(SETTER.length(), SETTER.length() + 1).toLowerCase(Locale.ROOT)
                + name.substring(SETTER.length() + 1);
        return Arrays.stream(setter.getDeclaringClass().getDeclaredFields())
                .filter(field -> field.getName().equals(property))
                .findFirst();
    }
}
