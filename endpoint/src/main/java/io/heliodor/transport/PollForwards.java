package io.heliodor.transport;

import io.heliodor.session.Count;
import io.heliodor.session.Endpoints;
import io.heliodor.session.Hub;
import io.heliodor.session.MemoryBudget;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests of clients that poll for sessions of other endpoints. As the front it forwards those of its own clients; as the
 * owner of sessions it serves those of other fronts. See {@code docs/design/longpoll.md}. Any thread may use it.
 */
final class PollForwards {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    /** Beyond it the rest of a post, or of an answer, is another question. */
    private static final int MAX_PART = 512 << 10;

    /** The largest message that fits into a question. */
    private static final int MAX_MESSAGE = 3 << 20;

    /** The time for the way there and back, in addition to what the owner waits. */
    private static final Duration MARGIN = Duration.ofSeconds(5);

    private static final byte[] NOTHING = {};
    private static final int NO = 0;
    private static final int YES = 1;
    private static final int BUSY = 2;

    /** No answer: the endpoint is slow or busy, or has gone. Never sent. */
    private static final int UNANSWERED = 3;

    /** How often an answer, or that it was taken, is sent. */
    private static final int TRIES = 3;

    private static final Duration PAUSE = Duration.ofMillis(200);

    private final Endpoints endpoints;
    private final PollSessions sessions;
    private final Hub hub;

    /** From a number by chance on: an answer for an endpoint that had this one's name before finds no request here. */
    private final AtomicLong numbers = new AtomicLong(new SecureRandom().nextLong());

    /** The requests of this endpoint's clients. */
    private final Map<Long, Exchange> waiting = new ConcurrentHashMap<>();

    /** The polls of other fronts that are parked here, with the task for the end of their clients. */
    private final Map<PollWire.Request, Runnable> parked = new ConcurrentHashMap<>();

    /** The answers under way to other fronts. */
    private final Map<PollWire.Request, CompletableFuture<Boolean>> answers = new ConcurrentHashMap<>();

    private volatile boolean closed;

    PollForwards(Hub hub, PollSessions sessions) {
        this.hub = hub;
        this.endpoints = hub.endpoints();
        this.sessions = sessions;
        endpoints.answer(this::answer);
    }

    /** The other endpoint that a token names as that of its session. */
    Optional<String> owner(@Nullable String token) {
        return PollSessions.endpoint(token).filter(endpoint -> !endpoint.equals(endpoints.self()));
    }

    // The front.

    /** A request that was forwarded. */
    private final class Exchange implements AutoCloseable {
        private final String owner;
        private final PollWire.Request request = new PollWire.Request(endpoints.self(), numbers.incrementAndGet());
        private final boolean poll;
        private final CompletableFuture<Integer> status = new CompletableFuture<>();

        /** The parts of the answer that came. One comes after the other. */
        private final ByteArrayOutputStream text = new ByteArrayOutputStream(0);

        /** Whether all of the answer has come. */
        private boolean whole;

        Exchange(String owner, boolean poll) {
            this.owner = owner;
            this.poll = poll;
            waiting.put(request.number(), this);
            if (closed && poll) {
                end(204);
            }
        }

        /** Ends the wait with an answer of this endpoint. */
        void end(int with) {
            status.complete(with);
        }

        /** Takes a part of the answer, which may come again; false if it comes too late. */
        synchronized boolean add(PollWire.Answer part) {
            if (status.isDone()) {
                return whole;
            }
            if (part.offset() == text.size()) {
                text.writeBytes(part.text());
                hub.memory().add(part.text().length);
                whole = part.last() && status.complete(part.status());
                return whole || !part.last();
            }
            return part.offset() < text.size();
        }

        synchronized byte[] text() {
            return text.toByteArray();
        }

        /** Sends the request; blocks until the answer is there, or the time is up. */
        int status(PollWire question, int ifUnanswered, Duration within) {
            long begin = System.nanoTime();
            // A poll may come twice, a post may not.
            switch (ask(owner, question, sessions.limits().window(), poll ? TRIES : 1)) {
                case YES -> {}
                case BUSY -> end(503);
                case UNANSWERED -> end(!poll && endpoints.mayAnswer(owner) ? ifUnanswered : 410);
                default -> end(410);
            }
            try {
                return status.get(within.toNanos() - (System.nanoTime() - begin), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                end(ifUnanswered);
                return status.join();
            } catch (InterruptedException | ExecutionException e) {
                throw new AssertionError("threads of this endpoint are not interrupted, and answers do not fail", e);
            }
        }

        @Override
        public synchronized void close() {
            waiting.remove(request.number());
            hub.memory().add(-text.size());
        }
    }

