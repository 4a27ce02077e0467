package io.heliodor.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.Hub;
import io.heliodor.session.LaneSessions;
import io.heliodor.session.LoadShedder;
import io.heliodor.session.Session;
import io.heliodor.session.lane.Connection;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.transport.io.NettyLoop;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.Serializer;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.slf4j.event.Level;

/** Sessions whose serializer fails, for tests that each fault ends its connection, and is counted and logged once. */
public abstract class FaultySessions {
    private static final UserSocket<Object> SOCKET = UserSocket.open()
            .channel("room:*", Channel.join(join -> Join.ok("")).build())
            .build();

    @AutoClose
    private final PubSub pubsub = PubSub.local();

    @AutoClose
    protected final Hub hub = new Hub(pubsub, PayloadCodec.strict(), Limits.openInternet(), System::nanoTime);

    @AutoClose("finishAndReleaseAll")
    protected final EmbeddedChannel channel = new EmbeddedChannel();

    protected final LaneSessions lane = new LaneSessions(
            new NettyLoop(channel.eventLoop(), UnpooledByteBufAllocator.DEFAULT, Optional.empty()),
            hub.counters(),
            new LoadShedder(hub.memory(), () -> 0));
    protected final List<Session<?>> sessions = new ArrayList<>();

    @BeforeEach
    void clearTheLog() {
        RecordedLog.clear();
    }

    /** A session whose serializer fails at each message. */
    protected Session<?> session(Connection connection) {
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

    protected void isCountedAndLoggedOnce() {
        assertThat(hub.counters().get(Counter.CLOSED_FAULT)).isEqualTo(1);
        assertThat(hub.counters().get(Counter.CONNECTIONS)).isZero();
        assertThat(RecordedLog.lines(Level.ERROR, "fault of the server")).hasSize(1);
    }
}
