package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.annotation.OptBoolean;
import io.heliodor.event.InvalidPayload;
import io.heliodor.type.Type;
import io.heliodor.wire.PayloadOutcome.Invalid;
import io.heliodor.wire.PayloadOutcome.Valid;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.annotation.JsonDeserialize;

/** The rules of {@link PayloadCodec#strict()}. */
class StrictJsonTests {
    record Typed(String text, int count) {
        Typed {
            if (count < 1 || count > 100) {
                throw new InvalidPayload("count", "must be from 1 to 100");
            }
        }
    }

    record Order(String id, Typed first, List<Typed> items) {}

    record Lenient(
            Optional<String> text,
            @Nullable String note,
            OptionalInt count,
            OptionalDouble share,
            Optional<Typed> typed,
            @Nullable List<Optional<String>> tags) {}

    enum Color {
        RED,
        GREEN
    }

    @SuppressWarnings("ArrayRecordComponent") // a user may declare it
    record Kinds(
            boolean flag,
            long big,
            double share,
            float ratio,
            char letter,
            Color color,
            BigInteger huge,
            BigDecimal exact,
            UUID id,
            byte[] bytes,
            List<String> list,
            Map<String, Integer> map) {}

    @SuppressWarnings("ArrayRecordComponent")
    record Vector(double[] values, float[] ratios) {}

    record Free(Map<String, @Nullable Object> fields, Object any) {}

    record Range(int from, int to) {
        @JsonCreator
        Range(@JsonProperty("from") int from, @JsonProperty("a") int a, @JsonProperty("b") @Nullable Integer b) {
            this(from, from + a + (b == null ? 0 : b));
        }
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes(@JsonSubTypes.Type(value = Circle.class, name = "circle"))
    sealed interface Shape {}

    record Circle(double radius) implements Shape {}

    record Picked(String text) {
        Picked {
            throw new InvalidPayload("", "must be shorter");
        }
    }

    record Renamed(@JsonProperty("user_name") String userName) {}

    record Broken(String text) {
        Broken {
            if (!text.isEmpty()) {
                throw new IllegalStateException("a secret of the server");
            }
        }
    }

    private static final PayloadCodec CODEC = PayloadCodec.strict();

