package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.annotation.JsonValue;
import io.heliodor.event.Event;
import io.heliodor.type.Type;
import io.heliodor.wire.PayloadOutcome.Invalid;
import io.heliodor.wire.PayloadOutcome.Valid;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/** Sealed types without annotations: the field {@code type} names the subtype. */
class SealedTypesTests {
    private static final PayloadCodec CODEC = PayloadCodec.strict();

    sealed interface Shape permits Circle, Square, Solid {}

    record Circle(double radius) implements Shape {}

    @JsonTypeName("quad")
    record Square(int side) implements Shape {}

    sealed interface Solid extends Shape permits Cube, Nothing {}

    record Cube(int edge) implements Solid {}

    record Nothing() implements Solid {}

    record Drawing(Shape first, List<Shape> more, Optional<Solid> solid, Map<String, Shape> named) {}

    record Box<T>(T content) {}

    private static final Event<Shape> DRAW = Event.of("draw", Shape.class);

    @Test
    void theFieldNamesTheSubtype() {
        isWritten(Type.of(Shape.class), new Circle(1.5), "{\"type\":\"Circle\",\"radius\":1.5}");
        isWritten(Type.of(Shape.class), new Square(2), "{\"type\":\"quad\",\"side\":2}");
        isWritten(Type.of(Shape.class), new Cube(3), "{\"type\":\"Cube\",\"edge\":3}");
        isWritten(Type.of(Shape.class), new Nothing(), "{\"type\":\"Nothing\"}");
        isWritten(Type.of(Solid.class), new Cube(3), "{\"type\":\"Cube\",\"edge\":3}");
        assertThat(decode(Type.of(Shape.class), "{\"edge\":3,\"type\":\"Cube\"}"))
                .isEqualTo(new Valid<>(new Cube(3)));
    }

    @Test
    void theDeclaredTypeDecides() {
        isWritten(Type.of(Circle.class), new Circle(1.5), "{\"radius\":1.5}");
        isWritten(
                Type.of(Drawing.class),
                new Drawing(
                        new Nothing(), List.of(new Square(1)), Optional.of(new Cube(2)), Map.of("a", new Circle(0.5))),
                "{\"first\":{\"type\":\"Nothing\"},\"more\":[{\"type\":\"quad\",\"side\":1}],"
                        + "\"solid\":{\"type\":\"Cube\",\"edge\":2},\"named\":{\"a\":{\"type\":\"Circle\",\"radius\":0.5}}}");
        isWritten(
                new Type<Map<String, Shape>>() {}, Map.of("a", new Cube(1)), "{\"a\":{\"type\":\"Cube\",\"edge\":1}}");
        isWritten(new Type<Box<Shape>>() {}, new Box<>(new Cube(1)), "{\"content\":{\"type\":\"Cube\",\"edge\":1}}");
        isWritten(new Type<List<Shape>>() {}, List.of(new Cube(1)), "[{\"type\":\"Cube\",\"edge\":1}]");
        assertThat(text(CODEC.encode(DRAW, new Cube(1)))).isEqualTo("{\"type\":\"Cube\",\"edge\":1}");
        assertThat(text(CODEC.encodeResponse("say", Type.of(Shape.class), Map.of("reason", "full"))))
                .as("a refusal of another type")
                .isEqualTo("{\"reason\":\"full\"}");
    }

