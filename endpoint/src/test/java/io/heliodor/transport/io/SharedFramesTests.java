package io.heliodor.transport.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.session.lane.Loop;
import io.heliodor.transport.frame.ClientDeflate;
import io.heliodor.transport.frame.ClientFrames;
import io.heliodor.transport.frame.FrameLayout;
import io.heliodor.transport.frame.MessageDeflater;
import io.heliodor.transport.io.NettyLoop.SharedFrames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedFramesTests {
    private static final String LONG = "the same words again, ".repeat(20);

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final MessageDeflater deflation = new MessageDeflater(Runnable::run);
    private final Optional<MessageDeflater> compressing = Optional.of(deflation);
    private final Optional<MessageDeflater> plain = Optional.empty();

    @AfterEach
    void nothingIsLeft() {
        deflation.close();
        assertThat(allocator.metric().usedDirectMemory())
                .as("bytes not released")
                .isZero();
    }

    @Test
    void framesForManyMembersWithCompressionAreCompressedOnce() {
        SharedFrames shared = share(LONG, "small", LONG + LONG);
        List<ByteBuf> written = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            written.add(shared.frames(i % 3 == 0 ? plain : compressing));
        }
        shared.release();

        assertThat(deflation.messages()).isEqualTo(2);
        for (int i = 0; i < 50; i++) {
            assertThat(messages(written.get(i))).containsExactly(LONG, "small", LONG + LONG);
            assertThat(written.get(i).getUnsignedByte(0)).isEqualTo((short) (i % 3 == 0 ? 0x81 : 0xc1));
        }
        written.forEach(ByteBuf::release);
    }

    @Test
    void framesForMembersWithoutCompressionAreNotCompressed() {
        SharedFrames shared = share(LONG);
        shared.frames(plain).release();
        shared.release();
        assertThat(deflation.messages()).isZero();
    }

    @Test
    void aSmallMessageIsSharedAsItIs() {
        SharedFrames shared = share("small");
        ByteBuf one = shared.frames(compressing);
        ByteBuf other = shared.frames(plain);
        assertThat(one.memoryAddress()).isEqualTo(other.memoryAddress());
        one.release();
        other.release();
        shared.release();
    }

    @Test
    void keptFramesMayBeCompressedLater() {
        SharedFrames shared = share(LONG);
        shared.frames(plain).release();
        shared.retain();
        shared.release();
        int bytes = shared.bytes();

        ByteBuf later = shared.frames(compressing);

        assertThat(shared.bytes()).as("its counted bytes").isEqualTo(bytes);
        shared.release();
        assertThat(messages(later)).containsExactly(LONG);
        later.release();
    }

    @Test
    void aRangeHasItsMessagesAndNoOthersCompressedOrNot() {
        List<String> all = List.of(LONG, "small", "x".repeat(70_000), "x", LONG + LONG);
        SharedFrames shared = share(all.toArray(String[]::new));
        int bytes = 0;
        for (int from = 0; from <= all.size(); from++) {
            for (int to = from; to <= all.size(); to++) {
                SharedFrames range = shared.range(from, to);
                for (Optional<MessageDeflater> by : List.of(plain, compressing)) {
                    ByteBuf frames = range.frames(by);
                    assertThat(messages(frames)).containsExactlyElementsOf(all.subList(from, to));
                    frames.release();
                }
                bytes += to == from + 1 ? range.bytes() : 0;
                range.release();
            }
        }
        assertThat(bytes).isEqualTo(shared.bytes());
        assertThat(deflation.messages()).as("messages compressed, once each").isEqualTo(3);
        shared.release();
    }

    @Test
    void aRangeKeepsTheBufferUntilItIsReleased() {
        SharedFrames shared = share(LONG, "small", LONG);
        SharedFrames range = shared.range(1, 3);
        range.retain();
        shared.release();
        range.release();

        ByteBuf later = range.frames(compressing);
        assertThat(messages(later)).containsExactly("small", LONG);
        range.release();
        assertThat(messages(later)).as("messages still to be written").containsExactly("small", LONG);
        later.release();
    }

    @Test
    void aRangeOfARangeCountsFromItsOwnBeginning() {
        SharedFrames shared = share("0", "1", "2", "3");
        SharedFrames outer = shared.range(1, 4);
        SharedFrames inner = outer.range(1, 2);
        ByteBuf frames = inner.frames(plain);
        assertThat(messages(frames)).containsExactly("2");
        frames.release();
        List.of(shared, outer, inner).forEach(SharedFrames::release);
    }

    private SharedFrames share(String... messages) {
        EmbeddedChannel channel = new EmbeddedChannel();
        Loop loop = new NettyLoop(channel.eventLoop(), allocator, Optional.empty());
        return (SharedFrames)
                loop.share(List.of(messages).stream().map(ClientFrames::utf8).toList());
    }

    private static List<String> messages(ByteBuf frames) {
        List<String> messages = new ArrayList<>();
        for (int at = frames.readerIndex(); at < frames.writerIndex(); ) {
            int length = FrameLayout.length(frames, at);
            int header = FrameLayout.size(length) - length;
            byte[] payload = new byte[length];
            frames.getBytes(at + header, payload);
            boolean compressed = (frames.getByte(at) & FrameLayout.RSV1) != 0;
            messages.add(new String(compressed ? ClientDeflate.inflate(payload) : payload, StandardCharsets.UTF_8));
            at += header + length;
        }
        return messages;
    }
}
