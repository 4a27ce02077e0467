package io.heliodor.client.json;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.lang.reflect.Modifier;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedClass;
import tools.jackson.databind.introspect.NopAnnotationIntrospector;

/** The introspector that names the subtype of a sealed type in the field {@code type}, as the server does. Annotations have priority. */
final class SealedTypes extends NopAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    private static final JsonTypeInfo.Value NAMED = JsonTypeInfo.Value.from(
            Objects.requireNonNull(Named.class.getAnnotation(JsonTypeInfo.class), "annotation"));

    @JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "type")
    private interface Named {}

    @Override
    public JsonTypeInfo.@Nullable Value findPolymorphicTypeInfo(MapperConfig<?> config, Annotated annotated) {
        return annotated instanceof AnnotatedClass type && isFamily(type.getRawType()) ? NAMED : null;
    }

    /** Some numbers and strings of the JDK are of a sealed type, too. */
    private static boolean isFamily(Class<?> type) {
        return type.isSealed()
                && Modifier.isAbstract(type.getModifiers())
                && !type.isEnum()
                && !type.getName().startsWith("java.")
                && !type.getName().startsWith("io.heliodor.event.");
    }
}
