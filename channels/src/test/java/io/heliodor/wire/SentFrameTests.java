package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages of the server, read again from their bytes. */
class SentFrameTests {
    private static final String TOPIC = "room:\"1\"";
    private static final Ref REF = Ref.of("7");

    static List<Serializer> serializers() {
        return List.of(new V1Serializer(), new V2Serializer(), new V2TextSerializer(), new SupabaseSerializer());
    }

    private static Payload.Json json(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return new Payload.Json(bytes, 0, bytes.length);
    }

    private static Payload.Binary binary(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return new Payload.Binary(bytes, 0, bytes.length);
    }

    private static String read(Serializer serializer, byte[] message) {
        return SentFrame.read(serializer, message)
                .map(frame -> String.join(
                        " ",
                        frame.topic(),
                        frame.event(),
                        frame.status(),
                        frame.payload().getClass().getSimpleName(),
                        new String(
                                frame.payload().bytes(),
                                frame.payload().from(),
                                frame.payload().length(),
                                UTF_8)))
                .orElse("none");
    }

    @ParameterizedTest
    @MethodSource("serializers")
    void aTextIsReadAsItWasWritten(Serializer serializer) {
        assertThat(read(serializer, serializer.push(REF, Ref.NULL, TOPIC, "said", json("{\"a\":\"]}\"}"))))
                .isEqualTo(TOPIC + " said  Json {\"a\":\"]}\"}");
        assertThat(read(serializer, serializer.broadcast(Ref.NULL, TOPIC, "s\\", json("{}"))))
                .isEqualTo(TOPIC + " s\\  Json {}");
        byte[] reply = serializer.reply(REF, REF, TOPIC, "error", json("[1,{\"status\":\"ok\"}]"));
        assertThat(read(serializer, reply)).isEqualTo(TOPIC + " phx_reply error Json [1,{\"status\":\"ok\"}]");
        assertThat(SentFrame.read(serializer, reply).orElseThrow().ref()).isEqualTo(REF);
    }

    @ParameterizedTest
    @MethodSource("serializers")
    void bytesAreReadAsTheyWereWritten(Serializer serializer) {
        boolean carries = serializer instanceof V2Serializer && !(serializer instanceof V2TextSerializer);
        assertThat(read(serializer, serializer.push(REF, Ref.NULL, TOPIC, "said", binary("xyz"))))
                .isEqualTo(carries ? TOPIC + " said  Binary xyz" : "none");
        assertThat(read(serializer, serializer.broadcast(Ref.NULL, TOPIC, "said", binary(""))))
                .isEqualTo(carries ? TOPIC + " said  Binary " : "none");
        byte[] reply = serializer.reply(REF, REF, TOPIC, "ok", binary("xyz"));
        assertThat(read(serializer, reply)).isEqualTo(carries ? TOPIC + " phx_reply ok Binary xyz" : "none");
        if (carries) {
            assertThat(SentFrame.read(serializer, reply).orElseThrow().ref()).isEqualTo(REF);
        }
    }

    @ParameterizedTest
    @MethodSource("serializers")
    void aBinaryBroadcastOfSupabaseHasItsTopic(Serializer serializer) {
        byte[] message = serializer.broadcast(Ref.NULL, TOPIC, "broadcast", binary("\1\0cx"));
        if (message.length > 0) {
            assertThat(read(serializer, message)).startsWith(TOPIC + " broadcast  Binary ");
        }
    }

    @ParameterizedTest
    @MethodSource("serializers")
    void otherBytesAreNoFrame(Serializer serializer) {
        assertThat(SentFrame.read(serializer, Serializer.UNSUPPORTED)).isEmpty();
        Random random = new Random(1);
        byte[] push = serializer.push(REF, Ref.NULL, TOPIC, "said", json("{}"));
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = push.clone();
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            bytes[0] = i % 2 == 0 ? bytes[0] : (byte) random.nextInt(6);
            var _ = SentFrame.read(serializer, bytes); // does not throw
        }
    }
}
