package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.heliodor.event.Empty;
import io.heliodor.event.InvalidPayload;
import io.heliodor.event.JsonProfile;
import io.heliodor.event.Raw;
import io.heliodor.event.json.JsonScanner;
import io.heliodor.type.Type;
import io.heliodor.wire.PayloadOutcome.Invalid;
import io.heliodor.wire.PayloadOutcome.Valid;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

class PayloadCodecTests {
    record Typed(String text, int count) {
        Typed {
            if (count < 1 || count > 100) {
                throw new InvalidPayload("count", "must be from 1 to 100");
            }
        }
    }

    record Broken(String text) {
        Broken {
            if (!text.isEmpty()) {
                throw new IllegalStateException("a secret of the server");
            }
        }
    }

    record Ping() {}

    private static final PayloadCodec CODEC = PayloadCodec.strict();

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record LeavesOut(String name, @Nullable String note) {}

    @Test
    void nullsThatTheApplicationLeavesOutAreLeftOut() {
        assertThat(written(PayloadCodec.strict(), new LeavesOut("a", null))).isEqualTo("{\"name\":\"a\"}");
        JsonMapper mapper = JsonMapper.builder()
                .changeDefaultPropertyInclusion(
                        _ -> JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
                .build();
        record Plain(String name, @Nullable String note) {}
        assertThat(written(PayloadCodec.strict(mapper), new Plain("a", null))).isEqualTo("{\"name\":\"a\"}");
    }

    private static String written(PayloadCodec codec, Object value) {
        Payload payload = codec.encode(value);
        return new String(payload.bytes(), payload.from(), payload.length(), UTF_8);
    }

    @Test
    void onlyTheSliceIsRead() {
        byte[] bytes = "]]{\"text\":\"hi\",\"count\":3}]]".getBytes(UTF_8);
        assertThat(CODEC.decode(Type.of(Typed.class), new Payload.Json(bytes, 2, bytes.length - 2)))
                .isEqualTo(new Valid<>(new Typed("hi", 3)));
    }

    @Test
    void theResponseToAnInvalidPayloadNamesTheField() {
        Invalid<Typed> invalid = new Invalid<>("user.name", "is missing");
        assertThat(text(CODEC.encode(invalid.response())))
                .isEqualTo("{\"reason\":\"invalid_payload\",\"field\":\"user.name\",\"message\":\"is missing\"}");
        JsonMapper upper = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.UPPER_CAMEL_CASE)
                .build();
        assertThat(text(PayloadCodec.over(upper).encode(invalid.response()))).startsWith("{\"reason\":");
    }

    @Test
    void emptyAcceptsAnything() {
        for (String json : new String[] {"{}", "{\"a\":1}", "null", "[1]", "3"}) {
            assertThat(decode(Empty.class, json)).isEqualTo(new Valid<>(Empty.EMPTY));
        }
        assertThat(CODEC.decode(Type.of(Empty.class), new Payload.Binary(new byte[3], 0, 3)))
                .isEqualTo(new Valid<>(Empty.EMPTY));
        assertThat(text(CODEC.encode(Empty.EMPTY))).isEqualTo("{}");
    }

    @Test
    void rawTakesAnObjectAndPassesItOnWithoutACopy() {
        byte[] message = "[1,2,\"t\",\"e\",{\"a\": 1}]".getBytes(UTF_8);
        Payload.Json slice = new Payload.Json(message, 13, 21);
        Raw raw = ((Valid<Raw>) CODEC.decode(Type.of(Raw.class), slice)).value();
        assertThat(raw.json()).isEqualTo("{\"a\": 1}".getBytes(UTF_8)).isNotSameAs(raw.json());
        assertThat(raw.length()).isEqualTo(8);
        assertThat(CODEC.encode(raw)).isEqualTo(slice);
        assertThat(CODEC.encodeResponse(raw)).isEqualTo(slice);
        assertThat(raw).isEqualTo(value(Raw.class, "{\"a\": 1}")).hasSameHashCodeAs(value(Raw.class, "{\"a\": 1}"));
        assertThat(raw).isNotEqualTo(value(Raw.class, "{\"a\":1}")).hasToString("Raw[8 bytes]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "null", "3", "\"{}\""})
    void rawTakesNothingButAnObject(String json) {
        assertThat(decode(Raw.class, json)).isEqualTo(new Invalid<>("", "must be an object"));
    }

