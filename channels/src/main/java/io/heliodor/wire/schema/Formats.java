package io.heliodor.wire.schema;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DatabindContext;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.AnnotatedMember;

/** Formats that a property has by an annotation. */
final class Formats {
    private Formats() {}

    /** Whether the class of a property is named by another property next to it, which no schema of the property describes. */
    static boolean isNamedBeside(DatabindContext context, @Nullable AnnotatedMember member) {
        if (member == null) {
            return false;
        }
        MapperConfig<?> config = context.getConfig();
        JsonTypeInfo.Value ofProperty = config.getAnnotationIntrospector().findPolymorphicTypeInfo(config, member);
        return ofProperty != null && ofProperty.getInclusionType() == JsonTypeInfo.As.EXTERNAL_PROPERTY;
    }

    /** Whether a format changes the JSON of a value. */
    static boolean isSet(JsonFormat.@Nullable Value format) {
        return format != null && (format.hasPattern() || format.getShape() != JsonFormat.Shape.ANY);
    }
}
