package io.heliodor.wire;

import com.fasterxml.jackson.annotation.Nulls;
import io.heliodor.json.Nullability;
import java.lang.reflect.AnnotatedType;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.PropertyMetadata;
import tools.jackson.databind.PropertyName;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JacksonStdImpl;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.type.ArrayType;
import tools.jackson.databind.type.CollectionLikeType;
import tools.jackson.databind.type.CollectionType;
import tools.jackson.databind.type.MapLikeType;
import tools.jackson.databind.type.MapType;

/**
 * Decides at each level of lists, arrays and maps whether an element may be null. Jackson applies the rule of a property to all levels of its
 * containers, so a {@code List<Optional<String[]>>} would accept null in its arrays, and a {@code Map<String, List<OptionalInt>>} would
 * not read what it writes. The first level of a property is decided by {@link RequiredProperties}, after the annotations of the application.
 */
public final class ElementNulls extends ValueDeserializerModifier {
    private static final long serialVersionUID = 1L;

    ElementNulls() {}

    /**
     * The type of a property with its annotations.
     *
     * @param member a member by which the property is read
     * @return the type; null for a member that has no value in JSON
     */
    public static @Nullable AnnotatedType annotatedType(@Nullable AnnotatedMember member) {
        return RequiredProperties.annotatedType(member);
    }

    @Override
    public ValueDeserializer<?> modifyArrayDeserializer(
            DeserializationConfig config, ArrayType type, BeanDescription.Supplier bean, ValueDeserializer<?> array) {
        return at(type, array);
    }

    @Override
    public ValueDeserializer<?> modifyCollectionDeserializer(
            DeserializationConfig config,
            CollectionType type,
            BeanDescription.Supplier bean,
            ValueDeserializer<?> all) {
        return at(type, all);
    }

    @Override
    public ValueDeserializer<?> modifyCollectionLikeDeserializer(
            DeserializationConfig config,
            CollectionLikeType type,
            BeanDescription.Supplier bean,
            ValueDeserializer<?> all) {
        return at(type, all);
    }

    @Override
    public ValueDeserializer<?> modifyMapDeserializer(
            DeserializationConfig config, MapType type, BeanDescription.Supplier bean, ValueDeserializer<?> map) {
        return at(type, map);
    }

    @Override
    public ValueDeserializer<?> modifyMapLikeDeserializer(
            DeserializationConfig config, MapLikeType type, BeanDescription.Supplier bean, ValueDeserializer<?> map) {
        return at(type, map);
    }

    private static ValueDeserializer<?> at(JavaType type, ValueDeserializer<?> container) {
        return BuiltIn.isJacksons(container) && !type.getContentType().isPrimitive()
                ? new Level(type.getContentType(), container)
                : container;
    }

    /**
     * Makes the deserializer of a container with the rule of its level, and reads no value itself. It counts as one of Jackson, whose
     * deserializer of objects reads the lists and maps inside of them itself.
     */
    @JacksonStdImpl
    private static final class Level extends DelegatingDeserializer {
        /** The type of the elements, which each level has for itself. The container may be one that implements that of a property. */
        private final transient JavaType elements;

        Level(JavaType elements, ValueDeserializer<?> container) {
            super(container);
            this.elements = elements;
        }

        @Override
        protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> other) {
            return new Level(elements, other);
        }

        @Override
        public ValueDeserializer<?> createContextual(DeserializationContext context, @Nullable BeanProperty property) {
            return context.handleSecondaryContextualization(
                    getDelegatee(), ruled(property), context.constructType(handledType()));
        }

        /** The property with the rule of this level. Without a property, Jackson refuses nulls. */
        private @Nullable BeanProperty ruled(@Nullable BeanProperty property) {
            boolean isOptional = RequiredProperties.isOptional(elements);
            if (property == null) {
                return isOptional
                        ? new BeanProperty.Std(
                                PropertyName.NO_NAME, elements, null, null, ruled(PropertyMetadata.STD_OPTIONAL, true))
                        : null;
            }
            PropertyMetadata metadata = property.getMetadata();
            if (elements.equals(property.getType().getContentType()) && metadata.getContentNulls() != null) {
                return property;
            }
            boolean allowed = isOptional || isAnnotated(property);
            return metadata.getContentNulls() == (allowed ? Nulls.SET : Nulls.FAIL)
                    ? property
                    : new BeanProperty.Std(
                            property.getFullName(),
                            property.getType(),
                            property.getWrapperName(),
                            property.getMember(),
                            ruled(metadata, allowed));
        }

        private static PropertyMetadata ruled(PropertyMetadata metadata, boolean allowed) {
            return metadata.withNulls(metadata.getValueNulls(), allowed ? Nulls.SET : Nulls.FAIL);
        }

        /** Whether the declaration of a property permits null in the elements of this level. */
        private boolean isAnnotated(BeanProperty property) {
            JavaType level = property.getType().getContentType();
            AnnotatedType annotated = Nullability.element(annotatedType(property.getMember()));
            while (annotated != null && level != null && !level.equals(elements)) {
                level = level.getContentType();
                annotated = Nullability.element(annotated);
            }
            return annotated != null && level != null && Nullability.mayBeNull(annotated);
        }
    }
}
