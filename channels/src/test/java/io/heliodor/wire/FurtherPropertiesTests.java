package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.heliodor.schema.Schema;
import io.heliodor.type.Type;
import io.heliodor.wire.PayloadOutcome.Invalid;
import io.heliodor.wire.PayloadOutcome.Valid;
import io.heliodor.wire.schema.PayloadSchemas;
import java.util.Date;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.annotation.JsonPOJOBuilder;

/** Properties that a class does not name are read as strictly as the values of a map. */
class FurtherPropertiesTests {
    private static final PayloadCodec CODEC = PayloadCodec.strict();

    private static PayloadOutcome<?> read(Class<?> type, String json) {
        byte[] bytes = json.getBytes(UTF_8);
        return CODEC.decode(Type.of(type), new Payload.Json(bytes, 0, bytes.length));
    }

    private static String written(Object value) {
        Payload written = CODEC.encode(value);
        return new String(written.bytes(), written.from(), written.length(), UTF_8);
    }

    record Scores(String game, @JsonAnyGetter @JsonAnySetter Map<String, Integer> players) {}

    record Notes(@JsonAnyGetter @JsonAnySetter Map<String, @Nullable String> all) {}

    @Test
    void aComponentTakesThePropertiesThatTheRecordDoesNotName() {
        Scores scores = new Scores("go", new TreeMap<>(Map.of("ann", 3, "players", 4)));
        assertThat(written(scores)).isEqualTo("{\"game\":\"go\",\"ann\":3,\"players\":4}");
        assertThat(read(Scores.class, "{\"ann\":3,\"game\":\"go\",\"players\":4}"))
                .isEqualTo(new Valid<>(scores));
        assertThat(read(Scores.class, "{\"game\":\"go\"}")).isEqualTo(new Valid<>(new Scores("go", Map.of())));
        assertThat(read(Scores.class, "{\"ann\":3}")).isEqualTo(new Invalid<>("game", "is missing"));
        assertThat(read(Scores.class, "{\"game\":\"go\",\"ann\":\"x\"}"))
                .isEqualTo(new Invalid<>("ann", "must be an integer"));
    }

    static final class Bean {
        private final Map<String, Integer> all = new TreeMap<>();

        @JsonAnyGetter
        public Map<String, Integer> all() {
            return all;
        }

        @JsonAnySetter
        public void put(String name, Integer value) {
            all.put(name, value);
        }
    }

    @Test
    void aFurtherPropertyIsNotNullUnlessItsTypePermitsIt() {
        assertThat(read(Scores.class, "{\"game\":\"go\",\"ann\":null}"))
                .isEqualTo(new Invalid<>("ann", "must not be null"));
        assertThat(read(Bean.class, "{\"ann\":null}")).isEqualTo(new Invalid<>("ann", "must not be null"));
        assertThat(read(Notes.class, "{\"ann\":null}")).isInstanceOf(Valid.class);
    }

    record Tree(@JsonAnyGetter @JsonAnySetter Map<String, Tree> children) {}

    @Test
    void aTreeOfFurtherPropertiesIsRead() {
        assertThat(CODEC.unreadable(Type.of(Tree.class), true)).isEmpty();
        assertThat(read(Tree.class, "{\"a\":{\"b\":{}}}"))
                .isEqualTo(new Valid<>(new Tree(Map.of("a", new Tree(Map.of("b", new Tree(Map.of())))))));
        assertThat(read(Tree.class, "{\"a\":{\"b\":null}}")).isEqualTo(new Invalid<>("a.b", "must not be null"));
    }

    record Dates(@JsonAnyGetter @JsonAnySetter Map<String, Date> all) {}

    @Test
    void theTypeOfFurtherPropertiesIsExaminedBeforeTheFirstPayload() {
        assertThat(CODEC.unreadable(Type.of(Dates.class), true))
                .hasValueSatisfying(problem -> assertThat(problem).contains("java.util.Date"));
        assertThat(CODEC.unwritable(Type.of(Dates.class)))
                .hasValueSatisfying(problem -> assertThat(problem).contains("java.util.Date"));
    }

    @JsonDeserialize(builder = Built.Builder.class)
    record Built(Map<String, Integer> all) {
        @JsonPOJOBuilder
        @JsonIgnoreProperties("skipped")
        static final class Builder {
            private final Map<String, Integer> all = new TreeMap<>();

            @JsonAnySetter
            public void put(String name, Integer value) {
                all.put(name, value);
            }

            public Built build() {
                return new Built(all);
            }
        }
    }

    @Test
    void theFurtherPropertiesOfABuilderAreThoseOfItsClass() {
        assertThat(read(Built.class, "{\"a\":1}")).isEqualTo(new Valid<>(new Built(Map.of("a", 1))));
        assertThat(read(Built.class, "{\"a\":\"x\"}")).isInstanceOf(Invalid.class);
        assertThat(((Schema.Fields) definition(Built.class)).further()).contains(definition(Integer.class));
    }

    record Made(int size, Map<String, Integer> all) {
        @JsonCreator
        static Made of(@JsonProperty("size") int size, @JsonAnySetter Map<String, Integer> all) {
            return new Made(size, all);
        }
    }

    @Test
    void theFurtherPropertiesOfAFactoryMethodHaveASchema() {
        assertThat(read(Made.class, "{\"size\":2,\"a\":1}")).isEqualTo(new Valid<>(new Made(2, Map.of("a", 1))));
        assertThat(read(Made.class, "{\"size\":2,\"a\":\"x\"}")).isInstanceOf(Invalid.class);
        assertThat(((Schema.Fields) definition(Made.class)).further()).contains(definition(Integer.class));
    }

    private static Schema definition(Class<?> type) {
        PayloadSchemas schemas = new PayloadSchemas(CODEC);
        Schema schema = schemas.read(Type.of(type));
        return schema instanceof Schema.Ref
                ? schemas.names(Set.of()).definitions().values().iterator().next()
                : schema;
    }
}
