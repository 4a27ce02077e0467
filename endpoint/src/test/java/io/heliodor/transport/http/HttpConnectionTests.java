package io.heliodor.transport.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import io.heliodor.log.BoundedLog;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.Hub;
import io.heliodor.session.LaneSessions;
import io.heliodor.session.LoadShedder;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.transport.io.NettyLoop;
import io.heliodor.wire.PayloadCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpServerCodec;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** The head, the permit and the body of a request, and until when they count. */
@SuppressWarnings("FutureReturnValueIgnored")
class HttpConnectionTests {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");
    private static final String HEAD = " HTTP/1.1\r\nHost: x\r\n" + "a:\r\n".repeat(100) + "\r\n";
    private static final InetAddress PEER = InetAddress.getLoopbackAddress();

    @AutoClose
    private final PubSub pubsub = PubSub.local();

    @AutoClose
    private final Hub hub = new Hub(
            pubsub,
            PayloadCodec.strict(),
            Limits.openInternet().connections(c -> c.maxHandshakesOfLoopback(10)),
            System::nanoTime);

    private final ConnectionPermits permits = new ConnectionPermits(hub.limits().connections());
    private final SlowSocket channel = new SlowSocket();
    private BiConsumer<HttpConnection, HttpRequest> handler = (http, request) -> {};
    private ChannelFuture sent = channel.newPromise();

    /** A connection whose client takes bytes when the test lets it. */
    private static final class SlowSocket extends EmbeddedChannel {
        private boolean slow;
        private int room;

        @Override
        protected void doWrite(ChannelOutboundBuffer out) throws Exception {
            if (!slow) {
                super.doWrite(out);
                return;
            }
            while (room > 0 && out.current() instanceof ByteBuf next) {
                int bytes = Math.min(room, next.readableBytes());
                room -= bytes;
                out.removeBytes(bytes);
            }
        }

        /** Lets the client take bytes, and a time pass. */
        void takes(int bytes, Duration time) {
            room = bytes;
            flush();
            room = 0;
            for (long left = time.toMillis(); left > 0; left -= 100) {
                advanceTimeBy(100, TimeUnit.MILLISECONDS);
                runScheduledPendingTasks();
            }
        }
    }

    @BeforeEach
    void connect() {
        RecordedLog.clear();
        connection();
    }

    private void connection() {
        LaneSessions lane = new LaneSessions(
                new NettyLoop(channel.eventLoop(), UnpooledByteBufAllocator.DEFAULT, Optional.empty()),
                hub.counters(),
                new LoadShedder(hub.memory(), () -> 0));
        HttpContext context = new HttpContext(
                hub,
                permits,
                TrustedProxies.of(List.of()),
                ServedHosts.all(),
                false,
                new BoundedLog(LOG, "faults", System::nanoTime),
                (connection, request, path, params) -> handler.accept(connection, request));
        RequestGate gate = new RequestGate(hub.memory());
        HttpConnection made = new HttpConnection(context, lane, channel, gate, PEER);
        if (permits.handshake(PEER) instanceof ConnectionPermits.Outcome.Granted(var permit)) {
            made.setPeer(PEER, permit);
        }
        channel.pipeline().addLast(gate, new HttpServerCodec(), made);
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        assertThat(hub.memory().used()).isZero();
        assertThat(permits.addressCount()).isZero();
    }

