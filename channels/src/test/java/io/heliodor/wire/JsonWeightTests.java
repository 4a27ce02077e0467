package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.event.Empty;
import io.heliodor.event.Raw;
import io.heliodor.event.json.JsonScanner;
import io.heliodor.event.json.JsonWeight;
import io.heliodor.type.Type;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The heap that decoded JSON holds is not more than its weight, for the documents that hold most for their length. */
class JsonWeightTests {
    private static final PayloadCodec CODEC = PayloadCodec.strict();
    private static final Type<Map<String, Object>> OPEN = new Type<>() {};

    /** The size of the decoded documents of one measurement, by their weight. */
    private static final int MEASURED = 6 << 20;

    /** Other threads of the JVM may allocate so much meanwhile. */
    private static final int INEXACT = 300_000;

    record Point(int x, int y) {}

    record Few(Optional<Integer> a, Optional<String> b) {}

    record Many(
            Optional<Integer> a,
            Optional<Integer> b,
            Optional<Integer> c,
            Optional<Integer> d,
            Optional<Integer> e,
            Optional<Integer> f,
            Optional<Integer> g,
            Optional<Integer> h,
            Optional<Integer> i,
            Optional<Integer> j,
            Optional<Integer> k,
            Optional<Integer> l) {}

    record Tree(List<Tree> m) {}

    record Items<T>(List<T> m) {}

    record Envelope(String to, Raw body) {}

    record Person(String name, Optional<UUID> id, int age) {}

    private static String list(int size, IntFunction<String> element) {
        return IntStream.range(0, size).mapToObj(element).collect(Collectors.joining(",", "{\"m\":[", "]}"));
    }

    private static String object(int size, IntFunction<String> key, String value) {
        return IntStream.range(0, size)
                .mapToObj(each -> "\"" + key.apply(each) + "\":" + value)
                .collect(Collectors.joining(",", "{", "}"));
    }

    /** Keys of one hash: each pair of letters is one of two with the same. */
    private static String colliding(int number) {
        return IntStream.range(0, 10)
                .mapToObj(bit -> (number >> bit & 1) == 0 ? "Aa" : "BB")
                .collect(Collectors.joining());
    }

    /** Documents that hold much. */
    @SuppressWarnings("ImmutableEnumChecker") // its types have no state
    enum Form {
        EMPTY_OBJECTS(OPEN, list(2_000, n -> "{}")),
        EMPTY_ARRAYS(OPEN, list(2_000, n -> "[]")),
        OBJECTS_OF_ONE_KEY(OPEN, list(2_000, n -> "{\"\":0}")),
        OBJECTS_OF_THREE_KEYS(OPEN, list(1_000, n -> "{\"a\":0,\"b\":0,\"c\":0}")),
        OBJECTS_OF_THIRTEEN_KEYS(OPEN, list(200, n -> object(13, Integer::toString, "0"))),
        OBJECTS_OF_COLLIDING_KEYS(OPEN, list(200, n -> object(10, JsonWeightTests::colliding, "0"))),
        MANY_COLLIDING_KEYS(OPEN, object(700, JsonWeightTests::colliding, "0")),
        ARRAYS_OF_ONE(OPEN, list(2_000, n -> "[0]")),
        ARRAYS_OF_THREE(OPEN, list(1_000, n -> "[0,0,0]")),
        DEEP_ARRAYS(OPEN, list(100, n -> "[".repeat(60) + "]".repeat(60))),
        DEEP_OBJECTS(OPEN, list(100, n -> "{\"\":".repeat(60) + "0" + "}".repeat(60))),
        CACHED_INTEGERS(OPEN, list(4_000, n -> "0")),
        INTEGERS(OPEN, list(4_000, n -> "999")),
        LONGS(OPEN, list(2_000, n -> "9999999999")),
        DOUBLES(OPEN, list(2_000, n -> "0.5")),
        EXPONENTS(OPEN, list(2_000, n -> "1e9")),
        BIG_INTEGERS(OPEN, list(2_000, n -> "12345678901234567890")),
        LONG_INTEGERS(OPEN, list(500, n -> "9".repeat(100))),
        LONG_DECIMALS(OPEN, list(500, n -> "0." + "9".repeat(98))),
        EMPTY_STRINGS(OPEN, list(2_000, n -> "\"\"")),
        SHORT_STRINGS(OPEN, list(2_000, n -> "\"a\"")),
        STRINGS_OF_NINE(OPEN, list(2_000, n -> "\"123456789\"")),
        WIDE_STRINGS(OPEN, list(200, n -> "\"" + "a".repeat(100) + "ы\"")),
        ESCAPED_STRINGS(OPEN, list(200, n -> "\"" + "a".repeat(100) + "\\u0444\"")),
        WORDS(OPEN, list(2_000, n -> n % 2 == 0 ? "true" : "null")),
        SHORT_KEYS(OPEN, object(26, n -> Character.toString('a' + n), "0")),
        MANY_KEYS(OPEN, object(2_000, Integer::toString, "0")),
        LONG_KEYS(OPEN, object(100, n -> "k".repeat(900) + n, "0")),
        REPEATED_KEYS(OPEN, object(2_000, n -> "a", "{}")),
        SETS(new Type<Map<String, Set<String>>>() {}, list(2_000, n -> "\"" + n + "\"")),
        SMALL_SETS(new Type<Items<Set<Integer>>>() {}, list(1_000, n -> "[1]")),
        SMALL_BIG_INTEGERS(new Type<Items<BigInteger>>() {}, list(3_000, n -> "99")),
        DECIMALS(new Type<Items<BigDecimal>>() {}, list(3_000, n -> "0.5")),
        POINTS(new Type<Items<Point>>() {}, list(2_000, n -> "{\"x\":1,\"y\":2}")),
        EMPTY_RECORDS(new Type<Items<Few>>() {}, list(3_000, n -> "{}")),
        WRAPPED_FIELDS(new Type<Items<Few>>() {}, list(1_000, n -> "{\"a\":1000,\"b\":\"a\"}")),
        EMPTY_RECORDS_OF_MANY_FIELDS(new Type<Items<Many>>() {}, list(3_000, n -> "{}")),
        TREES(Type.of(Tree.class), list(1_500, n -> "{\"m\":[]}")),
        FIXED(Type.of(Person.class), "{\"name\":\"Ann\",\"age\":1000,\"id\":\"6a2f41a3-c54c-fce8-32d2-0324e1c32e22\"}"),
        FIXED_WIDE(Type.of(Person.class), "{\"age\":1,\"name\":\"" + "a".repeat(500) + "ы\"}"),
        PARTLY_RAW(Type.of(Envelope.class), "{\"to\":\"a\",\"body\":" + list(500, n -> "{}") + "}");

