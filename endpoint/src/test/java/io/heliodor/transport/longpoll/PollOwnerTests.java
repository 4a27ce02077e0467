package io.heliodor.transport.longpoll;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Live;
import io.heliodor.event.Empty;
import io.heliodor.limit.Limits;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.Hub;
import io.heliodor.session.LaneSessions;
import io.heliodor.session.LoadShedder;
import io.heliodor.session.Session;
import io.heliodor.session.SessionEnd;
import io.heliodor.session.budget.ConnectionMemory;
import io.heliodor.session.lane.Connection;
import io.heliodor.session.lane.Loop;
import io.heliodor.transport.http.ConnectionPermits;
import io.heliodor.transport.io.NettyLoop;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.V2TextSerializer;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The endpoint of a session, with requests of another one. */
class PollOwnerTests {
    private static final byte[] MESSAGE = ("[\"" + "x".repeat(10_000) + "\"]").getBytes(UTF_8);

    private static final UserSocket<Object> SOCKET = UserSocket.open()
            .channel("room:*", Channel.join(join -> Join.ok("")).build())
            .build();

    @AutoClose
    private final PubSub pubsub = PubSub.local();

    @AutoClose
    private final Hub hub = new Hub(
            pubsub,
            PayloadCodec.strict(),
            Limits.openInternet().sessions(s -> s.stallTimeout(Duration.ofMillis(1))),
            System::nanoTime);

    @AutoClose
    private final Hub front = new Hub(pubsub, PayloadCodec.strict(), Limits.openInternet(), System::nanoTime);

    @AutoClose("finishAndReleaseAll")
    private final EmbeddedChannel channel = new EmbeddedChannel();

    private final List<Session<?>> opened = new ArrayList<>();
    private final PollSessions sessions =
            new PollSessions(PollLimits.defaults(), hub.endpoints().self());
    private final PollOwner owner = new PollOwner(hub, sessions, new PollPeers(hub.endpoints()));
    private final PollConnection connection = connection(lane());
    private final PollWire.Session session = new PollWire.Session(connection.token(), "/socket");

    /** The parts of answers that came to the front. */
    private final BlockingQueue<PollWire.Answer> answers = new LinkedBlockingQueue<>();

    /** The reply of the front to a part. */
    private volatile int reply = PollPeers.YES;

    /** The bytes that counted when the last part came to the front. */
    private volatile long usedAtFront;

    private LaneSessions lane() {
        return lane(new NettyLoop(channel.eventLoop(), UnpooledByteBufAllocator.DEFAULT, Optional.empty()));
    }

    private LaneSessions lane(Loop loop) {
        return new LaneSessions(loop, hub.counters(), new LoadShedder(hub.memory(), () -> 0));
    }

    private PollConnection connection(LaneSessions lane) {
        return sessions.add(
                InetAddress.getLoopbackAddress(),
                token -> new PollConnection(
                        sessions,
                        token,
                        ConnectionPermits.Unlimited.UNLIMITED,
                        "/socket",
                        lane,
                        channel.eventLoop(),
                        hub.counters(),
                        1 << 20,
                        this::session));
    }

    private Session<?> session(Connection to) {
        Session<?> made = hub.session(
                lane(),
                to,
                Hub.routes(SOCKET),
                new V2TextSerializer(),
                Connect.<Object>ok(Empty.EMPTY),
                hub.accept(),
                Optional.empty());
        opened.add(made);
        return made;
    }

    @BeforeEach
    void open() {
        new PollPeers(front.endpoints()).handle(part -> {
            usedAtFront = used();
            answers.add((PollWire.Answer) part);
            return reply;
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

    enum End {
        TAKEN,
        NOT_TAKEN,
        UNKNOWN_TO_THE_FRONT,
        SESSION_ENDED
    }

    @ParameterizedTest
    @EnumSource
    void anAnswerCountsUntilItsEnd(End end) throws InterruptedException {
        long before = used();
        reply = end == End.UNKNOWN_TO_THE_FRONT ? PollPeers.NO : PollPeers.YES;
        PollWire.Request request = answers(front.endpoints().self());
        int length = answers.take().text().length;
        assertThat(usedAtFront).isEqualTo(before + PollPeers.WAIT_BYTES + length);
        if (end == End.SESSION_ENDED) {
            opened.getFirst().close(SessionEnd.EXPIRED);
        }
        if (end != End.UNKNOWN_TO_THE_FRONT) {
            assertThat(owner.answer(new PollWire.Taken(request, end != End.NOT_TAKEN)))
                    .isEqualTo(PollPeers.YES);
        }
        awaitUsed(end == End.SESSION_ENDED ? 0 : before);
    }

    @Test
    void anAnswerToAFrontThatIsGoneCountsNoLonger() throws InterruptedException {
        long before = used();
        answers("AAAAAAAA1");
        PollWire.Request next = answers(front.endpoints().self());
        int length = answers.take().text().length;
        assertThat(length).as("bytes of both messages").isGreaterThan(2 * MESSAGE.length);
        awaitUsed(before + PollPeers.WAIT_BYTES + length);
        assertThat(owner.answer(new PollWire.Taken(next, true))).isEqualTo(PollPeers.YES);
        awaitUsed(before);
    }

    @Test
    void aPostThatCannotBePassedOnDoesNotCount() {
        long before = used();
        PollConnection unreachable = connection(lane(new UnreachableLoop()));
        var post = new PollWire.Post(
                new PollWire.Session(unreachable.token(), "/socket"),
                new PollWire.Request(front.endpoints().self(), 7),
                List.of(new PollBody.Message(false, MESSAGE)));
        assertThatThrownBy(() -> owner.answer(post)).isInstanceOf(IllegalStateException.class);
        assertThat(used()).isEqualTo(before);
    }

    /** Parks a poll that a front has forwarded, and writes a message that answers it. */
    private PollWire.Request answers(String from) {
        var poll = new PollWire.Poll(session, new PollWire.Request(from, 7));
        assertThat(owner.answer(poll)).isEqualTo(PollPeers.YES);
        connection.write(MESSAGE);
        connection.flush();
        return poll.request();
    }

    /** The bytes that count, but those that the session counts for its messages. */
    private long used() {
        ConnectionMemory ofSession = opened.getFirst().memory();
        ofSession.settleExactly();
        return hub.memory().used() - ofSession.held();
    }

    private void awaitUsed(long bytes) {
        Live.eventually()
                .untilAsserted(() -> assertThat(used()).as("bytes that count").isEqualTo(bytes));
    }

    /** A loop that takes no tasks. */
    private static final class UnreachableLoop implements Loop {
        @Override
        public boolean inEventLoop() {
            return false;
        }

        @Override
        public boolean execute(Runnable task) {
            throw new IllegalStateException("on purpose");
        }

        @Override
        public void schedule(Runnable task, long nanos) {
            throw new IllegalStateException("on purpose");
        }

        @Override
        public void afterTasks(Runnable task) {
            throw new IllegalStateException("on purpose");
        }

        @Override
        public Shared share(List<byte[]> messages) {
            throw new IllegalStateException("on purpose");
        }
    }
}
