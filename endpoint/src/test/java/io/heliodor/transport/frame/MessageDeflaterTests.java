package io.heliodor.transport.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultEventLoop;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageDeflaterTests {
    private static final int LIMIT = 1 << 20;

    private final Queue<Runnable> afterTasks = new ArrayDeque<>();
    private final Compression compression =
            new Compression(new MessageDeflater(afterTasks::add), new MessageInflater());
    private final MessageDeflater deflation = compression.deflation();

    @ParameterizedTest
    @ValueSource(ints = {128, 129, 1_000, 65_535, 65_536, LIMIT})
    void aRepetitiveMessageIsCompressed(int length) {
        byte[] message = new byte[length];
        Arrays.fill(message, (byte) 'x');
        byte[] smaller = compress(message).orElseThrow();
        assertThat(smaller).hasSizeLessThan(length / 5);
        assertThat(ClientDeflate.inflate(smaller)).isEqualTo(message);
    }

    @Test
    void aSmallMessageStaysAsItIs() {
        assertThat(compress(new byte[127])).isEmpty();
        assertThat(deflation.messages()).isZero();
        assertThat(compress(new byte[128])).isPresent();
        assertThat(deflation.messages()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 1_000, 100_000})
    void aMessageThatDoesNotShrinkStaysAsItIsAndDoesNotAffectTheNext(int length) {
        byte[] noise = new byte[length];
        new Random(1).nextBytes(noise);
        assertThat(compress(noise)).isEmpty();
        aRepetitiveMessageIsCompressed(200);
    }

    @Test
    void messagesAfterTheFirstMebibyteOfAPassAreNotCompressed() {
        byte[] half = new byte[LIMIT / 2];
        assertThat(compress(half)).isPresent();
        assertThat(compress(half)).isPresent();
        assertThat(compress(new byte[128])).isEmpty();
        assertThat(afterTasks).hasSize(1);
        afterTasks.remove().run();
        assertThat(compress(new byte[2 * LIMIT])).as("the first of a pass").isPresent();
        assertThat(compress(half)).isEmpty();
        afterTasks.remove().run();
        assertThat(compress(half)).isPresent();
    }

    @Test
    void eachMessageIsCompressedByItself() {
        byte[] message = ClientFrames.utf8("{\"text\":\"the same words again\"}".repeat(10));
        assertThat(compress(message).orElseThrow()).isEqualTo(compress(message).orElseThrow());
    }

    /** From noise to one repeated byte: whether or not it shrinks, and by however little. */
    @Property
    void aCompressedMessageIsInflatedUnchanged(
            @ForAll @IntRange(max = 5_000) int length,
            @ForAll @IntRange(min = 1, max = 256) int letters,
            @ForAll long seed) {
        Random random = new Random(seed);
        byte[] message = new byte[length];
        for (int i = 0; i < length; i++) {
            message[i] = (byte) random.nextInt(letters);
        }
        compress(message).ifPresent(smaller -> {
            assertThat(smaller).hasSizeLessThan(length);
            assertThat(compression.inflation().inflate(smaller, LIMIT))
                    .isInstanceOfSatisfying(
                            MessageInflater.Message.class,
                            read -> assertThat(read.bytes()).isEqualTo(message));
        });
    }

    @Test
    void framesAreCompressedEachByItself() {
        List<String> messages = List.of("small", "x".repeat(200), "é".repeat(40_000), "");
        ByteBuf plain = Unpooled.buffer();
        messages.forEach(message -> FrameLayout.write(plain, FrameLayout.TEXT, ClientFrames.utf8(message)));
        FrameLayout.write(plain, FrameLayout.BINARY, new byte[1_000]);

        ByteBuf frames = deflation.frames(plain);

        assertThat(frame(frames, 0x81)).asString().isEqualTo(messages.get(0));
        assertThat(ClientDeflate.inflate(frame(frames, 0xc1))).asString().isEqualTo(messages.get(1));
        assertThat(ClientDeflate.inflate(frame(frames, 0xc1))).asString().isEqualTo(messages.get(2));
        assertThat(frame(frames, 0x81)).isEmpty();
        assertThat(ClientDeflate.inflate(frame(frames, 0xc2))).isEqualTo(new byte[1_000]);
        assertThat(frames.isReadable()).isFalse();
        frames.release();
    }

    @Test
    void theDeflaterIsClosedWithItsLoop() throws InterruptedException {
        DefaultEventLoop loop = new DefaultEventLoop();
        Compression owned = Compression.of(loop, loop);
        // On the loop: so the end of the turn is before that of the loop.
        assertThat(loop.submit(() -> owned.deflation().compress(ByteBuffer.allocate(200)))
                        .sync()
                        .getNow())
                .isPresent();

        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();

        // Its listeners are called after its end.
        await().untilAsserted(() -> assertThatThrownBy(() -> owned.inflation().inflate(new byte[1], 10))
                .hasMessageContaining("closed"));
        assertThatThrownBy(() -> owned.deflation().compress(ByteBuffer.allocate(200)))
                .isInstanceOf(RejectedExecutionException.class);
    }

    private Optional<byte[]> compress(byte[] message) {
        return deflation.compress(ByteBuffer.wrap(message));
    }

    private static byte[] frame(ByteBuf frames, int first) {
        assertThat(frames.readUnsignedByte()).isEqualTo((short) first);
        int seven = frames.readUnsignedByte();
        assertThat(seven).as("no frame here is of 64 KiB").isLessThan(127);
        byte[] payload = new byte[seven == 126 ? frames.readUnsignedShort() : seven];
        frames.readBytes(payload);
        return payload;
    }
}
