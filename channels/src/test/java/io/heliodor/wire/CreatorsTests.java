package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.heliodor.schema.Schema;
import io.heliodor.type.Type;
import io.heliodor.wire.PayloadOutcome.Invalid;
import io.heliodor.wire.PayloadOutcome.Valid;
import io.heliodor.wire.schema.PayloadSchemas;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A class is created from JSON of one form, which its schema has. */
class CreatorsTests {
    private static final PayloadCodec CODEC = PayloadCodec.strict();

    private static PayloadOutcome<?> read(Class<?> type, String json) {
        byte[] bytes = json.getBytes(UTF_8);
        return CODEC.decode(Type.of(type), new Payload.Json(bytes, 0, bytes.length));
    }

    private static Schema schema(Class<?> type) {
        return new PayloadSchemas(CODEC).read(Type.of(type));
    }

    record UserId(@JsonValue long id) {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        UserId {}
    }

    record Name(@JsonValue String text) {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        Name {}
    }

    record User(UserId id, Name name, Map<String, UserId> others) {}

    @Test
    void anIdThatIsANumberIsReadAsThatNumber() {
        assertThat(schema(UserId.class)).isEqualTo(new Schema.Whole(Optional.of("int64")));
        for (String id : List.of("7", "7.0")) {
            assertThat(read(User.class, "{\"id\":" + id + ",\"name\":\"a\",\"others\":{\"b\":8}}"))
                    .isEqualTo(new Valid<>(new User(new UserId(7), new Name("a"), Map.of("b", new UserId(8)))));
        }
    }

    @Test
    void aRefusalNamesTheFormOfTheArgument() {
        assertThat(read(User.class, "{\"id\":\"7\",\"name\":\"a\",\"others\":{}}"))
                .isEqualTo(new Invalid<>("id", "must be an integer"));
        assertThat(read(User.class, "{\"id\":{},\"name\":\"a\",\"others\":{}}"))
                .isEqualTo(new Invalid<>("id", "must be an integer"));
        assertThat(read(User.class, "{\"id\":9223372036854775808,\"name\":\"a\",\"others\":{}}"))
                .isEqualTo(new Invalid<>("id", "is out of range"));
        assertThat(read(User.class, "{\"id\":7,\"name\":1,\"others\":{}}"))
                .isEqualTo(new Invalid<>("name", "must be a string"));
        assertThat(read(User.class, "{\"id\":7,\"name\":\"a\",\"others\":{\"b\":true}}"))
                .isEqualTo(new Invalid<>("others.b", "must be an integer"));
        assertThat(read(User.class, "{\"id\":null,\"name\":\"a\",\"others\":{}}"))
                .isEqualTo(new Invalid<>("id", "must not be null"));
    }

    static final class Message {
        public String text = "";

        Message() {}

        @SuppressWarnings("unused") // Jackson takes it for a creator
        public Message(String text) {
            this.text = text;
        }

        @SuppressWarnings("unused") // Jackson takes it for a creator
        public Message(int number) {
            this.text = "number " + number;
        }
    }

    @Test
    void aConstructorForCodeIsNotAFormOfJson() {
        assertThat(CODEC.unreadable(Type.of(Message.class), true)).isEmpty();
        assertThat(read(Message.class, "{\"text\":\"a\"}")).isInstanceOf(Valid.class);
        for (String json : List.of("\"a\"", "1", "[\"a\"]", "true")) {
            assertThat(read(Message.class, json)).as(json).isEqualTo(new Invalid<>("", "must be an object"));
        }
    }

    @JsonFormat(shape = JsonFormat.Shape.NUMBER_INT)
    enum Priority {
        @JsonProperty("none")
        @JsonAlias("nil")
        NONE,
        @JsonAlias("urgent")
        HIGH
    }

    record Task(Priority priority) {}

    @Test
    void anEnumOfNumbersIsReadByItsAliases() {
        assertThat(read(Task.class, "{\"priority\":\"nil\"}")).isEqualTo(new Valid<>(new Task(Priority.NONE)));
        assertThat(read(Task.class, "{\"priority\":\"urgent\"}")).isEqualTo(new Valid<>(new Task(Priority.HIGH)));
        assertThat(read(Task.class, "{\"priority\":1}")).isEqualTo(new Valid<>(new Task(Priority.HIGH)));
        assertThat(read(Task.class, "{\"priority\":\"HIGH\"}")).isInstanceOf(Invalid.class);
    }
}
