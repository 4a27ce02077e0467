package io.heliodor.process.engine;

import io.heliodor.codec.Codec;
import io.heliodor.codec.Decoded;
import io.heliodor.counter.EnumCounters;
import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.process.CallOutcome;
import io.heliodor.process.Exit;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A call of this node that waits for its outcome. The first outcome counts; later answers are only counted.
 *
 * @param <R> the type of the answer
 */
public final class PendingCall<R> implements OpenCall, PeerSession.Waiter {
    private final long id;
    private final Peer to;
    private final Duration timeout;
    private final EnumCounters<NodeCounter> counters;
    private final CompletableFuture<Supplier<CallOutcome<R>>> outcome = new CompletableFuture<>();
    private volatile @Nullable Codec<R> codec;
    private volatile boolean answered;

    PendingCall(long id, Peer to, Duration timeout, EnumCounters<NodeCounter> counters) {
        this.id = id;
        this.to = to;
        this.timeout = timeout;
        this.counters = counters;
    }

    /**
     * The number that the answer refers to.
     *
     * @return a number that is unique for this incarnation of the node
     */
    public long id() {
        return id;
    }

    /**
     * Sets the codec of the answer, before the request is sent.
     *
     * @param answers the codec of the answer
     */
    public void decodesWith(Codec<R> answers) {
        codec = answers;
    }

    boolean isReadable() {
        return codec != null;
    }

    Peer to() {
        return to;
    }

    /** Whether the callee has answered, so that it needs no cancellation. */
    boolean answered() {
        return answered;
    }

    boolean isOver() {
        return outcome.isDone();
    }

    /**
     * Ends the call, unless it has ended.
     *
     * @param how the outcome
     * @return whether it was open
     */
    public boolean settle(CallOutcome<R> how) {
        return outcome.complete(() -> how);
    }

    /** Ends the call with an answer of this node, by reference. */
    void value(R value) {
        answer(new CallOutcome.Ok<>(value));
    }

    /**
     * Ends the call with an outcome of the callee; a late one is counted.
     *
     * @param how the outcome
     */
    public void answer(CallOutcome<R> how) {
        boolean repeated = answered;
        answered = true;
        if (!settle(how)) {
            counters.increment(repeated ? NodeCounter.REPEATED_ANSWERS : NodeCounter.LATE_ANSWERS);
        }
    }

    /** Ends the call with a result of another node, which the waiting thread decodes, not that of the link. */
    void result(Peer from, EncodedResult result) {
        answered = from.equals(to);
        boolean first = outcome.complete(() -> switch (result) {
            case EncodedResult.Answered(var bytes) -> read(bytes);
            case EncodedResult.Failed(var type, var message) -> new CallOutcome.Failed<>(type, message);
            case EncodedResult.Down(var exit) -> new CallOutcome.TargetDown<>(exit);
            case EncodedResult.NoSuchProcedure(var name) -> new CallOutcome.NoSuchProcedure<>(to.node(), name);
        });
        if (!first) {
            counters.increment(NodeCounter.LATE_ANSWERS);
        }
    }

    private CallOutcome<R> read(byte[] bytes) {
        Codec<R> answers = codec;
        if (answers == null) {
            return new CallOutcome.Failed<>("undecodable", "the type of the answer was not given");
        }
        return switch (answers.decode(bytes)) {
            case Decoded.Value<R>(var value) -> new CallOutcome.Ok<>(value);
            case Decoded.Refused<R>(var problem, var message) -> {
                counters.increment(NodeCounter.UNDECODABLE);
                yield new CallOutcome.Failed<>("undecodable", problem + ": " + message);
            }
        };
    }

    void timedOut() {
        settle(new CallOutcome.TimedOut<>(timeout));
    }

    @Override
    public void sessionLost(Exit exit) {
        settle(new CallOutcome.TargetDown<>(exit));
    }

    @Override
    public void down(Exit exit) {
        settle(new CallOutcome.TargetDown<>(exit));
    }

    @Override
    public void failed(String type, String message) {
        settle(new CallOutcome.Failed<>(type, message));
    }

    @Override
    public void onEnd(Runnable done) {
        CompletableFuture<Void> _ = outcome.thenRun(done);
    }

    /**
     * Adds an action for an end of the call without an answer.
     *
     * @param undo the action; must not block
     */
    public void onCancel(Runnable undo) {
        onEnd(() -> {
            if (!answered) {
                undo.run();
            }
        });
    }

    /** Waits for the outcome, at most until the timeout of the call. */
    CallOutcome<R> await(Time time) {
        try {
            while (!outcome.isDone()) {
                time.await(outcome, Calls.nanos(timeout));
            }
            return outcome.join().get();
        } catch (InterruptedException e) {
            settle(new CallOutcome.Failed<>("interrupted", "the thread that waited was interrupted"));
            CallOutcome<R> ended = outcome.join().get();
            Thread.currentThread().interrupt();
            return ended;
        }
    }
}
