package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.heliodor.type.Type;
import io.heliodor.wire.PayloadOutcome.Invalid;
import io.heliodor.wire.PayloadOutcome.Valid;
import java.math.BigInteger;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.Year;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TimeZone;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.ext.javatime.deser.InstantDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/** Numbers and times, as {@link PayloadCodec#strict()} reads them. */
class StrictScalarTests {
    private static final String TEXT = "must be a string in ISO 8601, not a number";
    private static final PayloadCodec CODEC = PayloadCodec.strict();

    @SuppressWarnings("ArrayRecordComponent") // a user may declare it
    record Integers(
            @Nullable Integer boxed,
            int primitive,
            @Nullable Long longBoxed,
            long longPrimitive,
            short small,
            byte tiny,
            @Nullable BigInteger huge,
            OptionalInt maybe,
            OptionalLong maybeLong,
            @Nullable AtomicInteger atomic,
            @Nullable AtomicLong atomicLong,
            List<Integer> list,
            Map<String, Long> map,
            int[] ints,
            long[] longs,
            short[] shorts,
            Optional<Integer> optional) {}

    static final class Bean {
        public int id;
    }

    record Times(
            @Nullable Instant instant,
            @Nullable LocalDate date,
            @Nullable LocalDateTime local,
            @Nullable OffsetDateTime offset,
            @Nullable ZonedDateTime zoned,
            @Nullable Duration duration,
            @Nullable DayOfWeek day,
            Optional<Instant> maybe,
            @Nullable List<Instant> list) {}

    record Years(Year year) {}

    record Declared(
            @JsonFormat(shape = JsonFormat.Shape.NUMBER) Instant at) {}

    record At(Instant at) {}

    record Formatted(
            @JsonFormat(pattern = "yyyy-MM-dd HH:mm:ss", timezone = "UTC") @Nullable
            Instant instant,

            @JsonFormat(pattern = "yyyy-MM-dd HH:mm:ssXXX") @Nullable
            OffsetDateTime offset,

            @JsonFormat(pattern = "yyyyMMddHHmmss", timezone = "UTC") @Nullable
            ZonedDateTime digits,

            @JsonFormat(pattern = "yyyyMMdd") @Nullable LocalDate date) {}

    private static <T> PayloadOutcome<T> decode(PayloadCodec codec, Class<T> type, String json) {
        byte[] bytes = json.getBytes(UTF_8);
        return codec.decode(Type.of(type), new Payload.Json(bytes, 0, bytes.length));
    }

    private static <T> T value(Class<T> type, String json) {
        PayloadOutcome<T> outcome = decode(CODEC, type, json);
        assertThat(outcome).as(json).isInstanceOf(Valid.class);
        return ((Valid<T>) outcome).value();
    }

