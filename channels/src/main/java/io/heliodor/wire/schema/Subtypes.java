package io.heliodor.wire.schema;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.heliodor.schema.Schema;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import tools.jackson.databind.DatabindContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.jsontype.TypeIdResolver;

/** The schemas of types whose JSON names the class of a value. */
final class Subtypes {
    private Subtypes() {}

    /**
     * The schema of a base type.
     *
     * @param found the subtypes that Jackson finds, with the base type
     * @param plain returns the schema of a subtype without its name
     */
    static Schema schema(
            DatabindContext context,
            JavaType base,
            JsonTypeInfo.As inclusion,
            String property,
            TypeIdResolver ids,
            Iterable<NamedType> found,
            Function<JavaType, Schema> plain) {
        boolean named = switch (ids.getMechanism()) {
            case NAME, SIMPLE_NAME -> true;
            default -> false;
        };
        boolean wrapped = inclusion == JsonTypeInfo.As.WRAPPER_OBJECT;
        boolean tagged = inclusion == JsonTypeInfo.As.PROPERTY || inclusion == JsonTypeInfo.As.EXISTING_PROPERTY;
        if (!named || !(wrapped || tagged)) {
            return new Schema.Any(base.getRawClass().getName() + " names its subtypes by " + ids.getMechanism() + " as "
                    + inclusion + ", which has no schema");
        }
        TreeMap<String, Schema> cases = new TreeMap<>(Comparator.naturalOrder());
        for (NamedType each : found) {
            if (!Modifier.isAbstract(each.getType().getModifiers())
                    && base.getRawClass().isAssignableFrom(each.getType())) {
                String id = ids.idFromValueAndType(context, null, each.getType());
                Schema schema = plain.apply(context.constructSpecializedType(base, each.getType()));
                cases.put(
                        id,
                        wrapped
                                ? new Schema.Fields(List.of(new Schema.Field(id, schema, true)))
                                : new Schema.Tagged(property, id, schema));
            }
        }
        List<Schema> all = new ArrayList<>(cases.values());
        return all.size() == 1 ? all.getFirst() : new Schema.OneOf(all);
    }
}
