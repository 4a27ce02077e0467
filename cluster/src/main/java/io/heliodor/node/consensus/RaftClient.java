package io.heliodor.node.consensus;

import io.heliodor.binary.DecodeException;
import io.heliodor.link.Link;
import io.heliodor.link.Peer;
import io.heliodor.link.Signal;
import io.heliodor.link.Time;
import io.heliodor.node.consensus.RaftClientMessage.Kind;
import io.heliodor.node.loop.PendingRequests;
import io.heliodor.protocol.VoterAnswer;
import io.heliodor.protocol.VoterCommand;
import io.heliodor.protocol.VoterCommand.Request;
import io.heliodor.protocol.VoterNames;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The client of the voters: it sends commands to the leader of their log, and repeats each under one number until it is
 * answered. While this node leads, it executes the commands of other nodes.
 */
public final class RaftClient implements RetryQueue.Client {
    /** The timeout of one attempt. A leader answers a change of the voters within 2 s. */
    private static final long ATTEMPT_TIMEOUT = TimeUnit.SECONDS.toNanos(3);

    private static final long RETRY_DELAY = TimeUnit.MILLISECONDS.toNanos(20);

    /** Longer than any command, which has a name of 1 KiB. */
    private static final int MAX_COMMAND = 8_192;

    /** Bounded so that the voters still remember each command while it is retried. */
    private static final int MAX_CONCURRENT = VoterNames.MAX_ANSWERS / 2;

    /** The result of a request to the voters. */
    public sealed interface Result {
        /** The voters have answered, by the command of that index. */
        record Answered(long index, VoterAnswer answer) implements Result {}

        /** Too few of them can be reached. Nothing has happened. */
        record NoQuorum() implements Result {}

        /** The request may have been executed, or may still be. */
        record Unknown() implements Result {}
    }

    private final Peer self;
    private final Supplier<Link> link;
    private final AtomicLong numbers = new AtomicLong();
    private final Time time;
    private final Semaphore permits = new Semaphore(MAX_CONCURRENT);
    private final Signal released = new Signal();

    /** Bounded by the number of calling threads. */
    private final PendingRequests<ConsensusLog.Outcome> pending = new PendingRequests<>();

    private final RaftNode log;
    private volatile boolean closed;

    public RaftClient(Peer self, Supplier<Link> link, RaftNode log, Time time) {
        this.self = self;
        this.time = time;
        this.link = link;
        this.log = log;
    }

    /** Whether the view has a majority of the voters. */
    public boolean quorum() {
        return log.quorum();
    }

    /** Whether this node leads the log, as far as it knows. */
    public boolean leads() {
        return log.leader().filter(self::equals).isPresent();
    }

