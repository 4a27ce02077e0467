package io.heliodor.client.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class FrameEncoderTests {
    @Test
    void aHeartbeatHasNoJoinRef() {
        assertThat(text(FrameEncoder.write(null, "12", "phoenix", "heartbeat", Payload.json("{}"))))
                .isEqualTo("[null,\"12\",\"phoenix\",\"heartbeat\",{}]");
    }

    @Test
    void aJoinIsCompact() {
        assertThat(text(FrameEncoder.write("3", "3", "room:42", "phx_join", Payload.json("{\"nick\":\"ada\"}"))))
                .isEqualTo("[\"3\",\"3\",\"room:42\",\"phx_join\",{\"nick\":\"ada\"}]");
    }

    @Test
    void namesAreQuoted() {
        assertThat(text(FrameEncoder.write("3", "8", "a\"b\\c", "é😀", Payload.json("{}"))))
                .isEqualTo("[\"3\",\"8\",\"a\\\"b\\\\c\",\"é😀\",{}]");
    }

    @Test
    void bytesAreABinaryMessage() {
        Message message = FrameEncoder.write(
                "3", "7", "room:é", "upload", Payload.binary(new byte[] {0, (byte) 0xde, (byte) 0xad}, 1, 3));

        assertThat(message.isBinary()).isTrue();
        assertThat(HexFormat.ofDelimiter(" ").formatHex(message.payload().copy()))
                .isEqualTo("00 01 01 07 06 33 37 72 6f 6f 6d 3a c3 a9 75 70 6c 6f 61 64 de ad");
    }

    @Test
    void aFieldIsAddedToAnObject() {
        assertThat(Payload.json("{}").with("since", "@a.0~").text()).isEqualTo("{\"since\":\"@a.0~\"}");
        assertThat(Payload.json(" { } ").with("since", "@a").text()).isEqualTo(" { \"since\":\"@a\"}");
        assertThat(Payload.json("{\"a\":{\"b\":1}}").with("since", "@a").text())
                .isEqualTo("{\"a\":{\"b\":1},\"since\":\"@a\"}");
        assertThat(Payload.json("{\"since\":\"old\"}")
                        .with("since", "@a")
                        .tree()
                        .path("since")
                        .stringValue())
                .isEqualTo("@a");
    }

    private static String text(Message message) {
        assertThat(message.isBinary()).isFalse();
        return new String(message.payload().copy(), UTF_8);
    }
}
