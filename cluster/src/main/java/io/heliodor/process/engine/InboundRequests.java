package io.heliodor.process.engine;

import io.heliodor.link.Peer;
import io.heliodor.process.engine.Counters.Counter;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What other nodes have asked of this one and still wait for: answers, and ends of processes. Any thread may use it. */
public final class InboundRequests {
    /** Of one peer. */
    private static final class Requests {
        final Map<Long, IncomingCall> calls = new ConcurrentHashMap<>();
        final Map<Long, Runnable> watches = new ConcurrentHashMap<>();

        void forget(AtomicInteger watching) {
            calls.values().forEach(IncomingCall::cancel);
            for (Long id : watches.keySet()) {
                drop(id, watching);
            }
        }

        void drop(Long id, AtomicInteger watching) {
            Runnable unwatch = watches.remove(id);
            if (unwatch != null) {
                watching.decrementAndGet();
                unwatch.run();
            }
        }
    }

    private final Peers peers;
    private final ProcessLimits limits;
    private final Counters counters;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger watching = new AtomicInteger();
    private final Map<Peer, Requests> requests = new ConcurrentHashMap<>();

    InboundRequests(Peers peers, ProcessLimits limits, Counters counters) {
        this.peers = peers;
        this.limits = limits;
        this.counters = counters;
    }

    /** The number of calls without an answer. */
    public int calls() {
        return open.get();
    }

    /** The number of monitors. */
    public int monitors() {
        return watching.get();
    }

    /** None for a peer that has left; looked at again afterwards, because it may leave meanwhile. */
    private @Nullable Requests of(Peer peer) {
        Requests known = requests.get(peer);
        if (known == null && peers.has(peer)) {
            known = requests.computeIfAbsent(peer, absent -> new Requests());
            if (!peers.has(peer)) {
                requests.remove(peer);
                return null;
            }
        }
        return known;
    }

    /**
     * A call has come.
     *
     * @param from whose
     * @param id its number there
     * @return the call; none if it was refused, for which the caller is told why
     */
    public Optional<IncomingCall> begin(Peer from, long id) {
        Requests theirs = of(from);
        IncomingCall call = new IncomingCall(from, id, peers);
        if (theirs == null) {
            return Optional.empty();
        }
        if (open.incrementAndGet() > limits.calls()) {
            open.decrementAndGet();
            counters.add(Counter.OVER_LIMIT);
            call.failed("limit", "the node works on " + limits.calls() + " calls already");
            return Optional.empty();
        }
        theirs.calls.put(id, call);
        call.onEnd(() -> {
            open.decrementAndGet();
            theirs.calls.remove(id, call);
        });
        if (over(from, theirs)) {
            call.cancel();
        }
        return Optional.of(call);
    }

    void cancel(Peer from, long id) {
        Requests theirs = requests.get(from);
        IncomingCall call = theirs == null ? null : theirs.calls.get(id);
        if (call != null) {
            call.cancel();
        }
    }

    /** Returns false when there are too many. The same watch again takes no more room. */
    boolean watch(Peer from, long id, Runnable unwatch) {
        Requests theirs = of(from);
        if (theirs == null) {
            return false;
        }
        if (theirs.watches.replace(id, unwatch) != null) {
            return true;
        }
        if (watching.incrementAndGet() > limits.monitors()) {
            watching.decrementAndGet();
            counters.add(Counter.OVER_LIMIT);
            return false;
        }
        theirs.watches.put(id, unwatch);
        if (over(from, theirs)) {
            theirs.drop(id, watching);
        }
        return true;
    }

    /**
     * Whether the requests of a peer were forgotten, or are about to be. Checked after a request was added: one that came too
     * late to be forgotten with the others would count until the node ends.
     */
    @SuppressWarnings("ReferenceEquality") // those of another session are other requests
    private boolean over(Peer from, Requests theirs) {
        return requests.get(from) != theirs || !peers.has(from);
    }

    void unwatch(Peer from, long id) {
        Requests theirs = requests.get(from);
        if (theirs != null) {
            theirs.drop(id, watching);
        }
    }

    /** A new session from a peer has begun, or the peer has left: whatever it asked before is over. */
    void forget(Peer peer) {
        Requests theirs = requests.remove(peer);
        if (theirs != null) {
            theirs.forget(watching);
        }
    }

    /** Nobody here works for others any more. */
    void close() {
        requests.keySet().forEach(this::forget);
    }

    /** Forgets peers that are no members. */
    void viewed() {
        for (Peer peer : requests.keySet()) {
            if (!peers.has(peer)) {
                forget(peer);
            }
        }
    }
}
