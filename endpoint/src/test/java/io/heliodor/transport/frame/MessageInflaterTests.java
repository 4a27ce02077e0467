package io.heliodor.transport.frame;

import static io.heliodor.transport.frame.ClientFrames.bytes;
import static io.heliodor.transport.frame.ClientFrames.concat;
import static io.heliodor.transport.frame.ClientFrames.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.sun.management.ThreadMXBean;
import io.heliodor.transport.frame.MessageInflater.Inflated;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MessageInflaterTests {
    private static final int MOST = 4_096;

    /** A whole DEFLATE stream of nothing: one last block. */
    private static final byte[] LAST = bytes(3, 0);

    private final MessageInflater inflation = new MessageInflater();

    @AfterEach
    void close() {
        inflation.close();
    }

    /** The same word in each way that the RFC gives an example of. */
    static Stream<Arguments> hellos() {
        return Stream.of(
                arguments("one block", bytes(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 7, 0)),
                arguments("no compression", concat(bytes(0, 5, 0, 0xfa, 0xff), utf8("Hello"), bytes(0))),
                arguments("a last block", bytes(0xf3, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 0)),
                arguments("two blocks", bytes(0xf2, 0x48, 5, 0, 0, 0, 0xff, 0xff, 0xca, 0xc9, 0xc9, 7, 0)),
                arguments(
                        "a last block behind others",
                        concat(LAST, LAST, bytes(0xf3, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 0))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hellos")
    void helloIsReadInEachForm(String form, byte[] payload) {
        assertThat(message(inflation.inflate(payload, MOST))).asString().isEqualTo("Hello");
        assertThat(message(inflation.inflate(payload, 5))).hasSize(5);
        assertThat(inflation.inflate(payload, 4)).isInstanceOf(MessageInflater.TooLarge.class);
    }

    @Test
    void anEmptyMessageIsOneByte() {
        assertThat(message(inflation.inflate(bytes(0), MOST))).isEmpty();
        assertThat(message(inflation.inflate(bytes(2, 0), MOST))).isEmpty();
        assertThat(inflation.inflate(bytes(), MOST)).isInstanceOf(MessageInflater.Corrupt.class);
    }

    @Test
    void aBlockBehindTheLastMayReferToWhatCameBefore() {
        byte[] again = utf8("Hello, Hello, Hello");
        byte[] payload = new byte[100];
        try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true)) {
            deflater.setDictionary(utf8("Hello"));
            deflater.setInput(again);
            int count = deflater.deflate(payload, 0, payload.length, Deflater.SYNC_FLUSH);
            payload = Arrays.copyOf(payload, count - 4);
        }
        assertThat(inflation.inflate(payload, MOST)).isInstanceOf(MessageInflater.Corrupt.class);

        byte[] hello = bytes(0xf3, 0x48, 0xcd, 0xc9, 0xc9, 7, 0);
        assertThat(message(inflation.inflate(concat(hello, payload), MOST)))
                .asString()
                .isEqualTo("HelloHello, Hello, Hello");
    }

    @Test
    void aMessageThatIsCutOffIsCorrupt() {
        byte[] payload = ClientDeflate.deflate(utf8("so much of a message, so little of a message"));
        for (int length = 0; length < payload.length; length++) {
            assertThat(inflation.inflate(Arrays.copyOf(payload, length), MOST))
                    .as("%d of %d bytes", length, payload.length)
                    .isInstanceOf(MessageInflater.Corrupt.class);
        }
    }

    @Test
    void noiseIsCorruptAndDoesNoHarm() {
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            byte[] noise = new byte[random.nextInt(100)];
            random.nextBytes(noise);
            inflation.inflate(noise, MOST);
        }
        assertThat(inflation.inflate(bytes(0xff, 0xff), MOST)).isInstanceOf(MessageInflater.Corrupt.class);
        helloIsReadInEachForm("after noise", bytes(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 7, 0));
    }

    @Test
    void theLimitIsForWhatComesOut() {
        assertThat(message(inflation.inflate(ClientDeflate.bomb(MOST), MOST))).isEqualTo(new byte[MOST]);
        assertThat(inflation.inflate(ClientDeflate.bomb(MOST + 1), MOST)).isInstanceOf(MessageInflater.TooLarge.class);
    }

    @Test
    void aBombCostsNoMoreThanTheLimit() {
        int most = 1 << 20;
        byte[] bomb = ClientDeflate.bomb(1L << 28);
        assertThat(bomb).hasSizeLessThan(most);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();

        assertThat(inflation.inflate(bomb, most)).isInstanceOf(MessageInflater.TooLarge.class);

        // What goes in, once more with its end; what comes out, in an array that doubled on its way to the limit.
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(bomb.length + 2 * most + (64 << 10));

        long again = threads.getCurrentThreadAllocatedBytes();
        assertThat(inflation.inflate(bomb, most)).isInstanceOf(MessageInflater.TooLarge.class);
        assertThat(threads.getCurrentThreadAllocatedBytes() - again)
                .as("the array is there already")
                .isLessThan(bomb.length + (64 << 10));
    }

    @Test
    void manyLastBlocksAreTooMany() {
        byte[][] blocks = new byte[1_025][];
        Arrays.fill(blocks, LAST);
        blocks[1_024] = bytes(0);
        assertThat(message(inflation.inflate(concat(blocks), MOST))).isEmpty();
        assertThat(inflation.inflate(concat(concat(LAST), concat(blocks)), MOST))
                .isInstanceOf(MessageInflater.Corrupt.class);
    }

    private static byte[] message(Inflated inflated) {
        assertThat(inflated).isInstanceOf(MessageInflater.Message.class);
        return ((MessageInflater.Message) inflated).bytes;
    }
}
