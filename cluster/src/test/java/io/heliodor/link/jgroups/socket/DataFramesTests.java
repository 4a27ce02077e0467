package io.heliodor.link.jgroups.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DataFramesTests {
    /** A stream whose reads return 1 to {@code most} bytes. */
    private static final class Pieces extends InputStream {
        private final ByteBuffer bytes;
        private final int most;
        private final Random random;

        Pieces(byte[] bytes, int most, Random random) {
            this.bytes = ByteBuffer.wrap(bytes);
            this.most = most;
            this.random = random;
        }

        @Override
        public int read() {
            throw new AssertionError("Single bytes are slow.");
        }

        @Override
        public int read(byte[] to, int offset, int length) {
            if (length == 0) {
                throw new AssertionError("The buffer is full.");
            }
            if (!bytes.hasRemaining()) {
                return -1;
            }
            int count = Math.min(Math.min(length, bytes.remaining()), 1 + random.nextInt(most));
            bytes.get(to, offset, count);
            return count;
        }
    }

    private static byte[] framed(List<byte[]> packets) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] packet : packets) {
            byte[] frame = new byte[DataFrames.HEADER + packet.length];
            assertThat(DataFrames.write(packet, frame)).isEqualTo(frame.length);
            all.writeBytes(frame);
        }
        return all.toByteArray();
    }

    private static List<byte[]> read(InputStream in) throws IOException {
        List<byte[]> packets = new ArrayList<>();
        DataFrames frames = new DataFrames(in);
        while (frames.fill()) {
            frames.deliver((bytes, offset, length) -> packets.add(Arrays.copyOfRange(bytes, offset, offset + length)));
        }
        return packets;
    }

    @Test
    void packetsArriveWholeInWhateverPiecesTheyCome() throws IOException {
        Random random = new Random(7);
        int[] sizes = {1, 2, 100, 4_000, 32 << 10, (64 << 10) - 5, (64 << 10) - 4, (64 << 10) - 3, 64 << 10, 300_000};
        for (int most : new int[] {1, 3, 5_000, 64 << 10, 1 << 20}) {
            List<byte[]> packets = new ArrayList<>();
            for (int i = 0; i < (most == 1 ? 10 : 60); i++) {
                byte[] packet = new byte[sizes[most == 1 ? i % 4 : random.nextInt(sizes.length)]];
                random.nextBytes(packet);
                packets.add(packet);
            }
            List<byte[]> read = read(new Pieces(framed(packets), most, random));
            assertThat(Arrays.deepEquals(read.toArray(), packets.toArray()))
                    .as("pieces of up to %d bytes", most)
                    .isTrue();
        }
    }

    @Test
    void theBytesAreThoseOfTheWire() {
        assertThat(framed(List.of(new byte[] {1, 2, 3}, new byte[258])))
                .startsWith(0, 0, 0, 3, 1, 2, 3, 0, 0, 1, 2, 0)
                .hasSize(4 + 3 + 4 + 258);
    }

    @Test
    void aStreamThatEndsWithinAFrameHasThePacketsBefore() throws IOException {
        byte[] bytes = framed(List.of(new byte[10], new byte[10]));
        for (int length = 14; length < 28; length++) {
            assertThat(read(new Pieces(Arrays.copyOf(bytes, length), 100, new Random(1))))
                    .hasSize(1);
        }
    }

    @Test
    void aLengthThatIsNoneEndsTheStream() {
        for (int length : new int[] {0, -1, Integer.MIN_VALUE, DataFrames.MAX_PACKET + 1}) {
            byte[] frame = ByteBuffer.allocate(8).putInt(length).array();
            assertThatThrownBy(() -> read(new Pieces(frame, 100, new Random(1))))
                    .isInstanceOf(IOException.class)
                    .hasMessage("a packet of " + length + " bytes");
        }
    }
}