    private void sends(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, ISO_8859_1));
    }

    @Test
    void anAuthorityThatNoHeaderAcceptsIsRefusedAndNotAFault() {
        sends("GET http://b\u007f/ HTTP/1.1\r\nHost: b\r\n\r\n");
        assertThat(hub.counters().get(Counter.REFUSED_REQUEST)).isEqualTo(1);
        assertThat(RecordedLog.lines(Level.ERROR, "")).isEmpty();
    }

    @Test
    void aTaskHoldsTheHeadAndThePermitOfItsRequestLongerThanTheConnection() {
        ConnectionPermits.Permit[] hold = new ConnectionPermits.Permit[2];
        handler = (connection, request) -> {
            hold[0] = connection.holdRequest();
            hold[1] = connection.holdRequest();
        };
        sends("GET /" + HEAD);
        channel.close();
        channel.runPendingTasks();
        assertThat(hub.memory().used()).isGreaterThan(10_000);
        assertThat(permits.addressCount()).isEqualTo(1);
        hold[0].release();
        hold[0].release();
        assertThat(hub.memory().used()).isGreaterThan(10_000);
        assertThat(permits.addressCount()).isEqualTo(1);
        hold[1].release();
        channel.runPendingTasks();
        assertThat(hub.memory().used()).isZero();
        assertThat(permits.addressCount()).isZero();
    }

    @Test
    void aTaskThatReturnsAfterTheNextRequestHasComeHoldsItsOwnHeadOnly() {
        ConnectionPermits.Permit[] hold = new ConnectionPermits.Permit[1];
        handler = (connection, request) -> {
            hold[0] = connection.holdRequest();
            connection.respond(Responses.of(200, "text/plain", ""), true);
        };
        sends("GET /1" + HEAD);
        long ofOne = hub.memory().used();
        handler = (connection, request) -> {};
        sends("GET /2" + HEAD);
        assertThat(hub.memory().used()).isGreaterThan(ofOne + 10_000);
        hold[0].release();
        assertThat(hub.memory().used()).isEqualTo(ofOne);
    }

    @Test
    void aTaskThatWaitsForItsTurnIsDroppedWithItsConnection() throws Exception {
        FairTasks tasks = new FairTasks(0);
        FairTasks.Task task = new FairTasksTests.Work(() -> {}, () -> {});
        handler = (connection, request) -> {
            ConnectionPermits.Permit hold = connection.holdRequest();
            tasks.run(PEER, task);
            connection.onDisconnect(() -> {
                assertThat(tasks.remove(PEER, task)).isTrue();
                hold.release();
            });
        };
        sends("GET /" + HEAD);
        assertThat(tasks.waiting()).isEqualTo(1);
        channel.close();
        channel.runPendingTasks();
        assertThat(tasks.waiting()).isZero();
    }

    @Test
    void theMemoryOfABodyIsReturnedWhenItsReceiverFails() {
        handler = (connection, request) -> connection.read(
                request,
                new RequestBody(100_000, hub.memory(), () -> {}, body -> {
                    throw new OutOfMemoryError("on purpose");
                }),
                Duration.ofSeconds(20));
        sends("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n" + "x".repeat(50_000));
        assertThat(channel.isActive()).isFalse();
        assertThat(RecordedLog.lines(Level.ERROR, "fault of the server")).hasSize(1);
    }

    @Test
    void aBodyThatShallBeReadAfterTheEndOfItsConnectionIsReleased() {
        HttpRequest[] head = new HttpRequest[1];
        HttpConnection[] connections = new HttpConnection[1];
        handler = (connection, request) -> {
            connections[0] = connection;
            head[0] = request;
        };
        sends("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n");
        channel.close();
        channel.runPendingTasks();
        connections[0].read(head[0], new RequestBody(100, hub.memory(), () -> {}, body -> {}), Duration.ZERO);
        assertThat(hub.counters().get(Counter.REFUSED_REQUEST)).isZero();
    }

    /** Sends a large response to a client that takes nothing of it yet. */
    private void respondsLarge(int bytes) {
        channel.freezeTime();
        channel.slow = true;
        handler = (connection, request) ->
                sent = connection.respondPaced(Responses.of(200, "text/plain", "x".repeat(bytes)), true);
        sends("GET /" + HEAD);
    }

    @Test
    void aLargeResponseMayTakeLongerThanTheStallTimeoutWhileItIsTaken() {
        respondsLarge(100_000);
        for (int i = 0; i < 10; i++) {
            channel.takes(9_900, Duration.ofSeconds(7));
            assertThat(sent.isDone()).isFalse();
        }
        channel.takes(2_000, Duration.ofSeconds(1));
        assertThat(sent.isSuccess()).isTrue();
        assertThat(channel.isActive()).isTrue();
    }

    @Test
    void aLargeResponseOfWhichNothingIsTakenForTheStallTimeoutEndsItsConnection() {
        respondsLarge(100_000);
        channel.takes(50_000, Duration.ofSeconds(9));
        assertThat(channel.isActive()).isTrue();
        channel.takes(0, Duration.ofSeconds(3));
        assertThat(channel.isActive()).isFalse();
        assertThat(sent.isSuccess()).isFalse();
    }

    @Test
    void aLargeResponseThatTricklesEndsItsConnection() {
        respondsLarge(20 << 10);
        for (int i = 0; i < 28; i++) {
            channel.takes(1, Duration.ofSeconds(1));
        }
        assertThat(channel.isActive()).isTrue();
        channel.takes(1, Duration.ofSeconds(4));
        assertThat(channel.isActive()).isFalse();
    }

    @Test
    void aVeryLargeResponseIsTakenAsFastAsTheMessagesOfAWebSocket() {
        respondsLarge(2 << 20);
        for (int i = 0; i < 12; i++) {
            channel.takes(20 << 10, Duration.ofSeconds(1));
        }
        assertThat(channel.isActive()).isTrue();
        for (int i = 0; i < 12; i++) {
            channel.takes(10 << 10, Duration.ofSeconds(1));
        }
        assertThat(channel.isActive()).isFalse();
    }
}
