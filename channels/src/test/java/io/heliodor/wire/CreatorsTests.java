package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIdentityInfo;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.annotation.ObjectIdGenerators;
import com.fasterxml.jackson.annotation.OptBoolean;
import io.heliodor.schema.Schema;
import io.heliodor.type.Type;
import io.heliodor.wire.PayloadOutcome.Invalid;
import io.heliodor.wire.PayloadOutcome.Valid;
import io.heliodor.wire.schema.PayloadSchemas;
import java.math.BigDecimal;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
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

    static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("unused") // Jackson calls it
        public Failure(String message) {
            super(message);
        }
    }

    @Test
    void anExceptionIsReadFromAnObjectAlone() {
        assertThat(read(Failure.class, "{\"message\":\"a\"}"))
                .isInstanceOfSatisfying(
                        Valid.class,
                        valid -> assertThat((Exception) valid.value()).hasMessage("a"));
        assertThat(read(Failure.class, "\"a\"")).isEqualTo(new Invalid<>("", "must be an object"));
    }

    record Key(@JsonValue UUID id) {
        @SuppressWarnings("unused") // Jackson takes it for a creator
        public Key(String id) {
            this(UUID.fromString(id));
        }
    }

    record Amount(@JsonValue BigDecimal value) {
        @SuppressWarnings("unused") // Jackson takes it for a creator
        public Amount(String value) {
            this(new BigDecimal(value));
        }

        @SuppressWarnings("unused") // Jackson takes it for a creator
        public Amount(long value) {
            this(BigDecimal.valueOf(value));
        }
    }

    record Price(BigDecimal value) {
        @JsonCreator
        public Price {}

        @SuppressWarnings("unused") // Jackson takes it for a creator
        public Price(String value) {
            this(new BigDecimal(value));
        }
    }

    /** As an embeddable of JPA. */
    static class Email {
        private String address = "";

        @SuppressWarnings("unused") // JPA calls it
        protected Email() {}

        @JsonCreator
        public Email(String address) {
            this.address = address;
        }

        @JsonValue
        public String getAddress() {
            return address;
        }
    }

    record Tags(@JsonValue List<String> all) {
        @JsonCreator
        public Tags {}

        @SuppressWarnings("unused") // Jackson takes it for a creator
        public Tags(String all) {
            this(List.of(all.split(",")));
        }
    }

    /** A list of itself. */
    record Nest(@JsonValue List<Nest> inner) {
        @JsonCreator
        public Nest {}

        @SuppressWarnings("unused") // Jackson takes it for a creator
        public Nest(String inner) {
            this(List.of());
        }
    }

    record Ordinary(Key key, Amount amount, Price price, Email email, Tags tags, Nest nest) {}

    private static final String ORDINARY = "{\"key\":\"0190a6d0-0000-7000-8000-000000000000\",\"amount\":1.5,"
            + "\"price\":{\"value\":2},\"email\":\"a@b\",\"tags\":[\"x\"],\"nest\":[[],[[]]]}";

    @Test
    void aValueClassIsReadAsItIsWrittenWhateverOtherConstructorsItHas() {
        assertThat(CODEC.unreadable(Type.of(Ordinary.class), true)).isEmpty();
        assertThat(CODEC.unwritable(Type.of(Ordinary.class))).isEmpty();
        assertThat(read(Ordinary.class, ORDINARY)).isInstanceOfSatisfying(Valid.class, valid -> {
            Payload written = CODEC.encode(valid.value());
            assertThat(new String(written.bytes(), written.from(), written.length(), UTF_8))
                    .isEqualTo(ORDINARY);
        });
        for (Class<?> type : List.of(Key.class, Amount.class, Email.class, Tags.class)) {
            assertThat(schema(type)).as("%s", type).isEqualTo(new PayloadSchemas(CODEC).written(Type.of(type)));
        }
        assertThat(schema(Key.class)).isEqualTo(schema(UUID.class));
        assertThat(schema(Amount.class)).isEqualTo(schema(BigDecimal.class));
        assertThat(schema(Tags.class)).isEqualTo(new PayloadSchemas(CODEC).read(new Type<List<String>>() {}));
    }

    @Test
    void aValueClassIsReadFromNoOtherForm() {
        assertThat(read(Key.class, "\"no id\"")).isInstanceOf(Invalid.class);
        assertThat(read(Amount.class, "\"1.5\"")).isInstanceOf(Invalid.class);
        assertThat(read(Price.class, "\"1.5\"")).isInstanceOf(Invalid.class);
        assertThat(read(Email.class, "{}")).isInstanceOf(Invalid.class);
        assertThat(read(Tags.class, "\"a,b\"")).isInstanceOf(Invalid.class);
        assertThat(read(Tags.class, "[null]")).isInstanceOf(Invalid.class);
        assertThat(read(Nest.class, "\"a\"")).isInstanceOf(Invalid.class);
    }

    static final class Both {
        private final String value;

        private Both(String value) {
            this.value = value;
        }

        @JsonCreator
        static Both ofText(String value) {
            return new Both(value);
        }

        @JsonCreator
        static Both ofNumber(int value) {
            return new Both(String.valueOf(value));
        }

        @JsonValue
        String value() {
            return value;
        }
    }

    @Test
    void aClassThatAnnotationsCreateFromSeveralFormsIsReadFromEachAndItsSchemaIsOpen() {
        assertThat(CODEC.unreadable(new Type<Map<String, Both>>() {}, true)).isEmpty();
        assertThat(read(Both.class, "\"a\"")).isInstanceOf(Valid.class);
        assertThat(read(Both.class, "1")).isInstanceOf(Valid.class);
        assertThat(schema(Both.class))
                .isEqualTo(new Schema.Any(Both.class.getName() + " is created from several forms of JSON"));
    }

    @Test
    void aClassOfOneTextOrNumberIsNoPayloadOfAnEvent() {
        assertThat(CODEC.unreadable(Type.of(Email.class), true)).isPresent();
        assertThat(CODEC.unreadable(Type.of(Email.class), false)).isEmpty();
    }

    record Dates(@JsonValue List<Date> all) {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public Dates {}
    }

    @Test
    void theArgumentIsExaminedBeforeTheFirstPayload() {
        assertThat(CODEC.unreadable(Type.of(Dates.class), false))
                .hasValueSatisfying(problem -> assertThat(problem).contains("java.util.Date"));
    }

    record Formatted(
            @JsonFormat(shape = JsonFormat.Shape.STRING) UserId id) {}

    @Test
    void theFormatOfAPropertyIsThatOfTheArgument() {
        Payload written = CODEC.encode(new Formatted(new UserId(7)));
        String text = new String(written.bytes(), written.from(), written.length(), UTF_8);
        assertThat(read(Formatted.class, text)).as(text).isEqualTo(new Valid<>(new Formatted(new UserId(7))));
    }

    @JsonIdentityInfo(generator = ObjectIdGenerators.PropertyGenerator.class, property = "id")
    static final class Node {
        public int id;

        @JsonProperty(isRequired = OptBoolean.FALSE)
        public @Nullable Node next;

        Node() {}

        @SuppressWarnings("unused") // Jackson takes it for a creator
        public Node(int id) {
            this.id = id;
        }
    }

    record Nodes(List<Node> all) {}

    @Test
    void aReferenceToAnObjectWithAnIdIsRead() {
        assertThat(read(Nodes.class, "{\"all\":[{\"id\":1,\"next\":{\"id\":2,\"next\":1}},2]}"))
                .isInstanceOfSatisfying(Valid.class, valid -> {
                    List<Node> all = ((Nodes) valid.value()).all();
                    assertThat(all.get(1)).isSameAs(all.get(0).next);
                });
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
