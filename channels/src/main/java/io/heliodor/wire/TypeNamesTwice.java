package io.heliodor.wire;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.lang.reflect.Modifier;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.ser.PropertyWriter;
import tools.jackson.databind.ser.bean.BeanSerializerBase;

/** Finds types of which the JSON would name the class of a value twice, so that Jackson refuses each value. */
final class TypeNamesTwice {
    private final SerializationContext context;
    private final Set<JavaType> visited = new HashSet<>();

    TypeNamesTwice(SerializationContext context) {
        this.context = context;
    }

    Optional<String> problem(JavaType type) {
        if (type.isPrimitive() || !visited.add(type)) {
            return Optional.empty();
        }
        TypeSerializer typed = context.findTypeSerializer(type);
        if (typed != null) {
            Optional<String> found = subtypes(type, typed);
            if (found.isPresent()) {
                return found;
            }
        }
        if (type.getContentType() != null) {
            return problem(type.getContentType());
        }
        ValueSerializer<?> serializer = context.findPrimaryPropertySerializer(type, null);
        if (!(serializer instanceof BeanSerializerBase)) {
            return Optional.empty();
        }
        for (Iterator<PropertyWriter> all = serializer.properties(); all.hasNext(); ) {
            Optional<String> found = problem(all.next().getType());
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private boolean hasProperty(JavaType type, String name) {
        return context
                .introspectBeanDescription(type, context.introspectClassAnnotations(type))
                .findProperties()
                .stream()
                .anyMatch(property ->
                        property.couldSerialize() && property.getName().equals(name));
    }

    /** Jackson finds some of the conflicts when it makes a serializer. */
    private boolean isWrittenByProperties(JavaType type) {
        try {
            return context.findPrimaryPropertySerializer(type, null) instanceof BeanSerializerBase;
        } catch (JacksonException e) {
            return true;
        }
    }

    private Optional<String> subtypes(JavaType base, TypeSerializer typed) {
        SerializationConfig config = context.getConfig();
        boolean named = typed.getTypeInclusion() == JsonTypeInfo.As.PROPERTY && typed.getPropertyName() != null;
        for (NamedType each : config.getSubtypeResolver()
                .collectAndResolveSubtypesByClass(config, context.introspectClassAnnotations(base))) {
            if (Modifier.isAbstract(each.getType().getModifiers())
                    || !base.getRawClass().isAssignableFrom(each.getType())) {
                continue;
            }
            JavaType subtype = context.constructSpecializedType(base, each.getType());
            if (named && hasProperty(subtype, typed.getPropertyName()) && isWrittenByProperties(subtype)) {
                return Optional.of(each.getType().getName() + " has a property '" + typed.getPropertyName()
                        + "', which names the type already and would be written twice; write @JsonTypeInfo(...,"
                        + " include = EXISTING_PROPERTY, visible = true), or rename the property.");
            }
            Optional<String> inner = problem(subtype);
            if (inner.isPresent()) {
                return inner;
            }
        }
        return Optional.empty();
    }
}
