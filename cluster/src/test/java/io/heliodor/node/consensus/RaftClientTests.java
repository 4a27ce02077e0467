package io.heliodor.node.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.binary.DecodeException;
import io.heliodor.link.Link;
import io.heliodor.link.Message;
import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.node.consensus.ConsensusLog.Outcome;
import io.heliodor.node.consensus.RaftClient.Result;
import io.heliodor.protocol.VoterCommand.Campaign;
import io.heliodor.protocol.VoterCommand.Evict;
import io.heliodor.protocol.VoterCommand.Register;
import io.heliodor.protocol.VoterCommand.Request;
import io.heliodor.raft.MemoryStorage;
import io.heliodor.raft.Voters;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client of a node whose view the test decides. */
@Timeout(120)
class RaftClientTests {
    private static final Peer ANA = new Peer("ana@host", 1);
    private static final Peer BEN = new Peer("ben@host", 2);

    /** A link that sends nothing, and keeps the messages of clients. */
    private static final class RecordedLink implements Link {
        private final BlockingQueue<RaftClientMessage> sent = new LinkedBlockingQueue<>();

        @Override
        public Sent post(Peer to, Message message) {
            if (message instanceof RaftClientMessage ofClient) {
                sent.add(ofClient);
            }
            return Sent.QUEUED;
        }

        @Override
        public Peer self() {
            return ANA;
        }

        @Override
        public Sent offer(Peer to, byte[] envelope) {
            return Sent.NO_SESSION;
        }

        @Override
        public Sent post(Peer to, byte[] envelope) {
            return Sent.NO_SESSION;
        }

        @Override
        public Sent send(Peer to, byte[] envelope, long nanos) {
            return Sent.NO_SESSION;
        }

        @Override
        public void sendAll(List<Peer> to, IntFunction<byte[]> envelopes, long nanos, Refusals refusals) {}

        @Override
        public void close() {}
    }

    /** Time in which a wait is a failure. */
    private static final class NoWaits implements Time {
        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public Task after(long nanos, Runnable task) {
            throw new AssertionError("The request waits for " + nanos + " ns.");
        }

        @Override
        public void close() {}
    }

    private final Time time = Time.machine("test");
    private final RecordedLink link = new RecordedLink();
    private RaftNode raft;
    private long requests;

    @AfterEach
    void close() {
        raft.close();
        time.close();
    }

    /** Starts a node in a view of its own. */
    private RaftClient start(List<String> voters, Time ofClient) throws DecodeException {
        raft = new RaftNode(
                ANA,
                new ConsensusConfig(Voters.named(voters), new MemoryStorage("directory")),
                new NamesStateMachine(_ -> {}, () -> {}, time),
                () -> link,
                time,
                failure -> {
                    throw new AssertionError(failure);
                });
        raft.start();
        raft.view(new View(new ViewId(1, ANA), List.of(ANA), false));
        return new RaftClient(ANA, () -> link, raft, ofClient);
    }

    /** The reply to a command that Ben sends. */
    private Outcome reply(RaftClient client, Request request) throws InterruptedException {
        long id = ++requests;
        client.received(BEN, new RaftClientMessage.Request(id, RaftClientMessage.Kind.COMMAND, request.toBytes()));
        RaftClientMessage reply = link.sent.poll(20, TimeUnit.SECONDS);
        assertThat(reply)
                .isInstanceOfSatisfying(
                        RaftClientMessage.Reply.class,
                        each -> assertThat(each.id()).isEqualTo(id));
        return ((RaftClientMessage.Reply) reply).outcome();
    }

    @Test
    void aLeaderRefusesCommandsOfAPeerAboutAnotherOneAndEvictions() throws Exception {
        RaftClient client = start(List.of(ANA.node()), time);
        await().until(client::leads);
        raft.view(new View(new ViewId(2, ANA), List.of(ANA, BEN), false));
        Request own = new Request(BEN, 1, new Register("name", 7));
        await().untilAsserted(() -> assertThat(reply(client, own)).isInstanceOf(Outcome.Committed.class));
        assertThat(reply(client, new Request(ANA, 2, new Campaign("boss")))).isEqualTo(new Outcome.Refused());
        assertThat(reply(client, new Request(BEN, 3, new Evict(ANA)))).isEqualTo(new Outcome.Refused());
    }

    @Test
    void aRequestWithTooFewVotersInTheViewEndsAtOnce() throws Exception {
        RaftClient client = start(List.of(ANA.node(), BEN.node(), "eve@host"), new NoWaits());
        assertThat(client.execute(new Register("name", 7), TimeUnit.MINUTES.toNanos(1)))
                .isEqualTo(new Result.NoQuorum());
        assertThat(link.sent).isEmpty();
    }
}
