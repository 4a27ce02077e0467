package io.heliodor.wire.schema;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.heliodor.schema.Schema;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DatabindContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.AnnotatedClassResolver;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.jsontype.TypeIdResolver;

/** The schemas of types whose JSON names the class of a value. */
final class Subtypes {
    private Subtypes() {}

    /**
     * The schema of a base type.
     *
     * @param member the property that has annotations about subtypes; null if the type has them
     * @param property the property of the JSON that names a class
     * @param ids returns the names of classes; null if the properties of a value decide its class
     * @param other the class for other names, and for none; null if there is none
     * @param plain returns the schema of a subtype without its name
     */
    static Schema schema(
            DatabindContext context,
            JavaType base,
            @Nullable AnnotatedMember member,
            JsonTypeInfo.As inclusion,
            @Nullable String property,
            @Nullable TypeIdResolver ids,
            @Nullable Class<?> other,
            Function<JavaType, Schema> plain) {
        boolean named = ids != null
                && switch (ids.getMechanism()) {
                    case NAME, SIMPLE_NAME -> true;
                    default -> false;
                };
        boolean wrapped = inclusion == JsonTypeInfo.As.WRAPPER_OBJECT;
        boolean tagged = property != null
                && (inclusion == JsonTypeInfo.As.PROPERTY || inclusion == JsonTypeInfo.As.EXISTING_PROPERTY);
        if (ids == null || !named || !(wrapped || tagged)) {
            return new Schema.Any(base.getRawClass().getName() + " names its subtypes in a way that has no schema");
        }
        MapperConfig<?> config = context.getConfig();
        TreeMap<String, Schema> cases = new TreeMap<>();
        for (NamedType each : named(config, member, base)) {
            if (each.getType() != Object.class
                    && !Modifier.isAbstract(each.getType().getModifiers())
                    && base.getRawClass().isAssignableFrom(each.getType())) {
                String id = each.hasName() ? each.getName() : ids.idFromValueAndType(context, null, each.getType());
                Schema schema = plain.apply(context.constructSpecializedType(base, each.getType()));
                cases.put(
                        id,
                        wrapped || property == null ? new Schema.Wrapped(id, schema) : tagged(property, id, schema));
            }
        }
        List<Schema> all = new ArrayList<>(cases.values());
        if (other != null && base.getRawClass().isAssignableFrom(other)) {
            Schema schema = plain.apply(context.constructSpecializedType(base, other));
            if (property == null || !(schema instanceof Schema.Ref)) {
                return new Schema.Any(
                        base.getRawClass().getName() + " has a class for other names, which has no schema");
            }
            all.add(new Schema.Untagged(property, List.copyOf(cases.keySet()), schema));
        }
        return switch (all.size()) {
            case 0 -> new Schema.Any(base.getRawClass().getName() + " has no subtypes that Jackson knows");
            case 1 -> all.getFirst();
            default -> new Schema.OneOf(all);
        };
    }

    /** As Jackson finds them: the annotations of a property count for it, and for others those of a class and of its supertypes. */
    private static Collection<NamedType> named(
            MapperConfig<?> config, @Nullable AnnotatedMember member, JavaType base) {
        return member == null
                ? config.getSubtypeResolver()
                        .collectAndResolveSubtypesByTypeId(config, AnnotatedClassResolver.resolve(config, base, config))
                : config.getSubtypeResolver().collectAndResolveSubtypesByTypeId(config, member, base);
    }

    /**
     * Whether a class has its name from the annotation of a supertype. In a place of its own it is a choice without a definition, since the
     * definition of the class is that of its properties.
     */
    static boolean isNamedBySupertype(JavaType base) {
        return !base.isAbstract() && base.getRawClass().getDeclaredAnnotation(JsonTypeInfo.class) == null;
    }

    /** An object that describes its further properties has the one that names it, too. */
    private static Schema tagged(String property, String id, Schema schema) {
        if (!(schema instanceof Schema.Fields object) || object.isOpen()) {
            return new Schema.Tagged(property, id, schema);
        }
        List<Schema.Field> fields = new ArrayList<>();
        fields.add(new Schema.Field(property, new Schema.Choice(List.of(id), false), true));
        object.fields().stream().filter(field -> !field.name().equals(property)).forEach(fields::add);
        return new Schema.Fields(fields, object.further());
    }
}
