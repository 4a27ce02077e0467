package io.heliodor.process.engine;

import io.heliodor.counter.EnumCounters;
import io.heliodor.link.Envelope;
import io.heliodor.link.Link;
import io.heliodor.link.Link.Sent;
import io.heliodor.link.Message;
import io.heliodor.link.Peer;
import io.heliodor.link.Signal;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.pubsub.Correlation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The members and the sessions to them, and how messages are sent. Any thread may use it. */
final class Peers {
    private final Peer self;
    private final Supplier<? extends Link> link;
    private final Time time;
    private final long sendTimeout;
    private final EnumCounters<NodeCounter> counters;
    private final Map<Peer, PeerSession> sessions = new ConcurrentHashMap<>();
    private final Signal changes = new Signal();

    /** Members whose session has ended and has no successor yet. */
    private final Set<Peer> ended = ConcurrentHashMap.newKeySet();

    private volatile Set<Peer> members;
    private volatile Map<String, Peer> byName;

    Peers(Peer self, Supplier<? extends Link> link, Time time, long sendTimeout, EnumCounters<NodeCounter> counters) {
        this.self = self;
        this.link = link;
        this.time = time;
        this.sendTimeout = sendTimeout;
        this.counters = counters;
        this.members = Set.of(self);
        this.byName = Map.of(self.node(), self);
    }

    Peer self() {
        return self;
    }

    /** How long a sender waits for a session or for capacity, in nanoseconds. */
    long sendTimeout() {
        return sendTimeout;
    }

    @Nullable
    Peer member(String node) {
        return node.equals(self.node()) ? self : byName.get(node);
    }

    boolean has(Peer peer) {
        return members.contains(peer);
    }

    void view(View view) {
        ended.retainAll(view.members());
        members = Set.copyOf(view.members());
        byName = view.byName();
        changes.signalAll();
    }

    /**
     * A session was opened. BEGIN goes out before calls and monitors can use the session, so that requests of the previous
     * session end. Messages that are not requests may overtake it.
     */
    void opened(Peer peer) {
        link.get().post(peer, new ProcessMessage.Begin());
        sessions.put(peer, new PeerSession(peer));
        ended.remove(peer);
        changes.signalAll();
    }

    void closed(Peer peer) {
        ended.add(peer);
        PeerSession session = sessions.remove(peer);
        if (session != null) {
            session.close();
        }
    }

    @Nullable
    PeerSession session(Peer peer) {
        return sessions.get(peer);
    }

    /** The session to a peer. Waits for one that is being opened. */
    @Nullable
    PeerSession awaitSession(Peer peer, long nanos) {
        PeerSession session = sessions.get(peer);
        if (session != null || !has(peer)) {
            return session;
        }
        try {
            boolean _ =
                    changes.await(() -> !has(peer) || sessions.containsKey(peer), Math.min(nanos, sendTimeout), time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return sessions.get(peer);
    }

    static byte[] envelope(Message message) {
        return new Envelope(message, Correlation.carried()).toBytes();
    }

    /** Sends a message that must arrive, or the session ends. Does not block. */
    void post(Peer to, Message message) {
        if (has(to)) {
            Sent _ = link.get().post(to, envelope(message));
        }
    }

    /** Sends a message that may be lost. Does not block. */
    boolean offer(Peer to, Message message) {
        return counted(has(to) ? link.get().offer(to, envelope(message)) : Sent.NO_SESSION);
    }

    /** Sends a message. Waits for a session and for capacity. */
    boolean send(Peer to, Message message) {
        return counted(
                awaitSession(to, sendTimeout) == null ? Sent.NO_SESSION : queue(to, envelope(message), sendTimeout));
    }

    private boolean counted(Sent sent) {
        if (sent != Sent.QUEUED) {
            counters.increment(NodeCounter.UNSENT);
        }
        return sent == Sent.QUEUED;
    }

    /** As {@link #send}, in an open session, with a shorter timeout. */
    Sent send(Peer to, Message message, long nanos) {
        return queue(to, envelope(message), Math.min(nanos, sendTimeout));
    }

    /**
     * Sends a payload to the recipients on other nodes, with one timeout for all. Waits for sessions that are being opened,
     * not for those that have ended.
     *
     * @return the number of processes that it was sent to
     */
    int sendAll(Recipients to, byte[] payload) {
        return new Broadcast(to, payload).send();
    }

    private final class Broadcast implements IntFunction<byte[]>, Link.Refusals {
        private final Recipients to;
        private final byte[] payload;
        private final String correlation = Correlation.carried();
        private final long begin = time.nanos();
        private int sent;

        /** The indexes of envelopes without a session. */
        private List<Integer> early = List.of();

        Broadcast(Recipients to, byte[] payload) {
            this.to = to;
            this.payload = payload;
        }

        int send() {
            link.get().sendAll(to.peers(), this, sendTimeout, this);
            for (int index : early) {
                Peer peer = to.peers().get(index);
                boolean open = !ended.contains(peer) && awaitSession(peer, left()) != null;
                if (counted(open ? queue(peer, envelope(index), left()) : Sent.NO_SESSION)) {
                    sent += to.numbers(index).length;
                }
            }
            return sent;
        }

        private long left() {
            return sendTimeout - (time.nanos() - begin);
        }

        private byte[] envelope(int index) {
            return new Envelope(new ProcessMessage.SendAll(to.numbers(index), payload), correlation).toBytes();
        }

        @Override
        public byte[] apply(int index) {
            sent += to.numbers(index).length;
            return envelope(index);
        }

        @Override
        public void refused(int index, Sent why) {
            sent -= to.numbers(index).length;
            if (why == Sent.NO_SESSION) {
                early = early.isEmpty() ? new ArrayList<>() : early;
                early.add(index);
            } else {
                boolean _ = counted(why);
            }
        }
    }

    /** Sends a message that should arrive. Does not block: if the queue is full, a thread of its own waits. */
    void notify(Peer to, Message message) {
        if (!has(to)) {
            return;
        }
        byte[] envelope = envelope(message);
        if (link.get().offer(to, envelope) == Sent.FULL) {
            Thread.ofVirtual().name("notify " + to.node()).start(() -> {
                Sent _ = queue(to, envelope, sendTimeout);
            });
        }
    }

    private Sent queue(Peer to, byte[] envelope, long nanos) {
        try {
            return link.get().send(to, envelope, nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Sent.FULL;
        }
    }
}
