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
    private static final long AGAIN = TimeUnit.MILLISECONDS.toNanos(250);

    private final Supplier<Link> link;
    private final Time time;
    private final AtomicLong ids = new AtomicLong();

    /** As many as callers wait for, since each of them removes its own. */
    private final ConcurrentHashMap<Long, Question> waiting = new ConcurrentHashMap<>();

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

    /** How long each of them took to answer; in the order given. */
    List<Optional<Duration>> ask(List<Peer> peers, Duration timeout) {
        long begin = time.nanos();
        List<Question> questions = new ArrayList<>();
        for (Peer peer : peers) {
            Question question = new Question(peer, ids.incrementAndGet(), new CompletableFuture<>());
            questions.add(question);
            waiting.put(question.id(), question);
            View now = view; // one that is installed from now on finds the question
            if (now != null) {
                endIfLeft(question, now);
            }
            ask(question);
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
