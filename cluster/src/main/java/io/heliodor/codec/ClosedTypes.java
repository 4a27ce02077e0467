package io.heliodor.codec;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DatabindContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedClass;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.jsontype.PolymorphicTypeValidator;
import tools.jackson.databind.jsontype.TypeIdResolver;
import tools.jackson.databind.jsontype.impl.StdTypeResolverBuilder;

/**
 * Lets Jackson write the simple name of a value's class if a sealed type is declared, and only then. Jackson's annotations
 * about type ids are ignored: some of them would take the name of a class from the bytes.
 */
final class ClosedTypes extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    @Override
    public JsonTypeInfo.@Nullable Value findPolymorphicTypeInfo(MapperConfig<?> config, Annotated annotated) {
        return null;
    }

    @Override
    public @Nullable Object findTypeResolverBuilder(MapperConfig<?> config, Annotated annotated) {
        return annotated instanceof AnnotatedClass type && Family.isOne(type.getRawType()) ? new ByName() : null;
    }

    @Override
    public @Nullable Object findTypeIdResolver(MapperConfig<?> config, Annotated annotated) {
        return null;
    }

    @Override
    public @Nullable List<NamedType> findSubtypes(MapperConfig<?> config, Annotated annotated) {
        return null;
    }

    /** {@code {"Add":{"amount":2}}}: works for records and enums alike, and no component's name can clash. */
    private static final class ByName extends StdTypeResolverBuilder {
        ByName() {
            // Of its constructors for these values, Jackson 3.0 lacks some, and 3.2 deprecates the others.
            _idType = JsonTypeInfo.Id.CUSTOM;
            _includeAs = JsonTypeInfo.As.WRAPPER_OBJECT;
        }

        @Override
        protected TypeIdResolver idResolver(
                DatabindContext context,
                JavaType type,
                PolymorphicTypeValidator validator,
                java.util.Collection<NamedType> subtypes,
                boolean writing,
                boolean reading) {
            return new Names(type, Family.of(type.getRawClass()));
        }
    }

    private record Names(JavaType base, Family family) implements TypeIdResolver {
        @Override
        public void init(JavaType type) {}

        @Override
        public String idFromValue(DatabindContext context, Object value) {
            return family.nameOf(value.getClass());
        }

        @Override
        public String idFromValueAndType(DatabindContext context, @Nullable Object value, Class<?> type) {
            return family.nameOf(value == null ? type : value.getClass());
        }

        @Override
        public @Nullable String idFromBaseType(DatabindContext context) {
            return null;
        }

        @Override
        public @Nullable JavaType typeFromId(DatabindContext context, String id) {
            Class<?> member = family.members().get(id);
            return member == null ? null : context.constructSpecializedType(base, member);
        }

        @Override
        public String getDescForKnownTypeIds() {
            return family.members().keySet().toString();
        }

        @Override
        public JsonTypeInfo.Id getMechanism() {
            return JsonTypeInfo.Id.CUSTOM;
        }
    }
}