    /** Executes a command at most once. Blocks. */
    public Result execute(VoterCommand command, long nanos) {
        long deadline = time.nanos() + nanos;
        try {
            if (!released.await(permits::tryAcquire, nanos, time)) {
                return new Result.Unknown();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Result.Unknown();
        }
        try {
            return again(number(command), deadline - time.nanos());
        } finally {
            permits.release();
            released.signalAll();
        }
    }

    @Override
    public Request number(VoterCommand command) {
        return new Request(self, numbers.incrementAndGet(), command);
    }

    @Override
    public Result again(Request request, long nanos) {
        return attemptUntil(Kind.COMMAND, request.toBytes(), time.nanos() + nanos);
    }

    /** A linearizable query. Blocks. */
    public Result read(VoterCommand.Lookup query, long nanos) {
        return attemptUntil(Kind.QUERY, new Request(self, 0, query).toBytes(), time.nanos() + nanos);
    }

    /** Adds or removes a voter, at most once for each attempt. Blocks. */
    public Result change(String node, boolean adds, long nanos) {
        byte[] name = node.getBytes(StandardCharsets.UTF_8);
        return attemptUntil(adds ? Kind.ADD_VOTER : Kind.REMOVE_VOTER, name, time.nanos() + nanos);
    }

    private Result attemptUntil(Kind kind, byte[] content, long deadline) {
        boolean maybe = false;
        while (true) {
            long left = deadline - time.nanos();
            if (closed || left <= 0 || !quorum()) {
                return maybe ? new Result.Unknown() : new Result.NoQuorum();
            }
            try {
                switch (attempt(kind, content, Math.min(left, ATTEMPT_TIMEOUT))) {
                    case ConsensusLog.Outcome.Committed(long index, byte[] result) -> {
                        return new Result.Answered(index, VoterAnswer.of(result));
                    }
                    case ConsensusLog.Outcome.Refused _ -> time.await(new CompletableFuture<>(), RETRY_DELAY);
                    case ConsensusLog.Outcome.Unknown _ -> {
                        maybe = kind != Kind.QUERY;
                        time.await(new CompletableFuture<>(), RETRY_DELAY);
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new Result.Unknown();
            } catch (DecodeException e) {
                return new Result.Unknown();
            }
        }
    }

    private ConsensusLog.Outcome attempt(Kind kind, byte[] content, long nanos) throws InterruptedException {
        Peer leader = log.leader().orElse(null);
        if (leader == null) {
            return new ConsensusLog.Outcome.Refused();
        }
        if (leader.equals(self)) {
            return awaitOutcome(submit(kind, content), nanos);
        }
        CompletableFuture<ConsensusLog.Outcome> future = new CompletableFuture<>();
        long id = pending.add(leader, future);
        try {
            return link.get().post(leader, new RaftClientMessage.Request(id, kind, content)) == Link.Sent.QUEUED
                    ? awaitOutcome(future, nanos)
                    : new ConsensusLog.Outcome.Refused();
        } finally {
            pending.remove(id);
        }
    }

    private ConsensusLog.Outcome awaitOutcome(CompletableFuture<ConsensusLog.Outcome> future, long nanos)
            throws InterruptedException {
        time.await(future, nanos);
        return future.getNow(new ConsensusLog.Outcome.Unknown());
    }

    /** A session to a peer was closed: its pending requests may have been executed. On the thread of the link. */
    public void closed(Peer peer) {
        pending.completeTo(peer::equals, new ConsensusLog.Outcome.Unknown());
    }

    /** Takes a request of another node, or the reply of a leader. On the thread of the link. */
    public void received(Peer from, RaftClientMessage message) {
        switch (message) {
            case RaftClientMessage.Request request -> requested(from, request);
            case RaftClientMessage.Reply(long id, var outcome) -> pending.complete(from, id, outcome);
        }
    }

    private void requested(Peer from, RaftClientMessage.Request request) {
        boolean changes = request.kind() == Kind.ADD_VOTER || request.kind() == Kind.REMOVE_VOTER;
        if (!changes && !isOwn(from, request.content())) {
            answer(from, request.id(), new ConsensusLog.Outcome.Refused());
            return;
        }
        var _ = submit(request.kind(), request.content()).thenAccept(outcome -> answer(from, request.id(), outcome));
    }

    private CompletableFuture<ConsensusLog.Outcome> submit(Kind kind, byte[] content) {
        return switch (kind) {
            case COMMAND -> log.append(content);
            case QUERY -> log.read(content);
            case ADD_VOTER -> log.change(new String(content, StandardCharsets.UTF_8), true);
            case REMOVE_VOTER -> log.change(new String(content, StandardCharsets.UTF_8), false);
        };
    }

    /** Whether a command is about its sender only, and not an eviction, which only the leader may request. */
    private static boolean isOwn(Peer from, byte[] command) {
        if (command.length > MAX_COMMAND) {
            return false;
        }
        try {
            Request request = Request.of(command);
            return request.from().equals(from) && !(request.command() instanceof VoterCommand.Evict);
        } catch (DecodeException e) {
            return false;
        }
    }

    private void answer(Peer to, long id, ConsensusLog.Outcome outcome) {
        link.get().post(to, new RaftClientMessage.Reply(id, outcome));
    }

    /** Evicts a peer, if this node leads. Does not block. */
    public CompletableFuture<ConsensusLog.Outcome> evict(Peer peer) {
        return log.append(new Request(self, 0, new VoterCommand.Evict(peer)).toBytes());
    }

    public void close() {
        closed = true;
        pending.completeAll(new ConsensusLog.Outcome.Unknown());
    }
}
