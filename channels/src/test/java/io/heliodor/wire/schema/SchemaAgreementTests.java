package io.heliodor.wire.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.annotation.OptBoolean;
import io.heliodor.event.Raw;
import io.heliodor.schema.Schema;
import io.heliodor.type.Type;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.PayloadOutcome;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Year;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.annotation.JsonSerialize;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.ser.std.ToStringSerializer;

/**
 * The schema of a type and the codec agree: what the codec writes has the form of the schema for writing, and changed JSON is
 * read if and only if it has the form of the schema for reading.
 */
class SchemaAgreementTests {
    private static final PayloadCodec CODEC = PayloadCodec.strict();
    private static final JsonMapper JSON = new JsonMapper();

    record Scalars(int a, Long b, short c, byte d, double e, float f, boolean g, String h, char i) {}

    record Numbers(BigInteger a, BigDecimal b) {}

    record Optionals(
            Optional<String> a,
            OptionalInt b,
            @Nullable String c,
            @Nullable Integer d,
            Optional<List<String>> e) {}

    @SuppressWarnings("ArrayRecordComponent") // payloads of users have them
    record Lists(
            List<String> a, int[] b, Set<Integer> c, List<@Nullable String> d, String[] e, List<List<Integer>> f) {}

    record Maps(
            Map<String, Integer> a, Map<String, List<String>> b, Map<Color, String> c, Map<String, @Nullable Long> d) {}

    record Times(Instant a, LocalDate b, Duration c, DayOfWeek d) {}

    record Local(LocalTime a) {}

    record Years(Year a) {}

    record Formatted(
            @JsonFormat(shape = JsonFormat.Shape.NUMBER) Instant a,
            @JsonFormat(pattern = "dd.MM.yyyy") LocalDate b) {}

    record Ids(UUID a, URI b) {}

    @SuppressWarnings("ArrayRecordComponent")
    record Bytes(byte[] a) {}

    enum Color {
        RED,
        GREEN
    }

    enum Level {
        LOW,
        HIGH,
        @JsonEnumDefaultValue
        OTHER
    }

    record Enums(Color a, Level b, Optional<Color> c) {}

    record Inner(String text, int number) {}

    record Nested(Inner a, List<Inner> b, Optional<Inner> c, Map<String, Inner> d) {}

    record Tree(String name, List<Tree> children, @Nullable Tree other) {}

    record Page<T>(List<T> items, int next) {}

    record Pages(Page<Inner> a, Page<String> b) {}

    sealed interface Shape {}

    record Circle(int radius) implements Shape {}

    record Square(int side, Optional<String> name) implements Shape {}

    record Nothing() implements Shape {}

