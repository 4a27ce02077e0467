package io.heliodor.wire.schema;

import io.heliodor.event.Raw;
import io.heliodor.schema.Schema;
import io.heliodor.type.Type;
import io.heliodor.wire.PayloadCodec;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.json.JsonMapper;

/**
 * The schemas of the payloads of one contract. Types are added first, then all get their names. Not thread-safe.
 *
 * <p>A type that is read and written has one name if both schemas are one, else the schema for reading has the suffix {@code Input}.
 */
public final class PayloadSchemas {
    private static final String INPUT = "Input";

    /** Marks the keys of types that are read, until all have names. */
    private static final String READ = "read ";

    private final JsonMapper mapper;
    private final WrittenTypes written;
    private final ReadTypes read;

    /** The schemas for the payloads of a codec. */
    public PayloadSchemas(PayloadCodec codec) {
        this.mapper = codec.mapper();
        this.written = new WrittenTypes(mapper);
        this.read = new ReadTypes(mapper, written);
    }

    /**
     * The schema of payloads that the server reads.
     *
     * @param type not bytes
     * @return the schema, with keys as names
     */
    public Schema read(Type<?> type) {
        Schema schema = type.type() == Raw.class ? anyObject() : read.of(mapper.constructType(type.type()));
        return schema.renamed(key -> READ + key);
    }

    /**
     * The schema of payloads that the server writes as events or requests: a {@link Raw} is an object.
     *
     * @param type not bytes
     * @return the schema, with keys as names
     */
    public Schema written(Type<?> type) {
        return type.type() == Raw.class ? anyObject() : response(type);
    }

    /**
     * The schema of replies that the server writes: a {@link Raw} is any value.
     *
     * @param type not bytes
     * @return the schema, with keys as names
     */
    public Schema response(Type<?> type) {
        return written.of(mapper.constructType(type.type()));
    }

    private static Schema anyObject() {
        return new Schema.Entries(new Schema.Any(""));
    }

    /**
     * Names all types that were added.
     *
     * @param reserved names that no type may have
     * @return the names
     */
    public Names names(Set<String> reserved) {
        Map<String, Schema> out = written.definitions().schemas();
        Map<String, Schema> in = read.definitions().schemas();
        Map<String, JavaType> types = new TreeMap<>(written.definitions().types());
        types.putAll(read.definitions().types());
        Set<String> same = same(in, out);
        Map<String, TypeNames.Named> named = new TreeMap<>();
        types.forEach((key, type) -> {
            named.put(key, new TypeNames.Named(type, ""));
            if (in.containsKey(key) && out.containsKey(key) && !same.contains(key)) {
                named.put(READ + key, new TypeNames.Named(type, INPUT));
            }
        });
        Map<String, String> names = new TreeMap<>(TypeNames.of(named, reserved));
        in.keySet().forEach(key -> names.putIfAbsent(READ + key, names.getOrDefault(key, key)));
        SortedMap<String, Schema> definitions = new TreeMap<>();
        out.forEach((key, schema) ->
                definitions.put(names.getOrDefault(key, key), schema.renamed(each -> names.getOrDefault(each, each))));
        in.forEach((key, schema) -> definitions.putIfAbsent(
                names.getOrDefault(READ + key, key), schema.renamed(each -> names.getOrDefault(READ + each, each))));
        return new Names(names, definitions);
    }

    /** The types whose schemas are one in both directions: the largest set in which each refers to others of the set. */
    private static Set<String> same(Map<String, Schema> in, Map<String, Schema> out) {
        Set<String> same = new HashSet<>(in.keySet());
        same.retainAll(out.keySet());
        while (true) {
            Set<String> next = same.stream()
                    .filter(key -> Objects.requireNonNull(in.get(key), "schema")
                            .renamed(each -> same.contains(each) ? each : READ + each)
                            .equals(out.get(key)))
                    .collect(Collectors.toSet());
            if (next.size() == same.size()) {
                return same;
            }
            same.retainAll(next);
        }
    }

    /**
     * The names of types.
     *
     * @param byKey the names by the keys of types
     * @param definitions the schemas by their names
     */
    public record Names(Map<String, String> byKey, SortedMap<String, Schema> definitions) {
        /**
         * A schema with names.
         *
         * @param schema a schema with keys
         * @return a copy
         */
        public Schema apply(Schema schema) {
            return schema.renamed(key -> byKey.getOrDefault(key, key));
        }
    }
}
