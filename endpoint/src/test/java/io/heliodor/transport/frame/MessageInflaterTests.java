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
    private static final int LIMIT = 4_096;

    /** A whole DEFLATE stream of nothing: one last block. */
    private static final byte[] LAST = bytes(3, 0);

    private final MessageInflater inflation = new MessageInflater();

    @AfterEach
    void close() {
        inflation.close();
    }

    /** The same text in each form of the examples in the RFC. */
    static Stream<Arguments> hellos() {
        return Stream.of(
                arguments("one block", bytes(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 7, 0)),
                arguments("no compression", concat(bytes(0, 5, 0, 0xfa, 0xff), utf8("Hello"), bytes(0))),
                arguments("a last block", bytes(0xf3, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 0)),
                arguments("two blocks", bytes(0xf2, 0x48, 5, 0, 0, 0, 0xff, 0xff, 0xca, 0xc9, 0xc9, 7, 0)),
                arguments(
                        "a last block after others", concat(LAST, LAST, bytes(0xf3, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 0))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hellos")
    void helloIsReadInEachForm(String form, byte[] payload) {
        assertThat(message(inflation.inflate(payload, LIMIT))).asString().isEqualTo("Hello");
        assertThat(message(inflation.inflate(payload, 5))).hasSize(5);
        assertThat(inflation.inflate(payload, 4)).isInstanceOf(MessageInflater.TooLarge.class);
    }

    @Test
    void anEmptyMessageIsOneByte() {
        assertThat(message(inflation.inflate(bytes(0), LIMIT))).isEmpty();
        assertThat(message(inflation.inflate(bytes(2, 0), LIMIT))).isEmpty();
        assertThat(inflation.inflate(bytes(), LIMIT)).isInstanceOf(MessageInflater.Corrupt.class);
    }

    @Test
    void aBlockAfterTheLastMayReferToEarlierBytes() {
        byte[] again = utf8("Hello, Hello, Hello");
        byte[] payload = new byte[100];
        try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true)) {
            deflater.setDictionary(utf8("Hello"));
            deflater.setInput(again);
            int count = deflater.deflate(payload, 0, payload.length, Deflater.SYNC_FLUSH);
            payload = Arrays.copyOf(payload, count - 4);
        }
        assertThat(inflation.inflate(payload, LIMIT)).isInstanceOf(MessageInflater.Corrupt.class);

        byte[] hello = bytes(0xf3, 0x48, 0xcd, 0xc9, 0xc9, 7, 0);
        assertThat(message(inflation.inflate(concat(hello, payload), LIMIT)))
                .asString()
                .isEqualTo("HelloHello, Hello, Hello");
    }

    @Test
    void aMessageThatIsCutOffIsCorrupt() {
        byte[] payload = ClientDeflate.deflate(utf8("so much of a message, so little of a message"));
        for (int length = 0; length < payload.length; length++) {
            assertThat(inflation.inflate(Arrays.copyOf(payload, length), LIMIT))
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
            inflation.inflate(noise, LIMIT);
        }
        assertThat(inflation.inflate(bytes(0xff, 0xff), LIMIT)).isInstanceOf(MessageInflater.Corrupt.class);
        helloIsReadInEachForm("after noise", bytes(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 7, 0));
    }

    @Test
    void theLimitIsThatOfTheInflatedBytes() {
        assertThat(message(inflation.inflate(ClientDeflate.bomb(LIMIT), LIMIT))).isEqualTo(new byte[LIMIT]);
        assertThat(inflation.inflate(ClientDeflate.bomb(LIMIT + 1), LIMIT))
                .isInstanceOf(MessageInflater.TooLarge.class);
    }

    @Test
    void aBombCostsNoMoreThanTheLimit() {
        int limit = 1 << 20;
        byte[] bomb = ClientDeflate.bomb(1L << 28);
        assertThat(bomb).hasSizeLessThan(limit);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();

        assertThat(inflation.inflate(bomb, limit)).isInstanceOf(MessageInflater.TooLarge.class);

        // A copy of the input with its end, and the output in an array that doubles up to the limit.
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(bomb.length + 2 * limit + (64 << 10));

        long again = threads.getCurrentThreadAllocatedBytes();
        assertThat(inflation.inflate(bomb, limit)).isInstanceOf(MessageInflater.TooLarge.class);
        assertThat(threads.getCurrentThreadAllocatedBytes() - again)
                .as("the array is kept for reuse")
                .isLessThan(bomb.length + (64 << 10));
    }

    @Test
    void moreThanAThousandLastBlocksAreRefused() {
        byte[][] blocks = new byte[1_025][];
        Arrays.fill(blocks, LAST);
        blocks[1_024] = bytes(0);
        assertThat(message(inflation.inflate(concat(blocks), LIMIT))).isEmpty();
        assertThat(inflation.inflate(concat(concat(LAST), concat(blocks)), LIMIT))
                .isInstanceOf(MessageInflater.Corrupt.class);
    }

    private static byte[] message(Inflated inflated) {
        assertThat(inflated).isInstanceOf(MessageInflater.Message.class);
        return ((MessageInflater.Message) inflated).bytes();
    }
}
