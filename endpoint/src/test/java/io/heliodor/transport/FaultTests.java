package io.heliodor.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.limit.Limits;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.Connection;
import io.heliodor.session.Count;
import io.heliodor.session.Hub;
import io.heliodor.session.Lane;
import io.heliodor.session.Relief;
import io.heliodor.session.Session;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.Serializer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** Faults of the server in the transport: each ends its connection with 1011, and is counted and logged once. */
class FaultTests {
    private static final byte[] MESSAGE = ClientFrames.text("[null,\"1\",\"phoenix\",\"heartbeat\",{}]");

    /** More memory than a client may hold and be read. */
    private static final long PAUSES = 8 << 20;

    private static final UserSocket<Object> SOCKET = UserSocket.open()
            .channel("room:*", Channel.join(join -> Join.ok("")).build())
            .build();

    @AutoClose
    private final PubSub pubsub = PubSub.local();

    @AutoClose
    private final Hub hub = new Hub(pubsub, PayloadCodec.strict(), Limits.openInternet(), System::nanoTime);

    @AutoClose("finishAndReleaseAll")
    private final EmbeddedChannel channel = new EmbeddedChannel();

    private final Lane lane = new Lane(
            new NettyLoop(channel.eventLoop(), UnpooledByteBufAllocator.DEFAULT, Optional.empty()),
            hub.counts(),
            new Relief(hub.memory(), () -> 0));
    private final List<Session<?>> sessions = new ArrayList<>();

    @BeforeEach
    void forgetTheLog() {
        RecordedLog.clear();
    }

    /** A session whose serializer fails at each message. */
    private Session<?> session(Connection connection) {
        Serializer faulty = (Serializer)
                Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Serializer.class}, (o, m, a) -> {
                    throw new StackOverflowError("on purpose");
                });
        Session<?> session = hub.session(
                lane,
                connection,
                Hub.routes(SOCKET),
                faulty,
                Connect.<Object>ok(Empty.EMPTY),
                hub.accept(),
                Optional.empty());
        sessions.add(session);
        return session;
    }

    private WebSocketConnection webSocket() {
        var socket = new WebSocketConnection(channel, hub.counts(), 1 << 20, Optional.empty(), this::session) {
            @Override
            void shutdownOutput() {}
        };
        channel.pipeline().addLast(socket);
        return socket;
    }

    private void isCountedAndLoggedOnce() {
        assertThat(hub.counts().get(Count.CLOSED_FAULT)).isEqualTo(1);
        assertThat(hub.counts().get(Count.CONNECTIONS)).isZero();
        assertThat(RecordedLog.lines(Level.ERROR, "fault of the server")).hasSize(1);
    }

    private void isClosedWith1011() {
        channel.runPendingTasks();
        ByteBuf close = channel.readOutbound();
        assertThat(close.getUnsignedByte(0)).isEqualTo((short) (0x80 | Frames.CLOSE));
        assertThat(close.getShort(2)).isEqualTo((short) 1011);
        close.release();
        isCountedAndLoggedOnce();
    }

    @Test
    void aFaultWhileMessagesAreReadClosesTheConnection() {
        webSocket().open(null);
        channel.writeInbound(Unpooled.wrappedBuffer(MESSAGE));
        isClosedWith1011();
    }

    @Test
    void aFaultWhileBytesAreReadThatWaitedClosesTheConnection() {
        webSocket().open(null);
        Session<?> session = sessions.getFirst();
        session.holds(PAUSES);
        assertThat(channel.config().isAutoRead()).isFalse();
        channel.writeInbound(Unpooled.wrappedBuffer(MESSAGE));
        assertThat(hub.counts().get(Count.CLOSED_FAULT)).isZero();

        session.releases(PAUSES);
        isClosedWith1011();
        // Bytes of the client that are not read would be answered with a reset, which takes the close frame away.
        assertThat(channel.config().isAutoRead()).isTrue();
    }

    @Test
    void aFaultInWhatCameWithTheHandshakeClosesTheConnection() {
        ByteBuf eager = Unpooled.copiedBuffer(MESSAGE);
        assertThatCode(() -> webSocket().open(eager)).doesNotThrowAnyException();
        isClosedWith1011();
        assertThat(eager.refCnt()).isZero();
    }

    private PollConnection polling(ConnectionPermits.Permit place, PollLimits limits) {
        PollSessions polls = new PollSessions(limits, hub.endpoints().self());
        PollConnection connection = polls.add(token -> new PollConnection(
                polls, token, place, "/socket", lane, channel.eventLoop(), hub.counts(), 1 << 20, this::session));
        connection.open();
        return connection;
    }

    private static PollSend post(List<Integer> answers) {
        var messages = (PollBody.Messages) PollBody.read("application/x-ndjson", ClientFrames.utf8("[1]\n[2]"), 100);
        return new PollSend(messages.messages(), answers::add);
    }

    @Test
    void aFaultInAPostEndsTheSessionAndThePostIsAnswered() {
        PollConnection connection = polling(ConnectionPermits.Unlimited.UNLIMITED, PollLimits.defaults());
        List<Integer> answers = new ArrayList<>();
        assertThatCode(() -> connection.post(post(answers))).doesNotThrowAnyException();
        assertThat(answers).containsExactly(410);
        assertThat(sessions.getFirst().closed()).isTrue();
        isCountedAndLoggedOnce();
    }

    @Test
    void aFaultInATimerOfASessionThatPollsIsLogged() {
        channel.freezeTime();
        ConnectionPermits.Permit faulty = () -> {
            throw new IllegalStateException("on purpose");
        };
        PollConnection connection = polling(faulty, PollLimits.defaults().inactive(Duration.ofNanos(1)));
        assertThat(connection.writable()).isTrue();
        channel.advanceTimeBy(1, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertThat(sessions.getFirst().closed()).isTrue();
        assertThat(RecordedLog.lines(Level.ERROR, "fault of the server")).hasSize(1);
    }
}
