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
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A connection after its close frame, with a clock that the test advances. */
class ClosedConnectionTests {
    private static final UserSocket<Object> SOCKET = UserSocket.open()
            .channel("room:*", Channel.join(join -> Join.ok("")).build())
            .build();

    private final PubSub pubsub = PubSub.local();
    private final Hub hub = new Hub(pubsub, PayloadCodec.strict(), Limits.openInternet(), () -> 0);
    private final EmbeddedChannel client = new EmbeddedChannel();
    private final LaneSessions lane = new LaneSessions(
            new NettyLoop(client.eventLoop(), UnpooledByteBufAllocator.DEFAULT, Optional.empty()),
            hub.counters(),
            new LoadShedder(hub.memory(), () -> 0));

    ClosedConnectionTests() {
        client.freezeTime();
        EmbeddedWebSocket.open(client, hub, lane, SOCKET, Optional.empty());
    }

    @AfterEach
    void nothingIsLeft() {
        client.finishAndReleaseAll();
        assertThat(hub.memory().used()).isZero();
        hub.close();
        pubsub.close();
    }

    private void drains() {
        lane.forEach(session -> session.closing().drain());
        client.runPendingTasks();
        ByteBuf frame = client.readOutbound();
        assertThat(frame.getUnsignedByte(0)).as("the type of the frame").isEqualTo((short) 0x88);
        assertThat(frame.getUnsignedShort(2)).as("the close code").isEqualTo(1001);
        frame.release();
    }

    private void passes(Duration time) {
        client.advanceTimeBy(time.toMillis(), TimeUnit.MILLISECONDS);
        client.runScheduledPendingTasks();
    }

    @Test
    void bytesAreDiscardedForASecondAtMost() {
        drains();
        for (int i = 0; i < 9; i++) {
            client.writeInbound(Unpooled.wrappedBuffer(ClientFrames.text("[null,\"1\",\"phoenix\",\"heartbeat\",{}]")));
            passes(Duration.ofMillis(111));
            assertThat(client.isOpen()).as("open after %d ms", 111 * (i + 1)).isTrue();
        }
        passes(Duration.ofMillis(1));
        assertThat(client.isOpen()).isFalse();
        assertThat(hub.counters().get(Counter.FRAMES_IN)).isZero();
    }
}