        private final Type<?> type;
        private final String json;

        Form(Type<?> type, String json) {
            this.type = type;
            this.json = json;
        }
    }

    /** All messages have so much with their payload; a document of one object may hold more than its weight by so much. */
    private static final int OVERHEAD = 256;

    @ParameterizedTest
    @EnumSource(Form.class)
    void theHeapOfADocumentIsNotMoreThanItsWeight(Form form) {
        check(form.type, form.json);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void theHeapOfARandomDocumentIsNotMoreThanItsWeight(long seed) {
        Random random = new Random(seed);
        check(OPEN, list(300, n -> random(random, random.nextInt(6))));
    }

    /** Small things of all kinds in each other. */
    private static String random(Random random, int depth) {
        int size = random.nextInt(4);
        return switch (depth == 0 ? 2 + random.nextInt(4) : random.nextInt(3)) {
            case 0 ->
                IntStream.range(0, size)
                        .mapToObj(_ -> random(random, depth - 1))
                        .collect(Collectors.joining(",", "[", "]"));
            case 1 ->
                IntStream.range(0, size)
                        .mapToObj(n -> "\"" + (char) ('a' + random.nextInt(26)) + "\":" + random(random, depth - 1))
                        .collect(Collectors.joining(",", "{", "}"));
            case 2 -> random.nextBoolean() ? "{}" : "[]";
            case 3 -> Integer.toString(random.nextInt(1_000));
            case 4 -> random.nextInt(9) + "." + random.nextInt(9) + (random.nextBoolean() ? "" : "e3");
            default -> "\"" + "ab\u0444".substring(random.nextInt(3)) + "\"";
        };
    }

    private static void check(Type<?> type, String text) {
        byte[] json = text.getBytes(UTF_8);
        assertThat(JsonScanner.text(json, 0, json.length)).isPositive();
        long weight = JsonWeight.of(type.type()).bytes(json, 0, json.length);
        int copies = (int) Math.min(20_000, Math.max(4, MEASURED / weight));
        long held = Long.MAX_VALUE;
        long counted = copies * (weight + OVERHEAD);
        for (int i = 0; i < 3 && held > counted + INEXACT; i++) {
            held = Math.min(held, held(type, json, copies));
        }
        assertThat(held / copies)
                .as("heap of a document of %s bytes", json.length)
                .isLessThanOrEqualTo(weight + OVERHEAD + INEXACT / copies);
    }

    private static long held(Type<?> type, byte[] json, int copies) {
        List<Object> all = new ArrayList<>(copies);
        decode(type, json);
        long before = heap();
        for (int i = 0; i < copies; i++) {
            all.add(decode(type, json));
        }
        long held = heap() - before;
        assertThat(all).hasSize(copies);
        return held;
    }

    private static Object decode(Type<?> type, byte[] json) {
        return switch (CODEC.decode(type, new Payload.Json(json, 0, json.length))) {
            case PayloadOutcome.Valid<?>(var value) -> value;
            case PayloadOutcome.Invalid<?>(var field, var message) -> throw new AssertionError(field + " " + message);
        };
    }

    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getCollectionUsage().getUsed())
                .sum();
    }

    @Test
    void rawAndFixedTypesCountTheirTextOnly() {
        byte[] json = list(1_000, n -> "{}").getBytes(UTF_8);

        assertThat(JsonWeight.of(Raw.class).bytes(json, 0, json.length)).isEqualTo(json.length);
        assertThat(JsonWeight.of(ByteBuffer.class).bytes(json, 0, json.length)).isEqualTo(json.length);
        assertThat(JsonWeight.of(Empty.class).bytes(json, 0, json.length)).isEqualTo(json.length);
        assertThat(JsonWeight.of(Person.class).bytes(json, 0, json.length)).isEqualTo(json.length);
        assertThat(JsonWeight.of(OPEN.type()).bytes(json, 0, json.length)).isGreaterThan(20L * json.length);
    }

    @Test
    void aFormatThatIsNotJsonMayHoldAnEmptyMapInEachByte() {
        byte[] written = new byte[100];

        assertThat(JsonWeight.of(Map.class).bytesOfWritten(written)).isGreaterThanOrEqualTo(100 * 64);
        assertThat(JsonWeight.of(Person.class).bytesOfWritten(written)).isEqualTo(100);
    }
}
