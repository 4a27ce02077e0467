package io.heliodor.session.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.history.CausalStamp;
import io.heliodor.history.Dot;
import io.heliodor.wire.Payload;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BroadcastFormatTests {
    private static final String BYTES = """
            0100076772c3b6c39f657b2261223a22c3b6227d
            01010162ff07
            0102076772c3b6c39f65001001800000000000ac02000000000007017b2261223a22c3b6227d
            01030162001001800000000000ac0200000000000701ff07
            """;

    private final BroadcastFormat format = new BroadcastFormat();

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(Payload payload) {
        return switch (payload) {
            case Payload.Json(byte[] bytes, int from, int to) ->
                "json " + new String(bytes, from, to - from, StandardCharsets.UTF_8);
            case Payload.Binary(byte[] bytes, int from, int to) ->
                "binary " + Arrays.toString(Arrays.copyOfRange(bytes, from, to));
        };
    }

    private Broadcast sent(String event, Payload payload) {
        return format.read(format.write(new Broadcast(event, payload, "a value", null)))
                .orElseThrow();
    }

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        Payload json = new Payload.Json(utf8("[{\"a\":\"ö\"}]"), 1, 11);
        Payload binary = new Payload.Binary(new byte[] {1, -1, 7, 1}, 1, 3);
        CausalStamp stamp = new CausalStamp(new Dot(1L << 47, 300), true, List.of(new Dot(7, 1)));
        List<byte[]> written = List.of(
                format.write(new Broadcast("größe", json, null, null)),
                format.write(new Broadcast("b", binary, null, null)),
                format.write(new Broadcast("größe", json, null, null).with(stamp)),
                format.write(new Broadcast("b", binary, null, null).with(stamp)));
        assertThat(written)
                .extracting(HexFormat.of()::formatHex)
                .containsExactlyElementsOf(BYTES.lines().toList());
        assertThat(written)
                .extracting(bytes -> format.write(format.read(bytes).orElseThrow()))
                .containsExactlyElementsOf(written);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "new_msg", "größer", "ÿÿ"})
    void eventAndJsonArrive(String event) {
        byte[] frame = utf8("[1,2,{\"a\":\"ö\"}]");
        Broadcast arrived = sent(event, new Payload.Json(frame, 5, frame.length - 1));
        assertThat(arrived.event()).isEqualTo(event);
        assertThat(text(arrived.payload())).isEqualTo("json {\"a\":\"ö\"}");
    }

    @Test
    void theLongestEventArrives() {
        String event = "é".repeat(127) + "e";
        Broadcast arrived = sent(event, new Payload.Json(utf8("{}"), 0, 2));
        assertThat(arrived.event()).isEqualTo(event);
        assertThat(text(arrived.payload())).isEqualTo("json {}");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 70_000})
    void bytesArrive(int length) {
        byte[] bytes = new byte[length + 2];
        Arrays.fill(bytes, (byte) -7);
        Broadcast arrived = sent("b", new Payload.Binary(bytes, 1, length + 1));
        assertThat(text(arrived.payload()))
                .isEqualTo("binary " + Arrays.toString(Arrays.copyOfRange(bytes, 1, length + 1)));
    }

    @Test
    void theValueAndTheSenderStayOnTheirNode() {
        Broadcast arrived = sent("a", new Payload.Json(utf8("{}"), 0, 2));
        assertThat(arrived.value()).isNull();
        assertThat(arrived.except()).isNull();
    }

    @Test
    void thePayloadIsASliceOfTheReceivedBytes() {
        byte[] written = format.write(new Broadcast("a", new Payload.Binary(new byte[100], 0, 100), null, null));
        assertThat(format.read(written).orElseThrow().payload())
                .isInstanceOfSatisfying(
                        Payload.Binary.class, slice -> assertThat(slice.bytes()).isSameAs(written));
    }

    @Test
    void aBroadcastThatIsCutOffIsIgnored() {
        byte[] written = format.write(new Broadcast("event", new Payload.Json(utf8("{}"), 0, 2), null, null));
        // A JSON payload has at least a byte.
        for (int length = 0; length <= written.length - 2; length++) {
            assertThat(format.read(Arrays.copyOf(written, length)))
                    .as("%d bytes", length)
                    .isEmpty();
        }
    }

    @Test
    void aBroadcastOfAnotherVersionOrKindIsIgnored() {
        byte[] written = format.write(new Broadcast("event", new Payload.Json(utf8("{}"), 0, 2), null, null));
        byte[] version = written.clone();
        version[0] = 2;
        byte[] kind = written.clone();
        kind[1] = 7;
        assertThat(format.read(version)).isEqualTo(Optional.empty());
        assertThat(format.read(kind)).isEqualTo(Optional.empty());
    }
}
