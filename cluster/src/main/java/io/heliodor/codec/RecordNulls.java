package io.heliodor.codec;

import com.fasterxml.jackson.annotation.JsonSetter;
import io.heliodor.json.Nullability;
import java.lang.reflect.RecordComponent;
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
 * The introspector that makes components of records required for Jackson, unless they are {@code Optional} or annotated with any
 * {@code @Nullable}. The same holds for the elements of a component that is a list or a map. The sender refuses a null that the receiver
 * would refuse.
 */
final class RecordNulls extends NopAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

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
                : Nullability.setter(mayBeNull(component), component.getAnnotatedType());
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
        return Nullability.isNullable(component) || Nullability.mayBeNull(component.getAnnotatedType());
    }

    /** Refuses the null of a required component. */
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
