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
import io.heliodor.transport.frame.ClientFrames;
import io.heliodor.transport.io.NettyLoop;
import io.heliodor.wire.PayloadCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Partial messages, while the memory of the endpoint is short. */
class PartialMessagesTests {
    private static final int MIB = 1 << 20;
    private static final int PIECE = 16 << 10;
    private static final byte[] HEARTBEAT = ClientFrames.text("[null,\"1\",\"phoenix\",\"heartbeat\",{}]");

    private static final UserSocket<Object> SOCKET = UserSocket.open()
            .channel("room:*", Channel.join(join -> Join.ok("")).build())
            .build();

    private final AtomicLong clock = new AtomicLong(1);
    private final PubSub pubsub = PubSub.local();

    /** Memory is tight from 6 MiB on. */
    private final Hub hub = new Hub(
            pubsub,
            PayloadCodec.strict(),
            Limits.openInternet().memory(m -> m.maxHeapBytes(8 * MIB).maxConnectionBytes(4 * MIB)),
            clock::get);

    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final LaneSessions lane = new LaneSessions(
            new NettyLoop(loop.eventLoop(), UnpooledByteBufAllocator.DEFAULT, Optional.empty()),
            hub.counters(),
            new LoadShedder(hub.memory(), () -> 0));
    private final List<EmbeddedChannel> channels = new ArrayList<>();

    private EmbeddedChannel connected() {
        EmbeddedChannel channel = new EmbeddedChannel();
        EmbeddedWebSocket.open(channel, hub, lane, SOCKET, Optional.empty());
        channels.add(channel);
        return channel;
    }

    /** A client that has begun a message of 1 MiB. */
    private EmbeddedChannel begun() {
        EmbeddedChannel channel = connected();
        // Final, text, masked with zeros, its length in eight bytes.
        ByteBuf head =
                Unpooled.buffer().writeByte(0x81).writeByte(0xff).writeLong(MIB).writeInt(0);
        channel.writeInbound(head);
        return channel;
    }

    /** Sends a piece of its message as a socket does: if it is read. */
    private static boolean sends(EmbeddedChannel channel) {
        if (!channel.config().isAutoRead()) {
            return false;
        }
        channel.writeInbound(Unpooled.wrappedBuffer(ClientFrames.utf8("x".repeat(PIECE))));
        return true;
    }

    private void passes(Duration time) {
        clock.addAndGet(time.toNanos());
        lane.sweep(clock.get());
        loop.runPendingTasks();
    }

    private List<EmbeddedChannel> untilNoneIsRead(int clients) {
        List<EmbeddedChannel> all = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            all.add(begun());
        }
        boolean sent = true;
        for (int round = 0; sent && round < MIB / PIECE - 1; round++) {
            sent = false;
            for (EmbeddedChannel client : all) {
                sent |= sends(client);
            }
        }
        return all;
    }

    @AfterEach
    void nothingIsLeft() {
        channels.forEach(EmbeddedChannel::finishAndReleaseAll);
        assertThat(hub.memory().used()).isZero();
        loop.finishAndReleaseAll();
        hub.close();
        pubsub.close();
    }

    @Test
    void clientsWithPartialMessagesAreNotReadWhileMemoryIsShort() {
        untilNoneIsRead(20);
        assertThat(hub.memory().tight()).isTrue();
        // A buffer doubles, and each client may have one piece more.
        assertThat(hub.memory().used()).isLessThan(12 * MIB);
        assertThat(hub.counters().get(Counter.READS_PAUSED)).isEqualTo(20);
    }

    @Test
    void otherClientsAreReadMeanwhile() {
        untilNoneIsRead(20);
        EmbeddedChannel small = connected();
        small.writeInbound(Unpooled.wrappedBuffer(HEARTBEAT));
        loop.runPendingTasks();
        assertThat(small.outboundMessages()).hasSize(1);
        assertThat(small.config().isAutoRead()).isTrue();
    }

    @Test
    void clientsAreReadAgainWhenMemoryIsFree() {
        List<EmbeddedChannel> all = untilNoneIsRead(20);
        all.subList(0, 10).forEach(client -> client.close().syncUninterruptibly());
        passes(Duration.ofSeconds(1));
        assertThat(all.subList(10, 20)).allMatch(client -> client.config().isAutoRead());
    }

    @Test
    void someClientsAreClosedIfMemoryStaysShort() {
        untilNoneIsRead(20);
        passes(Duration.ofSeconds(1));
        passes(Duration.ofSeconds(2));
        assertThat(hub.counters().get(Counter.CLOSED_OVERLOADED)).isPositive();
    }
}
