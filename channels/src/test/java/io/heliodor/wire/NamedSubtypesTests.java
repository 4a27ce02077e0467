package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import io.heliodor.event.Event;
import io.heliodor.type.Type;
import io.heliodor.wire.PayloadOutcome.Invalid;
import io.heliodor.wire.PayloadOutcome.Valid;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A value whose JSON names its class has no other form, and is not null. */
class NamedSubtypesTests {
    private static final PayloadCodec CODEC = PayloadCodec.strict();

    sealed interface Shape {}

    record Circle(int radius) implements Shape {}

    record Square(int side) implements Shape {}

    record Draw(Shape shape, int layer) {}

    record Drawings(List<Shape> all, Map<String, Shape> named, Optional<Shape> one) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind", defaultImpl = Other.class)
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Cat.class, name = "cat"),
        @JsonSubTypes.Type(value = Other.class, name = "other")
    })
    interface Animal {}

    record Cat(int lives) implements Animal, Deduced {}

    record Other(String name) implements Animal {}

    record Owner(Animal value) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind", defaultImpl = Void.class)
    @JsonSubTypes(@JsonSubTypes.Type(value = Oak.class, name = "oak"))
    interface Tree {}

    record Oak(int age) implements Tree, Deduced {}

    record Garden(Tree value) {}

    record Hedge(@Nullable Tree value) {}

    @JsonTypeInfo(
            use = JsonTypeInfo.Id.NAME,
            include = JsonTypeInfo.As.EXISTING_PROPERTY,
            property = "op",
            visible = true)
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Add.class, name = "add"),
        @JsonSubTypes.Type(value = Drop.class, name = "drop")
    })
    interface Change {}

    record Add(String op, int n) implements Change {}

    record Drop(String op, int n) implements Change {}

    record Changed(Change value) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.DEDUCTION)
    @JsonSubTypes({@JsonSubTypes.Type(Cat.class), @JsonSubTypes.Type(Oak.class)})
    interface Deduced {}

    record Guess(Deduced value) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.WRAPPER_OBJECT)
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Up.class, name = "up"),
        @JsonSubTypes.Type(value = Down.class, name = "down")
    })
    interface Step {}

    record Up(int n) implements Step {}

    record Down(int n) implements Step {}

    record Walk(Step value) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.WRAPPER_ARRAY)
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Left.class, name = "left"),
        @JsonSubTypes.Type(value = Right.class, name = "right")
    })
    interface Turn {}

    record Left(int n) implements Turn {}

    record Right(int n) implements Turn {}

    record Drive(Turn value) {}

    record Letter(
            String kind,

            @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.EXTERNAL_PROPERTY, property = "kind")
            @JsonSubTypes({
                @JsonSubTypes.Type(value = Up.class, name = "up"),
                @JsonSubTypes.Type(value = Left.class, name = "left")
            })
            Object body) {}

    record Note(
            @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.EXTERNAL_PROPERTY, property = "kind")
            @JsonSubTypes({
                @JsonSubTypes.Type(value = Up.class, name = "up"),
                @JsonSubTypes.Type(value = Left.class, name = "left")
            })
            @Nullable
            Object body) {}

    static final class Parcel {
        @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.EXTERNAL_PROPERTY, property = "kind")
        @JsonSubTypes({
            @JsonSubTypes.Type(value = Up.class, name = "up"),
            @JsonSubTypes.Type(value = Left.class, name = "left")
        })
        public Object body = "";
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = UserId.class, name = "user"),
        @JsonSubTypes.Type(value = Tags.class, name = "tags"),
        @JsonSubTypes.Type(value = Point.class, name = "point"),
        @JsonSubTypes.Type(value = Guest.class, name = "guest")
    })
    interface Who {}

    record UserId(@JsonValue String value) implements Who {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        UserId {}
    }

    record Tags(@JsonValue List<String> all) implements Who {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        Tags {}
    }

    @JsonFormat(shape = JsonFormat.Shape.ARRAY)
    record Point(int x, int y) implements Who {}

    record Guest(int n) implements Who {}

    record Seen(Who who) {}

    private static PayloadOutcome<?> read(PayloadCodec codec, Class<?> type, String json) {
        byte[] bytes = json.getBytes(UTF_8);
        return codec.decode(Type.of(type), new Payload.Json(bytes, 0, bytes.length));
    }

    /** They are written in an array, so they are read from one. */
    @Test
    void subtypesThatAreNoObjectsHaveTheirForm() {
        for (Who who : List.of(new UserId("ann"), new Tags(List.of("a", "b")), new Point(1, 2), new Guest(3))) {
            Payload.Json written = (Payload.Json) CODEC.encode(Event.of("seen", Seen.class), new Seen(who));
            assertThat(CODEC.decode(Type.of(Seen.class), written))
                    .as(new String(written.bytes(), written.from(), written.length(), UTF_8))
                    .isEqualTo(new Valid<>(new Seen(who)));
        }
        assertThat(read(CODEC, Seen.class, "{\"who\":[\"guest\"]}")).isInstanceOf(Invalid.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"[\"Circle\"]", "[\"Circle\",null]", "[\"Circle\",{\"radius\":2}]", "[]", "\"Circle\"", "3"})
    void aSealedTypeIsAnObjectAtEachPlace(String json) {
        assertThat(read(CODEC, Draw.class, "{\"shape\":" + json + ",\"layer\":1}"))
                .isEqualTo(new Invalid<>("shape", "must be an object"));
        assertThat(read(CODEC, Drawings.class, "{\"all\":[" + json + "],\"named\":{},\"one\":null}"))
                .isEqualTo(new Invalid<>("all[0]", "must be an object"));
        assertThat(read(CODEC, Drawings.class, "{\"all\":[],\"named\":{\"k\":" + json + "},\"one\":null}"))
                .isEqualTo(new Invalid<>("named.k", "must be an object"));
        assertThat(read(CODEC, Drawings.class, "{\"all\":[],\"named\":{},\"one\":" + json + "}"))
                .isEqualTo(new Invalid<>("one", "must be an object"));
        assertThat(read(CODEC, Shape.class, json)).isEqualTo(new Invalid<>("", "must be an object"));
    }

    @Test
    void aSealedTypeIsReadFromItsObject() {
        assertThat(read(CODEC, Draw.class, "{\"shape\":{\"radius\":2,\"type\":\"Circle\"},\"layer\":1}"))
                .isEqualTo(new Valid<>(new Draw(new Circle(2), 1)));
        assertThat(read(
                        CODEC,
                        Drawings.class,
                        "{\"all\":[{\"type\":\"Square\",\"side\":1}],\"named\":{},\"one\":null}"))
                .isEqualTo(new Valid<>(new Drawings(List.of(new Square(1)), Map.of(), Optional.empty())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[\"cat\"]", "[\"cat\",null]", "[\"cat\",{\"lives\":2}]", "[\"none\"]", "\"\"", "[]"})
    void aTypeWithAnAnnotationIsAnObject(String json) {
        assertThat(read(CODEC, Owner.class, "{\"value\":" + json + "}"))
                .isEqualTo(new Invalid<>("value", "must be an object"));
        assertThat(read(CODEC, Guess.class, "{\"value\":" + json + "}")).isInstanceOf(Invalid.class);
        String op = json.replace("cat", "add").replace("lives", "n");
        assertThat(read(CODEC, Changed.class, "{\"value\":" + op + "}"))
                .isEqualTo(new Invalid<>("value", "must be an object"));
    }

    @Test
    void aNameWithoutAValueIsNull() {
        for (String json : List.of("[\"left\"]", "[\"left\",null]")) {
            assertThat(read(CODEC, Drive.class, "{\"value\":" + json + "}"))
                    .as(json)
                    .isEqualTo(new Invalid<>("value", "must not be null"));
        }
        assertThat(read(CODEC, Drive.class, "{\"value\":[\"left\",{\"n\":1}]}"))
                .isEqualTo(new Valid<>(new Drive(new Left(1))));
        assertThat(read(CODEC, Walk.class, "{\"value\":{\"up\":null}}")).isInstanceOf(Invalid.class);
        assertThat(read(CODEC, Walk.class, "{\"value\":{\"up\":{\"n\":1}}}"))
                .isEqualTo(new Valid<>(new Walk(new Up(1))));
    }

    @Test
    void anUnknownNameIsNotReadAsNull() {
        assertThat(read(CODEC, Garden.class, "{\"value\":{\"kind\":\"elm\",\"age\":1}}"))
                .isEqualTo(new Invalid<>("value", "is of no known type"));
        assertThat(read(CODEC, Hedge.class, "{\"value\":{\"kind\":\"elm\",\"age\":1}}"))
                .isEqualTo(new Invalid<>("value", "is of no known type"));
        assertThat(read(CODEC, Hedge.class, "{\"value\":null}")).isEqualTo(new Valid<>(new Hedge(null)));
        PayloadCodec lenient = PayloadCodec.strict(JsonMapper.builder()
                .disable(DeserializationFeature.FAIL_ON_INVALID_SUBTYPE)
                .build());
        assertThat(read(lenient, Draw.class, "{\"shape\":{\"type\":\"Line\"},\"layer\":1}"))
                .isEqualTo(new Invalid<>("shape", "is of no known type"));
    }

    @Test
    void aValueWhoseNameIsNextToItIsNotNull() {
        assertThat(read(CODEC, Letter.class, "{\"kind\":\"up\",\"body\":{\"n\":1}}"))
                .isEqualTo(new Valid<>(new Letter("up", new Up(1))));
        for (Class<?> type : List.of(Letter.class, Parcel.class)) {
            assertThat(read(CODEC, type, "{\"kind\":\"up\",\"body\":null}"))
                    .as("%s", type)
                    .isEqualTo(new Invalid<>("body", "must not be null"));
            assertThat(read(CODEC, type, "{\"body\":null,\"kind\":\"up\"}"))
                    .as("%s", type)
                    .isEqualTo(new Invalid<>("body", "must not be null"));
        }
        assertThat(Objects.requireNonNull(
                        ((Valid<?>) read(CODEC, Parcel.class, "{\"kind\":\"up\",\"body\":{\"n\":1}}")).value()))
                .hasFieldOrPropertyWithValue("body", new Up(1));
        assertThat(read(CODEC, Note.class, "{\"kind\":\"up\",\"body\":null}")).isEqualTo(new Valid<>(new Note(null)));
    }
}
