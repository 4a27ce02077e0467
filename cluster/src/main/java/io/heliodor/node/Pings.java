package io.heliodor.node;

import io.heliodor.link.Envelope;
import io.heliodor.link.Link;
import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Asks peers for signs of life, and gives some. */
final class Pings {
    private static final long UNANSWERED = Long.MIN_VALUE;
    /** A ping without an answer counts when it is older. */
    private static final long SLOW_THRESHOLD = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long RESEND_INTERVAL = TimeUnit.MILLISECONDS.toNanos(250);

    private final Supplier<Link> link;
    private final Time time;
    private final AtomicLong ids = new AtomicLong();

    /** As many as callers wait for, since each of them removes its own. */
    private final ConcurrentHashMap<Long, Pending> waiting = new ConcurrentHashMap<>();

    private final ConcurrentHashMap<Peer, RoundTrip> roundTrips = new ConcurrentHashMap<>();

    /** The last view; none before the first. */
    private volatile @Nullable View view;

    /** A ping without an answer yet. */
    private record Pending(Peer peer, long id, CompletableFuture<Long> answered) {}

    Pings(Supplier<Link> link, Time time) {
        this.link = link;
        this.time = time;
    }

    /** On the thread of the link. */
    void received(Peer from, Ping ping, String correlation) {
        if (!ping.answer()) {
            link.get().offer(from, new Envelope(new Ping(ping.id(), true), correlation).toBytes());
            return;
        }
        Pending pending = waiting.get(ping.id());
        if (pending != null) {
            pending.answered().complete(time.nanos());
        }
    }

    /** A view was installed: pings of peers that have left end without an answer. */
    void view(View next) {
        view = next;
        roundTrips.keySet().removeIf(peer -> !next.has(peer));
        waiting.values().forEach(ping -> endIfLeft(ping, next));
    }

    private static void endIfLeft(Pending ping, View view) {
        if (!view.has(ping.peer())) {
            ping.answered().complete(UNANSWERED);
        }
    }

    /** A session is open: who waits for one asks again. What was asked in an earlier one has no answer. */
    void opened(Peer peer) {
        waiting.values().stream().filter(ping -> ping.peer().equals(peer)).forEach(this::ping);
    }

    private void ping(Pending ping) {
        link.get().offer(ping.peer(), Envelope.of(new Ping(ping.id(), false)).toBytes());
    }

    /** The round trips of a peer: of the last ping that was answered, and of the one that is not yet. */
    private static final class RoundTrip {
        private long last = UNANSWERED;
        private long asked;
        private boolean pending;
    }

    /**
     * The last round trip to a peer, or the time since a ping was sent that has no answer yet, if that is longer. Sends the
     * next ping if the last one was answered.
     */
    Optional<Duration> roundTrip(Peer peer) {
        View now = view;
        if (now == null || !now.has(peer)) {
            return Optional.empty();
        }
        RoundTrip trip = roundTrips.computeIfAbsent(peer, unknown -> new RoundTrip());
        Pending next = null;
        long measured;
        synchronized (trip) {
            long waited = trip.pending ? time.nanos() - trip.asked : 0;
            measured = waited >= SLOW_THRESHOLD ? Math.max(trip.last, waited) : trip.last;
            if (!trip.pending) {
                trip.pending = true;
                trip.asked = time.nanos();
                next = new Pending(peer, ids.incrementAndGet(), new CompletableFuture<>());
            }
        }
        if (next != null) {
            measure(next, trip);
        }
        return measured == UNANSWERED ? Optional.empty() : Optional.of(Duration.ofNanos(measured));
    }

    private void measure(Pending ping, RoundTrip trip) {
        CompletableFuture<Void> _ = ping.answered().thenAccept(at -> {
            waiting.remove(ping.id());
            synchronized (trip) {
                trip.pending = false;
                if (at != UNANSWERED) {
                    trip.last = at - trip.asked;
                }
            }
        });
        begin(ping);
    }

    private void begin(Pending ping) {
        waiting.put(ping.id(), ping);
        View now = view; // one that is installed from now on finds the ping
        if (now != null) {
            endIfLeft(ping, now);
        }
        ping(ping);
    }

    /** How long each of them took to answer; in the order given. */
    List<Optional<Duration>> ping(List<Peer> peers, Duration timeout) {
        long begin = time.nanos();
        List<Pending> pings = new ArrayList<>();
        for (Peer peer : peers) {
            Pending ping = new Pending(peer, ids.incrementAndGet(), new CompletableFuture<>());
            pings.add(ping);
            begin(ping);
        }
        List<Optional<Duration>> answers = new ArrayList<>();
        for (Pending ping : pings) {
            answers.add(await(ping, pings, begin, timeout.toNanos()));
        }
        return answers;
    }

    /** Waits for one; meanwhile all are asked again. The other end may have had no session open for its answer. */
    private Optional<Duration> await(Pending ping, List<Pending> all, long begin, long nanos) {
        try {
            long left = nanos - (time.nanos() - begin);
            while (left > RESEND_INTERVAL) {
                time.await(ping.answered(), RESEND_INTERVAL);
                if (ping.answered().isDone()) {
                    break;
                }
                all.stream().filter(each -> !each.answered().isDone()).forEach(this::ping);
                left = nanos - (time.nanos() - begin);
            }
            time.await(ping.answered(), Math.max(0, left));
            long at = ping.answered().getNow(UNANSWERED);
            return at == UNANSWERED ? Optional.empty() : Optional.of(Duration.ofNanos(at - begin));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            waiting.remove(ping.id());
        }
    }
}