    private static String integers(String field, String value) {
        String all = "{\"primitive\":0,\"longPrimitive\":0,\"small\":0,\"tiny\":0,\"list\":[],\"map\":{},"
                + "\"ints\":[],\"longs\":[],\"shorts\":[]";
        return all + ",\"" + field + "\":" + value + "}"; // the last of two values counts
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "7.0", "7.000", "70e-1", "0.7e1", "7E0", "7e+0"})
    void anIntegerMayBeWrittenAsADouble(String seven) {
        assertThat(value(Integers.class, integers("boxed", seven)).boxed()).isEqualTo(7);
        assertThat(value(Integers.class, integers("primitive", seven)).primitive())
                .isEqualTo(7);
        assertThat(value(Integers.class, integers("longBoxed", seven)).longBoxed())
                .isEqualTo(7L);
        assertThat(value(Integers.class, integers("longPrimitive", seven)).longPrimitive())
                .isEqualTo(7);
        assertThat(value(Integers.class, integers("small", seven)).small()).isEqualTo((short) 7);
        assertThat(value(Integers.class, integers("tiny", seven)).tiny()).isEqualTo((byte) 7);
        assertThat(value(Integers.class, integers("huge", seven)).huge()).isEqualTo(7);
        assertThat(value(Integers.class, integers("maybe", seven)).maybe()).hasValue(7);
        assertThat(value(Integers.class, integers("maybeLong", seven)).maybeLong())
                .hasValue(7);
        assertThat(value(Integers.class, integers("atomic", seven)).atomic()).hasValue(7);
        assertThat(value(Integers.class, integers("atomicLong", seven)).atomicLong())
                .hasValue(7);
        assertThat(value(Integers.class, integers("list", "[" + seven + "]")).list())
                .containsExactly(7);
        assertThat(value(Integers.class, integers("map", "{\"k\":" + seven + "}"))
                        .map())
                .containsEntry("k", 7L);
        assertThat(value(Integers.class, integers("ints", "[" + seven + ",8]")).ints())
                .containsExactly(7, 8);
        assertThat(value(Integers.class, integers("longs", "[" + seven + "]")).longs())
                .containsExactly(7);
        assertThat(value(Integers.class, integers("shorts", "[" + seven + "]")).shorts())
                .containsExactly((short) 7);
        assertThat(value(Integers.class, integers("optional", seven)).optional())
                .contains(7);
        assertThat(value(Bean.class, "{\"id\":" + seven + "}").id).isEqualTo(7);
        assertThat(value(Integer.class, seven)).isEqualTo(7);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "primitive | 919.5 | primitive | must be an integer",
                "boxed | 1e-1 | boxed | must be an integer",
                "boxed | 1e-999999999 | boxed | must be an integer",
                "longBoxed | 9007199254740992.5 | longBoxed | must be an integer",
                "huge | 0.1 | huge | must be an integer",
                "maybe | 1.5 | maybe | must be an integer",
                "maybeLong | 1.5 | maybeLong | must be an integer",
                "atomic | 1.5 | atomic | must be an integer",
                "list | [1,1.5] | list[1] | must be an integer",
                "map | {\"k\":1.5} | map.k | must be an integer",
                "ints | [1,1.5] | ints[1] | must be an integer",
                "ints | [null] | ints[0] | must not be null",
                "ints | \"AAAA\" | ints | must be an array",
                "ints | [\"1\"] | ints[0] | must be an integer",
                "optional | 1.5 | optional | must be an integer",
                "primitive | 3000000000.0 | primitive | is out of range",
                "small | 40000.0 | small | is out of range",
                "longs | [9007199254740994.0] | longs[0] | is out of range",
                "longPrimitive | 9007199254740994.0 | longPrimitive | is out of range",
                "longPrimitive | 1e300 | longPrimitive | is out of range",
                "longPrimitive | -1e999999999 | longPrimitive | is out of range",
                "huge | 1e999999999 | huge | is out of range",
                "longPrimitive | \"7\" | longPrimitive | must be an integer",
                "longPrimitive | \"7.0\" | longPrimitive | must be an integer",
                "longPrimitive | \"\" | longPrimitive | must be an integer",
                "longPrimitive | true | longPrimitive | must be an integer",
                "longPrimitive | null | longPrimitive | must not be null",
                "atomic | \"7\" | atomic | must be an integer",
                "maybe | \"\" | maybe | must be an integer",
                "maybeLong | true | maybeLong | must be an integer",
                "optional | \"\" | optional | must be an integer",
            })
    void otherNumbersAndOtherTypesAreRefused(String field, String value, String path, String message) {
        assertThat(decode(CODEC, Integers.class, integers(field, value))).isEqualTo(new Invalid<>(path, message));
    }

    @Test
    void anIntegerWithoutAFractionHasTheRangeOfItsType() {
        assertThat(value(Integers.class, integers("longPrimitive", "9223372036854775807"))
                        .longPrimitive())
                .isEqualTo(Long.MAX_VALUE);
        assertThat(value(Integers.class, integers("longPrimitive", "9007199254740992.0"))
                        .longPrimitive())
                .isEqualTo(1L << 53);
        assertThat(value(Integers.class, integers("longPrimitive", "-9.007199254740992e15"))
                        .longPrimitive())
                .isEqualTo(-(1L << 53));
        assertThat(value(Integers.class, integers("primitive", "-0.0")).primitive())
                .isZero();
        assertThat(value(Integers.class, integers("primitive", "0e999999999")).primitive())
                .isZero();
        assertThat(value(Integers.class, integers("huge", "1" + "0".repeat(99))).huge())
                .isEqualTo(BigInteger.TEN.pow(99));
    }

    @ParameterizedTest
    @ValueSource(strings = {"instant", "date", "local", "offset", "zoned", "duration", "maybe"})
    void aTimeIsNotANumber(String field) {
        for (String number : new String[] {"1764097200000", "1764097200", "1.5", "0"}) {
            assertThat(decode(CODEC, Times.class, "{\"" + field + "\":" + number + "}"))
                    .isEqualTo(new Invalid<>(field, TEXT));
        }
        assertThat(decode(CODEC, Times.class, "{\"" + field + "\":\"\"}")).isInstanceOf(Invalid.class);
        assertThat(decode(CODEC, Times.class, "{\"" + field + "\":\"1764097200000\"}"))
                .isEqualTo(new Invalid<>(field, "is not valid"));
    }

    @Test
    void anElementThatIsATimeIsNotANumberEither() {
        assertThat(decode(CODEC, Times.class, "{\"list\":[\"1970-01-01T00:00:00Z\",1764097200000]}"))
                .isEqualTo(new Invalid<>("list[1]", TEXT));
        assertThat(decode(CODEC, Times.class, "{\"day\":1}"))
                .isEqualTo(new Invalid<>("day", "is not one of the allowed values"));
    }

    @Test
    void timesAreStrings() {
        Times times = value(
                Times.class,
                "{\"instant\":\"1970-01-01T00:00:01Z\",\"date\":\"2026-11-25\",\"local\":\"2026-11-25T12:00:00\","
                        + "\"offset\":\"2026-11-25T12:00:00+01:00\",\"zoned\":\"2026-11-25T12:00:00Z\","
                        + "\"duration\":\"PT1M\",\"day\":\"MONDAY\",\"maybe\":\"1970-01-01T00:00:00Z\"}");
        assertThat(times.instant()).isEqualTo(Instant.ofEpochSecond(1));
        assertThat(times.date()).isEqualTo("2026-11-25");
        assertThat(times.duration()).hasMinutes(1);
        assertThat(times.maybe()).contains(Instant.EPOCH);
    }

    @Test
    void yearsAreNumbers() {
        assertThat(value(Years.class, "{\"year\":2026}").year()).isEqualTo(Year.of(2026));
        Payload encoded = CODEC.encode(new Years(Year.of(2026)));
        String json = new String(Arrays.copyOfRange(encoded.bytes(), encoded.from(), encoded.to()), UTF_8);
        assertThat(value(Years.class, json).year()).isEqualTo(Year.of(2026));
    }

    @Test
    void numbersAreReadWhereTheApplicationDeclaresThem() {
        assertThat(value(Declared.class, "{\"at\":7}").at()).isEqualTo(Instant.ofEpochSecond(7));
        PayloadCodec timestamps = PayloadCodec.strict(JsonMapper.builder()
                .enable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
                .build());
        assertThat(decode(timestamps, At.class, "{\"at\":7}")).isEqualTo(new Valid<>(new At(Instant.ofEpochSecond(7))));
        assertThat(decode(PayloadCodec.over(JsonMapper.shared()), At.class, "{\"at\":7}"))
                .isEqualTo(new Valid<>(new At(Instant.ofEpochSecond(7))));
    }

    private static final Instant TEN = Instant.parse("2024-05-01T10:00:00Z");

    private static DateTimeFormatter inUtc(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
    }

    @Test
    void aTimeMayHaveAFormatThatItsPropertyDeclares() {
        Formatted formatted = value(
                Formatted.class,
                "{\"instant\":\"2024-05-01 10:00:00\",\"offset\":\"2024-05-01 12:00:00+02:00\","
                        + "\"digits\":\"20240501100000\",\"date\":\"20240501\"}");
        assertThat(formatted.instant()).isEqualTo(TEN);
        assertThat(formatted.offset()).isEqualTo(TEN.atOffset(ZoneOffset.UTC));
        assertThat(formatted.digits()).isEqualTo(TEN.atZone(ZoneOffset.UTC));
        assertThat(formatted.date()).isEqualTo("2024-05-01");
    }

    @ParameterizedTest
    @ValueSource(strings = {"instant", "offset", "digits", "date"})
    void aTimeWithADeclaredFormatIsNotANumberEither(String field) {
        assertThat(decode(CODEC, Formatted.class, "{\"" + field + "\":20240501}"))
                .isEqualTo(new Invalid<>(field, TEXT));
        assertThat(decode(CODEC, Formatted.class, "{\"" + field + "\":\"1764097200\"}"))
                .isEqualTo(new Invalid<>(field, "is not valid"));
    }

    /** The mapper's format of instants is read, and a number is not. */
    private static void readsDigits(JsonMapper mapper) {
        PayloadCodec codec = PayloadCodec.strict(mapper);
        assertThat(decode(codec, At.class, "{\"at\":\"20240501100000\"}")).isEqualTo(new Valid<>(new At(TEN)));
        assertThat(decode(codec, At.class, "{\"at\":20240501100000}")).isEqualTo(new Invalid<>("at", TEXT));
        assertThat(decode(codec, At.class, "{\"at\":\"1764097200\"}")).isEqualTo(new Invalid<>("at", "is not valid"));
        assertThat(decode(codec, Instant.class, "\"20240501100000\"")).isEqualTo(new Valid<>(TEN));
    }

    @Test
    void aTimeMayHaveTheFormatOfTheMapper() {
        readsDigits(JsonMapper.builder()
                .withConfigOverride(
                        Instant.class,
                        each -> each.setFormat(JsonFormat.Value.forPattern("yyyyMMddHHmmss")
                                .withTimeZone(TimeZone.getTimeZone("UTC"))))
                .build());
        readsDigits(JsonMapper.builder()
                .addModule(new SimpleModule("digits")
                        .addDeserializer(
                                Instant.class, InstantDeserializer.INSTANT.withDateFormat(inUtc("yyyyMMddHHmmss"))))
                .build());
    }

    @Test
    void aNumberInAStringIsRefusedAsJacksonReadsIt() {
        for (String number : new String[] {" 1764097200 ", "+7", "-7", "1.5", ".5", "7."}) {
            assertThat(decode(CODEC, At.class, "{\"at\":\"" + number + "\"}"))
                    .as(number)
                    .isEqualTo(new Invalid<>("at", "is not valid"));
        }
        PayloadCodec always = PayloadCodec.strict(JsonMapper.builder()
                .enable(DateTimeFeature.ALWAYS_ALLOW_STRINGIFIED_DATE_TIMESTAMPS)
                .build());
        assertThat(decode(always, Formatted.class, "{\"instant\":\"1764097200\"}"))
                .isEqualTo(new Invalid<>("instant", "is not valid"));
    }

    @Test
    void numbersAreReadIfTheMapperDeclaresThemForTheType() {
        PayloadCodec numbers = PayloadCodec.strict(JsonMapper.builder()
                .withConfigOverride(
                        Instant.class, each -> each.setFormat(JsonFormat.Value.forShape(JsonFormat.Shape.NUMBER)))
                .build());
        assertThat(decode(numbers, At.class, "{\"at\":7}")).isEqualTo(new Valid<>(new At(Instant.ofEpochSecond(7))));
        assertThat(decode(numbers, Instant.class, "7")).isEqualTo(new Valid<>(Instant.ofEpochSecond(7)));
    }
}
