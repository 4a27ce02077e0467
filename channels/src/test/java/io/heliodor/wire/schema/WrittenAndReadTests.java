package io.heliodor.wire.schema;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.heliodor.schema.Schema;
import io.heliodor.type.Type;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.PayloadOutcome;
import io.heliodor.wire.PayloadOutcome.Invalid;
import io.heliodor.wire.PayloadOutcome.Valid;
import java.time.Instant;
import java.time.LocalDate;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.ToStringSerializer;

/** Cases of {@link PayloadContractTests} by name. */
class WrittenAndReadTests {
    record Nested(Map<String, List<OptionalLong>> maybe, List<Optional<String[]>> texts) {}

    record Annotated(Map<String, List<@Nullable String>> inner, List<@Nullable List<String>> outer) {}

    record Skipping(@JsonSetter(contentNulls = Nulls.FAIL) List<Optional<String>> all) {}

    record Box<A>(List<A> all) {}

    @SuppressWarnings("ArrayRecordComponent") // a user may declare it
    record Ids(OptionalLong one, long[] all, Optional<Long> other, int plain) {}

    record Shares(OptionalDouble one, List<Double> all) {}

    enum Color {
        RED,
        GREEN
    }

    record Birthday(MonthDay day) {}

    enum Half {
        @JsonProperty("lo")
        LOW,
        HIGH
    }

    record Halves(
            @JsonFormat(shape = JsonFormat.Shape.NUMBER) Half a,
            @JsonFormat(shape = JsonFormat.Shape.NUMBER) Half b) {}

    record Votes(Map<Color, Integer> byColor) {}

    record Meeting(
            Instant at,
            OffsetDateTime until,
            @JsonFormat(pattern = "dd.MM.yyyy") LocalDate day) {}

    record Day(LocalDate day) {}

    private static PayloadOutcome<?> read(PayloadCodec codec, Type<?> type, String json) {
        byte[] bytes = json.getBytes(UTF_8);
        return codec.decode(type, new Payload.Json(bytes, 0, bytes.length));
    }

    private static String written(PayloadCodec codec, Object value) {
        Payload payload = codec.encode(value);
        return new String(payload.bytes(), payload.from(), payload.length(), UTF_8);
    }

    private static Schema property(PayloadCodec codec, Class<?> type, int index) {
        PayloadSchemas schemas = new PayloadSchemas(codec);
        Schema read = schemas.read(Type.of(type));
        PayloadSchemas.Names names = schemas.names(Set.of());
        Schema named = names.definitions().get(((Schema.Ref) names.apply(read)).name());
        return ((Schema.Fields) named).fields().get(index).schema();
    }

    private static final PayloadCodec CODEC = PayloadCodec.strict();

    @Test
    void aDayOfAMonthIsATextAlsoWhereTimesAreNumbers() {
        PayloadCodec numbers = PayloadCodec.strict(JsonMapper.builder()
                .enable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
                .build());
        assertThat(written(numbers, new Birthday(MonthDay.of(2, 29)))).isEqualTo("{\"day\":\"--02-29\"}");
        PayloadSchemas schemas = new PayloadSchemas(numbers);
        Schema schema = schemas.written(Type.of(Birthday.class));
        PayloadSchemas.Names names = schemas.names(Set.of());
        assertThat(((Schema.Fields) names.definitions().get(((Schema.Ref) names.apply(schema)).name()))
                        .fields()
                        .getFirst()
                        .schema())
                .isEqualTo(Schema.Text.PLAIN);
    }

    @Test
    void anEnumOfNumbersHasTheNamesThatAreDeclared() {
        Halves value = new Halves(Half.LOW, Half.HIGH);
        assertThat(written(CODEC, value)).isEqualTo("{\"a\":\"lo\",\"b\":1}");
        assertThat(read(CODEC, Type.of(Halves.class), written(CODEC, value))).isEqualTo(new Valid<>(value));
        assertThat(read(CODEC, Type.of(Halves.class), "{\"a\":0,\"b\":1}")).isInstanceOf(Invalid.class);
        assertThat(read(CODEC, Type.of(Halves.class), "{\"a\":\"HIGH\",\"b\":1}"))
                .isInstanceOf(Invalid.class);
        assertThat(property(CODEC, Halves.class, 0))
                .isEqualTo(new Schema.OneOf(
                        List.of(new Schema.WholeChoice(List.of(1L)), new Schema.Choice(List.of("lo"), false))));
    }

