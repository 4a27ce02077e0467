package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.event.json.JsonString;
import io.heliodor.event.json.Utf8;
import io.heliodor.wire.Malformed.Fault;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class V2SerializerPropertyTests {
    private static final V2Serializer V2 = new V2Serializer();
    private static final JsonMapper JACKSON = new JsonMapper();

    @Property
    void pushesReadTheSame(
            @ForAll("ref") Ref joinRef,
            @ForAll("ref") Ref ref,
            @ForAll("name") String topic,
            @ForAll("name") String event,
            @ForAll long seed) {
        Payload.Json payload = object(seed);
        byte[] message = V2.push(joinRef, ref, topic, event, payload);
        Frame frame = (Frame) V2.decodeText(message, 0, message.length);
        assertThat(frame.joinRef()).isEqualTo(joinRef);
        assertThat(frame.ref()).isEqualTo(ref);
        assertThat(frame.topic()).isEqualTo(topic);
        assertThat(frame.event()).isEqualTo(event);
        assertThat(bytes((Payload.Json) frame.payload())).isEqualTo(bytes(payload));
    }

    @Property
    void aBinaryReplyContainsItsPayload(
            @ForAll("shortName") String joinRef,
            @ForAll("shortName") String ref,
            @ForAll("shortName") String topic,
            @ForAll @Size(max = 9) byte[] data) {
        byte[] message = V2.reply(refOf(joinRef), refOf(ref), topic, "ok", new Payload.Binary(data, 0, data.length));
        byte[] expected = binary(data, joinRef, ref, topic, "ok");
        expected[0] = 1;
        assertThat(message).isEqualTo(expected);
    }

    @Property
    void writtenMessagesReadTheSameWithJackson(
            @ForAll("ref") Ref joinRef, @ForAll("ref") Ref ref, @ForAll("name") String topic, @ForAll long seed) {
        Payload.Json payload = object(seed);
        JsonNode reply = JACKSON.readTree(V2.reply(joinRef, ref, topic, "error", payload));
        assertThat(reply.get(0)).isEqualTo(JACKSON.readTree(joinRef.json()));
        assertThat(reply.get(1)).isEqualTo(JACKSON.readTree(ref.json()));
        assertThat(reply.get(2).stringValue()).isEqualTo(topic);
        assertThat(reply.get(3).stringValue()).isEqualTo("phx_reply");
        assertThat(reply.get(4).get("status").stringValue()).isEqualTo("error");
        assertThat(reply.get(4).get("response")).isEqualTo(JACKSON.readTree(bytes(payload)));
        assertThat(reply.size()).isEqualTo(5);
        assertThat(V2.broadcast(Ref.NULL, topic, "e", payload))
                .isEqualTo(V2.push(Ref.NULL, Ref.NULL, topic, "e", payload));
    }

    @Property(tries = 10_000)
    void aFrameOfAClientReadsAsJacksonReadsIt(@ForAll long seed) {
        byte[] message = new RandomJson(seed).frame().getBytes(UTF_8);
        JsonNode expected = JACKSON.readTree(message);
        Frame frame = (Frame) V2.decodeText(message, 0, message.length);
        assertThat(JACKSON.readTree(frame.joinRef().json())).isEqualTo(expected.get(0));
        assertThat(JACKSON.readTree(frame.ref().json())).isEqualTo(expected.get(1));
        assertThat(frame.topic()).isEqualTo(expected.get(2).stringValue());
        assertThat(frame.event()).isEqualTo(expected.get(3).stringValue());
        assertThat(JACKSON.readTree(bytes((Payload.Json) frame.payload()))).isEqualTo(expected.get(4));
    }

    @Property(tries = 10_000)
    void aSpoiltFrameIsAFrameOrNamesItsFault(@ForAll long seed) {
        RandomJson random = new RandomJson(seed);
        byte[] message = random.mutated(random.frame());
        assertThat(fault(message, message.length)).isEqualTo(expectedFault(message));
    }

    @Property(tries = 200)
    void aFrameThatIsCutOffIsMalformed(@ForAll long seed) {
        byte[] message = new RandomJson(seed).frame().stripTrailing().getBytes(UTF_8);
        for (int end = 0; end < message.length; end++) {
            Fault expected = Utf8.valid(message, 0, end) ? Fault.NOT_JSON : Fault.NOT_UTF8;
            assertThat(fault(message, end)).as("cut at %d", end).isEqualTo(expected);
            assertThat(fault(Arrays.copyOf(message, end), end)).isEqualTo(expected);
        }
    }

    @Property
    void anyBytesAreAFrameOrMalformed(@ForAll byte[] bytes) {
        fault(bytes, bytes.length);
        assertThat(V2.decodeBinary(bytes, 0, bytes.length)).isInstanceOfAny(Frame.class, Malformed.class);
    }

    @Property
    void aBinaryPushIsReadUnlessItIsCutOff(
            @ForAll("shortName") String joinRef,
            @ForAll("shortName") String ref,
            @ForAll("shortName") String topic,
            @ForAll("shortName") String event,
            @ForAll @Size(max = 9) byte[] data) {
        byte[] message = binary(data, joinRef, ref, topic, event);
        Frame frame = (Frame) V2.decodeBinary(message, 0, message.length);
        assertThat(frame.joinRef()).isEqualTo(joinRef.isEmpty() ? Ref.NULL : refOf(joinRef));
        assertThat(frame.ref()).isEqualTo(ref.isEmpty() ? Ref.NULL : refOf(ref));
        assertThat(frame.topic()).isEqualTo(topic);
        assertThat(frame.event()).isEqualTo(event);
        Payload.Binary payload = (Payload.Binary) frame.payload();
        assertThat(Arrays.copyOfRange(payload.bytes(), payload.from(), payload.to()))
                .isEqualTo(data);
        for (int end = 0; end < message.length - data.length; end++) {
            assertThat(V2.decodeBinary(message, 0, end)).isEqualTo(new Malformed(Fault.BAD_BINARY));
        }
    }

    @Property
    void spoiltBinaryIsAFrameOrMalformed(
            @ForAll("shortName") String name, @ForAll @Size(max = 3) byte[] data, @ForAll long seed) {
        String text = new String(binary(data, name, name, name, name), java.nio.charset.StandardCharsets.ISO_8859_1);
        byte[] message = new RandomJson(seed).mutated(text);
        assertThat(V2.decodeBinary(message, 0, message.length)).isInstanceOfAny(Frame.class, Malformed.class);
    }

    @Provide
    Arbitrary<String> name() {
        return Arbitraries.strings().all().ofMaxLength(20);
    }

    @Provide
    Arbitrary<String> shortName() {
        return Arbitraries.strings()
                .withCharRange('\u0000', '\ud7ff')
                .withChars('a', '"', '\\')
                .ofMaxLength(20);
    }

    @Provide
    Arbitrary<Ref> ref() {
        return Arbitraries.oneOf(
                Arbitraries.strings().all().ofMaxLength(10).map(V2SerializerPropertyTests::refOf),
                Arbitraries.strings().numeric().ofMinLength(1).ofMaxLength(9).map(V2SerializerPropertyTests::refOf),
                Arbitraries.just(Ref.NULL));
    }

    private static Ref refOf(String text) {
        byte[] json = JsonString.quoted(text);
        return Ref.of(json, 0, json.length);
    }

    private static Payload.Json object(long seed) {
        byte[] json = ("{\"a\":" + new RandomJson(seed).value(3) + "}").getBytes(UTF_8);
        return new Payload.Json(json, 0, json.length);
    }

    private static byte[] bytes(Payload.Json json) {
        return Arrays.copyOfRange(json.bytes(), json.from(), json.to());
    }

    private static byte[] binary(byte[] data, String... names) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.write(0);
        for (String name : names) {
            message.write(name.getBytes(UTF_8).length);
        }
        for (String name : names) {
            message.writeBytes(name.getBytes(UTF_8));
        }
        message.writeBytes(data);
        return message.toByteArray();
    }

    /** Returns the fault of a text message, or none for a frame. */
    private static @Nullable Fault fault(byte[] message, int to) {
        return switch (V2.decodeText(message, 0, to)) {
            case Frame _, OverLimit _ -> null;
            case Malformed malformed -> malformed.fault();
        };
    }

    /** Decodes with the JDK's decoder and Jackson's tree. */
    private static @Nullable Fault expectedFault(byte[] message) {
        String text;
        try {
            text = UTF_8.newDecoder().decode(ByteBuffer.wrap(message)).toString();
        } catch (CharacterCodingException e) {
            return Fault.NOT_UTF8;
        }
        JsonNode json;
        try {
            json = JACKSON.readTree(text);
        } catch (JacksonException e) {
            return Fault.NOT_JSON;
        }
        if (json.isMissingNode()) {
            return Fault.NOT_JSON;
        }
        if (!json.isArray() || json.size() < 5) {
            return Fault.NOT_A_FRAME;
        }
        if (json.get(0).isContainer() || json.get(1).isContainer()) {
            return Fault.BAD_REF;
        }
        return json.get(2).isString() && json.get(3).isString() ? null : Fault.NOT_A_FRAME;
    }
}