    @Test
    void aRecordIsRead() {
        assertThat(value(Typed.class, "{\"text\":\"hi\",\"count\":3}")).isEqualTo(new Typed("hi", 3));
        assertThat(value(Typed.class, "{\"more\":[{}],\"count\":100,\"text\":\"\"}"))
                .isEqualTo(new Typed("", 100));
        assertThat(
                        value(
                                Order.class,
                                "{\"id\":\"o\",\"first\":{\"text\":\"a\",\"count\":1},\"items\":[{\"text\":\"b\",\"count\":2}]}"))
                .isEqualTo(new Order("o", new Typed("a", 1), List.of(new Typed("b", 2))));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "{}                           | text  | is missing",
                "{\"text\":\"a\"}             | count | is missing",
                "{\"count\":1}                | text  | is missing",
                "{\"text\":null,\"count\":1}  | text  | must not be null",
                "{\"text\":\"a\",\"count\":null} | count | must not be null",
                "{\"text\":3,\"count\":1}     | text  | must be a string",
                "{\"text\":3.5,\"count\":1}   | text  | must be a string",
                "{\"text\":true,\"count\":1}  | text  | must be a string",
                "{\"text\":{},\"count\":1}    | text  | must be a string",
                "{\"text\":[\"a\"],\"count\":1} | text | must be a string",
                "{\"text\":\"a\",\"count\":\"3\"} | count | must be an integer",
                "{\"text\":\"a\",\"count\":\"\"} | count | must be an integer",
                "{\"text\":\"a\",\"count\":3.5} | count | must be an integer",
                "{\"text\":\"a\",\"count\":1e-1} | count | must be an integer",
                "{\"text\":\"a\",\"count\":3e9} | count | is out of range",
                "{\"text\":\"a\",\"count\":true} | count | must be an integer",
                "{\"text\":\"a\",\"count\":{}} | count | must be an integer",
                "{\"text\":\"a\",\"count\":[3]} | count | must be an integer",
                "{\"text\":\"a\",\"count\":3000000000} | count | is out of range",
                "{\"text\":\"a\",\"count\":99999999999999999999} | count | is out of range",
                "{\"text\":\"a\",\"count\":0} | count | must be from 1 to 100",
                "{\"text\":\"a\",\"count\":101} | count | must be from 1 to 100",
                "[]                           | ``    | must be an object",
                "[{\"text\":\"a\",\"count\":1}] | `` | must be an object",
                "\"text\"                     | ``    | must be an object",
                "\"\"                         | ``    | must be an object",
                "3                            | ``    | must be an object",
                "true                         | ``    | must be an object",
                "null                         | ``    | must not be null",
            })
    void aValueOfAnotherTypeIsNamedWithoutCoercion(String json, String field, String message) {
        assertThat(decode(Typed.class, json)).isEqualTo(new Invalid<>(field, message));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "{\"id\":\"o\",\"first\":{\"text\":\"a\"},\"items\":[]} | first.count | is missing",
                "{\"id\":\"o\",\"first\":{\"text\":\"a\",\"count\":0},\"items\":[]} | first.count | must be from 1 to"
                        + " 100",
                "{\"id\":\"o\",\"first\":null,\"items\":[]} | first | must not be null",
                "{\"id\":\"o\",\"first\":\"\",\"items\":[]} | first | must be an object",
                "{\"id\":\"o\",\"first\":[],\"items\":[]} | first | must be an object",
                "{\"id\":\"o\",\"first\":{\"text\":\"a\",\"count\":1},\"items\":{}} | items | must be an array",
                "{\"id\":\"o\",\"first\":{\"text\":\"a\",\"count\":1},\"items\":\"\"} | items | must be an array",
                "{\"id\":\"o\",\"first\":{\"text\":\"a\",\"count\":1},\"items\":[null]} | items[0] | must not be null",
                "{\"id\":\"o\",\"first\":{\"text\":\"a\",\"count\":1},\"items\":[{}]} | items[0].text | is missing",
                "{\"id\":\"o\",\"first\":{\"text\":\"a\",\"count\":1},\"items\":[{\"text\":\"a\",\"count\":1},{\"text\":\"a\",\"count\":\"1\"}]}"
                        + " | items[1].count | must be an integer",
                "{\"id\":\"o\",\"first\":{\"text\":\"a\",\"count\":1},\"items\":[{\"text\":\"a\",\"count\":1},{\"text\":\"a\",\"count\":-1}]}"
                        + " | items[1].count | must be from 1 to 100",
            })
    void anInvalidFieldIsNamedByItsPath(String json, String field, String message) {
        assertThat(decode(Order.class, json)).isEqualTo(new Invalid<>(field, message));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "flag   | 1            | must be true or false",
                "flag   | \"true\"     | must be true or false",
                "big    | 1.5          | must be an integer",
                "big    | 1e30         | is out of range",
                "big    | 9223372036854775808 | is out of range",
                "share  | \"1\"        | must be a number",
                "share  | \"NaN\"      | must be a number",
                "share  | \"-Infinity\" | must be a number",
                "share  | 1e999        | is out of range",
                "share  | []           | must be a number",
                "ratio  | \"NaN\"      | must be a number",
                "ratio  | 1e39         | is out of range",
                "letter | \"ab\"       | must be a single character",
                "letter | 65           | must be a single character",
                "color  | \"BLUE\"     | is not one of the allowed values",
                "color  | \"0\"        | is not one of the allowed values",
                "color  | 0            | is not one of the allowed values",
                "color  | \"\"         | is not one of the allowed values",
                "color  | \" \"        | is not one of the allowed values",
                "big    | \" \"        | must be an integer",
                "map    | \" \"        | must be an object",
                "huge   | \"\"         | must be an integer",
                "huge   | 1.5          | must be an integer",
                "exact  | \"1.5\"      | must be a number",
                "id     | \"x\"        | is not valid",
                "id     | \"\"         | is not valid",
                "id     | \" \"        | is not valid",
                "bytes  | 3            | must be a string in Base64",
                "list   | \"a\"        | must be an array",
                "list   | {}           | must be an array",
                "map    | []           | must be an object",
                "map    | \"a\"        | must be an object",
            })
    void eachTypeHasItsOwnMessage(String field, String value, String message) {
        assertThat(decode(Kinds.class, kinds(field, value))).isEqualTo(new Invalid<>(field, message));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "list | [\"a\",3]    | list[1] | must be a string",
                "list | [\"a\",null] | list[1] | must not be null",
                "map  | {\"k\":\"3\"} | map.k  | must be an integer",
                "map  | {\"k\":null} | map.k   | must not be null",
            })
    void anInvalidElementIsNamedByItsPath(String field, String value, String path, String message) {
        assertThat(decode(Kinds.class, kinds(field, value))).isEqualTo(new Invalid<>(path, message));
    }

    @Test
    void anIntegerIsANumber() {
        Kinds kinds = value(Kinds.class, kinds("share", "3"));
        assertThat(kinds.share()).isEqualTo(3.0);
        assertThat(value(Kinds.class, kinds("ratio", "0.1")).ratio()).isEqualTo(0.1f);
        assertThat(value(Kinds.class, kinds("exact", "3")).exact()).isEqualTo("3");
    }

    @Test
    void arraysOfFloatingPointNumbersHoldFiniteNumbersOnly() {
        Vector vector = value(Vector.class, "{\"values\":[1,2.5],\"ratios\":[0.5]}");
        assertThat(vector.values()).containsExactly(1, 2.5);
        assertThat(vector.ratios()).containsExactly(0.5f);
        assertThat(decode(Vector.class, "{\"values\":[1,\"NaN\"],\"ratios\":[]}"))
                .isEqualTo(new Invalid<>("values[1]", "must be a number"));
        assertThat(decode(Vector.class, "{\"values\":[],\"ratios\":[null]}"))
                .isEqualTo(new Invalid<>("ratios[0]", "must not be null"));
        assertThat(decode(Vector.class, "{\"values\":\"AAAA\",\"ratios\":[]}"))
                .isEqualTo(new Invalid<>("values", "must be an array"));
    }

    @Test
    void anOptionalOrNullableFieldMayBeMissingOrNull() {
        Lenient none = new Lenient(
                Optional.empty(), null, OptionalInt.empty(), OptionalDouble.empty(), Optional.empty(), null);
        assertThat(value(Lenient.class, "{}")).isEqualTo(none);
        assertThat(value(
                        Lenient.class,
                        "{\"text\":null,\"note\":null,\"count\":null,\"share\":null,\"typed\":null,\"tags\":null}"))
                .isEqualTo(none);
        assertThat(
                        value(
                                Lenient.class,
                                "{\"text\":\"a\",\"note\":\"b\",\"count\":3,\"share\":0.5,\"typed\":{\"text\":\"t\",\"count\":1},\"tags\":[null,\"x\"]}"))
                .isEqualTo(new Lenient(
                        Optional.of("a"),
                        "b",
                        OptionalInt.of(3),
                        OptionalDouble.of(0.5),
                        Optional.of(new Typed("t", 1)),
                        List.of(Optional.empty(), Optional.of("x"))));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "{\"text\":3}          | text        | must be a string",
                "{\"count\":\"3\"}     | count       | must be an integer",
                "{\"share\":\"NaN\"}   | share       | must be a number",
                "{\"typed\":{}}        | typed.text  | is missing",
                "{\"typed\":{\"text\":\"t\",\"count\":0}} | typed.count | must be from 1 to 100",
                "{\"typed\":3}         | typed       | must be an object",
            })
    void anOptionalFieldMustStillFit(String json, String field, String message) {
        assertThat(decode(Lenient.class, json)).isEqualTo(new Invalid<>(field, message));
    }

    @Test
    void nullsAreAllowedByNullableTypes() {
        Free free = value(Free.class, "{\"fields\":{\"a\":null},\"any\":{\"b\":[null]}}");
        assertThat(free.fields()).containsEntry("a", null);
        assertThat(decode(Free.class, "{\"fields\":{},\"any\":null}"))
                .isEqualTo(new Invalid<>("any", "must not be null"));
        assertThat(value(JsonNode.class, "{\"a\":null}").get("a").isNull()).isTrue();
    }

    @Test
    void genericTypesAreRead() {
        assertThat(CODEC.decode(new Type<Map<String, Integer>>() {}, json("{\"ann\":3}")))
                .isEqualTo(new Valid<>(Map.of("ann", 3)));
        assertThat(CODEC.decode(new Type<Map<String, Integer>>() {}, json("{\"ann\":\"3\"}")))
                .isEqualTo(new Invalid<>("ann", "must be an integer"));
        assertThat(CODEC.decode(new Type<Map<String, Integer>>() {}, json("{\"ann\":null}")))
                .isEqualTo(new Invalid<>("ann", "must not be null"));
        assertThat(CODEC.decode(new Type<List<Typed>>() {}, json("[{\"text\":\"a\",\"count\":3}]")))
                .isEqualTo(new Valid<>(List.of(new Typed("a", 3))));
        assertThat(CODEC.decode(new Type<List<Typed>>() {}, json("[{\"text\":\"a\"}]")))
                .isEqualTo(new Invalid<>("[0].count", "is missing"));
    }

    @Test
    void anyAnnotationOfThatNameWillDo() {
        assertThat(value(OnComponents.Note.class, "{}").text()).isNull();
        assertThat(value(OnComponents.Note.class, "{\"text\":null}").text()).isNull();
    }

    @Test
    void aCreatorOfARecordIsReadByItsOwnParameters() {
        assertThat(value(Range.class, "{\"from\":3,\"a\":1}")).isEqualTo(new Range(3, 4));
    }

    @Test
    void subtypesAreReadByTheirName() {
        assertThat(value(Shape.class, "{\"kind\":\"circle\",\"radius\":2}")).isEqualTo(new Circle(2));
        assertThat(decode(Shape.class, "{\"kind\":\"square\"}")).isEqualTo(new Invalid<>("", "is of no known type"));
        assertThat(decode(Shape.class, "{\"radius\":2}")).isEqualTo(new Invalid<>("", "is of no known type"));
    }

    @Test
    void aConstructorMayRefuseTheWhole() {
        assertThat(decode(Picked.class, "{\"text\":\"a\"}")).isEqualTo(new Invalid<>("", "must be shorter"));
        assertThat(CODEC.decode(new Type<List<Picked>>() {}, json("[{\"text\":\"a\"}]")))
                .isEqualTo(new Invalid<>("[0]", "must be shorter"));
    }

    @Test
    void theFieldIsTheNameOnTheWire() {
        assertThat(value(Renamed.class, "{\"user_name\":\"ann\"}")).isEqualTo(new Renamed("ann"));
        assertThat(decode(Renamed.class, "{\"userName\":\"ann\"}")).isEqualTo(new Invalid<>("user_name", "is missing"));
    }

    @Test
    void theLastOfTwoFieldsOfOneNameCounts() {
        assertThat(value(Typed.class, "{\"text\":\"a\",\"count\":1,\"count\":2}"))
                .isEqualTo(new Typed("a", 2));
        assertThat(value(Typed.class, "{\"count\":0,\"text\":\"a\",\"count\":2}"))
                .isEqualTo(new Typed("a", 2));
        assertThat(decode(Typed.class, "{\"count\":2,\"text\":\"a\",\"count\":0}"))
                .isEqualTo(new Invalid<>("count", "must be from 1 to 100"));
    }

    @Test
    void exceptionsOfAConstructorDoNotEscape() {
        assertThat(decode(Broken.class, "{\"text\":\"a\"}")).isEqualTo(new Invalid<>("", "is not valid"));
        assertThat(CODEC.decode(new Type<List<Broken>>() {}, json("[{\"text\":\"\"},{\"text\":\"a\"}]")))
                .isEqualTo(new Invalid<>("[1]", "is not valid"));
    }

    /** Returns all fields of {@link Kinds} with one given value. */
    private static String kinds(String field, String value) {
        String json =
                "{\"flag\":true,\"big\":1,\"share\":0.5,\"ratio\":0.5,\"letter\":\"a\",\"color\":\"RED\",\"huge\":1,\"exact\":1.5,"
                        + "\"id\":\"00000000-0000-0000-0000-000000000001\",\"bytes\":\"AQ==\",\"list\":[],\"map\":{}}";
        return json.replaceFirst(
                "(\"" + field + "\":)(\"[^\"]*\"|[^,}]+|\\{})", "$1" + java.util.regex.Matcher.quoteReplacement(value));
    }

    private static <T> T value(Class<T> type, String json) {
        assertThat(decode(type, json)).isInstanceOf(Valid.class);
        return ((Valid<T>) decode(type, json)).value();
    }

    private static <T> PayloadOutcome<T> decode(Class<T> type, String json) {
        return CODEC.decode(Type.of(type), json(json));
    }

    private static Payload.Json json(String json) {
        byte[] bytes = json.getBytes(UTF_8);
        return new Payload.Json(bytes, 0, bytes.length);
    }

    // Classes that are not records.

    static class Bean {
        private String name = "default";
        private int age;
        private @Nullable String nick;
        private Optional<String> title = Optional.empty();
        private List<String> tags = List.of();

        @JsonProperty(isRequired = OptBoolean.FALSE)
        public String color = "red";

        public String getName() {
            return name;
        }

        public void setName(String name) {
            this.name = name;
        }

        public int getAge() {
            return age;
        }

        public void setAge(int age) {
            this.age = age;
        }

        public @Nullable String getNick() {
            return nick;
        }

        public void setNick(String nick) {
            this.nick = nick;
        }

        public Optional<String> getTitle() {
            return title;
        }

        public void setTitle(Optional<String> title) {
            this.title = title;
        }

        public List<String> getTags() {
            return tags;
        }

        public void setTags(List<String> tags) {
            this.tags = tags;
        }
    }

    static class Holder {
        public Bean bean = new Bean();
        public List<Bean> more = List.of();

        @JsonSetter(nulls = Nulls.SKIP)
        public String kept = "kept";
    }

    static final class Made {
        final String text;
        final @Nullable String note;
        int count;

        @JsonCreator
        Made(@JsonProperty("text") String text, @JsonProperty("note") @Nullable String note) {
            this.text = text;
            this.note = note;
        }

        @JsonProperty
        void setCount(int count) {
            this.count = count;
        }
    }

    @JsonDeserialize(builder = Built.Builder.class)
    record Built(String text, int count) {
        static final class Builder {
            private String text = "default";
            private int count;

            @JsonProperty
            Builder withText(String text) {
                this.text = text;
                return this;
            }

            @JsonProperty
            Builder withCount(int count) {
                this.count = count;
                return this;
            }

            Built build() {
                return new Built(text, count);
            }
        }
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes(@JsonSubTypes.Type(value = Square.class, name = "square"))
    abstract static class Area {
        public int side;
    }

    static final class Square extends Area {
        public String label = "";
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "{\"age\":1,\"tags\":[]}                        | name    | is missing",
                "{\"name\":\"a\",\"tags\":[]}                 | age     | is missing",
                "{\"name\":\"a\",\"age\":1}                   | tags    | is missing",
                "{\"name\":null,\"age\":1,\"tags\":[]}        | name    | must not be null",
                "{\"name\":\"a\",\"age\":null,\"tags\":[]}  | age     | must not be null",
                "{\"name\":\"a\",\"age\":1,\"tags\":[null]} | tags[0] | must not be null",
                "{\"name\":\"a\",\"age\":\"1\",\"tags\":[]} | age   | must be an integer",
                "{}                                                 | age     | is missing",
                "[]                                                 | ``      | must be an object",
            })
    void aClassWithSettersIsReadAsStrictlyAsARecord(String json, String field, String message) {
        assertThat(decode(Bean.class, json)).isEqualTo(new Invalid<>(field, message));
    }

    @Test
    void annotationsOfAClassMakeItsPropertiesOptional() {
        Bean bean = value(Bean.class, "{\"name\":\"a\",\"age\":1,\"tags\":[],\"more\":1}");
        assertThat(bean.getNick()).isNull();
        assertThat(bean.getTitle()).isEmpty();
        assertThat(bean.color).isEqualTo("red");
        bean = value(Bean.class, "{\"name\":\"a\",\"age\":1,\"tags\":[],\"nick\":null,\"title\":null,\"color\":null}");
        assertThat(bean.getNick()).isNull();
        assertThat(bean.getTitle()).isEmpty();
    }

    @Test
    void classesWithinClassesAreReadStrictly() {
        String bean = "{\"name\":\"a\",\"age\":1,\"tags\":[]}";
        Holder holder = value(Holder.class, "{\"bean\":" + bean + ",\"more\":[" + bean + "],\"kept\":null}");
        assertThat(holder.bean.getName()).isEqualTo("a");
        assertThat(holder.more).hasSize(1);
        assertThat(holder.kept).isEqualTo("kept");
        assertThat(decode(Holder.class, "{\"bean\":{\"name\":\"a\",\"age\":1},\"more\":[],\"kept\":\"\"}"))
                .isEqualTo(new Invalid<>("bean.tags", "is missing"));
        assertThat(decode(Holder.class, "{\"bean\":" + bean + ",\"more\":[" + bean + ",{}],\"kept\":\"\"}"))
                .isEqualTo(new Invalid<>("more[1].age", "is missing"));
        assertThat(decode(Holder.class, "{\"bean\":" + bean + ",\"kept\":\"\"}"))
                .isEqualTo(new Invalid<>("more", "is missing"));
    }

    static class Partly {
        @JsonIgnoreProperties("age")
        public Bean bean = new Bean();
    }

    @Test
    void aPropertyThatIsIgnoredNeedNotBeThere() {
        assertThat(value(Partly.class, "{\"bean\":{\"name\":\"a\",\"tags\":[]}}")
                        .bean
                        .getName())
                .isEqualTo("a");
        assertThat(decode(Partly.class, "{\"bean\":{\"name\":\"a\"}}"))
                .isEqualTo(new Invalid<>("bean.tags", "is missing"));
        assertThat(decode(Bean.class, "{\"name\":\"a\",\"tags\":[]}")).isEqualTo(new Invalid<>("age", "is missing"));
    }

    @Test
    void aClassWithACreatorIsReadStrictly() {
        Made made = value(Made.class, "{\"count\":2,\"text\":\"a\"}");
        assertThat(made.text).isEqualTo("a");
        assertThat(made.note).isNull();
        assertThat(made.count).isEqualTo(2);
        assertThat(decode(Made.class, "{\"count\":2}")).isEqualTo(new Invalid<>("text", "is missing"));
        assertThat(decode(Made.class, "{\"text\":\"a\"}")).isEqualTo(new Invalid<>("count", "is missing"));
        assertThat(decode(Made.class, "{\"text\":null,\"count\":2}"))
                .isEqualTo(new Invalid<>("text", "must not be null"));
        assertThat(decode(Range.class, "{\"from\":3}")).isEqualTo(new Invalid<>("a", "is missing"));
    }

    @Test
    void aClassWithABuilderIsLeftToItsBuilder() {
        assertThat(value(Built.class, "{\"count\":2}")).isEqualTo(new Built("default", 2));
        assertThat(decode(Built.class, "{\"text\":null}")).isEqualTo(new Invalid<>("text", "must not be null"));
    }

    @Test
    void subclassesAreReadStrictly() {
        assertThat(value(Area.class, "{\"kind\":\"square\",\"side\":2,\"label\":\"a\"}"))
                .isInstanceOf(Square.class);
        assertThat(value(Area.class, "{\"side\":2,\"label\":\"a\",\"kind\":\"square\"}").side)
                .isEqualTo(2);
        assertThat(decode(Area.class, "{\"kind\":\"square\",\"side\":2}"))
                .isEqualTo(new Invalid<>("label", "is missing"));
        assertThat(decode(Area.class, "{\"kind\":\"square\",\"label\":\"a\"}"))
                .isEqualTo(new Invalid<>("side", "is missing"));
        assertThat(decode(Area.class, "{\"kind\":\"square\"}")).isInstanceOf(Invalid.class);
    }

    // Nulls on the way out.

    record Out(String text, @Nullable String note, Optional<String> more, List<String> tags) {}

    private final List<String> reported = new ArrayList<>();

    private final PayloadCodec reporting = CODEC.reportingTo(
            (event, type, property) -> reported.add(event + " " + type.getSimpleName() + " " + property));

    private static final @Nullable String NULL = null;

    @Test
    @SuppressWarnings("NullAway") // the nulls are the test
    void aNullThatCouldNotBeReadBackIsReportedAndWritten() {
        Out good = new Out("a", null, Optional.empty(), List.of());
        Out bad = new Out(NULL, null, Optional.empty(), List.of());
        assertThat(written(reporting.encode("one", good))).contains("\"note\":null");
        assertThat(reported).isEmpty();
        assertThat(written(reporting.encode("one", bad))).contains("\"text\":null");
        assertThat(written(reporting.encode("two", Map.of("in", List.of(bad, good)))))
                .contains("\"text\":null");
        assertThat(written(reporting.encodeResponse("three", null, bad))).contains("\"text\":null");
        assertThat(reported).containsExactly("one Out text", "two Out text", "three Out text");
        reported.clear();
        assertThat(written(reporting.encode(bad))).contains("\"text\":null");
        assertThat(written(CODEC.encode("one", bad))).contains("\"text\":null");
        assertThat(written(reporting.encode("four", good))).contains("\"note\":null");
        assertThat(reported).isEmpty();
    }

    @Test
    @SuppressWarnings("NullAway") // the nulls are the test
    void theNullsOfClassesAreReportedByTheirOwnRules() {
        Bean bean = new Bean();
        bean.setNick(NULL);
        bean.color = NULL;
        assertThat(written(reporting.encode("bean", bean))).contains("\"color\":null");
        assertThat(reported).isEmpty();
        bean.setName(NULL);
        assertThat(written(reporting.encode("bean", bean))).contains("\"name\":null");
        assertThat(reported).containsExactly("bean Bean name");
        reported.clear();
        record Given(@JsonProperty("given_name") String name) {}
        assertThat(written(reporting.encode("given", new Given(NULL)))).isEqualTo("{\"given_name\":null}");
        assertThat(reported).containsExactly("given Given given_name");
    }

    @Test
    @SuppressWarnings("NullAway") // the nulls are the test
    void aReportMayRefuse() {
        PayloadCodec refusing = CODEC.reportingTo((event, type, property) -> {
            throw new AssertionError(event);
        });
        assertThatThrownBy(() -> refusing.encode("one", new Renamed(null)))
                .isExactlyInstanceOf(AssertionError.class)
                .hasMessage("one");
    }

    private static String written(Payload payload) {
        Payload.Json json = (Payload.Json) payload;
        return new String(json.bytes(), json.from(), json.length(), UTF_8);
    }

    enum State {
        OPEN,
        @JsonEnumDefaultValue
        OTHER
    }

    record Stated(State state) {}

    @Test
    void anUnknownValueOfAnEnumIsItsDefaultIfItHasOne() {
        assertThat(value(Stated.class, "{\"state\":\"OPEN\"}")).isEqualTo(new Stated(State.OPEN));
        assertThat(value(Stated.class, "{\"state\":\"ARCHIVED\"}")).isEqualTo(new Stated(State.OTHER));
        for (String other : List.of("1", "true", "[]", "{}", "null")) {
            assertThat(decode(Stated.class, "{\"state\":" + other + "}"))
                    .as(other)
                    .isInstanceOf(Invalid.class);
        }
        assertThat(decode(Shade.class, "{\"color\":\"PINK\"}"))
                .isEqualTo(new Invalid<>("color", "is not one of the allowed values"));
    }

    enum Plain {
        RED
    }

    record Shade(Plain color) {}
}
