package io.heliodor.process.engine;

import io.heliodor.link.Envelope;
import io.heliodor.link.Link;
import io.heliodor.link.Link.Sent;
import io.heliodor.link.Message;
import io.heliodor.link.Peer;
import io.heliodor.link.Signal;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.process.Correlation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Who is there, and the way to them. */
final class Peers {
    private final Peer self;
    private final Supplier<? extends Link> link;
    private final Time time;
    private final long room;
    private final Counters counters;
    private final Map<Peer, PeerSession> sessions = new ConcurrentHashMap<>();
    private final Signal changes = new Signal();

    /** Members whose session has ended, and the next one is not open. */
    private final Set<Peer> ended = ConcurrentHashMap.newKeySet();

    private volatile Set<Peer> members;
    private volatile Map<String, Peer> byName;

    Peers(Peer self, Supplier<? extends Link> link, Time time, long room, Counters counters) {
        this.self = self;
        this.link = link;
        this.time = time;
        this.room = room;
        this.counters = counters;
        this.members = Set.of(self);
        this.byName = Map.of(self.node(), self);
    }

    Peer self() {
        return self;
    }

    /** How long a sender waits for room, in nanoseconds. */
    long room() {
        return room;
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
     * What was asked in a session before this must not mean anything in this one: BEGIN goes out before calls and monitors
     * can know of it. What is no question may overtake it.
     */
    void opened(Peer peer) {
        link.get().post(peer, Envelope.of(new ProcessMessages.Begin()).toBytes());
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

    /** The session to a peer; one that is about to open is waited for. */
    @Nullable
    PeerSession awaitSession(Peer peer, long nanos) {
        PeerSession session = sessions.get(peer);
        if (session != null || !has(peer)) {
            return session;
        }
        try {
            boolean _ = changes.await(() -> !has(peer) || sessions.containsKey(peer), Math.min(nanos, room), time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return sessions.get(peer);
    }

    static byte[] envelope(Message message) {
        return new Envelope(message, Correlation.carried()).toBytes();
    }

    /** For what must arrive, or else the session ends. Does not block. */
    void post(Peer to, Message message) {
        if (has(to)) {
            Sent _ = link.get().post(to, envelope(message));
        }
    }

    /** For what may be lost. Does not block. */
    boolean offer(Peer to, Message message) {
        return counted(has(to) ? link.get().offer(to, envelope(message)) : Sent.NO_SESSION);
    }

    /** Waits for a session and for room in it. */
    boolean send(Peer to, Message message) {
        return counted(awaitSession(to, room) == null ? Sent.NO_SESSION : queue(to, envelope(message), room));
    }

    private boolean counted(Sent sent) {
        if (sent != Sent.QUEUED) {
            counters.add(Counters.Counter.UNSENT);
        }
        return sent == Sent.QUEUED;
    }

    /** As {@link #send}, in a session that is open, and not longer than this. */
    Sent send(Peer to, Message message, long nanos) {
        return queue(to, envelope(message), Math.min(nanos, room));
    }

    /**
     * Sends a payload to the recipients on other nodes, and waits for room for all of them together. A session that is about to
     * open is waited for, one that has ended is not.
     *
     * @return to how many processes it was sent
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

        /** Which envelopes found no session. */
        private List<Integer> early = List.of();

        Broadcast(Recipients to, byte[] payload) {
            this.to = to;
            this.payload = payload;
        }

        int send() {
            link.get().sendAll(to.peers(), this, room, this);
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
            return room - (time.nanos() - begin);
        }

        private byte[] envelope(int index) {
            return new Envelope(new ProcessMessages.SendAll(to.numbers(index), payload), correlation).toBytes();
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

    /** For what the peer should hear though the caller does not wait: on a thread of its own if there is no room. */
    void tell(Peer to, Message message) {
        if (!has(to)) {
            return;
        }
        byte[] envelope = envelope(message);
        if (link.get().offer(to, envelope) == Sent.FULL) {
            Thread.ofVirtual().name("tell " + to.node()).start(() -> {
                Sent _ = queue(to, envelope, room);
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