    @Test
    void readyJsonIsWrittenAsItIs() {
        Raw object = Raw.of(" {\"a\": 1e400}\n");
        assertThat(text(CODEC.encode(object))).isEqualTo("{\"a\": 1e400}");
        assertThat(text(CODEC.encode(Map.of("row", object)))).isEqualTo("{\"row\":{\"a\": 1e400}}");
        assertThat(text(CODEC.encodeResponse(Raw.of("[1]")))).isEqualTo("[1]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CODEC.encode(Raw.of("[1]")))
                .withMessageContaining("not written as a JSON object");
    }

    record Change(int id, Raw row, Optional<Raw> old, List<Raw> all) {}

    @Test
    void aRawInsideAnotherPayloadIsRead() {
        String value = "{\"a\":[1e400,-1.50,true,null,{}],\"a\":\"\\ud800\\n\",\"\":[[],\"é\"]}";
        for (String filler : List.of("", "x".repeat(LargePayloads.MIN_BYTES))) {
            Change change = value(
                    Change.class,
                    "{\"id\":1,\"row\":%s,\"all\":[1, \"b\" ,[ ], { \"c\" : 2 }],\"more\":\"%s\"}"
                            .formatted(value, filler));
            assertThat(change)
                    .isEqualTo(new Change(
                            1,
                            Raw.of(value),
                            Optional.empty(),
                            List.of(Raw.of("1"), Raw.of("\"b\""), Raw.of("[]"), Raw.of("{\"c\":2}"))));
            assertThat(text(CODEC.encode(change))).contains("\"row\":" + value);
        }
        assertThat(decode(Change.class, "{\"id\":1,\"row\":null,\"all\":[]}"))
                .isEqualTo(new Invalid<>("row", "must not be null"));
        assertThat(decode(Change.class, "{\"id\":1,\"all\":[]}")).isEqualTo(new Invalid<>("row", "is missing"));
        assertThat(CODEC.unreadable(Type.of(Change.class), true)).isEmpty();
    }

    @Test
    void aProfileHoldsForEveryRaw() {
        String infinite = "contains a number beyond the range of a double";
        Payload.Json payload = json("{\"a\":1e400}");
        assertThat(CODEC.decode(Type.of(Raw.class), payload, JsonProfile.I_JSON))
                .isEqualTo(new Invalid<>("", infinite));
        assertThat(CODEC.decode(Type.of(Raw.class), json("{\"a\":1e40}"), JsonProfile.I_JSON))
                .isInstanceOf(Valid.class);
        Payload.Json change = json("{\"id\":1,\"row\":{},\"all\":[{},{\"a\":1e400}]}");
        assertThat(CODEC.decode(Type.of(Change.class), change, JsonProfile.I_JSON))
                .isEqualTo(new Invalid<>("all[1]", infinite));
        assertThat(CODEC.decode(Type.of(Change.class), change)).isInstanceOf(Valid.class);
    }

    @Test
    void aRawInsideAnotherPayloadIsWrittenAsItIs() {
        Raw raw = value(Raw.class, "{\"t\": \"é\"}");
        assertThat(text(CODEC.encode(Map.of("body", raw)))).isEqualTo("{\"body\":{\"t\": \"é\"}}");
    }

    @Test
    void binaryPayloadsAreForByteBuffers() {
        Payload.Binary binary = new Payload.Binary(new byte[] {9, 1, 2, 9}, 1, 3);
        ByteBuffer bytes = ((Valid<ByteBuffer>) CODEC.decode(Type.of(ByteBuffer.class), binary)).value();
        assertThat(bytes).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
        assertThat(bytes.isReadOnly()).isTrue();
        assertThat(bytes.capacity()).isEqualTo(2);
        assertThat(CODEC.decode(Type.of(Typed.class), binary)).isEqualTo(new Invalid<>("", "must be JSON"));
        assertThat(CODEC.decode(Type.of(Raw.class), binary)).isEqualTo(new Invalid<>("", "must be JSON"));
        assertThat(decode(ByteBuffer.class, "{}")).isEqualTo(new Invalid<>("", "must be binary"));
    }

    @Test
    void theRemainingBytesOfAByteBufferAreCopied() {
        byte[] bytes = {9, 1, 2, 3, 9};
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 1, 3);
        Payload encoded = CODEC.encode(buffer);
        bytes[2] = 7;
        assertThat(buffer.remaining())
                .as("the caller's buffer stays where it was")
                .isEqualTo(3);
        assertThat(Messages.hex(Messages.bytes(encoded))).isEqualTo("01 02 03");
        for (ByteBuffer other : List.of(
                ByteBuffer.wrap(bytes, 1, 3).slice(),
                ByteBuffer.wrap(bytes, 1, 3).asReadOnlyBuffer(),
                ByteBuffer.allocateDirect(3).put(bytes, 1, 3).flip())) {
            assertThat(encodedResponse(other)).isEqualTo("01 07 03");
        }
        assertThat(encodedResponse(ByteBuffer.allocate(0))).isEmpty();
    }

    private static String encodedResponse(ByteBuffer buffer) {
        Payload encoded = CODEC.encodeResponse(buffer);
        assertThat(encoded).isInstanceOf(Payload.Binary.class);
        return Messages.hex(Messages.bytes(encoded));
    }

    @Test
    void recordsAndMapsAreWritten() {
        assertThat(text(CODEC.encode(new Typed("é\"😀", 3)))).isEqualTo("{\"text\":\"é\\\"😀\",\"count\":3}");
        assertThat(text(CODEC.encode(Map.of("reason", "full")))).isEqualTo("{\"reason\":\"full\"}");
        assertThat(text(CODEC.encode(new Ping()))).isEqualTo("{}");
        assertThat(text(CODEC.encode(Map.of("at", Instant.EPOCH)))).isEqualTo("{\"at\":\"1970-01-01T00:00:00Z\"}");
    }

