package io.heliodor.wire;

import static io.heliodor.wire.Messages.hex;
import static io.heliodor.wire.Messages.utf8;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.event.json.JsonLimit;
import io.heliodor.event.json.JsonScanner;
import io.heliodor.fixtures.Fuzz;
import io.heliodor.wire.Malformed.Fault;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonToken;

/**
 * For any bytes, a decoder returns a frame or a fault, allocates no more than a few times their number, and
 * agrees with a second implementation.
 */
class DecoderFuzzTests {
    private static final V1Serializer V1 = new V1Serializer();
    private static final V2Serializer V2 = new V2Serializer();
    private static final SupabaseSerializer SUPABASE = new SupabaseSerializer();

    private static final String[] JSON = {
        "null",
        "-12.5e+3",
        "[true,false,null,{'a':[1,{'b':'c'}]}]",
        "'\\ud83d\\ude00 \\n\\\\ é 😀'",
        "{'a':1,'a':2,'':{},'b':[]}",
        " [ 1 , 'two' , { 'three' : [ ] } ] ",
        "[".repeat(64) + "]".repeat(64),
        "[".repeat(65) + "]".repeat(65),
        "{'a':".repeat(64) + "0" + "}".repeat(64),
        "[" + "9".repeat(100) + "]",
        "[" + "9".repeat(101) + "]",
        "{'" + "k".repeat(1_000) + "':1}",
        "{'" + "k".repeat(1_001) + "':1}",
        "[1e999,-0,0.0,1E-400]",
        "['\\ud800','\\udc00']"
    };

    private static final String[] V2_FRAMES = {
        "['1','2','room:a','echo',{'n':1}]",
        "[null,null,'phoenix','heartbeat',{}]",
        "[1,true,'r\\u006fom','e\\/',[1,2],'more',{}]",
        " [ '3' , '4' , 'é😀' , '' , 'text' ] ",
        "[{},[],'t','e',null]",
        "['1','" + "x".repeat(255) + "','t','e',{}]",
        "['1','" + "x".repeat(256) + "','t','e',{}]",
        "['1','" + "\\u00e9".repeat(127) + "\\n','t','e',{}]",
        "['1','2','t','e'," + "[".repeat(63) + "]".repeat(63) + "]",
        "['1','2','t','e'," + "[".repeat(64) + "]".repeat(64) + "]",
        "['1','2','t','e',{}," + "9".repeat(101) + "]",
        "[1,2,3,4]",
        "[null,null,'t','e',{'a':[[[[]]]]}"
    };

    private static final String[] V1_FRAMES = {
        "{'topic':'room:a','event':'echo','payload':{'n':1},'ref':'2'}",
        "{'join_ref':'1','ref':null,'payload':[],'event':'','topic':'é'}",
        "{'t\\u006fpic':'a','topic':'b','event':'e','payload':1,'ref':2,'other':{'topic':'c'}}",
        "{'topic':1,'event':'e','payload':{},'ref':'1'}",
        "{'topic':'t','event':'e','payload':{},'ref':{}}",
        "{'topic':'t','event':'e','ref':'1'}",
        "{}"
    };

    private static final String[] BINARIES = {
        "00 01 01 06 04 31 32 726f6f6d3a61 6563686f 010203",
        "00 00 00 01 01 74 65",
        "00 02 00 02 02 c3a9 c3a9 c3a9 ff",
        "00 01 01 01 01 c3 a9 74 65 00",
        "00 ff ff ff ff",
        "03 01 01 06 04 00 00 31 32 726f6f6d3a61 6563686f 010203",
        "03 01 01 06 04 07 01 31 32 726f6f6d3a61 6563686f 7b2261223a317d 7b7d",
        "03 00 00 01 01 02 01 74 65 7b7d 5b312c325d",
        "03 00 00 01 01 00 02 74 65",
        "01 00 00 00 00",
        ""
    };

    @Test
    void theScannerAgreesWithJackson() {
        new Fuzz(texts(JSON, V2_FRAMES, V1_FRAMES)).run((input, random) -> {
            long[] end = new long[1];
            Fuzz.allocating(
                    mayBeDeep(input) ? 2L * input.length : 0, () -> end[0] = JsonScanner.text(input, 0, input.length));
            Optional<SlowJson> expected = SlowJson.read(input);
            assertThat(end[0] >= 0).isEqualTo(expected.isPresent());
            if (end[0] >= 0) {
                assertThat(JsonScanner.exceeded(end[0]))
                        .isEqualTo(expected.get().exceeded(Integer.MAX_VALUE - 1));
            }
        });
    }