    /** The client has left before its answer came. Never sent. */
    private static final int LEFT = 499;

    /** Forwards a poll. */
    void poll(String owner, PollWire.Session session, Poll poll) {
        hub.counts().increment(Count.POLLS_FORWARDED);
        Exchange exchange = new Exchange(owner, true);
        poll.whenGone(() -> exchange.end(LEFT));
        onThread(
                () -> {
                    try (exchange) {
                        forward(exchange, session, poll);
                    }
                },
                () -> answerEmpty(session, poll));
    }

    private void forward(Exchange exchange, PollWire.Session session, Poll poll) {
        Duration most = sessions.limits().window().plus(MARGIN);
        switch (exchange.status(new PollWire.Poll(session, exchange.request), 204, most)) {
            case LEFT -> leave(exchange);
            case 410 -> poll.sessionGone();
            case 204 -> {
                answerEmpty(session, poll);
                leave(exchange);
            }
            default -> {
                var socket = new CompletableFuture<Boolean>();
                poll.answer(exchange.text(), socket::complete);
                Duration stalled = hub.limits().stallTimeout().plusSeconds(1);
                boolean taken = socket.completeOnTimeout(false, stalled.toMillis(), TimeUnit.MILLISECONDS)
                        .join();
                ask(exchange.owner, new PollWire.Taken(exchange.request, taken), MARGIN, TRIES);
            }
        }
    }

    private static void answerEmpty(PollWire.Session session, Poll poll) {
        poll.answer(PollJson.poll(204, session.token(), List.of()));
    }

    private void leave(Exchange exchange) {
        ask(exchange.owner, new PollWire.Leave(exchange.request), MARGIN);
    }

    /** Runs a task, and something else if it fails. */
    private void onThread(Runnable task, Runnable otherwise) {
        HttpConnection.onThread(() -> {
            try {
                task.run();
            } catch (Throwable e) {
                LOG.error("A request of a client that polls could not be forwarded.", e);
                otherwise.run();
            }
        });
    }

    /** Looks for the session that is to get a post. */
    void find(String owner, PollWire.Session session, Consumer<Boolean> then) {
        HttpConnection.onThread(() -> then.accept(
                ask(owner, new PollWire.Known(session), sessions.limits().window()) == YES));
    }

    /** Whether the messages may be forwarded: each fits into a question. */
    static boolean mayPass(List<PollBody.Message> messages) {
        return messages.stream().allMatch(message -> message.bytes().length <= MAX_MESSAGE);
    }

    /** Forwards the messages of a client, part after part; then the status of the first part that was not taken, or 200. */
    void post(String owner, PollWire.Session session, List<PollBody.Message> messages, IntConsumer then) {
        hub.counts().increment(Count.POLLS_FORWARDED);
        onThread(() -> then.accept(post(owner, session, messages)), () -> then.accept(408));
    }

    private int post(String owner, PollWire.Session session, List<PollBody.Message> messages) {
        long end = System.nanoTime() + sessions.limits().window().plus(MARGIN).toNanos();
        int status = 200;
        for (int from = 0; from < messages.size() && status == 200; ) {
            List<PollBody.Message> part = part(messages, from);
            from += part.size();
            try (Exchange exchange = new Exchange(owner, false)) {
                Duration left = Duration.ofNanos(end - System.nanoTime());
                status = left.isPositive()
                        ? exchange.status(new PollWire.Post(session, exchange.request, part), 408, left)
                        : 408;
            }
        }
        return status;
    }

    private static List<PollBody.Message> part(List<PollBody.Message> messages, int from) {
        List<PollBody.Message> part = new ArrayList<>();
        long bytes = 0;
        for (PollBody.Message message : messages.subList(from, messages.size())) {
            bytes += message.bytes().length;
            if (!part.isEmpty() && bytes > MAX_PART) {
                break;
            }
            part.add(message);
        }
        return part;
    }

    /** Answers all polls that wait for other endpoints: this one ends. */
    void close() {
        closed = true;
        waiting.values().stream().filter(exchange -> exchange.poll).forEach(exchange -> exchange.end(204));
    }

