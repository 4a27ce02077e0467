package io.heliodor.wire;

import io.heliodor.event.InvalidPayload;
import io.heliodor.json.Nullability;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.deser.BeanDeserializerBuilder;
import tools.jackson.databind.deser.CreatorProperty;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedField;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.AnnotatedMethod;
import tools.jackson.databind.introspect.AnnotatedWithParams;
import tools.jackson.databind.jsontype.TypeDeserializer;

/**
 * The properties that a class does not name and reads all the same, by {@code @JsonAnySetter}. They are as strict as the values of a map.
 *
 * @param type the type of their values
 * @param annotated the type with its annotations; null if it is not known
 * @param mayBeNull whether a value may be null
 * @param member the setter, field or parameter that takes them
 */
public record FurtherProperties(
        JavaType type, @Nullable AnnotatedType annotated, boolean mayBeNull, AnnotatedMember member) {
    /**
     * The further properties of a class.
     *
     * @param config of the mapper
     * @param description of the class, or of its builder
     * @return the properties; null if the class takes none
     */
    public static @Nullable FurtherProperties of(MapperConfig<?> config, BeanDescription description) {
        List<AnnotatedWithParams> creators = new ArrayList<>(description.getConstructors());
        creators.addAll(description.getFactoryMethods());
        for (AnnotatedWithParams creator : creators) {
            for (int i = 0; i < creator.getParameterCount(); i++) {
                if (isTaken(config, creator.getParameter(i))) {
                    return of(config, creator.getParameter(i));
                }
            }
        }
        AnnotatedMember member = description.findAnySetterAccessor();
        return member == null ? null : of(config, member);
    }

    private static FurtherProperties of(MapperConfig<?> config, AnnotatedMember member) {
        JavaType type = member instanceof AnnotatedMethod setter
                ? setter.getParameterType(1)
                : member.getType().getContentType();
        if (type == null) {
            return new FurtherProperties(config.constructType(JsonNode.class), null, true, member);
        }
        AnnotatedType annotated = switch (member) {
            case AnnotatedMethod setter -> setter.getAnnotated().getAnnotatedParameterTypes()[1];
            case AnnotatedField field ->
                Nullability.element(field.getAnnotated().getAnnotatedType());
            default -> Nullability.element(RequiredProperties.annotatedType(member));
        };
        Parameter parameter =
                member instanceof AnnotatedMethod setter ? setter.getAnnotated().getParameters()[1] : null;
        boolean mayBeNull = RequiredProperties.isOptional(type)
                || (annotated != null && Nullability.mayBeNull(annotated))
                || (parameter != null && Nullability.isNullable(parameter));
        return new FurtherProperties(type, annotated, mayBeNull, member);
    }

    /** Whether a member takes the further properties, and is none itself. */
    static boolean isTaken(MapperConfig<?> config, @Nullable Annotated member) {
        return member instanceof AnnotatedMember
                && Boolean.TRUE.equals(config.getAnnotationIntrospector().hasAnySetter(config, member));
    }

    /** A deserializer of the values that refuses null; null for other members, and if null is permitted. */
    static @Nullable Object reader(MapperConfig<?> config, Annotated annotated) {
        if (!isTaken(config, annotated) || !(annotated instanceof AnnotatedMember member)) {
            return null;
        }
        FurtherProperties further = of(config, member);
        return further.mayBeNull() ? null : new NotNull(further.type(), null);
    }

    /** Hides the parameter of a constructor from clients: a property with its name is one of the further properties. */
    static void hideParameters(MapperConfig<?> config, BeanDeserializerBuilder builder) {
        List<SettableBeanProperty> hidden = new ArrayList<>();
        for (Iterator<SettableBeanProperty> all = builder.getProperties(); all.hasNext(); ) {
            SettableBeanProperty property = all.next();
            if (property instanceof CreatorProperty && isTaken(config, property.getMember())) {
                hidden.add(property);
            }
        }
        for (SettableBeanProperty property : hidden) {
            property.markAsIgnorable();
            builder.removeProperty(property.getFullName());
        }
    }

    /**
     * Whether a deserializer of the values is not of the application.
     *
     * @param deserializer of an annotation; null if there is none
     * @return whether it is of the mapper
     */
    public static boolean isStrict(@Nullable Object deserializer) {
        return deserializer == null || deserializer instanceof NotNull;
    }

    private static final class NotNull extends StdDeserializer<Object> {
        private final transient JavaType type;
        private final transient @Nullable BeanProperty property;

        /** Looked up at the first value: a class whose further properties are of itself has no deserializer before. */
        private transient volatile @Nullable ValueDeserializer<Object> plain;

        NotNull(JavaType type, @Nullable BeanProperty property) {
            super(type);
            this.type = type;
            this.property = property;
        }

        @Override
        public ValueDeserializer<?> createContextual(DeserializationContext context, @Nullable BeanProperty property) {
            return new NotNull(type, property);
        }

        private ValueDeserializer<Object> plain(DeserializationContext context) {
            ValueDeserializer<Object> found = plain;
            if (found == null) {
                found = context.findContextualValueDeserializer(type, property);
                plain = found;
            }
            return found;
        }

        @Override
        public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
            return plain(context).deserialize(parser, context);
        }

        @Override
        public @Nullable Object deserializeWithType(
                JsonParser parser, DeserializationContext context, TypeDeserializer typed) {
            return plain(context).deserializeWithType(parser, context, typed);
        }

        @Override
        public @Nullable Object getNullValue(DeserializationContext context) {
            throw new InvalidPayload("", "must not be null");
        }
    }
}
