package io.heliodor.wire;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedField;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.AnnotatedMethod;
import tools.jackson.databind.introspect.AnnotatedParameter;
import tools.jackson.databind.introspect.NopAnnotationIntrospector;

/**
 * Tells Jackson which properties must be there: all but those that are {@code Optional} or annotated with some
 * {@code @Nullable}. The same holds for the elements of a property that is a list or a map. It is asked after the annotations
 * of the user, which count first: a property that one of them makes optional may also be null.
 */
final class RequiredProperties extends NopAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    private static final Set<Type> OPTIONALS =
            Set.of(Optional.class, OptionalInt.class, OptionalLong.class, OptionalDouble.class);

    private static final String SETTER = "set";

    /**
     * The declaration of a property.
     *
     * @param elements those that may be annotated
     * @param type its type
     */
    private record Declaration(List<AnnotatedElement> elements, AnnotatedType type) {
        static Declaration of(AnnotatedElement element, AnnotatedType type) {
            return new Declaration(List.of(element), type);
        }

        boolean mayBeNull() {
            return elements.stream().anyMatch(RequiredProperties::isNullable)
                    || RequiredProperties.mayBeNull(type)
                    || elements.stream()
                            .anyMatch(element -> element instanceof Field field
                                    && RequiredProperties.mayBeNull(field.getAnnotatedType()));
        }
    }

    @Override
    public @Nullable Boolean hasRequiredMarker(MapperConfig<?> config, AnnotatedMember member) {
        Declaration declaration = declaration(member);
        return declaration == null ? null : !declaration.mayBeNull();
    }

    @Override
    public JsonSetter.Value findSetterInfo(MapperConfig<?> config, Annotated annotated) {
        Declaration declaration = declaration(annotated);
        if (declaration == null || !(annotated instanceof AnnotatedMember member)) {
            return JsonSetter.Value.empty();
        }
        boolean allowed = declaration.mayBeNull()
                || Boolean.FALSE.equals(config.getAnnotationIntrospector().hasRequiredMarker(config, member));
        return JsonSetter.Value.construct(nulls(allowed), nulls(elementsMayBeNull(declaration.type())));
    }

    private static Nulls nulls(boolean allowed) {
        return allowed ? Nulls.SET : Nulls.FAIL;
    }

    /** Null for what takes no value of JSON. */
    private static @Nullable Declaration declaration(Annotated annotated) {
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

    /** The annotations of the field of the same name count as well. */
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

    private static boolean mayBeNull(AnnotatedType type) {
        return isNullable(type) || OPTIONALS.contains(raw(type.getType()));
    }

    /** The last type argument: the element of a list, the value of a map. */
    private static boolean elementsMayBeNull(AnnotatedType type) {
        if (type instanceof AnnotatedParameterizedType container) {
            AnnotatedType[] arguments = container.getAnnotatedActualTypeArguments();
            return mayBeNull(arguments[arguments.length - 1]);
        }
        return false;
    }

    private static boolean isNullable(AnnotatedElement element) {
        for (Annotation annotation : element.getAnnotations()) {
            if (annotation.annotationType().getSimpleName().equals("Nullable")) {
                return true;
            }
        }
        return false;
    }

    private static Type raw(Type type) {
        return type instanceof ParameterizedType parameterized ? parameterized.getRawType() : type;
    }
}
