package io.heliodor.node;

import io.heliodor.link.Envelope;
import io.heliodor.link.Link;
import io.heliodor.link.Log;
import io.heliodor.link.Malformed;
import io.heliodor.link.Peer;
import io.heliodor.link.Routes;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.raft.Raft;
import io.heliodor.raft.RaftMessage;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of the voters, as one node takes part in it: {@link Raft} on a thread of its own, which waits for the disk. Events
 * that wait together are stored by one write.
 *
 * <p>When the disk fails, or the log holds a command that this node does not understand, it stops: it votes and applies no
 * more, and writes an error to the log of the node. All else of the node goes on.
 */
final class Consensus implements Log {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.node");
    private static final Duration TICK = Duration.ofMillis(50);

    /** A change of the Raft state. */
    private interface Event {
        void happen() throws Malformed;
    }

    private final Peer self;
    private final Replica replica;
    private final Supplier<Link> link;
    private final Time time;
    private final NodeLoop loop;
    private final AtomicLong tickets = new AtomicLong();
    private final Map<Long, CompletableFuture<Outcome>> undecided = new ConcurrentHashMap<>();

    // On the loop.
    private final Raft raft;
    private boolean flushing;

    private volatile Optional<Peer> leader = Optional.empty();
    private volatile boolean quorum;
    private volatile boolean stopped;

    /**
     * A member that is alone. Its replica has what the disk has.
     *
     * @throws Malformed when the snapshot on the disk cannot be read
     */
    Consensus(Peer self, Voting voting, Replica replica, Supplier<Link> link, Time time) throws Malformed {
        this.self = self;
        this.replica = replica;
        this.link = link;
        this.time = time;
        this.loop = new NodeLoop("consensus of " + self.node(), this::tick, () -> {});
        this.raft = new Raft(
                self,
                voting.voters(),
                voting.storage(),
                voting.content(),
                Raft.SNAPSHOT_BYTES,
                RandomGenerator.of("L64X128MixRandom"),
                new Effects(),
                time.nanos());
    }

    void start() {
        loop.start();
        Time.Task _ = time.every(TICK, loop::tick);
    }

    private void tick() {
        perform(() -> raft.tick(time.nanos()));
    }

    void route(Routes routes) {
        RaftMessage.route(
                routes, (from, message, _) -> loop.executeForeign(() -> perform(() -> raft.received(from, message))));
    }

    void view(View view) {
        loop.execute(() -> perform(() -> raft.view(view)));
    }

    void opened(Peer peer) {
        loop.execute(() -> perform(() -> raft.opened(peer)));
    }

    /** On the loop. The results are stored and sent after all events that wait already. */
    private void perform(Event event) {
        if (stopped) {
            return;
        }
        try {
            event.happen();
            if (!flushing) {
                flushing = loop.execute(this::flush);
            }
        } catch (Malformed | RuntimeException | Error e) {
            stop(e); // an entry may be applied in part
        }
    }

    private void flush() {
        flushing = false;
        if (stopped) {
            return;
        }
        try {
            raft.flush();
            quorum = raft.quorum();
        } catch (Malformed | RuntimeException | Error e) {
            stop(e); // an entry may be applied in part
        }
    }

    private void stop(Throwable why) {
        stopped = true;
        quorum = false;
        leader = Optional.empty();
        LOG.atError()
                .addKeyValue("node", self.node())
                .setCause(why)
                .log(
                        "This node takes no part in the consensus of the voters any more. Start it again when the cause is mended.");
        undecided.keySet().forEach(ticket -> decide(ticket, new Outcome.Unknown()));
        replica.led(Optional.empty());
    }

    @Override
    public CompletableFuture<Outcome> append(byte[] command) {
        if (command.length == 0) {
            throw new IllegalArgumentException("A command has one byte or more.");
        }
        return ask(ticket -> raft.propose(command, ticket));
    }

    @Override
    public CompletableFuture<Outcome> read(byte[] question) {
        return ask(raft::read).thenApply(outcome -> outcome instanceof Outcome.Committed ? answer(question) : outcome);
    }

    /** On the loop, when the replica has all commands that the question must see. */
    private Outcome answer(byte[] question) {
        try {
            return new Outcome.Committed(replica.index(), replica.read(question));
        } catch (Malformed e) {
            return new Outcome.Refused();
        }
    }

    private interface Question {
        boolean accepted(long ticket);
    }

    private CompletableFuture<Outcome> ask(Question question) {
        long ticket = tickets.incrementAndGet();
        CompletableFuture<Outcome> future = new CompletableFuture<>();
        undecided.put(ticket, future);
        boolean runs = loop.execute(() -> perform(() -> {
            if (!question.accepted(ticket)) {
                decide(ticket, new Outcome.Refused());
            }
        }));
        if (!runs) {
            decide(ticket, new Outcome.Refused());
        } else if (stopped) {
            decide(ticket, new Outcome.Unknown()); // it may have been accepted before
        }
        return future;
    }

    private void decide(long ticket, Outcome outcome) {
        CompletableFuture<Outcome> future = undecided.remove(ticket);
        if (future != null) {
            future.complete(outcome);
        }
    }

    @Override
    public Optional<Peer> leader() {
        return leader;
    }

    @Override
    public boolean quorum() {
        return quorum;
    }

    /** Decides nothing any more. */
    void close() {
        loop.close();
        stopped = true;
        quorum = false;
        leader = Optional.empty();
        undecided.keySet().forEach(ticket -> decide(ticket, new Outcome.Unknown()));
    }

    private final class Effects implements Raft.Effects {
        @Override
        public void send(Peer to, RaftMessage message) {
            Link.Sent _ = link.get().post(to, Envelope.of(message).toBytes());
        }

        @Override
        public byte[] apply(long index, byte[] command) throws Malformed {
            return replica.apply(index, command);
        }

        @Override
        public byte[] snapshot() {
            return replica.snapshot();
        }

        @Override
        public void restore(byte[] state) throws Malformed {
            replica.restore(state);
        }

        @Override
        public void led(Optional<Peer> next) {
            leader = next;
            replica.led(next);
        }

        @Override
        public void decided(long ticket, Raft.Outcome outcome) {
            decide(
                    ticket,
                    switch (outcome) {
                        case Raft.Outcome.Committed(long index, byte[] result) -> new Outcome.Committed(index, result);
                        case Raft.Outcome.Unknown _ -> new Outcome.Unknown();
                    });
        }
    }
}
