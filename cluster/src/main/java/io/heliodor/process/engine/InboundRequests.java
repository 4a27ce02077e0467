package io.heliodor.process.engine;

import io.heliodor.counter.EnumCounters;
import io.heliodor.link.Peer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The open requests of other nodes to this one: calls, and monitors of processes. Any thread may use it. */
public final class InboundRequests {
    /** The requests of one peer. */
    private static final class Requests {
        final Map<Long, IncomingCall> calls = new ConcurrentHashMap<>();
        final Map<Long, Runnable> monitors = new ConcurrentHashMap<>();

        void drop(AtomicInteger monitorCount) {
            calls.values().forEach(IncomingCall::cancel);
            for (Long id : monitors.keySet()) {
                dropMonitor(id, monitorCount);
            }
        }

        void dropMonitor(Long id, AtomicInteger monitorCount) {
            Runnable unwatch = monitors.remove(id);
            if (unwatch != null) {
                monitorCount.decrementAndGet();
                unwatch.run();
            }
        }
    }

    private final Peers peers;
    private final ProcessLimits limits;
    private final EnumCounters<NodeCounter> counters;
    private final AtomicInteger callCount = new AtomicInteger();
    private final AtomicInteger monitorCount = new AtomicInteger();
    private final Map<Peer, Requests> requests = new ConcurrentHashMap<>();

    InboundRequests(Peers peers, ProcessLimits limits, EnumCounters<NodeCounter> counters) {
        this.peers = peers;
        this.limits = limits;
        this.counters = counters;
    }

    /** The number of calls without an answer. */
    public int calls() {
        return callCount.get();
    }

    /** The number of monitors. */
    public int monitors() {
        return monitorCount.get();
    }

    /** The requests of a peer; null if it has left. Checked again after they were added, since it may leave meanwhile. */
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
     * Registers a call.
     *
     * @param from the caller
     * @param id the number of the call there
     * @return the call; empty if it was refused, which the caller is notified of
     */
    public Optional<IncomingCall> begin(Peer from, long id) {
        Requests ofPeer = of(from);
        IncomingCall call = new IncomingCall(from, id, peers);
        if (ofPeer == null) {
            return Optional.empty();
        }
        if (callCount.incrementAndGet() > limits.calls()) {
            callCount.decrementAndGet();
            counters.increment(NodeCounter.OVER_LIMIT);
            call.failed("limit", "the node works on " + limits.calls() + " calls already");
            return Optional.empty();
        }
        ofPeer.calls.put(id, call);
        call.onEnd(() -> {
            callCount.decrementAndGet();
            ofPeer.calls.remove(id, call);
        });
        if (dropped(from, ofPeer)) {
            call.cancel();
        }
        return Optional.of(call);
    }

    void cancel(Peer from, long id) {
        Requests ofPeer = requests.get(from);
        IncomingCall call = ofPeer == null ? null : ofPeer.calls.get(id);
        if (call != null) {
            call.cancel();
        }
    }

    /** Registers a monitor. Returns false if the limit is reached. Idempotent. */
    boolean watch(Peer from, long id, Runnable unwatch) {
        Requests ofPeer = of(from);
        if (ofPeer == null) {
            return false;
        }
        if (ofPeer.monitors.replace(id, unwatch) != null) {
            return true;
        }
        if (monitorCount.incrementAndGet() > limits.monitors()) {
            monitorCount.decrementAndGet();
            counters.increment(NodeCounter.OVER_LIMIT);
            return false;
        }
        ofPeer.monitors.put(id, unwatch);
        if (dropped(from, ofPeer)) {
            ofPeer.dropMonitor(id, monitorCount);
        }
        return true;
    }

    /**
     * Whether the requests of a peer are dropped, or about to be. Checked after a request was added: one that arrives too
     * late to be dropped with the others would be counted until the node ends.
     */
    @SuppressWarnings("ReferenceEquality") // a new session has a new object
    private boolean dropped(Peer from, Requests ofPeer) {
        return requests.get(from) != ofPeer || !peers.has(from);
    }

    /** Whether a monitor is registered. */
    boolean watches(Peer from, long id) {
        Requests ofPeer = requests.get(from);
        return ofPeer != null && ofPeer.monitors.containsKey(id);
    }

    void unwatch(Peer from, long id) {
        Requests ofPeer = requests.get(from);
        if (ofPeer != null) {
            ofPeer.dropMonitor(id, monitorCount);
        }
    }

    /** A new session from a peer has begun, or the peer has left: its earlier requests are dropped. */
    void drop(Peer peer) {
        Requests ofPeer = requests.remove(peer);
        if (ofPeer != null) {
            ofPeer.drop(monitorCount);
        }
    }

    /** Drops all requests. */
    void close() {
        requests.keySet().forEach(this::drop);
    }

    /** Drops the requests of peers that are not members. */
    void viewChanged() {
        for (Peer peer : requests.keySet()) {
            if (!peers.has(peer)) {
                drop(peer);
            }
        }
    }
}
