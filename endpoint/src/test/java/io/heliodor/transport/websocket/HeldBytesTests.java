package io.heliodor.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.limit.Limits;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.Hub;
import io.heliodor.session.LaneSessions;
import io.heliodor.session.LoadShedder;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.transport.frame.ClientDeflate;
import io.heliodor.transport.frame.Compression;
import io.heliodor.transport.frame.MessageDeflater;
import io.heliodor.transport.frame.MessageInflater;
import io.heliodor.transport.io.NettyLoop;
import io.heliodor.wire.PayloadCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bytes that are held while the session has stopped the reading. */
class HeldBytesTests {
    private static final int READ = 64 << 10;
    private static final int CONNECTION = 8 << 10;
    private static final int INFLATED = 300_000;
    private static final Pattern REPLY = Pattern.compile("\\[null,\"(\\d+)\",\"phoenix\"");

    private static final UserSocket<Object> SOCKET = UserSocket.open()
            .channel("room:*", Channel.join(join -> Join.ok("")).build())
            .build();

    private final PubSub pubsub = PubSub.local();
    private final Hub hub = new Hub(pubsub, PayloadCodec.strict(), Limits.openInternet(), () -> 1);
    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final LaneSessions lane = new LaneSessions(
            new NettyLoop(loop.eventLoop(), UnpooledByteBufAllocator.DEFAULT, Optional.empty()),
            hub.counters(),
            new LoadShedder(hub.memory(), () -> 0));
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Compression compression = new Compression(new MessageDeflater(Runnable::run), new MessageInflater());

    /** Bytes of the client that are not read yet. */
    private final Deque<ByteBuf> sent = new ArrayDeque<>();

    /** A socket completes a read that has begun, even if reading is paused meanwhile. */
    private boolean begun;

    private long maxUsed;

    {
        channel.pipeline().addLast(new ChannelOutboundHandlerAdapter() {
            @Override
            public void read(ChannelHandlerContext ctx) {
                if (!begun) {
                    begun = true;
                    loop.eventLoop().execute(HeldBytesTests.this::completesRead);
                }
            }
        });
        EmbeddedWebSocket.open(channel, hub, lane, SOCKET, Optional.of(compression));
    }

    /** Sends compressed messages, each of which costs more than the share of a turn. */
    private void sends(int messages) {
        ByteBuf all = Unpooled.buffer();
        String text = " ".repeat(INFLATED);
        for (int i = 0; i < messages; i++) {
            all.writeBytes(
                    ClientDeflate.text("[null,\"" + i + "\",\"phoenix\",\"heartbeat\",{\"t\":\"" + text + "\"}]"));
        }
        while (all.isReadable()) {
            sent.add(all.readRetainedSlice(Math.min(READ, all.readableBytes())));
        }
        all.release();
    }

    private void completesRead() {
        begun = false;
        if (!sent.isEmpty()) {
            channel.writeInbound(sent.remove());
        }
        maxUsed = Math.max(maxUsed, hub.memory().used());
    }

    private List<String> replies() {
        List<String> refs = new ArrayList<>();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            REPLY.matcher(out.toString(StandardCharsets.ISO_8859_1))
                    .results()
                    .forEach(reply -> refs.add(reply.group(1)));
            out.release();
        }
        return refs;
    }

    @AfterEach
    void nothingIsLeft() {
        sent.forEach(ByteBuf::release);
        channel.finishAndReleaseAll();
        assertThat(hub.memory().used()).isZero();
        compression.close();
        loop.finishAndReleaseAll();
        hub.close();
        pubsub.close();
    }

    @Test
    void ofAClientThatIsStoppedAfterEachMessageAtMostTwoReadsAreHeld() {
        int messages = 2_000;
        sends(messages);
        assertThat(sent).hasSizeGreaterThan(4);
        channel.read();
        loop.runPendingTasks();
        assertThat(replies())
                .containsExactlyElementsOf(
                        IntStream.range(0, messages).mapToObj(Integer::toString).toList());
        assertThat(maxUsed).isBetween((long) READ, 2L * READ + CONNECTION);
    }

    /** Its session ends while bytes are counted. */
    @Test
    void anIllegalFrameBehindAPartOfAMessageLeavesNothingCountedWhenTheConnectionHasEnded() {
        ByteBuf all = Unpooled.buffer();
        all.writeBytes(
                ClientDeflate.text("[null,\"1\",\"phoenix\",\"heartbeat\",{\"t\":\"" + " ".repeat(INFLATED) + "\"}]"));
        int part = 50_000; // the memory of a connection is counted in steps
        all.writeByte(0x01).writeByte(0x80 | 126).writeShort(part).writeZero(4 + part);
        all.writeByte(0x81).writeByte(0x80).writeZero(4);
        sent.add(all);
        channel.read();
        channel.runPendingTasks();
        completesRead();
        var _ = channel.close();
        loop.runPendingTasks();
        assertThat(hub.counters().get(Counter.CLOSED_PROTOCOL)).isOne();
    }
}
