package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.event.json.Utf8;
import io.heliodor.wire.Malformed.Fault;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SupabaseSerializerPropertyTests {
    private static final SupabaseSerializer SUPABASE = new SupabaseSerializer();
    private static final JsonMapper JACKSON = new JsonMapper();

    @Property
    void jsonIsReadAsJacksonReadsIt(
            @ForAll("name") String ref,
            @ForAll("name") String topic,
            @ForAll("name") String event,
            @ForAll("meta") String meta,
            @ForAll long seed) {
        String content = new RandomJson(seed).value(3).strip();
        byte[] message = userPush(1, content.getBytes(UTF_8), ref, ref, topic, event, meta);
        Frame frame = (Frame) SUPABASE.decodeBinary(message, 0, message.length);
        assertThat(frame.joinRef()).isEqualTo(frame.ref()).isEqualTo(ref.isEmpty() ? Ref.NULL : Ref.of(ref));
        assertThat(frame.topic()).isEqualTo(topic);
        assertThat(frame.event()).isEqualTo("broadcast");

        byte[] out = SUPABASE.broadcast(Ref.NULL, topic, frame.event(), frame.payload());
        JsonNode envelope = JACKSON.readTree(out).get(4);
        assertThat(envelope.get("type").stringValue()).isEqualTo("broadcast");
        assertThat(envelope.get("event").stringValue()).isEqualTo(event);
        assertThat(envelope.get("payload")).isEqualTo(JACKSON.readTree(content));
        assertThat(envelope.size()).isEqualTo(meta.length() > 2 ? 4 : 3);
        if (meta.length() > 2) {
            assertThat(envelope.get("meta")).isEqualTo(JACKSON.readTree(meta));
        }
    }

    @Property
    void bytesGoOutAsTheyCame(
            @ForAll("name") String topic,
            @ForAll("name") String event,
            @ForAll("meta") String meta,
            @ForAll @Size(max = 9) byte[] content) {
        byte[] message = userPush(0, content, "1", "2", topic, event, meta);
        Frame frame = (Frame) SUPABASE.decodeBinary(message, 0, message.length);
        byte[] expected = binary(4, 0, content, topic, event, meta);
        assertThat(SUPABASE.broadcast(Ref.NULL, topic, frame.event(), frame.payload()))
                .isEqualTo(expected);
    }

    @Property
    void aHeaderThatIsCutOffIsMalformed(@ForAll("name") String name, @ForAll("meta") String meta) {
        byte[] message = userPush(0, new byte[0], name, name, name, name, meta);
        for (int end = 0; end < message.length; end++) {
            assertThat(SUPABASE.decodeBinary(message, 0, end)).isEqualTo(new Malformed(Fault.BAD_BINARY));
            assertThat(SUPABASE.decodeBinary(Arrays.copyOf(message, end), 0, end))
                    .isEqualTo(new Malformed(Fault.BAD_BINARY));
        }
    }

    @Property(tries = 10_000)
    void spoiltBinaryIsAFrameThatCanGoOutOrMalformed(
            @ForAll("name") String name, @ForAll("meta") String meta, @ForAll boolean json, @ForAll long seed) {
        RandomJson random = new RandomJson(seed);
        byte[] content = random.value(2).getBytes(UTF_8);
        byte[] message = random.mutated(
                new String(userPush(json ? 1 : 0, content, "1", "2", name, name, meta), ISO_8859_1), ISO_8859_1);
        if (SUPABASE.decodeBinary(message, 0, message.length) instanceof Frame frame) {
            goesOut(frame);
        }
    }

    @Property
    void anyBytesAreAFrameThatCanGoOutOrMalformed(@ForAll byte[] bytes) {
        if (bytes.length > 0) {
            bytes[0] &= 3;
        }
        if (SUPABASE.decodeBinary(bytes, 0, bytes.length) instanceof Frame frame) {
            goesOut(frame);
        }
    }

    /** The payload of the event is any bytes: an application can have made them. */
    @Property
    void anyBytesOfTheEventAreUnsupportedOrAMessageThatAClientReads(@ForAll byte[] bytes) {
        byte[] message = SUPABASE.broadcast(Ref.NULL, "t", "broadcast", new Payload.Binary(bytes, 0, bytes.length));
        if (message.length > 0) {
            isReadable(message);
        }
    }

    private static void goesOut(Frame frame) {
        if (!frame.event().equals("broadcast")) {
            return;
        }
        byte[] message = SUPABASE.broadcast(Ref.NULL, "t", frame.event(), frame.payload());
        if (frame.payload() instanceof Payload.Json) {
            assertThat(JACKSON.readTree(message).size()).isEqualTo(5);
        } else if (message.length > 0) {
            isReadable(message);
        }
    }

    /** Checks the rules of the client: lengths that fit, names in UTF-8, metadata that is an object or absent. */
    private static void isReadable(byte[] message) {
        assertThat(message[0]).isEqualTo((byte) 4);
        int event = 5 + (message[1] & 0xff);
        int meta = event + (message[2] & 0xff);
        int content = meta + (message[3] & 0xff);
        assertThat(content).isLessThanOrEqualTo(message.length);
        assertThat(Utf8.valid(message, event, meta)).isTrue();
        if (content > meta) {
            assertThat(JACKSON.readTree(message, meta, content - meta).isObject())
                    .isTrue();
        }
    }

    @Provide
    Arbitrary<String> name() {
        return Arbitraries.strings()
                .withCharRange('\u0000', '\ud7ff')
                .withChars('a', '"', '\\')
                .ofMaxLength(20);
    }

    @Provide
    Arbitrary<String> meta() {
        return Arbitraries.of("", "{}", "{\"a\":1}", "{ \"é\" : [ null , {} ] }");
    }

    private static byte[] userPush(int encoding, byte[] content, String... names) {
        return binary(3, encoding, content, names);
    }

    private static byte[] binary(int kind, int encoding, byte[] content, String... names) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.write(kind);
        for (String name : names) {
            message.write(name.getBytes(UTF_8).length);
        }
        message.write(encoding);
        for (String name : names) {
            message.writeBytes(name.getBytes(UTF_8));
        }
        message.writeBytes(content);
        return message.toByteArray();
    }
}
