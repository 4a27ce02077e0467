package io.heliodor.session.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.wire.Payload;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class IdPushFormatTests {
    private static final IdPush.Origin ORIGIN = new IdPush.Origin("a@host", 200, -2);

    private static Payload.Json json(String text) {
        byte[] bytes = (" " + text + " ").getBytes(UTF_8);
        return new Payload.Json(bytes, 1, bytes.length - 1);
    }

    private static byte[] written() {
        return IdPushFormat.FORMAT.write(IdPush.delivered(ORIGIN, "users:\u00e4", "note", json("{\"n\":1}")));
    }

    private static String text(Payload payload) {
        return new String(payload.bytes(), payload.from(), payload.length(), UTF_8);
    }

    @Test
    void aPushIsReadAsItWasWritten() {
        IdPush read = IdPushFormat.FORMAT.read(written()).orElseThrow();
        assertThat(read.origin()).isEqualTo(ORIGIN);
        assertThat(read.id()).isEqualTo("users:\u00e4");
        assertThat(read.event()).isEqualTo("note");
        assertThat(read.payload()).isInstanceOf(Payload.Json.class);
        assertThat(text(read.payload())).isEqualTo("{\"n\":1}");
        assertThat(read.take()).isTrue();
        assertThat(read.take()).isFalse();
    }

    @Test
    void bytesAreReadAsTheyWereWritten() {
        Payload.Binary bytes = new Payload.Binary(new byte[] {9, 0, -1, 9}, 1, 3);
        byte[] written = IdPushFormat.FORMAT.write(IdPush.delivered(ORIGIN, "users:1", "note", bytes));
        Payload read = IdPushFormat.FORMAT.read(written).orElseThrow().payload();
        assertThat(read).isInstanceOf(Payload.Binary.class);
        assertThat(Arrays.copyOfRange(read.bytes(), read.from(), read.to())).containsExactly(0, -1);
    }

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        assertThat(HexFormat.of().formatHex(written()))
                .isEqualTo("0100c8fffffffffffffffe"
                        + "00000006" + "6140686f7374"
                        + "00000008" + "75736572733ac3a4"
                        + "00000004" + "6e6f7465"
                        + "7b226e223a317d");
    }

    @Test
    void eachCutOrOtherMessageIsRefused() {
        byte[] whole = written();
        int payload = whole.length - "{\"n\":1}".length();
        for (int length = 0; length <= payload; length++) {
            assertThat(IdPushFormat.FORMAT.read(Arrays.copyOf(whole, length)))
                    .as("%d bytes", length)
                    .isEmpty();
        }
        for (int wrong : new int[] {0, 1, 11, 12}) {
            byte[] bytes = whole.clone();
            bytes[wrong] = 7;
            assertThat(IdPushFormat.FORMAT.read(bytes)).as("byte %d", wrong).isEmpty();
        }
    }
}