    @Test
    void textOfVersion2AgreesWithJackson() {
        new Fuzz(texts(V2_FRAMES, JSON)).run((input, random) -> agreesInVersion2(input));
    }

    @Test
    void textOfVersion1AgreesWithJackson() {
        new Fuzz(texts(V1_FRAMES, JSON)).run((input, random) -> agreesInVersion1(input));
    }

    @Test
    void binaryOfVersion2AgreesWithAPlainReader() {
        new Fuzz(binaries()).run((input, random) -> agreesInBinary(input));
    }

    @Test
    void binaryOfSupabaseIsAFrameThatCanGoOutOrAFault() {
        new Fuzz(binaries()).run((input, random) -> agreesInBinaryOfSupabase(input));
    }

    static void agreesInVersion2(byte[] input) {
        isAsExpected(input, V2::decodeText, expectedV2(input));
    }

    static void agreesInVersion1(byte[] input) {
        isAsExpected(input, V1::decodeText, expectedV1(input));
    }

    static void agreesInBinary(byte[] input) {
        isAsExpected(input, V2::decodeBinary, expectedBinary(input));
    }

    static void agreesInBinaryOfSupabase(byte[] input) {
        FrameOutcome decoded = decode(input, SUPABASE::decodeBinary);
        if (input.length > 0 && input[0] == 0) {
            assertThat(described(decoded)).isEqualTo(described(expectedBinary(input)));
        }
        if (decoded instanceof Frame frame) {
            byte[] message = SUPABASE.broadcast(Ref.NULL, frame.topic(), frame.event(), frame.payload());
            if (frame.payload() instanceof Payload.Json) {
                assertThat(SlowJson.read(message)).isPresent();
            }
        }
    }

    private static boolean mayBeDeep(byte[] input) {
        int open = 0;
        for (byte next : input) {
            open += next == '[' || next == '{' ? 1 : 0;
        }
        return open > JsonLimit.MAX_DEPTH;
    }

    private static List<byte[]> texts(String[]... corpora) {
        return Stream.of(corpora).flatMap(Stream::of).map(text -> utf8(text)).toList();
    }

    private static List<byte[]> binaries() {
        return Stream.of(BINARIES).map(text -> hex(text)).toList();
    }

    /** A decoder of whole messages. */
    private interface Decoder {
        FrameOutcome decode(byte[] message, int from, int to);
    }

    private static FrameOutcome decode(byte[] input, Decoder decoder) {
        FrameOutcome[] decoded = new FrameOutcome[1];
        // Strings, builders that double, refs: none larger than a few times the input.
        Fuzz.allocating(4_096 + 16L * input.length, () -> decoded[0] = decoder.decode(input, 0, input.length));
        return decoded[0];
    }

    private static void isAsExpected(byte[] input, Decoder decoder, FrameOutcome expected) {
        FrameOutcome decoded = decode(input, decoder);
        assertThat(described(decoded)).isEqualTo(described(expected));
        // Bytes around a message make no difference.
        byte[] around = new byte[input.length + 2];
        Arrays.fill(around, (byte) ']');
        System.arraycopy(input, 0, around, 1, input.length);
        assertThat(described(decoder.decode(around, 1, around.length - 1))).isEqualTo(described(decoded));
    }

    private static List<String> described(FrameOutcome decoded) {
        return switch (decoded) {
            case Malformed malformed -> List.of(malformed.fault().toString());
            case OverLimit(Frame frame, JsonLimit limit) ->
                Stream.concat(Stream.of(limit.toString()), described(frame).stream())
                        .toList();
            case Frame frame ->
                List.of(
                        frame.joinRef().toString(),
                        frame.ref().toString(),
                        frame.topic(),
                        frame.event(),
                        frame.payload() instanceof Payload.Json ? "json" : "binary",
                        Arrays.toString(Messages.bytes(frame.payload())));
        };
    }

    private static FrameOutcome expectedV2(byte[] input) {
        if (!SlowJson.isUtf8(input)) {
            return new Malformed(Fault.NOT_UTF8);
        }
        Optional<SlowJson> json = SlowJson.read(input);
        if (json.isEmpty()) {
            return new Malformed(Fault.NOT_JSON);
        }
        List<SlowJson.Part> parts = json.get().parts();
        if (json.get().top() != JsonToken.START_ARRAY || parts.size() < 5) {
            return new Malformed(Fault.NOT_A_FRAME);
        }
        FrameOutcome frame = expected(input, parts.get(0), parts.get(1), parts.get(2), parts.get(3), parts.get(4));
        return within(frame, json.get().exceeded(5));
    }

