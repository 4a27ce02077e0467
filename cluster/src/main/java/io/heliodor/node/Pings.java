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
    private static final long SLOW = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long AGAIN = TimeUnit.MILLISECONDS.toNanos(250);

    private final Supplier<Link> link;
    private final Time time;
    private final AtomicLong ids = new AtomicLong();

    /** As many as callers wait for, since each of them removes its own. */
    private final ConcurrentHashMap<Long, Question> waiting = new ConcurrentHashMap<>();

    private final ConcurrentHashMap<Peer, RoundTrip> roundTrips = new ConcurrentHashMap<>();

    /** The last view; none before the first. */
    private volatile @Nullable View view;

    /** A ping without an answer yet. */
    private record Question(Peer peer, long id, CompletableFuture<Long> answered) {}

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
        Question question = waiting.get(ping.id());
        if (question != null) {
            question.answered().complete(time.nanos());
        }
    }

    /** A view was installed: pings of peers that have left end without an answer. */
    void view(View next) {
        view = next;
        roundTrips.keySet().removeIf(peer -> !next.has(peer));
        waiting.values().forEach(question -> endIfLeft(question, next));
    }

    private static void endIfLeft(Question question, View view) {
        if (!view.has(question.peer())) {
            question.answered().complete(UNANSWERED);
        }
    }

    /** A session is open: who waits for one asks again. What was asked in an earlier one has no answer. */
    void opened(Peer peer) {
        waiting.values().stream()
                .filter(question -> question.peer().equals(peer))
                .forEach(this::ask);
    }

    private void ask(Question question) {
        link.get()
                .offer(
                        question.peer(),
                        Envelope.of(new Ping(question.id(), false)).toBytes());
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
        Question next = null;
        long measured;
        synchronized (trip) {
            long waited = trip.pending ? time.nanos() - trip.asked : 0;
            measured = waited >= SLOW ? Math.max(trip.last, waited) : trip.last;
            if (!trip.pending) {
                trip.pending = true;
                trip.asked = time.nanos();
                next = new Question(peer, ids.incrementAndGet(), new CompletableFuture<>());
            }
        }
        if (next != null) {
            measure(next, trip);
        }
        return measured == UNANSWERED ? Optional.empty() : Optional.of(Duration.ofNanos(measured));
    }

    private void measure(Question question, RoundTrip trip) {
        CompletableFuture<Void> _ = question.answered().thenAccept(at -> {
            waiting.remove(question.id());
            synchronized (trip) {
                trip.pending = false;
                if (at != UNANSWERED) {
                    trip.last = at - trip.asked;
                }
            }
        });
        begin(question);
    }

    private void begin(Question question) {
        waiting.put(question.id(), question);
        View now = view; // one that is installed from now on finds the question
        if (now != null) {
            endIfLeft(question, now);
        }
        ask(question);
    }

    /** How long each of them took to answer; in the order given. */
    List<Optional<Duration>> ask(List<Peer> peers, Duration timeout) {
        long begin = time.nanos();
        List<Question> questions = new ArrayList<>();
        for (Peer peer : peers) {
            Question question = new Question(peer, ids.incrementAndGet(), new CompletableFuture<>());
            questions.add(question);
            begin(question);
        }
        List<Optional<Duration>> answers = new ArrayList<>();
        for (Question question : questions) {
            answers.add(await(question, questions, begin, timeout.toNanos()));
        }
        return answers;
    }

    /** Waits for one; meanwhile all are asked again. The other end may have had no session open for its answer. */
    private Optional<Duration> await(Question question, List<Question> all, long begin, long nanos) {
        try {
            long left = nanos - (time.nanos() - begin);
            while (left > AGAIN) {
                time.await(question.answered(), AGAIN);
                if (question.answered().isDone()) {
                    break;
                }
                all.stream().filter(each -> !each.answered().isDone()).forEach(this::ask);
                left = nanos - (time.nanos() - begin);
            }
            time.await(question.answered(), Math.max(0, left));
            long at = question.answered().getNow(UNANSWERED);
            return at == UNANSWERED ? Optional.empty() : Optional.of(Duration.ofNanos(at - begin));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            waiting.remove(question.id());
        }
    }
}
