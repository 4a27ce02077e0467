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
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that arrive slowly: the bytes count as activity, and their pace has a lower limit. */
class SlowMessagesTests {
    private static final byte[] PING = {(byte) 0x89, (byte) 0x80, 0, 0, 0, 0};

    private static final UserSocket<Object> SOCKET = UserSocket.open()
            .channel("room:*", Channel.join(join -> Join.ok("")).build())
            .build();

    private final AtomicLong clock = new AtomicLong(1);
    private final PubSub pubsub = PubSub.local();
    private final Hub hub = new Hub(pubsub, PayloadCodec.strict(), Limits.openInternet(), clock::get);
    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final LaneSessions lane = new LaneSessions(
            new NettyLoop(loop.eventLoop(), UnpooledByteBufAllocator.DEFAULT, Optional.empty()),
            hub.counters(),
            new LoadShedder(hub.memory(), () -> 0));
    private final EmbeddedChannel client = new EmbeddedChannel();

    SlowMessagesTests() {
        EmbeddedWebSocket.open(client, hub, lane, SOCKET, Optional.empty());
    }

    @AfterEach
    void nothingIsLeft() {
        client.finishAndReleaseAll();
        assertThat(hub.memory().used()).isZero();
        loop.finishAndReleaseAll();
        hub.close();
        pubsub.close();
    }

    private static byte[] heartbeat(int bytes) {
        String head = "[null,\"1\",\"phoenix\",\"heartbeat\",\"";
        return ClientFrames.text(head + "x".repeat(bytes - head.length() - 2) + "\"]");
    }

    /** The first frame of a text message, with a number of letters, that others continue. */
    private static byte[] begun(int letters) {
        byte[] frame = ClientFrames.text("[" + "1".repeat(letters));
        frame[0] = 1;
        return frame;
    }

    private void sends(byte[] bytes, int from, int to) {
        client.writeInbound(Unpooled.copiedBuffer(bytes, from, to - from));
        loop.runPendingTasks();
    }

    private void sends(byte[] bytes) {
        sends(bytes, 0, bytes.length);
    }

    /** Sends bytes evenly, at most to the first failure, in steps of a second. */
    private void sendsSlowly(byte[] bytes, int bytesPerSecond) {
        for (int from = 0; from < bytes.length && isOpen(); from += bytesPerSecond) {
            sends(bytes, from, Math.min(bytes.length, from + bytesPerSecond));
            passes(Duration.ofSeconds(1));
        }
    }

    private void passes(Duration time) {
        clock.addAndGet(time.toNanos());
        lane.sweep(clock.get());
        loop.runPendingTasks();
    }

    private boolean isOpen() {
        return hub.counters().get(Counter.CLOSED_IDLE) == 0;
    }

    @ParameterizedTest
    @ValueSource(ints = {2_000, 8_000, 11_000})
    void aLargeMessageOverASlowLinkArrives(int bytesPerSecond) {
        sendsSlowly(heartbeat(900_000), bytesPerSecond);
        assertThat(isOpen()).isTrue();
        assertThat(hub.counters().get(Counter.FRAMES_IN)).isEqualTo(1);
        passes(Duration.ofSeconds(59));
        assertThat(isOpen()).isTrue();
        passes(Duration.ofSeconds(1));
        assertThat(isOpen()).isFalse();
    }

    @Test
    void manyLargeMessagesOverASlowLinkArrive() {
        byte[] message = heartbeat(300_000);
        byte[] all = new byte[5 * message.length];
        for (int i = 0; i < 5; i++) {
            System.arraycopy(message, 0, all, i * message.length, message.length);
        }
        sendsSlowly(all, 7_001);
        assertThat(isOpen()).isTrue();
        assertThat(hub.counters().get(Counter.FRAMES_IN)).isEqualTo(5);
    }

    @Test
    void aGapOfTheLinkWithinAMessageIsPermitted() {
        byte[] message = heartbeat(500_000);
        sends(message, 0, 1_000);
        passes(Duration.ofSeconds(55));
        sendsSlowly(Arrays.copyOfRange(message, 1_000, message.length), 8_000);
        assertThat(isOpen()).isTrue();
        assertThat(hub.counters().get(Counter.FRAMES_IN)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 500})
    void aMessageThatTricklesIsClosed(int bytesPerSecond) {
        byte[] message = heartbeat(900_000);
        sendsSlowly(message, bytesPerSecond);
        assertThat(isOpen()).isFalse();
        // 60 s, and a second more for each KiB that has arrived by then
        assertThat(Duration.ofNanos(clock.get())).isLessThan(Duration.ofMinutes(2));
        assertThat(hub.counters().get(Counter.FRAMES_IN)).isZero();
    }

    @Test
    void oneByteAMinuteIsClosed() {
        byte[] message = heartbeat(1_000);
        for (int at = 0; at < 4 && isOpen(); at++) {
            sends(message, at, at + 1);
            passes(Duration.ofSeconds(30));
            passes(Duration.ofSeconds(29));
        }
        assertThat(isOpen()).isFalse();
    }

    @Test
    void pingsWithinAMessageDoNotKeepItOpen() {
        sends(begun(100));
        for (int i = 0; i < 61 && isOpen(); i++) {
            sends(PING);
            passes(Duration.ofSeconds(1));
        }
        assertThat(isOpen()).isFalse();
    }

    @Test
    void pingsBetweenMessagesKeepTheConnectionOpen() {
        for (int i = 0; i < 10; i++) {
            sends(PING);
            passes(Duration.ofSeconds(59));
            assertThat(isOpen()).isTrue();
        }
    }

    @Test
    void aConnectionThatSendsNothingIsIdle() {
        passes(Duration.ofSeconds(1));
        passes(Duration.ofSeconds(59));
        assertThat(isOpen()).isTrue();
        passes(Duration.ofSeconds(1));
        assertThat(isOpen()).isFalse();
    }
}
