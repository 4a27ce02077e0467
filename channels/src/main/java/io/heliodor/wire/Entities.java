package io.heliodor.wire;

import java.lang.annotation.Annotation;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.ValueSerializerModifier;
import tools.jackson.databind.ser.bean.BeanSerializerBase;

/**
 * Refuses entities of JPA as payloads and inside of them, by the name of their annotation and without a dependency. Their JSON is none that a
 * contract can promise: it has each column, relations as they are loaded or not, and properties of the proxies that Hibernate returns.
 * An entity with a serializer or deserializer of the application is not refused.
 */
final class Entities {
    private static final Set<String> MARKERS = Set.of("jakarta.persistence.Entity", "javax.persistence.Entity");

    private Entities() {}

    /** Makes Jackson refuse an entity when it looks for a serializer or deserializer, so not for each message. */
    static JacksonModule module() {
        return new SimpleModule("entities")
                .setSerializerModifier(new ValueSerializerModifier() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public ValueSerializer<?> modifySerializer(
                            SerializationConfig config, BeanDescription.Supplier bean, ValueSerializer<?> serializer) {
                        Class<?> entity = entity(bean.getBeanClass());
                        if (entity != null && serializer instanceof BeanSerializerBase) {
                            throw InvalidDefinitionException.from(
                                    (JsonGenerator) null, problem(entity), config.constructType(entity));
                        }
                        return serializer;
                    }
                })
                .setDeserializerModifier(new ValueDeserializerModifier() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public ValueDeserializer<?> modifyDeserializer(
                            DeserializationConfig config,
                            BeanDescription.Supplier bean,
                            ValueDeserializer<?> deserializer) {
                        Class<?> entity = entity(bean.getBeanClass());
                        if (entity != null && deserializer instanceof BeanDeserializerBase) {
                            throw InvalidDefinitionException.from(
                                    (JsonParser) null, problem(entity), config.constructType(entity));
                        }
                        return deserializer;
                    }
                });
    }

    /** The problem that was found, if an exception is of this module. */
    static Optional<String> problem(JacksonException thrown) {
        return thrown instanceof InvalidDefinitionException wrong
                        && wrong.getType() != null
                        && entity(wrong.getType().getRawClass()) != null
                ? Optional.of(thrown.getOriginalMessage() + ".")
                : Optional.empty();
    }

    /** The class with the annotation: a class itself, or a superclass of a proxy; null if there is none. */
    private static @Nullable Class<?> entity(Class<?> type) {
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            for (Annotation annotation : each.getDeclaredAnnotations()) {
                if (MARKERS.contains(annotation.annotationType().getName())) {
                    return each;
                }
            }
        }
        return null;
    }

    private static String problem(Class<?> entity) {
        return entity.getName()
                + " is an entity of JPA: clients would see and set each of its columns, and its relations"
                + " as they happen to be loaded; take a record with the properties for clients";
    }
}