    /** Blocks for the answer of one byte. */
    private int ask(String endpoint, PollWire question, Duration within) {
        return endpoints
                .ask(endpoint, question.write(), within)
                .filter(answer -> answer.length == 1)
                .map(answer -> (int) answer[0])
                .orElse(UNANSWERED);
    }

    /** The same for questions that may come twice: asks again if the endpoint is busy. */
    private int ask(String endpoint, PollWire question, Duration within, int tries) {
        int answer = ask(endpoint, question, within);
        for (int i = 1; i < tries && answer == UNANSWERED && endpoints.mayAnswer(endpoint); i++) {
            LockSupport.parkNanos(PAUSE.toNanos());
            answer = ask(endpoint, question, within);
        }
        return answer;
    }

    // The owner, and the answers that come to the front.

    private byte[] answer(byte[] question) throws IOException {
        return new byte[] {(byte) answer(PollWire.read(question))};
    }

    private int answer(PollWire question) {
        return switch (question) {
            case PollWire.Known(var session) -> find(session).isPresent() ? YES : NO;
            case PollWire.Poll(var session, var request) -> {
                Optional<PollConnection> found = find(session);
                found.ifPresent(polled -> polled.poll(new Forwarded(request)));
                yield found.isPresent() ? YES : NO;
            }
            case PollWire.Leave(var request) -> {
                Runnable gone = parked.remove(request);
                if (gone != null) {
                    gone.run();
                }
                yield YES;
            }
            case PollWire.Post(var session, var request, var messages) ->
                find(session).map(found -> post(found, request, messages)).orElse(NO);
            case PollWire.Answer answer -> {
                Exchange request = waiting.get(answer.number());
                yield request != null && request.add(answer) ? YES : NO;
            }
            case PollWire.Taken(var request, var taken) -> {
                CompletableFuture<Boolean> answer = answers.get(request);
                yield answer != null && answer.complete(taken) ? YES : NO;
            }
        };
    }

    private Optional<PollConnection> find(PollWire.Session session) {
        return closed ? Optional.empty() : sessions.find(session.token(), session.path());
    }

    private int post(PollConnection session, PollWire.Request request, List<PollBody.Message> messages) {
        MemoryBudget memory = hub.memory();
        if (memory.tight()) {
            return BUSY;
        }
        long bytes =
                messages.stream().mapToLong(message -> message.bytes().length).sum();
        memory.add(bytes);
        session.post(new Post(messages, status -> {
            memory.add(-bytes);
            HttpConnection.onThread(() -> ask(
                    request.front(), new PollWire.Answer(request.number(), status, true, 0, NOTHING), MARGIN, TRIES));
        }));
        return YES;
    }

    /** A poll that came to another front. */
    private final class Forwarded implements Poll {
        private final PollWire.Request request;

        Forwarded(PollWire.Request request) {
            this.request = request;
        }

        @Override
        public void sessionGone() {
            HttpConnection.onThread(() -> send(410, NOTHING));
        }

        @Override
        public void whenGone(Runnable task) {
            parked.put(request, task);
        }

        @Override
        public void answer(byte[] json, Consumer<Boolean> taken) {
            parked.remove(request);
            onThread(() -> taken.accept(isTaken(json)), () -> taken.accept(false));
        }

        /** Sends the parts of the answer; the result of the last one that was sent. */
        private int send(int status, byte[] text) {
            int from = 0;
            int arrived;
            do {
                int to = Math.min(from + MAX_PART, text.length);
                byte[] part = Arrays.copyOfRange(text, from, to);
                arrived = ask(
                        request.front(),
                        new PollWire.Answer(request.number(), status, to == text.length, from, part),
                        MARGIN,
                        TRIES);
                from = to;
            } while (arrived == YES && from < text.length);
            return arrived;
        }

        private boolean isTaken(byte[] json) {
            CompletableFuture<Boolean> taken = new CompletableFuture<>();
            answers.put(request, taken);
            try {
                Duration most = hub.limits().stallTimeout().plusSeconds(1);
                // Without an answer the front may have all of it.
                return send(200, json) != NO && taken.get(most.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                return false;
            } catch (InterruptedException | ExecutionException e) {
                throw new AssertionError("threads of this endpoint are not interrupted, and answers do not fail", e);
            } finally {
                answers.remove(request);
            }
        }
    }
}
