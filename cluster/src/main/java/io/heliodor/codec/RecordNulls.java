package io.heliodor.codec;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedConstructor;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.AnnotatedParameter;
import tools.jackson.databind.introspect.NopAnnotationIntrospector;

/**
 * Tells Jackson which components of a record must be there: all but those that are {@code Optional} or annotated with
 * some {@code @Nullable}. The same holds for the elements of a component that is a list or a map. A null that would be
 * refused by the receiver is refused by the sender.
 */
final class RecordNulls extends NopAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    private static final Set<Type> OPTIONALS =
            Set.of(Optional.class, OptionalInt.class, OptionalLong.class, OptionalDouble.class);

    @Override
    public @Nullable Boolean hasRequiredMarker(MapperConfig<?> config, AnnotatedMember member) {
        RecordComponent component = component(member);
        return component == null ? null : !mayBeNull(component);
    }

    @Override
    public JsonSetter.Value findSetterInfo(MapperConfig<?> config, Annotated member) {
        RecordComponent component = component(member);
        return component == null
                ? JsonSetter.Value.empty()
                : JsonSetter.Value.construct(
                        nulls(mayBeNull(component)), nulls(elementsMayBeNull(component.getAnnotatedType())));
    }

    @Override
    public @Nullable Object findNullSerializer(MapperConfig<?> config, Annotated accessor) {
        if (accessor instanceof AnnotatedMember member
                && member.getDeclaringClass().isRecord()) {
            for (RecordComponent component : member.getDeclaringClass().getRecordComponents()) {
                if (component.getName().equals(member.getName()) && !mayBeNull(component)) {
                    return new Missing(component);
                }
            }
        }
        return null;
    }

    private static Nulls nulls(boolean allowed) {
        return allowed ? Nulls.SET : Nulls.FAIL;
    }

    /** The component behind a parameter of a record's canonical constructor. */
    private static @Nullable RecordComponent component(Annotated member) {
        if (member instanceof AnnotatedParameter parameter
                && parameter.getOwner() instanceof AnnotatedConstructor constructor
                && constructor.getDeclaringClass().isRecord()) {
            RecordComponent[] components = constructor.getDeclaringClass().getRecordComponents();
            return components.length == constructor.getParameterCount() ? components[parameter.getIndex()] : null;
        }
        return null;
    }

    private static boolean mayBeNull(RecordComponent component) {
        return isNullable(component) || mayBeNull(component.getAnnotatedType());
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

    /** Stands for the null of a component that must be there. */
    private static final class Missing extends ValueSerializer<Object> {
        private final RecordComponent component;

        Missing(RecordComponent component) {
            this.component = component;
        }

        @Override
        public void serialize(@Nullable Object nothing, JsonGenerator generator, SerializationContext context) {
            throw new IllegalArgumentException(
                    "%s of %s is null; make it Optional, or annotate it with @Nullable, if it may be missing."
                            .formatted(component.getName(), component.getDeclaringRecord()));
        }
    }
}
