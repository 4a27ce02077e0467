package io.heliodor.codec;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.heliodor.json.StrictJson;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.introspect.AnnotationIntrospectorPair;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleDeserializers;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.module.SimpleSerializers;
import tools.jackson.databind.ser.std.StdScalarSerializer;

/** The mapper behind {@link Codecs}: it reads exactly what a type declares. */
final class CodecMapper {
    /** Jackson keeps some thousand names that it has met. */
    private static final int LONGEST_NAME = 1_000;

    private CodecMapper() {}

    static JsonMapper mapper(Map<Class<?>, Reference<?>> references, Map<Class<?>, Codec<?>> own) {
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNameLength(LONGEST_NAME)
                        .build())
                .build();
        return StrictJson.withoutCoercions(JsonMapper.builder(factory))
                .annotationIntrospector(new AnnotationIntrospectorPair(new RecordNulls(), new ClosedTypes()))
                .addModule(new SimpleModule("heliodor")
                        .setSerializers(new Writers(references, own))
                        .setDeserializers(new Readers(references, own)))
                .build();
    }

    private static final class Writers extends SimpleSerializers {
        private static final long serialVersionUID = 1L;

        private final transient Map<Class<?>, Reference<?>> references;
        private final transient Map<Class<?>, Codec<?>> own;

        Writers(Map<Class<?>, Reference<?>> references, Map<Class<?>, Codec<?>> own) {
            this.references = references;
            this.own = own;
        }

        @Override
        public @Nullable ValueSerializer<?> findSerializer(
                SerializationConfig config, JavaType type, BeanDescription.Supplier bean, JsonFormat.Value format) {
            for (Reference<?> reference : references.values()) {
                if (reference.type().isAssignableFrom(type.getRawClass())) {
                    return new ReferenceWriter<>(reference, argument(type.findTypeParameters(reference.type())));
                }
            }
            Codec<?> codec = own.get(type.getRawClass());
            return codec == null ? null : new OwnWriter<>(type.getRawClass(), codec);
        }

        @Override
        public @Nullable ValueSerializer<?> findEnumSerializer(
                SerializationConfig config, JavaType type, BeanDescription.Supplier bean, JsonFormat.Value format) {
            return findSerializer(config, type, bean, format);
        }
    }

    private static final class Readers extends SimpleDeserializers {
        private static final long serialVersionUID = 1L;

        private final transient Map<Class<?>, Reference<?>> references;
        private final transient Map<Class<?>, Codec<?>> own;

        Readers(Map<Class<?>, Reference<?>> references, Map<Class<?>, Codec<?>> own) {
            this.references = references;
            this.own = own;
        }

        @Override
        public @Nullable ValueDeserializer<?> findBeanDeserializer(
                JavaType type, DeserializationConfig config, BeanDescription.Supplier bean) {
            Class<?> raw = type.getRawClass();
            Reference<?> reference = references.get(raw);
            if (reference != null) {
                return new ReferenceReader(reference, argument(type.findTypeParameters(raw)));
            }
            Codec<?> codec = own.get(raw);
            return codec == null ? null : new OwnReader(raw, codec);
        }

        @Override
        public @Nullable ValueDeserializer<?> findEnumDeserializer(
                JavaType type, DeserializationConfig config, BeanDescription.Supplier bean) {
            return findBeanDeserializer(type, config, bean);
        }

        @Override
        public boolean hasDeserializerFor(DeserializationConfig config, Class<?> type) {
            return references.containsKey(type) || own.containsKey(type);
        }
    }

    private static java.lang.reflect.Type argument(JavaType @Nullable [] arguments) {
        return arguments == null || arguments.length == 0 || arguments[0].hasRawClass(Object.class)
                ? Object.class
                : arguments[0];
    }

    private static final class ReferenceWriter<T> extends StdScalarSerializer<T> {
        private final Reference<T> reference;
        private final java.lang.reflect.Type argument;

        ReferenceWriter(Reference<T> reference, java.lang.reflect.Type argument) {
            super(reference.type());
            this.reference = reference;
            this.argument = argument;
        }

        @Override
        public void serialize(T value, JsonGenerator generator, SerializationContext context) {
            generator.writeString(reference.write(value, argument));
        }
    }

    private static final class ReferenceReader extends StdScalarDeserializer<Object> {
        private final Reference<?> reference;
        private final java.lang.reflect.Type argument;

        ReferenceReader(Reference<?> reference, java.lang.reflect.Type argument) {
            super(reference.type());
            this.reference = reference;
            this.argument = argument;
        }

        @Override
        public Object deserialize(JsonParser parser, DeserializationContext context) {
            return parser.hasToken(JsonToken.VALUE_STRING)
                    ? reference.read(parser.getString(), argument)
                    : context.handleUnexpectedToken(handledType(), parser);
        }
    }

    /** A value with a codec of its own, inside one that has none. */
    private static final class OwnWriter<T> extends StdScalarSerializer<Object> {
        private final Codec<T> codec;

        OwnWriter(Class<?> type, Codec<T> codec) {
            super(type, false);
            this.codec = codec;
        }

        @Override
        @SuppressWarnings("unchecked") // the codec was given for the class of the value
        public void serialize(Object value, JsonGenerator generator, SerializationContext context) {
            generator.writeBinary(codec.encode((T) value));
        }
    }

    private static final class OwnReader extends StdScalarDeserializer<Object> {
        private final Codec<?> codec;

        OwnReader(Class<?> type, Codec<?> codec) {
            super(type);
            this.codec = codec;
        }

        @Override
        public Object deserialize(JsonParser parser, DeserializationContext context) {
            if (!parser.hasToken(JsonToken.VALUE_STRING)) {
                return context.handleUnexpectedToken(handledType(), parser);
            }
            return switch (codec.decode(parser.getBinaryValue())) {
                case Decoded.Value<?>(Object value) -> value;
                case Decoded.Refused<?>(var problem, var message) ->
                    context.handleWeirdStringValue(handledType(), problem.name(), "%s", message);
            };
        }
    }
}