    private static FrameOutcome expectedV1(byte[] input) {
        if (!SlowJson.isUtf8(input)) {
            return new Malformed(Fault.NOT_UTF8);
        }
        Optional<SlowJson> json = SlowJson.read(input);
        if (json.isEmpty()) {
            return new Malformed(Fault.NOT_JSON);
        }
        Map<String, SlowJson.Part> parts = json.get().parts().stream()
                .collect(Collectors.toMap(SlowJson.Part::key, Function.identity(), (first, last) -> last));
        if (json.get().top() != JsonToken.START_OBJECT
                || !parts.keySet().containsAll(List.of("topic", "event", "payload", "ref"))) {
            return new Malformed(Fault.NOT_A_FRAME);
        }
        SlowJson.Part none = new SlowJson.Part("", JsonToken.VALUE_NULL, "null", -1, 4);
        FrameOutcome frame = expected(
                input,
                parts.getOrDefault("join_ref", none),
                parts.get("ref"),
                parts.get("topic"),
                parts.get("event"),
                parts.get("payload"));
        return within(frame, json.get().exceeded(Integer.MAX_VALUE - 1));
    }

    private static FrameOutcome within(FrameOutcome decoded, @Nullable JsonLimit exceeded) {
        return decoded instanceof Frame frame && exceeded != null ? new OverLimit(frame, exceeded) : decoded;
    }

    private static FrameOutcome expected(
            byte[] input,
            SlowJson.Part joinRef,
            SlowJson.Part ref,
            SlowJson.Part topic,
            SlowJson.Part event,
            SlowJson.Part payload) {
        if (Stream.of(joinRef, ref).anyMatch(part -> !part.scalar() || textLength(part) > 255)) {
            return new Malformed(Fault.BAD_REF);
        }
        if (topic.token() != JsonToken.VALUE_STRING || event.token() != JsonToken.VALUE_STRING) {
            return new Malformed(Fault.NOT_A_FRAME);
        }
        int to = payload.scalar() ? payload.from() + payload.length() : endOfStruct(input, payload.from());
        return new Frame(
                ref(input, joinRef),
                ref(input, ref),
                topic.text(),
                event.text(),
                new Payload.Json(input, payload.from(), to));
    }

    private static int textLength(SlowJson.Part part) {
        return part.token() == JsonToken.VALUE_STRING ? part.text().getBytes(UTF_8).length : part.length();
    }

    private static Ref ref(byte[] input, SlowJson.Part part) {
        return switch (part.token()) {
            case VALUE_NULL -> Ref.NULL;
            case VALUE_STRING -> Ref.of(part.text());
            default -> Ref.of(input, part.from(), part.from() + part.length());
        };
    }

    /** Returns the position after the bracket that closes valid JSON. */
    private static int endOfStruct(byte[] json, int from) {
        int open = 0;
        boolean inString = false;
        for (int at = from; ; at++) {
            byte next = json[at];
            if (inString) {
                at += next == '\\' ? 1 : 0;
                inString = next != '"';
            } else {
                inString = next == '"';
                open += next == '[' || next == '{' ? 1 : next == ']' || next == '}' ? -1 : 0;
                if (open == 0) {
                    return at + 1;
                }
            }
        }
    }

    private static FrameOutcome expectedBinary(byte[] input) {
        Malformed bad = new Malformed(Fault.BAD_BINARY);
        ByteBuffer in = ByteBuffer.wrap(input);
        if (in.remaining() < 5 || in.get() != 0) {
            return bad;
        }
        int[] lengths = IntStream.range(0, 4).map(i -> in.get() & 0xff).toArray();
        List<String> names = new ArrayList<>();
        for (int length : lengths) {
            if (in.remaining() < length) {
                return bad;
            }
            try {
                names.add(UTF_8.newDecoder().decode(in.slice().limit(length)).toString());
            } catch (CharacterCodingException e) {
                return bad;
            }
            in.position(in.position() + length);
        }
        return new Frame(
                names.get(0).isEmpty() ? Ref.NULL : Ref.of(names.get(0)),
                names.get(1).isEmpty() ? Ref.NULL : Ref.of(names.get(1)),
                names.get(2),
                names.get(3),
                new Payload.Binary(input, in.position(), input.length));
    }
}
