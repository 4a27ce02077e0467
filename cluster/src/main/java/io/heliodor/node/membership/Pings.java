package io.heliodor.node.membership;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.link.Envelope;
import io.heliodor.link.Link;
import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.node.loop.PendingRequests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Sends pings to peers, measures the round trips, and answers the pings of others. Any thread may use it. */
public final class Pings {
    private static final long UNANSWERED = Long.MIN_VALUE;

    /** The age from which a ping without an answer counts as a round trip. */
    private static final long SLOW_THRESHOLD = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long RESEND_INTERVAL = TimeUnit.MILLISECONDS.toNanos(250);

    private final Supplier<Link> link;
    private final Time time;
    private final Predicate<Peer> isMember;

    /** By the time of the answer. Bounded by the number of callers, since each removes its own. */
    private final PendingRequests<Long> pending = new PendingRequests<>();

    private final ConcurrentHashMap<Peer, RoundTrip> roundTrips = new ConcurrentHashMap<>();

    /** A ping that was sent. */
    private record Sent(Peer peer, long id, CompletableFuture<Long> answered) {}

    public Pings(Supplier<Link> link, Time time, Predicate<Peer> isMember) {
        this.link = link;
        this.time = time;
        this.isMember = isMember;
    }

    /** Takes a ping, or an answer. On the thread of the link. */
    public void received(Peer from, Ping ping, String correlation) {
        if (ping.answer()) {
            pending.complete(from, ping.id(), time.nanos());
        } else {
            link.get().offer(from, new Envelope(new Ping(ping.id(), true), correlation).toBytes());
        }
    }

    /** A view was installed: pings of peers that are not members any more end without an answer. */
    public void view() {
        roundTrips.keySet().removeIf(isMember.negate());
        pending.completeTo(isMember.negate(), UNANSWERED);
    }

    /** A session was opened: pings of the previous one are sent again, since they have no answer. */
    public void opened(Peer peer) {
        pending.to(peer).forEach(id -> send(peer, id));
    }

    private void send(Peer peer, long id) {
        link.get().offer(peer, Envelope.of(new Ping(id, false)).toBytes());
    }

    /** The round trips of a peer: of the last ping that was answered, and of the one that is not yet. */
    private static final class RoundTrip {
        @GuardedBy("this")
        private long last = UNANSWERED;

        @GuardedBy("this")
        private long begin;

        @GuardedBy("this")
        private boolean pending;

        /** When the present ping was sent last, and its number. */
        @GuardedBy("this")
        private long sent;

        @GuardedBy("this")
        private long id;
    }

    /**
     * The last round trip to a peer, or the age of the present ping if that is longer. Sends the next ping if the last one
     * was answered.
     */
    public Optional<Duration> roundTrip(Peer peer) {
        if (!isMember.test(peer)) {
            return Optional.empty();
        }
        RoundTrip trip = roundTrips.computeIfAbsent(peer, unknown -> new RoundTrip());
        long last;
        synchronized (trip) {
            last = trip.last;
        }
        long waited = begin(peer, trip);
        long measured = waited >= SLOW_THRESHOLD ? Math.max(last, waited) : last;
        return measured == UNANSWERED ? Optional.empty() : Optional.of(Duration.ofNanos(measured));
    }

    /** The age of the ping that a member has not answered. Sends the next one if it has answered all. Of others it is endless. */
    public Duration unanswered(Peer peer) {
        if (!isMember.test(peer)) {
            return Duration.ofNanos(Long.MAX_VALUE);
        }
        return Duration.ofNanos(begin(peer, roundTrips.computeIfAbsent(peer, unknown -> new RoundTrip())));
    }

    /** Begins a round trip unless one is under way. Returns its age. */
    private long begin(Peer peer, RoundTrip trip) {
        long now = time.nanos();
        synchronized (trip) {
            if (trip.pending) {
                // A full queue may have refused it, or its answer.
                if (trip.id != 0 && now - trip.sent >= RESEND_INTERVAL) {
                    trip.sent = now;
                    send(peer, trip.id);
                }
                return now - trip.begin;
            }
            trip.pending = true;
            trip.begin = now;
            trip.sent = now;
            trip.id = 0;
        }
        Sent ping = begin(peer);
        synchronized (trip) {
            trip.id = ping.id();
        }
        CompletableFuture<Void> _ = ping.answered().thenAccept(at -> measured(trip, at));
        return 0;
    }

    private static void measured(RoundTrip trip, long at) {
        synchronized (trip) {
            trip.pending = false;
            if (at != UNANSWERED) {
                trip.last = at - trip.begin;
            }
        }
    }

    private Sent begin(Peer peer) {
        CompletableFuture<Long> answered = new CompletableFuture<>();
        long id = pending.add(peer, answered);
        // Looked at after the ping was added: either the view that lacks the peer finds it, or it ends here.
        if (isMember.test(peer)) {
            send(peer, id);
        } else {
            pending.complete(id, UNANSWERED);
        }
        return new Sent(peer, id, answered);
    }

    /** The round trip to each of some peers, in their order; empty for those that do not answer in time. Blocks. */
    public List<Optional<Duration>> ping(List<Peer> peers, Duration timeout) {
        long begin = time.nanos();
        List<Sent> pings = peers.stream().map(this::begin).toList();
        List<Optional<Duration>> roundTrips = new ArrayList<>();
        for (Sent ping : pings) {
            roundTrips.add(await(ping, pings, begin, timeout.toNanos()));
        }
        return roundTrips;
    }

    /** Waits for one answer, and sends all pings again meanwhile: the other end may have had no session for its answer. */
    private Optional<Duration> await(Sent ping, List<Sent> all, long begin, long nanos) {
        try {
            long left = nanos - (time.nanos() - begin);
            while (left > RESEND_INTERVAL) {
                time.await(ping.answered(), RESEND_INTERVAL);
                if (ping.answered().isDone()) {
                    break;
                }
                all.stream().filter(each -> !each.answered().isDone()).forEach(each -> send(each.peer(), each.id()));
                left = nanos - (time.nanos() - begin);
            }
            time.await(ping.answered(), Math.max(0, left));
            long at = ping.answered().getNow(UNANSWERED);
            return at == UNANSWERED ? Optional.empty() : Optional.of(Duration.ofNanos(at - begin));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            pending.remove(ping.id());
        }
    }
}