    record Drawing(Shape a, List<Shape> b) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Cat.class, name = "cat"),
        @JsonSubTypes.Type(value = Dog.class, name = "dog")
    })
    interface Animal {}

    record Cat(int lives) implements Animal {}

    record Dog(String name) implements Animal {}

    record Owner(Animal animal) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.WRAPPER_OBJECT)
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Up.class, name = "up"),
        @JsonSubTypes.Type(value = Down.class, name = "down")
    })
    interface Step {}

    record Up(int n) implements Step {}

    record Down(int n) implements Step {}

    record Renamed(
            @JsonProperty("other_name") String name,
            @JsonProperty(required = false) String free) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record LeavesOut(@Nullable String a, Optional<String> b, int c) {}

    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record LeavesOutEmpty(@Nullable String a, Optional<String> b) {}

    record Wrapped(@JsonValue String value) {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        Wrapped {}
    }

    record OfWrapped(Wrapped a, List<Wrapped> b) {}

    record Numbered(@JsonValue long id) {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        Numbered {}
    }

    record Tags(@JsonValue List<String> all) {
        @JsonCreator
        public Tags {}

        @SuppressWarnings("unused") // Jackson takes it for a creator
        public Tags(String all) {
            this(List.of(all.split(",")));
        }
    }

    record OfNumbered(
            Numbered a,

            @JsonFormat(shape = JsonFormat.Shape.STRING) Numbered b,

            Tags c) {}

    record Anything(Object a, JsonNode b, Raw c) {}

    static final class Bean {
        private String name = "";
        private int count;

        public String getName() {
            return name;
        }

        public void setName(String name) {
            this.name = name;
        }

        public int getCount() {
            return count;
        }

        public void setCount(int count) {
            this.count = count;
        }
    }

    sealed interface Expression {
        record Constant(int value) implements Expression {}

        record Sum(List<Expression> parts) implements Expression {}
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Plain.class, name = "plain"),
        @JsonSubTypes.Type(value = Special.class, name = "special")
    })
    static class Plain {
        public int a = 1;
    }

    static final class Special extends Plain {
        public String b = "b";
    }

    record OwnerOf(
            @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
            @JsonSubTypes({
                @JsonSubTypes.Type(value = Cat.class, name = "a_cat"),
                @JsonSubTypes.Type(value = Up.class, name = "up")
            })
            Object animal) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.DEDUCTION)
    @JsonSubTypes({@JsonSubTypes.Type(Left.class), @JsonSubTypes.Type(Right.class)})
    interface Side {}

    record Left(int left) implements Side {}

    record Right(int right) implements Side {}

    enum Code {
        ONE(1),
        TWO(2);

        @JsonValue
        final int code;

        Code(int code) {
            this.code = code;
        }
    }

    record Codes(Code a, List<Code> b) {}

    record OptionalByAnnotation(
            @JsonProperty(isRequired = OptBoolean.FALSE) String free, int a) {}

    @JsonFormat(shape = JsonFormat.Shape.ARRAY)
    record Point(int x, int y) {}

    record OfPoints(Point a) {}

    record Street(String street) {}

    record Home(
            String name, @JsonUnwrapped(prefix = "home_") Street street) {}

    record InFormats(
            @JsonFormat(shape = JsonFormat.Shape.NUMBER) Optional<Instant> a,

            @JsonSerialize(contentUsing = ToStringSerializer.class)
            List<Long> b) {}

    record Parent(
            String id,

            @JsonIgnoreProperties({"children", "parent"}) @Nullable
            Parent parent,

            List<Parent> children) {}

    record Buffered(ByteBuffer data) {}

    @JsonInclude(JsonInclude.Include.NON_DEFAULT)
    static final class Defaults {
        public int size = 10;
    }

    record Amount(Number value) {}

    record Moment(LocalDateTime a) {}

    static final class Extras {
        private final Map<String, Integer> extra = new TreeMap<>();

        @JsonAnyGetter
        public Map<String, Integer> getExtra() {
            return extra;
        }

        @JsonAnySetter
        public void set(String name, int value) {
            extra.put(name, value);
        }
    }

    enum State {
        ON,
        OFF
    }

    record StateValue(@JsonValue State state) {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        StateValue {}
    }

    record OfStateValue(StateValue a) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
    @JsonSubTypes(@JsonSubTypes.Type(value = Named.class, name = "named"))
    static class Base {
        public int a;
    }

    @JsonTypeName("named")
    static final class Named extends Base {
        public int b;
        public List<Named> more = new ArrayList<>();
    }

    record OfNamed(Base a, Named b, List<Named> c) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Middle.class, name = "middle"),
        @JsonSubTypes.Type(value = Lowest.class, name = "lowest")
    })
    static class Highest {
        public int a;
    }

    static class Middle extends Highest {
        public int b;
    }

    static final class Lowest extends Middle {
        public int c;
    }

    record OfMiddle(Highest a, Middle b, List<Middle> c) {}

    record YearAsText(
            @JsonFormat(shape = JsonFormat.Shape.STRING) Year a,
            @JsonFormat(pattern = "uuuu") Year b) {}

    interface Labelled {
        String label();
    }

    enum Label implements Labelled {
        ONE;

        @Override
        public String label() {
            return "one";
        }
    }

    record OfLabelled(Labelled a) {}

    private static Arguments of(Object value) {
        return Arguments.of(Type.of(value.getClass()), value);
    }

    static Stream<Arguments> values() {
        Bean bean = new Bean();
        bean.setName("a");
        bean.setCount(3);
        Inner inner = new Inner("x", 1);
        return Stream.of(
                of(new Scalars(1, 2L, (short) 3, (byte) 4, 1.5, 2.5f, true, "h", 'i')),
                of(new Numbers(BigInteger.TEN, new BigDecimal("1.5"))),
                of(new Optionals(Optional.of("a"), OptionalInt.of(1), "c", 1, Optional.of(List.of("e")))),
                of(new Optionals(Optional.empty(), OptionalInt.empty(), null, null, Optional.empty())),
                of(new Lists(
                        List.of("a"), new int[] {1}, Set.of(1), List.of("d"), new String[] {"e"}, List.of(List.of(1)))),
                of(new Maps(Map.of("a", 1), Map.of("b", List.of("c")), Map.of(Color.RED, "d"), Map.of("e", 1L))),
                of(new Times(Instant.EPOCH, LocalDate.EPOCH, Duration.ofSeconds(1), DayOfWeek.MONDAY)),
                of(new Local(LocalTime.NOON)),
                of(new Years(Year.of(2026))),
                of(new Formatted(Instant.EPOCH, LocalDate.EPOCH)),
                of(new Ids(UUID.randomUUID(), URI.create("a:b"))),
                of(new Bytes(new byte[] {1})),
                of(new Enums(Color.RED, Level.LOW, Optional.of(Color.GREEN))),
                of(new Nested(inner, List.of(inner), Optional.of(inner), Map.of("a", inner))),
                of(new Tree("a", List.of(new Tree("b", List.of(), null)), new Tree("c", List.of(), null))),
                of(new Pages(new Page<>(List.of(inner), 1), new Page<>(List.of("a"), 2))),
                Arguments.of(Type.of(Shape.class), new Circle(1)),
                Arguments.of(Type.of(Shape.class), new Nothing()),
                of(new Drawing(new Square(1, Optional.of("a")), List.of(new Circle(2), new Nothing()))),
                Arguments.of(Type.of(Animal.class), new Cat(7)),
                of(new Owner(new Dog("a"))),
                Arguments.of(Type.of(Step.class), new Up(1)),
                of(new Renamed("a", "b")),
                of(new LeavesOut("a", Optional.of("b"), 1)),
                of(new LeavesOut(null, Optional.empty(), 1)),
                of(new LeavesOutEmpty(null, Optional.empty())),
                of(new OfWrapped(new Wrapped("a"), List.of(new Wrapped("b")))),
                of(new OfNumbered(new Numbered(7), new Numbered(8), new Tags(List.of("a", "b")))),
                of(new Anything(Map.of("a", 1), JSON.createArrayNode(), Raw.of("{\"a\":[1]}"))),
                of(bean),
                Arguments.of(new Type<Map<String, Inner>>() {}, Map.of("a", inner)),
                Arguments.of(new Type<Page<Shape>>() {}, new Page<Shape>(List.of(new Circle(1)), 2)),
                Arguments.of(
                        Type.of(Expression.class),
                        new Expression.Sum(List.of(new Expression.Constant(1), new Expression.Sum(List.of())))),
                Arguments.of(Type.of(Plain.class), new Special()),
                Arguments.of(Type.of(Plain.class), new Plain()),
                of(new Codes(Code.ONE, List.of(Code.TWO))),
                of(new OptionalByAnnotation(null, 1)),
                of(new OptionalByAnnotation("a", 1)),
                of(new OfPoints(new Point(1, 2))),
                of(new Amount(1.5)),
                of(new OfStateValue(new StateValue(State.ON))),
                of(new OfNamed(new Named(), new Named(), List.of(new Named()))),
                of(new OfMiddle(new Middle(), new Lowest(), List.of(new Lowest(), new Middle()))),
                of(new YearAsText(Year.of(2026), Year.of(2027))),
                of(new Moment(LocalDateTime.of(2026, 1, 1, 0, 0))),
                of(new InFormats(Optional.of(Instant.EPOCH), List.of(1L))));
    }

    @ParameterizedTest
    @MethodSource("values")
    void writtenJsonHasTheSchemaAndChangedJsonIsReadIfItHas(Type<?> type, Object value) {
        PayloadSchemas schemas = new PayloadSchemas(CODEC);
        Schema written = schemas.written(type);
        Schema read = schemas.read(type);
        PayloadSchemas.Names names = schemas.names(Set.of());
        SchemaCheck check = new SchemaCheck(names.definitions());
        JsonNode json = JSON.readTree(text(CODEC.encodeResponse("event", type, value)));
        assertThat(check.accepts(names.apply(written), json))
                .as("written %s has the schema %s of %s", json, names.apply(written), names.definitions())
                .isTrue();
        List<JsonNode> changed = new ArrayList<>(List.of(json));
        change(json, json, changed);
        for (JsonNode each : changed) {
            if (isExempt(value, each.toString())) {
                continue;
            }
            byte[] bytes = each.toString().getBytes(StandardCharsets.UTF_8);
            boolean isRead =
                    CODEC.decode(type, new Payload.Json(bytes, 0, bytes.length)) instanceof PayloadOutcome.Valid;
            assertThat(check.accepts(names.apply(read), each))
                    .as(
                            "%s is %s, schema %s of %s",
                            each, isRead ? "read" : "refused", names.apply(read), names.definitions())
                    .isEqualTo(isRead);
        }
    }

    /** Differences that schemas cannot express. */
    private static boolean isExempt(Object value, String json) {
        boolean otherText = json.contains("\"no\"") || json.contains("\"LOW\"");
        return switch (value) {
            case YearAsText _ -> true; // a year in a form of its own is any value
            case InFormats _ -> true; // elements in a format of their own have no schema
            case Scalars _, Times _, Local _, Formatted _, Moment _ -> otherText; // texts in formats of Java
            case Codes _, OfPoints _ -> true; // wider: values of an enum by numbers, lengths of arrays
            default -> false;
        };
    }

    /** Types that are not read as they are written, or whose schemas are wider than what is read. */
    static Stream<Arguments> writtenAlone() {
        Extras extras = new Extras();
        extras.set("a", 1);
        return Stream.of(
                Arguments.of(Type.of(OfLabelled.class), new OfLabelled(Label.ONE)),
                Arguments.of(Type.of(Side.class), new Left(1)),
                of(new OwnerOf(new Cat(1))),
                of(new Home("a", new Street("b"))),
                of(new Parent("a", new Parent("b", null, List.of()), List.of())),
                of(new Buffered(ByteBuffer.wrap(new byte[] {1, 2}))),
                of(new Defaults()),
                of(extras));
    }

    @ParameterizedTest
    @MethodSource("writtenAlone")
    void writtenJsonHasTheSchema(Type<?> type, Object value) {
        PayloadSchemas schemas = new PayloadSchemas(CODEC);
        Schema written = schemas.written(type);
        Schema read = schemas.read(type);
        PayloadSchemas.Names names = schemas.names(Set.of());
        SchemaCheck check = new SchemaCheck(names.definitions());
        JsonNode json = JSON.readTree(text(CODEC.encodeResponse("event", type, value)));
        assertThat(check.accepts(names.apply(written), json))
                .as("written %s has the schema %s of %s", json, names.apply(written), names.definitions())
                .isTrue();
        // A property that is left out as the default is required all the same when it is read.
        assertThat(check.accepts(names.apply(read), json)).isEqualTo(!(value instanceof Defaults));
    }

    private static String text(Payload payload) {
        return new String(payload.bytes(), payload.from(), payload.length(), StandardCharsets.UTF_8);
    }

    /** Adds copies of the root, each with one change below a node: a value that is missing, null, or of another kind. */
    private static void change(JsonNode root, JsonNode at, List<JsonNode> changed) {
        List<JsonNode> others = List.of(
                JSON.nullNode(),
                JSON.readTree("true"),
                JSON.readTree("3.0"),
                JSON.readTree("3.5"),
                JSON.readTree("\"no\""),
                JSON.readTree("\"LOW\""),
                JSON.createArrayNode(),
                JSON.createObjectNode());
        switch (at) {
            case ObjectNode object -> {
                for (String name : List.copyOf(object.propertyNames())) {
                    JsonNode before = object.get(name);
                    object.remove(name);
                    changed.add(root.deepCopy());
                    for (JsonNode other : others) {
                        object.set(name, other);
                        changed.add(root.deepCopy());
                    }
                    object.set(name, before);
                    change(root, before, changed);
                }
                object.put("further", 1);
                changed.add(root.deepCopy());
                object.remove("further");
            }
            case ArrayNode array -> {
                for (int i = 0; i < array.size(); i++) {
                    JsonNode before = array.get(i);
                    for (JsonNode other : others) {
                        array.set(i, other);
                        changed.add(root.deepCopy());
                    }
                    array.set(i, before);
                    change(root, before, changed);
                }
            }
            default -> {}
        }
    }
}
