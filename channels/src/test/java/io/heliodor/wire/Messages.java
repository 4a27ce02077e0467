package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.event.json.JsonLimit;
import io.heliodor.wire.Malformed.Fault;
import java.util.Arrays;
import java.util.HexFormat;

/** Messages as a test writes and reads them. JSON has {@code '} in place of {@code "}. */
final class Messages {
    private Messages() {}

    static byte[] utf8(String json) {
        return json.replace('\'', '"').getBytes(UTF_8);
    }

    static Payload.Json json(String json) {
        byte[] bytes = utf8("xx" + json + "yy");
        return new Payload.Json(bytes, 2, bytes.length - 2);
    }

    static Payload.Binary binary(String hex) {
        byte[] bytes = hex("0000" + hex + "00");
        return new Payload.Binary(bytes, 2, bytes.length - 1);
    }

    static Ref ref(String json) {
        byte[] bytes = utf8(json);
        return Ref.of(bytes, 0, bytes.length);
    }

    static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    static String hex(byte[] bytes) {
        return HexFormat.ofDelimiter(" ").formatHex(bytes);
    }

    static String text(byte[] message) {
        return new String(message, UTF_8).replace('"', '\'');
    }

    static String text(Frame frame) {
        return text(bytes(frame.payload()));
    }

    static byte[] bytes(Payload payload) {
        return switch (payload) {
            case Payload.Json json -> Arrays.copyOfRange(json.bytes(), json.from(), json.to());
            case Payload.Binary binary -> Arrays.copyOfRange(binary.bytes(), binary.from(), binary.to());
        };
    }

    /** Decodes from the middle of an array, so that positions count from the message. */
    static FrameOutcome decodeText(Serializer serializer, String json) {
        byte[] message = utf8("{[" + json + "]}}");
        return serializer.decodeText(message, 2, message.length - 3);
    }

    /** Decodes from the middle of an array, so that positions count from the message. */
    static FrameOutcome decodeBinary(Serializer serializer, String hex) {
        byte[] message = hex("0000" + hex + "000000");
        return serializer.decodeBinary(message, 2, message.length - 3);
    }

    static Frame frame(FrameOutcome decoded) {
        assertThat(decoded).isInstanceOf(Frame.class);
        return (Frame) decoded;
    }

    static JsonLimit limit(FrameOutcome decoded) {
        assertThat(decoded).isInstanceOf(OverLimit.class);
        return ((OverLimit) decoded).limit();
    }

    static Fault fault(FrameOutcome decoded) {
        assertThat(decoded).isInstanceOf(Malformed.class);
        return ((Malformed) decoded).fault();
    }
}
