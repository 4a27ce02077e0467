package io.heliodor.process.engine;

import io.heliodor.counter.EnumCounters;
import io.heliodor.link.Link.Sent;
import io.heliodor.link.Message;
import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.process.CallOutcome;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The outgoing calls that wait for an answer. Any thread may use it. */
public final class Calls {
    private final Peers peers;
    private final Time time;
    private final int limit;
    private final EnumCounters<NodeCounter> counters;
    private final AtomicLong ids = new AtomicLong();
    private final AtomicInteger waiting = new AtomicInteger();
    private final Map<Long, PendingCall<?>> pending = new ConcurrentHashMap<>();
    private volatile boolean closed;

    Calls(Peers peers, Time time, int limit, EnumCounters<NodeCounter> counters) {
        this.peers = peers;
        this.time = time;
        this.limit = limit;
        this.counters = counters;
    }

    /** The number of calls that wait for an answer. */
    public int waiting() {
        return waiting.get();
    }

    /**
     * Makes a call, and blocks until it has ended.
     *
     * @param to the node that is called; may be this one
     * @param timeout how long to wait
     * @param start sends the request, by {@link #send} to a peer, or settles the call; its exceptions are rethrown
     * @param <R> the type of the answer
     * @return the outcome
     */
    public <R> CallOutcome<R> call(Peer to, Duration timeout, Consumer<PendingCall<R>> start) {
        if (closed) {
            return new CallOutcome.Unreachable<>(to.node());
        }
        if (!timeout.isPositive()) {
            return new CallOutcome.TimedOut<>(timeout);
        }
        if (waiting.incrementAndGet() > limit) {
            waiting.decrementAndGet();
            counters.increment(NodeCounter.OVER_LIMIT);
            return new CallOutcome.Failed<>("limit", "this node waits for " + limit + " answers already");
        }
        PendingCall<R> call = new PendingCall<>(ids.incrementAndGet(), to, timeout, counters);
        Time.Task timer = time.after(nanos(timeout), call::timedOut);
        @Nullable PeerSession session = null;
        try {
            if (!to.equals(peers.self())) {
                session = peers.awaitSession(to, nanos(timeout));
                if (session == null) {
                    call.settle(new CallOutcome.Unreachable<>(to.node()));
                } else {
                    pending.put(call.id(), call);
                    session.add(call);
                }
            } else {
                pending.put(call.id(), call);
            }
            if (closed) {
                call.settle(new CallOutcome.Unreachable<>(to.node()));
            }
            if (!call.isOver()) {
                start.accept(call);
            }
            return call.await(time);
        } finally {
            timer.cancel();
            pending.remove(call.id());
            waiting.decrementAndGet();
            if (session != null) {
                session.remove(call);
                if (!call.answered()) {
                    peers.notify(to, new ProcessMessage.Cancel(call.id()));
                }
            }
        }
    }

    /**
     * Sends the request of a call to its peer.
     *
     * @param call the call
     * @param timeout the timeout of the call
     * @param request the request
     */
    public void send(PendingCall<?> call, Duration timeout, Message request) {
        Sent sent = peers.send(call.to(), request, nanos(timeout));
        boolean timesOut =
                sent == Sent.FULL && nanos(timeout) <= peers.sendTimeout(); // the timer of the call ends it now
        if (sent != Sent.QUEUED && !timesOut && !Thread.currentThread().isInterrupted()) {
            unsent(call);
        }
    }

    private <R> void unsent(PendingCall<R> call) {
        call.settle(new CallOutcome.Unreachable<>(call.to().node()));
    }

    /** Longer timeouts than about 292 years never expire. */
    static long nanos(Duration timeout) {
        try {
            return timeout.toNanos();
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE / 2;
        }
    }

    @Nullable
    PendingCall<?> find(long id) {
        return pending.get(id);
    }

    void answered(Peer from, ProcessMessage.Answer answer) {
        PendingCall<?> call = pending.get(answer.call());
        if (call == null) {
            counters.increment(NodeCounter.LATE_ANSWERS);
        } else {
            call.result(from, answer.result());
        }
    }

    void close() {
        closed = true;
        pending.values()
                .forEach(call -> call.sessionLost(
                        new io.heliodor.process.Exit.NoConnection(call.to().node())));
    }
}