    @Test
    void aSubtypeThatIsMissingOrUnknownIsRefused() {
        Type<Drawing> drawing = Type.of(Drawing.class);
        assertThat(decode(Type.of(Shape.class), "{\"radius\":1.5}"))
                .isEqualTo(new Invalid<>("", "is of no known type"));
        for (String name : List.of("\"circle\"", "\"Solid\"", "\"java.lang.Object\"", "1", "null")) {
            assertThat(decode(drawing, "{\"first\":{\"type\":" + name + "},\"more\":[],\"named\":{}}"))
                    .as(name)
                    .isEqualTo(new Invalid<>("first", "is of no known type"));
        }
        assertThat(decode(Type.of(Shape.class), "{\"type\":\"Circle\"}"))
                .isEqualTo(new Invalid<>("radius", "is missing"));
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    sealed interface Annotated permits One {}

    @JsonTypeName("one")
    record One(int number) implements Annotated {}

    sealed interface Id permits UserId {}

    record UserId(@JsonValue String text) implements Id {}

    @Test
    void whatTheApplicationHasDeclaredCounts() {
        isWritten(Type.of(Annotated.class), new One(1), "{\"kind\":\"one\",\"number\":1}");
        JsonMapper mapper = JsonMapper.builder()
                .addModule(new SimpleModule("ids").addDeserializer(Id.class, new ValueDeserializer<>() {
                    @Override
                    public Id deserialize(JsonParser parser, DeserializationContext context) {
                        return new UserId(parser.getString());
                    }
                }))
                .propertyNamingStrategy(PropertyNamingStrategies.UPPER_CAMEL_CASE)
                .build();
        PayloadCodec codec = PayloadCodec.strict(mapper);
        Type<Box<Id>> id = new Type<>() {};
        assertThat(text(codec.encodeResponse(id, new Box<Id>(new UserId("a"))))).isEqualTo("{\"Content\":\"a\"}");
        assertThat(codec.decode(id, json("{\"Content\":\"a\"}"))).isEqualTo(new Valid<>(new Box<Id>(new UserId("a"))));
        assertThat(text(codec.encode(DRAW, new Cube(1)))).isEqualTo("{\"type\":\"Cube\",\"Edge\":1}");
    }

    sealed interface Open permits Anyone {}

    non-sealed interface Anyone extends Open {}

    sealed interface Typed permits Field {}

    record Field(String type) implements Typed {}

    sealed interface Choice permits Yes {}

    enum Yes implements Choice {
        YES
    }

    sealed interface Twins permits First.Same, Second.Same {}

    static final class First {
        record Same(int number) implements Twins {}
    }

    static final class Second {
        record Same(int number) implements Twins {}
    }

    sealed interface Scalar permits Text {}

    record Text(@JsonValue String text) implements Scalar {}

    interface Any {}

    @Test
    void aFamilyThatCannotBeNamedIsRefusedWithTheRemedy() {
        isRefused(Open.class, Anyone.class.getName() + " is open for subclasses; make it a record or sealed");
        isRefused(Typed.class, Field.class.getName() + " has a property 'type'; rename that");
        isRefused(Choice.class, Yes.class.getName() + " is an enum");
        isRefused(Twins.class, "have the same simple name; rename one");
        isRefused(Scalar.class, "make them plain records");
        isRefused(Any.class, "seal it with records as its subtypes");
        assertThat(text(CODEC.encodeResponse(Type.of(Typed.class), new Field("a"))))
                .isEqualTo("{\"type\":\"a\"}");
    }

    private static void isRefused(Class<?> type, String problem) {
        assertThat(CODEC.unreadable(Type.of(type), true))
                .get()
                .asString()
                .contains(type.getName(), problem, "@JsonTypeInfo");
    }

    @Test
    void sealedTypesOfTheJdkAreNotNamed() {
        assertThat(text(CODEC.encode(Map.of("a", 1, "b", "c")))).contains("\"a\":1", "\"b\":\"c\"");
    }

    private static <T> void isWritten(Type<T> type, T value, String json) {
        assertThat(CODEC.unreadable(type, false)).isEmpty();
        assertThat(text(CODEC.encodeResponse(type, value))).isEqualTo(json);
        assertThat(decode(type, json)).isEqualTo(new Valid<>(value));
    }

    private static <T> PayloadOutcome<T> decode(Type<T> type, String json) {
        return CODEC.decode(type, json(json));
    }

    private static Payload.Json json(String json) {
        byte[] bytes = json.getBytes(UTF_8);
        return new Payload.Json(bytes, 0, bytes.length);
    }

    private static String text(Payload payload) {
        Payload.Json json = (Payload.Json) payload;
        return new String(json.bytes(), json.from(), json.length(), UTF_8);
    }
}
