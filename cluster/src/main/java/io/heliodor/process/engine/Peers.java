package io.heliodor.process.engine;

import io.heliodor.link.Changes;
import io.heliodor.link.Envelope;
import io.heliodor.link.Link;
import io.heliodor.link.Link.Sent;
import io.heliodor.link.Message;
import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.process.Correlation;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Who is there, and the way to them. */
final class Peers {
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

    private final Peer self;
    private final Supplier<? extends Link> link;
    private final Time time;
    private final long room;
    private final Counters counters;
    private final Map<Peer, Session> sessions = new ConcurrentHashMap<>();
    private final Changes changes = new Changes();
    private volatile Map<String, Peer> members;

    Peers(Peer self, Supplier<? extends Link> link, Time time, long room, Counters counters) {
        this.self = self;
        this.link = link;
        this.time = time;
        this.room = room;
        this.counters = counters;
        this.members = Map.of(self.node(), self);
    }

    Peer self() {
        return self;
    }

    @Nullable
    Peer member(String node) {
        return node.equals(self.node()) ? self : members.get(node);
    }

    boolean has(Peer peer) {
        return peer.equals(members.get(peer.node()));
    }

    void view(View view) {
        members = view.members().stream().collect(Collectors.toUnmodifiableMap(Peer::node, peer -> peer, (a, b) -> b));
        changes.signal();
    }

    /**
     * What was asked in a session before this must not mean anything in this one: BEGIN goes out before calls and monitors
     * can know of it. What is no question may overtake it.
     */
    void opened(Peer peer) {
        link.get().post(peer, Envelope.of(new Wire.Begin()).toBytes());
        sessions.put(peer, new Session(peer));
        changes.signal();
    }

    void closed(Peer peer) {
        Session session = sessions.remove(peer);
        if (session != null) {
            session.close();
        }
    }

    @Nullable
    Session session(Peer peer) {
        return sessions.get(peer);
    }

    /** The session to a peer; one that is about to open is waited for. */
    @Nullable
    Session awaitSession(Peer peer, long nanos) {
        Session session = sessions.get(peer);
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
        boolean sent = has(to) && link.get().offer(to, envelope(message)) == Sent.QUEUED;
        if (!sent) {
            counters.add(Counters.Counter.UNSENT);
        }
        return sent;
    }

    /** Waits for a session and for room in it, and ends it when none comes. */
    boolean send(Peer to, Message message) {
        boolean sent = awaitSession(to, room) != null && queue(to, envelope(message)) == Sent.QUEUED;
        if (!sent) {
            counters.add(Counters.Counter.UNSENT);
        }
        return sent;
    }

    /**
     * As {@link #send}, for a message whose sender does not wait as long as a session is given for room.
     *
     * @param over whether there is no sense in it any more
     * @return FULL when there was no room all the time
     */
    Sent sendUnless(BooleanSupplier over, Peer to, Message message, long nanos) {
        byte[] envelope = envelope(message);
        if (nanos >= room) {
            return queue(to, envelope);
        }
        Sent sent = link.get().offer(to, envelope);
        while (sent == Sent.FULL
                && !over.getAsBoolean()
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(PAUSE);
            sent = link.get().offer(to, envelope);
        }
        return sent;
    }

    /** For what the peer should hear though the caller does not wait: on a thread of its own if there is no room. */
    void tell(Peer to, Message message) {
        if (!has(to)) {
            return;
        }
        byte[] envelope = envelope(message);
        if (link.get().offer(to, envelope) == Sent.FULL) {
            Thread.ofVirtual().name("tell " + to.node()).start(() -> waiting(to, envelope));
        }
    }

    /** A link lets only virtual threads wait; others wait for one. */
    private Sent queue(Peer to, byte[] envelope) {
        Sent sent = link.get().offer(to, envelope);
        if (sent != Sent.FULL) {
            return sent;
        }
        if (Thread.currentThread().isVirtual()) {
            return waiting(to, envelope);
        }
        Sent[] result = {Sent.FULL};
        Thread sender = Thread.ofVirtual().name("send").start(() -> result[0] = waiting(to, envelope));
        try {
            sender.join();
        } catch (InterruptedException e) {
            sender.interrupt();
            Thread.currentThread().interrupt();
            return Sent.FULL;
        }
        return result[0];
    }

    private Sent waiting(Peer to, byte[] envelope) {
        try {
            return link.get().send(to, envelope, room);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Sent.FULL;
        }
    }
}
