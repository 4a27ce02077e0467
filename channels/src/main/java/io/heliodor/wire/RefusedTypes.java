package io.heliodor.wire;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.lang.annotation.Annotation;
import java.lang.reflect.Modifier;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.introspect.AnnotatedClassResolver;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.BeanPropertyWriter;
import tools.jackson.databind.ser.ValueSerializerModifier;
import tools.jackson.databind.ser.bean.BeanSerializerBase;
import tools.jackson.databind.ser.jackson.RawSerializer;
import tools.jackson.databind.util.RawValue;

/**
 * Refuses types whose JSON no contract can promise, also inside of others and in the values of undeclared events. Entities of JPA are known by
 * the name of their annotation, without a dependency: their JSON has each column, relations as they are loaded or not, and properties of the
 * proxies that Hibernate returns. A text with {@code @JsonRawValue} may be any text, and its author would write into the
 * messages of others. A type with a serializer or deserializer of the application is not refused.
 */
final class RefusedTypes {
    private static final Set<String> MARKERS = Set.of("jakarta.persistence.Entity", "javax.persistence.Entity");

    private RefusedTypes() {}

    /** Makes Jackson refuse a type when it looks for a serializer or deserializer, so not for each message. */
    static JacksonModule module() {
        return new SimpleModule("refused-types")
                .setSerializerModifier(new ValueSerializerModifier() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public ValueSerializer<?> modifySerializer(
                            SerializationConfig config, BeanDescription.Supplier bean, ValueSerializer<?> serializer) {
                        Class<?> entity = entity(bean.getBeanClass());
                        if (entity != null && serializer instanceof BeanSerializerBase) {
                            throw new Refusal(problem(entity), config.constructType(entity));
                        }
                        String raw = rawProblem(config, bean.get());
                        if (raw != null) {
                            throw new Refusal(raw, bean.getType());
                        }
                        Class<?> base = serializer instanceof BeanSerializerBase ? unlisted(config, bean.get()) : null;
                        if (base != null) {
                            throw new Refusal(
                                    bean.getBeanClass().getName() + " is a subtype of " + base.getName()
                                            + ", whose @JsonSubTypes do not list it, so no contract has it; add it there",
                                    bean.getType());
                        }
                        return serializer;
                    }

                    @Override
                    public List<BeanPropertyWriter> changeProperties(
                            SerializationConfig config,
                            BeanDescription.Supplier bean,
                            List<BeanPropertyWriter> properties) {
                        for (BeanPropertyWriter property : properties) {
                            if (isRaw(config, property.getMember())) {
                                throw new Refusal(problem(bean.getBeanClass(), property.getName()), bean.getType());
                            }
                        }
                        return properties;
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
                            throw new Refusal(problem(entity), config.constructType(entity));
                        }
                        return deserializer;
                    }
                });
    }

    /** Thrown by this module. */
    private static final class Refusal extends InvalidDefinitionException {
        private static final long serialVersionUID = 1L;

        Refusal(String problem, JavaType type) {
            super((JsonGenerator) null, problem, type);
        }
    }

    /** The problem that was found, if an exception is of this module. */
    static Optional<String> problem(JacksonException thrown) {
        return thrown instanceof Refusal ? Optional.of(thrown.getOriginalMessage() + ".") : Optional.empty();
    }

    /** The problem of a class whose value is a text that would be sent unchecked; null if there is none. */
    private static @Nullable String rawProblem(SerializationConfig config, BeanDescription bean) {
        AnnotatedMember value = bean.findJsonValueAccessor();
        if (value != null && isRaw(config, value)) {
            return problem(bean.getBeanClass(), value.getName());
        }
        return bean.getBeanClass() == RawValue.class
                ? RawValue.class.getName() + " is sent unchecked; take a Raw: Raw.of(text) checks it"
                : null;
    }

    /** The type whose annotations list the names of its subtypes, and lack those of a class; null if there is none. */
    private static @Nullable Class<?> unlisted(SerializationConfig config, BeanDescription bean) {
        Class<?> type = bean.getBeanClass();
        for (Class<?> base : supertypes(type)) {
            JsonTypeInfo named = base.getDeclaredAnnotation(JsonTypeInfo.class);
            if (named != null && base != type && named.use() == JsonTypeInfo.Id.NAME) {
                List<? extends Class<?>> listed = config
                        .getSubtypeResolver()
                        .collectAndResolveSubtypesByClass(
                                config, AnnotatedClassResolver.resolve(config, config.constructType(base), config))
                        .stream()
                        .map(NamedType::getType)
                        .filter(each -> !Modifier.isAbstract(each.getModifiers()))
                        .toList();
                // The contract of one that lists none permits any value.
                return listed.isEmpty() || listed.contains(type) ? null : base;
            }
        }
        return null;
    }

    /** A class, and all that it extends and implements. */
    static Set<Class<?>> supertypes(Class<?> type) {
        Set<Class<?>> all = new LinkedHashSet<>();
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            all.add(each);
            for (Class<?> implemented : each.getInterfaces()) {
                all.addAll(supertypes(implemented));
            }
        }
        return all;
    }

    private static boolean isRaw(SerializationConfig config, AnnotatedMember member) {
        return config.getAnnotationIntrospector().findSerializer(config, member) instanceof RawSerializer<?>;
    }

    private static String problem(Class<?> owner, String property) {
        return "the property '" + property + "' of " + owner.getName()
                + " has @JsonRawValue, and its text would be sent unchecked, so its author could write any message;"
                + " make it a Raw: Raw.of(text) checks it";
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
