package io.heliodor.wire;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.heliodor.event.Raw;
import io.heliodor.json.StrictJson;
import java.nio.charset.StandardCharsets;
import java.time.Month;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.AnnotationIntrospector;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.deser.std.FromStringDeserializer;
import tools.jackson.databind.introspect.AnnotationIntrospectorPair;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.ValueSerializerModifier;
import tools.jackson.databind.ser.jdk.EnumSerializer;
import tools.jackson.databind.ser.std.StdSerializer;
import tools.jackson.databind.type.ArrayType;

/** The Jackson mappers of {@link PayloadCodec#strict()}. */
final class PayloadMappers {
    private PayloadMappers() {}

    static JsonMapper mapper() {
        return strict(JsonMapper.builder(), new JacksonAnnotationIntrospector());
    }

    /** A strict mapper with the modules, names, formats and annotations of a given one. */
    static JsonMapper strict(JsonMapper own) {
        return strict(own.rebuild(), own.deserializationConfig().getAnnotationIntrospector());
    }

    private static JsonMapper strict(JsonMapper.Builder builder, AnnotationIntrospector annotations) {
        UnreadableNulls nulls = new UnreadableNulls();
        WrittenForms written = new WrittenForms();
        AnnotationIntrospector required = new AnnotationIntrospectorPair(annotations, new RequiredProperties());
        JsonMapper plain = StrictJson.withoutCoercions(builder)
                .annotationIntrospector(required)
                .changeDefaultNullHandling(_ -> JsonSetter.Value.forContentNulls(Nulls.FAIL))
                // It applies to enums that have @JsonEnumDefaultValue, and to no others.
                .enable(EnumFeature.READ_UNKNOWN_ENUM_VALUES_USING_DEFAULT_VALUE)
                // The modifier of a later module is called first.
                .addModule(new SimpleModule("number-text").setDeserializerModifier(NumberText.modifier(written)))
                .addModule(FiniteNumber.module())
                .addModule(IntegralNumber.module())
                .addModule(TimeText.module())
                .addModule(new SimpleModule("map-keys").setDeserializerModifier(MapKeys.modifier(written)))
                .addModule(new SimpleModule("enums").setDeserializerModifier(EnumForms.modifier(written)))
                .addModule(new SimpleModule("exact-texts").setDeserializerModifier(new ExactTexts()))
                .addModule(new SimpleModule("months").setSerializerModifier(new MonthNames()))
                .addModule(new SimpleModule("element-nulls").setDeserializerModifier(new ElementNulls()))
                .addModule(new SimpleModule("boxes").setSerializerModifier(Unboxed.modifier()))
                .addModule(new SimpleModule("checked-values").setSerializerModifier(CheckedWriter.modifier()))
                .addModule(Entities.module())
                .addModule(new SimpleModule("raw")
                        .addSerializer(new RawWriter())
                        .addDeserializer(Raw.class, new RawReader()))
                .addModule(new SimpleModule("strict")
                        .setDeserializerModifier(new MissingProperties())
                        .setSerializerModifier(nulls))
                .build();
        written.setMapper(plain);
        JsonMapper mapper = plain.rebuild()
                .annotationIntrospector(new AnnotationIntrospectorPair(required, new SealedTypes(plain)))
                .build();
        nulls.setMapper(mapper);
        written.setMapper(mapper);
        return mapper;
    }

    /** Makes Jackson read UUIDs and bytes in the form alone in which it writes them. */
    private static final class ExactTexts extends ValueDeserializerModifier {
        private static final long serialVersionUID = 1L;

        @Override
        public ValueDeserializer<?> modifyDeserializer(
                DeserializationConfig config, BeanDescription.Supplier bean, ValueDeserializer<?> deserializer) {
            if (!BuiltIn.isJacksons(deserializer)) {
                return deserializer;
            }
            return bean.getBeanClass() == UUID.class
                    ? new UuidText()
                    : deserializer instanceof FromStringDeserializer<?> ? new TextAlone(deserializer) : deserializer;
        }

        @Override
        public ValueDeserializer<?> modifyArrayDeserializer(
                DeserializationConfig config,
                ArrayType type,
                BeanDescription.Supplier bean,
                ValueDeserializer<?> deserializer) {
            return type.hasRawClass(byte[].class) && BuiltIn.isJacksons(deserializer) && Base64Text.isOf(config)
                    ? new Base64Text()
                    : deserializer;
        }
    }

    /** A deserializer of texts, such as of a URI, that refuses numbers and booleans, which Jackson takes for their texts. */
    private static final class TextAlone extends DelegatingDeserializer {
        TextAlone(ValueDeserializer<?> texts) {
            super(texts);
        }

        @Override
        protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> other) {
            return new TextAlone(other);
        }

        @Override
        public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
            return parser.hasToken(JsonToken.VALUE_STRING)
                    ? super.deserialize(parser, context)
                    : context.handleUnexpectedToken(handledType(), parser);
        }
    }

    /** Makes Jackson write months by their names, as days of the week, and as it reads them. */
    private static final class MonthNames extends ValueSerializerModifier {
        private static final long serialVersionUID = 1L;

        @Override
        public ValueSerializer<?> modifyEnumSerializer(
                SerializationConfig config,
                JavaType type,
                BeanDescription.Supplier bean,
                ValueSerializer<?> serializer) {
            return type.hasRawClass(Month.class) && BuiltIn.isJacksons(serializer)
                    ? EnumSerializer.construct(Month.class, config, bean.get(), null)
                    : serializer;
        }

        @Override
        public ValueSerializer<?> modifySerializer(
                SerializationConfig config, BeanDescription.Supplier bean, ValueSerializer<?> serializer) {
            return bean.getBeanClass() == Month.class && BuiltIn.isJacksons(serializer)
                    ? EnumSerializer.construct(Month.class, config, bean.get(), null)
                    : serializer;
        }
    }

    /** Writes a {@link Raw} inside of another payload unchanged. Without it, Jackson would find no properties. */
    private static final class RawWriter extends StdSerializer<Raw> {
        RawWriter() {
            super(Raw.class);
        }

        @Override
        public void serialize(Raw raw, JsonGenerator generator, SerializationContext context) {
            generator.writeRawValue(new String(raw.json(), StandardCharsets.UTF_8));
        }
    }
}