    @Test
    void anOptionalMayBeNullAtEachLevelOfContainers() {
        Nested value = new Nested(Map.of("k", List.of(OptionalLong.empty())), List.of(Optional.empty()));
        assertThat(written(CODEC, value)).isEqualTo("{\"maybe\":{\"k\":[null]},\"texts\":[null]}");
        assertThat(read(CODEC, Type.of(Nested.class), written(CODEC, value))).isEqualTo(new Valid<>(value));
        assertThat(read(CODEC, new Type<Map<String, List<Optional<String>>>>() {}, "{\"k\":[null]}"))
                .isEqualTo(new Valid<>(Map.of("k", List.of(Optional.empty()))));
        assertThat(read(CODEC, new Type<Box<Optional<String>>>() {}, "{\"all\":[null]}"))
                .isEqualTo(new Valid<>(new Box<>(List.of(Optional.empty()))));
    }

    @Test
    void anElementBelowAnOptionalMayNotBeNull() {
        assertThat(read(CODEC, Type.of(Nested.class), "{\"maybe\":{},\"texts\":[[null]]}"))
                .isEqualTo(new Invalid<>("texts[0][0]", "must not be null"));
        assertThat(property(CODEC, Nested.class, 1))
                .isEqualTo(new Schema.Items(new Schema.Nullable(new Schema.Items(Schema.Text.PLAIN))));
    }

    @Test
    void anAnnotationOfATypeCountsAtItsOwnLevel() {
        Annotated value = new Annotated(Map.of("k", Arrays.asList("a", null)), Arrays.asList(List.of("b"), null));
        assertThat(read(CODEC, Type.of(Annotated.class), written(CODEC, value))).isEqualTo(new Valid<>(value));
        assertThat(read(CODEC, Type.of(Annotated.class), "{\"inner\":{\"k\":null},\"outer\":[]}"))
                .isEqualTo(new Invalid<>("inner.k", "must not be null"));
        assertThat(read(CODEC, Type.of(Annotated.class), "{\"inner\":{},\"outer\":[[null]]}"))
                .isEqualTo(new Invalid<>("outer[0][0]", "must not be null"));
        assertThat(property(CODEC, Annotated.class, 0))
                .isEqualTo(new Schema.Entries(new Schema.Items(new Schema.Nullable(Schema.Text.PLAIN))));
        assertThat(property(CODEC, Annotated.class, 1))
                .isEqualTo(new Schema.Items(new Schema.Nullable(new Schema.Items(Schema.Text.PLAIN))));
    }

    @Test
    void anAnnotationOfJacksonDecidesAboutTheElementsOfItsProperty() {
        assertThat(read(CODEC, Type.of(Skipping.class), "{\"all\":[null]}"))
                .isEqualTo(new Invalid<>("all[0]", "must not be null"));
        assertThat(property(CODEC, Skipping.class, 0)).isEqualTo(new Schema.Items(Schema.Text.PLAIN));
    }

    @Test
    void aMapperThatWritesLongsAsTextsDoesSoInEachType() {
        PayloadCodec texts = PayloadCodec.strict(JsonMapper.builder()
                .addModule(new SimpleModule()
                        .addSerializer(Long.class, ToStringSerializer.instance)
                        .addSerializer(long.class, ToStringSerializer.instance))
                .build());
        String json = written(texts, new Ids(OptionalLong.of(1), new long[] {2, 3}, Optional.of(4L), 5));
        assertThat(json).isEqualTo("{\"one\":\"1\",\"all\":[\"2\",\"3\"],\"other\":\"4\",\"plain\":5}");
        assertThat(read(texts, Type.of(Ids.class), json)).isInstanceOf(Valid.class);
        assertThat(written(texts, new Ids(OptionalLong.empty(), new long[0], Optional.empty(), 5)))
                .isEqualTo("{\"one\":null,\"all\":[],\"other\":null,\"plain\":5}");
        assertThat(written(CODEC, new Ids(OptionalLong.of(1), new long[] {2}, Optional.of(4L), 5)))
                .isEqualTo("{\"one\":1,\"all\":[2],\"other\":4,\"plain\":5}");
    }

