package io.heliodor.transport.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.wire.Slice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameLayoutTests {
    @Test
    void aShortFrameIsWrittenAsInTheExampleOfTheRfc() {
        assertThat(written(FrameLayout.TEXT, ClientFrames.utf8("Hello")))
                .isEqualTo(ClientFrames.bytes(0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 2, 8200",
        "125, 2, 827d",
        "126, 4, 827e007e",
        "127, 4, 827e007f",
        "65535, 4, 827effff",
        "65536, 10, 827f0000000000010000"
    })
    void theLengthIsWrittenInItsShortestForm(int length, int headerBytes, String header) {
        byte[] payload = new byte[length];
        Arrays.fill(payload, (byte) 0xa5);

        byte[] frame = written(FrameLayout.BINARY, payload);

        assertThat(frame).hasSize(FrameLayout.size(length)).hasSize(headerBytes + length);
        assertThat(ByteBufUtil.hexDump(frame, 0, headerBytes)).isEqualTo(header);
        assertThat(Arrays.copyOfRange(frame, headerBytes, frame.length)).isEqualTo(payload);
    }

    @Test
    void framesAreReadAsTheyWereWritten() {
        ByteBuf out = Unpooled.buffer();
        List<byte[]> payloads = IntStream.of(0, 1, 125, 126, 65_535, 65_536, 3)
                .mapToObj(byte[]::new)
                .toList();
        payloads.forEach(each -> Arrays.fill(each, (byte) each.length));
        payloads.forEach(each -> FrameLayout.write(out, FrameLayout.TEXT, each));
        int readable = out.readableBytes();

        assertThat(FrameLayout.payloads(out)).containsExactlyElementsOf(payloads);
        assertThat(out.readableBytes()).isEqualTo(readable);
        out.release();
    }

    @Test
    void aPieceIsOneFrameOfAllItsSlices() {
        byte[] text = ClientFrames.utf8("0123456789");
        ByteBuf out = Unpooled.buffer();
        FrameLayout.writePiece(out, List.of(new Slice(text, 0, 3)), 3, true, false);
        FrameLayout.writePiece(out, List.of(new Slice(text, 3, 4), new Slice(text, 4, 9)), 6, false, false);
        FrameLayout.writePiece(out, List.of(new Slice(text, 9, 10)), 1, false, true);
        assertThat(ByteBufUtil.hexDump(out)).isEqualTo("0103303132" + "0006333435363738" + "800139");
        out.release();
    }

    private static byte[] written(int opcode, byte[] payload) {
        ByteBuf out = Unpooled.buffer();
        FrameLayout.write(out, opcode, payload);
        byte[] bytes = ByteBufUtil.getBytes(out);
        out.release();
        return bytes;
    }
}
