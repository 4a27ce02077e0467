package io.heliodor.wire;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.heliodor.channel.Raw;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.introspect.AnnotationIntrospectorPair;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;
import tools.jackson.databind.type.LogicalType;

/** The mapper behind {@link PayloadCodec#strict()}. */
final class StrictJson {
    /**
     * Bytes of a field's name. Jackson keeps up to 6 000 names for good, unknown ones too, and by default each may have
     * 50 000: clients could make it keep half a gigabyte.
     */
    static final int MAX_NAME = 1_000;

    private StrictJson() {}

    static JsonMapper mapper() {
        return JsonMapper.builder(boundedNames())
                .annotationIntrospector(
                        new AnnotationIntrospectorPair(new JacksonAnnotationIntrospector(), new RecordNulls()))
                .changeDefaultNullHandling(nulls -> JsonSetter.Value.forContentNulls(Nulls.FAIL))
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .withCoercionConfigDefaults(
                        target -> target.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail)
                                .setAcceptBlankAsEmpty(false))
                .withCoercionConfig(
                        LogicalType.Textual,
                        target -> target.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
                .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY) // fields go out in the order of the record
                .addModule(FiniteNumber.module())
                .addModule(new SimpleModule("raw").addSerializer(new RawWriter()))
                .build();
    }

    private static JsonFactory boundedNames() {
        return JsonFactory.builder()
                .streamReadConstraints(
                        StreamReadConstraints.builder().maxNameLength(MAX_NAME).build())
                .build();
    }

    /** Writes a raw object inside another payload as it is; without this Jackson would find no properties in it. */
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
