package io.heliodor.wire;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.heliodor.event.Raw;
import io.heliodor.json.StrictJson;
import tools.jackson.databind.AnnotationIntrospector;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.introspect.AnnotationIntrospectorPair;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

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
                .addModule(Numbers.module(written))
                .addModule(TimeText.module())
                .addModule(new SimpleModule("enums").setDeserializerModifier(EnumForms.modifier(written)))
                .addModule(new SimpleModule("exact-texts").setDeserializerModifier(new ExactTexts(written)))
                .addModule(StrictWriters.module())
                .addModule(new SimpleModule("raw").addDeserializer(Raw.class, new RawReader()))
                .addModule(new SimpleModule("strict")
                        .setDeserializerModifier(RequiredProperties.modifier())
                        .setSerializerModifier(nulls))
                .addModule(new SimpleModule("external-types").setDeserializerModifier(NamedSubtypes.modifier()))
                .addModule(RefusedTypes.module()) // it is called first, so it sees the deserializers of Jackson
                .build();
        written.setMapper(plain);
        JsonMapper mapper = plain.rebuild()
                .annotationIntrospector(new NamedSubtypes(required, new SealedTypes(plain)))
                .build();
        nulls.setMapper(mapper);
        written.setMapper(mapper);
        return mapper;
    }
}
