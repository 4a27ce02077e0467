package io.heliodor.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameWriterTests {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 7, 8, 9, 125, 126, 65_535, 65_536})
    void theMaskCanBeTakenOffAgain(int length) {
        byte[] payload = new byte[length];
        for (int i = 0; i < length; i++) {
            payload[i] = (byte) (31 * i);
        }
        ByteBuffer frame = new FrameWriter(length).frame(FrameWriter.TEXT, payload, length);

        assertThat(frame.get()).isEqualTo((byte) 0x81);
        int shortLength = frame.get() & 0xff;
        assertThat(shortLength).as("the mask bit").isGreaterThanOrEqualTo(0x80);
        long announced = switch (shortLength & 0x7f) {
            case 126 -> frame.getShort() & 0xffff;
            case 127 -> frame.getLong();
            default -> shortLength & 0x7f;
        };
        assertThat(announced).isEqualTo(length);
        byte[] mask = new byte[4];
        frame.get(mask);
        byte[] unmasked = new byte[frame.remaining()];
        for (int i = 0; i < unmasked.length; i++) {
            unmasked[i] = (byte) (frame.get() ^ mask[i & 3]);
        }
        assertThat(unmasked).isEqualTo(payload);
    }
}
