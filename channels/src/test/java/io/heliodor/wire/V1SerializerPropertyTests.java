package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.event.json.Utf8;
import io.heliodor.wire.Malformed.Fault;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class V1SerializerPropertyTests {
    private static final V1Serializer V1 = new V1Serializer();
    private static final JsonMapper JACKSON = new JsonMapper();

    @Property
    void writtenMessagesReadTheSame(
            @ForAll("ref") Ref ref, @ForAll("name") String topic, @ForAll("name") String event, @ForAll long seed) {
        Payload.Json payload = object(seed);
        byte[] message = V1.push(Ref.of("3"), ref, topic, event, payload);
        Frame frame = (Frame) V1.decodeText(message, 0, message.length);
        assertThat(frame.joinRef().isNull()).isTrue();
        assertThat(frame.ref()).isEqualTo(ref);
        assertThat(frame.topic()).isEqualTo(topic);
        assertThat(frame.event()).isEqualTo(event);
        assertThat(Messages.bytes(frame.payload())).isEqualTo(Messages.bytes(payload));
        assertThat(V1.broadcast(ref, topic, event, payload)).isEqualTo(message);
    }

    @Property
    void writtenMessagesReadTheSameWithJackson(
            @ForAll("ref") Ref ref, @ForAll("name") String topic, @ForAll("name") String event, @ForAll long seed) {
        Payload.Json payload = object(seed);
        JsonNode reply = JACKSON.readTree(V1.reply(Ref.of("3"), ref, topic, "error", payload));
        assertThat(reply.propertyNames()).containsExactly("topic", "event", "payload", "ref");
        assertThat(reply.get("topic").stringValue()).isEqualTo(topic);
        assertThat(reply.get("event").stringValue()).isEqualTo("phx_reply");
        assertThat(reply.get("payload").propertyNames()).containsExactly("status", "response");
        assertThat(reply.get("payload").get("status").stringValue()).isEqualTo("error");
        assertThat(reply.get("payload").get("response")).isEqualTo(JACKSON.readTree(Messages.bytes(payload)));
        assertThat(reply.get("ref")).isEqualTo(JACKSON.readTree(ref.json()));

        JsonNode push = JACKSON.readTree(V1.push(Ref.of("3"), ref, topic, event, payload));
        assertThat(push.propertyNames()).containsExactly("topic", "event", "payload", "ref");
        assertThat(push.get("event").stringValue()).isEqualTo(event);
        assertThat(push.get("payload")).isEqualTo(JACKSON.readTree(Messages.bytes(payload)));
    }

    @Property(tries = 10_000)
    void aFrameOfAClientReadsAsJacksonReadsIt(@ForAll long seed) {
        byte[] message = new RandomJson(seed).objectFrame().getBytes(UTF_8);
        JsonNode expected = JACKSON.readTree(message);
        Frame frame = (Frame) V1.decodeText(message, 0, message.length);
        assertThat(JACKSON.readTree(frame.joinRef().json()))
                .isEqualTo(expected.has("join_ref") ? expected.get("join_ref") : JACKSON.nullNode());
        assertThat(JACKSON.readTree(frame.ref().json())).isEqualTo(expected.get("ref"));
        assertThat(frame.topic()).isEqualTo(expected.get("topic").stringValue());
        assertThat(frame.event()).isEqualTo(expected.get("event").stringValue());
        assertThat(JACKSON.readTree(Messages.bytes(frame.payload()))).isEqualTo(expected.get("payload"));
    }

    @Property(tries = 10_000)
    void aSpoiltFrameIsAFrameOrNamesItsFault(@ForAll long seed) {
        RandomJson random = new RandomJson(seed);
        byte[] message = random.mutated(random.objectFrame());
        assertThat(fault(message, message.length)).isEqualTo(expectedFault(message));
    }

    @Property(tries = 200)
    void aFrameThatIsCutOffIsMalformed(@ForAll long seed) {
        byte[] message = new RandomJson(seed).objectFrame().stripTrailing().getBytes(UTF_8);
        for (int end = 0; end < message.length; end++) {
            Fault expected = Utf8.valid(message, 0, end) ? Fault.NOT_JSON : Fault.NOT_UTF8;
            assertThat(fault(message, end)).as("cut at %d", end).isEqualTo(expected);
        }
    }

    @Property
    void anyBytesAreAFrameOrMalformed(@ForAll byte[] bytes) {
        fault(bytes, bytes.length);
        assertThat(V1.decodeBinary(bytes, 0, bytes.length)).isEqualTo(new Malformed(Fault.BAD_BINARY));
    }

    @Provide
    Arbitrary<String> name() {
        return Arbitraries.strings().all().ofMaxLength(20);
    }

    @Provide
    Arbitrary<Ref> ref() {
        return Arbitraries.oneOf(
                Arbitraries.strings().all().ofMaxLength(10).map(Ref::of),
                Arbitraries.strings().numeric().ofMinLength(1).ofMaxLength(9).map(Ref::of),
                Arbitraries.just(Ref.NULL));
    }

    private static Payload.Json object(long seed) {
        byte[] json = ("{\"a\":" + new RandomJson(seed).value(3) + "}").getBytes(UTF_8);
        return new Payload.Json(json, 0, json.length);
    }

    private static @Nullable Fault fault(byte[] message, int to) {
        return switch (V1.decodeText(message, 0, to)) {
            case Frame _, OverLimit _ -> null;
            case Malformed malformed -> malformed.fault();
        };
    }

    /** Decodes with the JDK's decoder and Jackson's tree, in which the last of several keys counts too. */
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
        if (!json.isObject()
                || !List.of("topic", "event", "payload", "ref").stream().allMatch(json::has)) {
            return Fault.NOT_A_FRAME;
        }
        if (json.get("ref").isContainer() || json.path("join_ref").isContainer()) {
            return Fault.BAD_REF;
        }
        return json.get("topic").isString() && json.get("event").isString() ? null : Fault.NOT_A_FRAME;
    }
}