    @Test
    void doublesAsTextsAreFiniteInEachType() {
        PayloadCodec texts = PayloadCodec.strict(JsonMapper.builder()
                .addModule(new SimpleModule().addSerializer(Double.class, ToStringSerializer.instance))
                .build());
        assertThat(written(texts, new Shares(OptionalDouble.of(0.5), List.of(1.5))))
                .isEqualTo("{\"one\":\"0.5\",\"all\":[\"1.5\"]}");
        assertThatThrownBy(() -> written(texts, new Shares(OptionalDouble.of(Double.NaN), List.of())))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keysThatAreEnumsAreReadInAnyCaseIfTheMapperReadsEnumsSo() {
        PayloadCodec caseless = PayloadCodec.strict(JsonMapper.builder()
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                .build());
        assertThat(read(caseless, Type.of(Votes.class), "{\"byColor\":{\"red\":1,\"Green\":2}}"))
                .isEqualTo(new Valid<>(new Votes(Map.of(Color.RED, 1, Color.GREEN, 2))));
        assertThat(read(caseless, Type.of(Votes.class), "{\"byColor\":{\"blue\":1}}"))
                .isInstanceOf(Invalid.class);
        assertThat(property(caseless, Votes.class, 0))
                .isEqualTo(new Schema.Entries(
                        Schema.Text.like("^(?:[rR][eE][dD]|[gG][rR][eE][eE][nN])$"),
                        new Schema.Whole(Optional.of("int32"))));
    }

    private static JsonMapper.Builder timestamps() {
        return JsonMapper.builder().enable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS);
    }

    private static final String MEETING = "{\"at\":%s,\"until\":0,\"day\":\"02.01.2026\"}";

    @ParameterizedTest
    @ValueSource(strings = {"1e99999", "9223372036854775808", "253402300800", "-62167219201", "\"2026-01-02T03:04Z\""})
    void aTimestampIsInTheYears0To9999(String at) {
        PayloadCodec codec = PayloadCodec.strict(timestamps().build());
        assertThat(read(codec, Type.of(Meeting.class), MEETING.formatted(at))).isInstanceOf(Invalid.class);
    }

    @Test
    void timestampsAreReadAsTheyAreWritten() {
        PayloadCodec codec = PayloadCodec.strict(timestamps().build());
        Instant at = Instant.parse("2026-01-02T03:04:05.5Z");
        Meeting meeting = new Meeting(at, at.atOffset(java.time.ZoneOffset.UTC), LocalDate.of(2026, 1, 2));
        assertThat(read(codec, Type.of(Meeting.class), written(codec, meeting))).isEqualTo(new Valid<>(meeting));
        assertThat(property(codec, Meeting.class, 0))
                .isEqualTo(new Schema.OneOf(
                        List.of(new Schema.Decimal(Optional.of("epoch-seconds")), Schema.Text.of("date-time"))));
        assertThatThrownBy(() -> written(codec, new Meeting(Instant.MAX, meeting.until(), meeting.day())))
                .hasMessageContaining("years 0 to 9999");
    }

    @Test
    void millisecondsMayBeWrittenAsADouble() {
        PayloadCodec codec = PayloadCodec.strict(timestamps()
                .disable(
                        DateTimeFeature.READ_DATE_TIMESTAMPS_AS_NANOSECONDS,
                        DateTimeFeature.WRITE_DATE_TIMESTAMPS_AS_NANOSECONDS)
                .build());
        Object meeting = new Meeting(
                Instant.ofEpochMilli(1_764_097_200_000L),
                Instant.EPOCH.atOffset(java.time.ZoneOffset.UTC),
                LocalDate.of(2026, 1, 2));
        for (String at : List.of("1764097200000", "1764097200000.0", "1.7640972e12")) {
            assertThat(read(codec, Type.of(Meeting.class), MEETING.formatted(at)))
                    .isEqualTo(new Valid<>(meeting));
        }
        assertThat(read(codec, Type.of(Meeting.class), MEETING.formatted("0.5")))
                .isInstanceOf(Invalid.class);
        assertThat(property(codec, Meeting.class, 0))
                .isEqualTo(new Schema.OneOf(
                        List.of(new Schema.Whole(Optional.of("epoch-milliseconds")), Schema.Text.of("date-time"))));
    }

    @Test
    void aTimeWithAPatternIsATextForAMapperWithTimestampsToo() {
        PayloadCodec codec = PayloadCodec.strict(timestamps().build());
        assertThat(read(codec, Type.of(Meeting.class), "{\"at\":0,\"until\":0,\"day\":[2026,1,2]}"))
                .isEqualTo(new Invalid<>("day", "is not valid"));
        assertThat(written(codec, new Day(LocalDate.of(2026, 1, 2)))).isEqualTo("{\"day\":[2026,1,2]}");
        assertThat(read(codec, Type.of(Day.class), "{\"day\":[2026,1,2]}"))
                .isEqualTo(new Valid<>(new Day(LocalDate.of(2026, 1, 2))));
        assertThat(property(codec, Day.class, 0)).isInstanceOf(Schema.Any.class);
    }
}
