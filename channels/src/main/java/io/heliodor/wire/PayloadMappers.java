package io.heliodor.wire;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.heliodor.event.Raw;
import io.heliodor.json.StrictJson;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.AnnotationIntrospector;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.introspect.AnnotationIntrospectorPair;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

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
        AnnotationIntrospector required = new AnnotationIntrospectorPair(annotations, new RequiredProperties());
        JsonMapper plain = StrictJson.withoutCoercions(builder)
                .annotationIntrospector(required)
                .changeDefaultNullHandling(_ -> JsonSetter.Value.forContentNulls(Nulls.FAIL))
                // It applies to enums that have @JsonEnumDefaultValue, and to no others.
                .enable(EnumFeature.READ_UNKNOWN_ENUM_VALUES_USING_DEFAULT_VALUE)
                .addModule(FiniteNumber.module())
                .addModule(IntegralNumber.module())
                .addModule(TimeText.module())
                .addModule(new SimpleModule("raw")
                        .addSerializer(new RawWriter())
                        .addDeserializer(Raw.class, new RawReader()))
                .addModule(new SimpleModule("strict")
                        .setDeserializerModifier(new MissingProperties())
                        .setSerializerModifier(nulls))
                .build();
        JsonMapper mapper = plain.rebuild()
                .annotationIntrospector(new AnnotationIntrospectorPair(required, new SealedTypes(plain)))
                .build();
        nulls.setMapper(mapper);
        return mapper;
    }

    /** Whether a deserializer is of Jackson, and not of the application. */
    static boolean isJacksons(ValueDeserializer<?> deserializer) {
        return deserializer.getClass().getName().startsWith("tools.jackson.databind.");
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
