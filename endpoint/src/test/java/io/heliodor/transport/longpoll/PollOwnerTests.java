package io.heliodor.transport.longpoll;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.limit.Limits;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.Hub;
import io.heliodor.session.LaneSessions;
import io.heliodor.session.LoadShedder;
import io.heliodor.session.Session;
import io.heliodor.session.lane.Connection;
import io.heliodor.transport.http.ConnectionPermits;
import io.heliodor.transport.io.NettyLoop;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.V2TextSerializer;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The endpoint of a session, with requests of another one. */
class PollOwnerTests {
    private static final UserSocket<Object> SOCKET = UserSocket.open()
            .channel("room:*", Channel.join(join -> Join.ok("")).build())
            .build();

    @AutoClose
    private final PubSub pubsub = PubSub.local();

    @AutoClose
    private final Hub hub = new Hub(pubsub, PayloadCodec.strict(), Limits.openInternet(), System::nanoTime);

    @AutoClose
    private final Hub front = new Hub(pubsub, PayloadCodec.strict(), Limits.openInternet(), System::nanoTime);

    @AutoClose("finishAndReleaseAll")
    private final EmbeddedChannel channel = new EmbeddedChannel();

    private final PollSessions sessions =
            new PollSessions(PollLimits.defaults(), hub.endpoints().self());
    private final PollOwner owner = new PollOwner(hub, sessions, new PollPeers(hub.endpoints()));
    private final PollConnection connection = sessions.add(token -> new PollConnection(
            sessions,
            token,
            ConnectionPermits.Unlimited.UNLIMITED,
            "/socket",
            lane(),
            channel.eventLoop(),
            hub.counters(),
            1 << 20,
            this::session));
    private final PollWire.Session session = new PollWire.Session(connection.token(), "/socket");

    /** The parts of answers that came to the front. */
    private final BlockingQueue<PollWire.Answer> answers = new LinkedBlockingQueue<>();

    private LaneSessions lane() {
        return new LaneSessions(
                new NettyLoop(channel.eventLoop(), UnpooledByteBufAllocator.DEFAULT, Optional.empty()),
                hub.counters(),
                new LoadShedder(hub.memory(), () -> 0));
    }

    private Session<?> session(Connection to) {
        return hub.session(
                lane(),
                to,
                Hub.routes(SOCKET),
                new V2TextSerializer(),
                Connect.<Object>ok(Empty.EMPTY),
                hub.accept(),
                Optional.empty());
    }

    @BeforeEach
    void open() {
        new PollPeers(front.endpoints()).handle(part -> {
            answers.add((PollWire.Answer) part);
            return PollPeers.YES;
        });
        connection.open();
    }

    @Test
    void aPollThatComesAgainIsParkedOnce() throws InterruptedException {
        var poll = new PollWire.Poll(
                session, new PollWire.Request(front.endpoints().self(), 7));
        assertThat(owner.answer(poll)).isEqualTo(PollPeers.YES);
        assertThat(owner.answer(poll)).isEqualTo(PollPeers.YES);
        connection.write("[1]".getBytes(UTF_8));
        connection.flush();
        assertThat(new String(answers.take().text(), UTF_8)).contains("200", "[1]");
        assertThat(owner.answer(poll)).isEqualTo(PollPeers.YES);
        assertThat(owner.answer(new PollWire.Taken(poll.request(), true))).isEqualTo(PollPeers.YES);
        assertThat(owner.answer(new PollWire.Leave(poll.request()))).isEqualTo(PollPeers.YES);
        assertThat(answers).isEmpty();
    }
}