    @Test
    void aLoneSurrogateIsPreserved() {
        Typed typed = value(Typed.class, "{\"text\":\"a\\ud800\",\"count\":1}");
        assertThat(typed.text()).isEqualTo("a\ud800");
        Payload.Json json = (Payload.Json) CODEC.encode(typed);
        assertThat(JsonScanner.text(json.bytes(), json.from(), json.to())).isPositive();
        assertThat(CODEC.decode(Type.of(Typed.class), json)).isEqualTo(new Valid<>(typed));
    }

    @Test
    void aPayloadThatIsNotWrittenAsAnObjectIsRefusedByName() {
        for (Object payload : new Object[] {"text", 3, List.of(1), Optional.empty(), new int[] {1}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CODEC.encode(payload))
                    .withMessageContaining(payload.getClass().getName())
                    .withMessageContaining("record or a map");
        }
        assertThat(text(CODEC.encodeResponse(List.of(1, 2)))).isEqualTo("[1,2]");
        assertThat(text(CODEC.encodeResponse("text"))).isEqualTo("\"text\"");
    }

    record Loop(Map<String, Object> self) {}

    @Test
    void aPayloadThatCannotBeWrittenIsRefusedByName() {
        Map<String, Object> inner = new java.util.HashMap<>();
        Loop loop = new Loop(inner);
        inner.put("again", loop);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CODEC.encode(loop))
                .withMessageContaining("Loop");
    }

    @Test
    void aTypeThatCannotBeReadIsAFaultOfTheProgram() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> decode(Runnable.class, "{}"))
                .withMessageContaining("java.lang.Runnable");
    }

    @Test
    void aMapperOfTheUsersIsTakenAsItIs() {
        PayloadCodec lenient = PayloadCodec.over(JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build());
        assertThat(lenient.decode(Type.of(Typed.class), json("{\"text\":3,\"count\":\"4\"}")))
                .isEqualTo(new Valid<>(new Typed("3", 4)));
        assertThat(lenient.decode(Type.of(Typed.class), json("{\"text\":\"a\",\"count\":1,\"x\":1}")))
                .isEqualTo(new Invalid<>("x", "is not known"));
        assertThat(lenient.decode(Type.of(Typed.class), json("{\"text\":\"a\",\"count\":null}")))
                .isEqualTo(new Invalid<>("count", "must not be null"));
        assertThat(lenient.decode(Type.of(Typed.class), json("{\"text\":\"a\",\"count\":0}")))
                .isEqualTo(new Invalid<>("count", "must be from 1 to 100"));
    }

    @Test
    void aMapperThatDoesNotWrapExceptionsLeaksNoneEither() {
        PayloadCodec bare = PayloadCodec.over(JsonMapper.builder()
                .disable(DeserializationFeature.WRAP_EXCEPTIONS)
                .build());
        assertThat(bare.decode(Type.of(Typed.class), json("{\"text\":\"a\",\"count\":0}")))
                .isEqualTo(new Invalid<>("count", "must be from 1 to 100"));
        assertThat(bare.decode(Type.of(Broken.class), json("{\"text\":\"a\"}")))
                .isEqualTo(new Invalid<>("", "is not valid"));
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

    private static String text(Payload payload) {
        Payload.Json json = (Payload.Json) payload;
        return new String(json.bytes(), json.from(), json.length(), UTF_8);
    }

    record Moment(Instant at, int number) {}

    @Test
    void aMapperOfAUserIsMadeStrictAndKeepsItsSettings() {
        JsonMapper own = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.UPPER_CAMEL_CASE)
                .enable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .addModule(new SimpleModule("short").addDeserializer(Instant.class, new ValueDeserializer<>() {
                    @Override
                    public Instant deserialize(JsonParser parser, DeserializationContext context) {
                        return Instant.ofEpochSecond(parser.getIntValue());
                    }
                }))
                .build();
        PayloadCodec codec = PayloadCodec.strict(own);
        assertThat(codec.decode(Type.of(Moment.class), json("{\"At\":7,\"Number\":1}")))
                .isEqualTo(new PayloadOutcome.Valid<>(new Moment(Instant.ofEpochSecond(7), 1)));
        assertThat(codec.decode(Type.of(Moment.class), json("{\"At\":7,\"Number\":\"1\"}")))
                .isInstanceOfSatisfying(
                        PayloadOutcome.Invalid.class,
                        invalid -> assertThat(invalid.field()).isEqualTo("Number"));
        assertThat(codec.decode(Type.of(Moment.class), json("{\"Number\":1}")))
                .isInstanceOfSatisfying(
                        PayloadOutcome.Invalid.class,
                        invalid -> assertThat(invalid.field()).isEqualTo("At"));
    }
}
