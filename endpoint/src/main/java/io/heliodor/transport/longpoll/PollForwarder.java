package io.heliodor.transport.longpoll;

import static io.heliodor.transport.longpoll.PollPeers.BUSY;
import static io.heliodor.transport.longpoll.PollPeers.MARGIN;
import static io.heliodor.transport.longpoll.PollPeers.MAX_PART;
import static io.heliodor.transport.longpoll.PollPeers.UNANSWERED;
import static io.heliodor.transport.longpoll.PollPeers.WAIT_BYTES;
import static io.heliodor.transport.longpoll.PollPeers.YES;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.session.Hub;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.transport.http.ResponsePace;
import io.heliodor.transport.io.BlockingTasks;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Forwards requests of long-polling clients to the endpoints of their sessions, where a {@link PollOwner} serves them. Any
 * thread may use it. See {@code docs/design/longpoll.md}.
 */
final class PollForwarder {
    /** The maximum of a message that can be forwarded. */
    private static final int MAX_MESSAGE = 3 << 20;

    /** The status for a client that disconnected before its response. Never sent. */
    private static final int DISCONNECTED = 499;

    private final Hub hub;
    private final PollLimits limits;
    private final PollPeers peers;

    /** Starts at a random number, so that a response to a former endpoint of the same name matches no request. */
    private final AtomicLong numbers = new AtomicLong(new SecureRandom().nextLong());

    /** The forwarded requests by number. */
    private final Map<Long, Exchange> waiting = new ConcurrentHashMap<>();

    private volatile boolean closed;

    PollForwarder(Hub hub, PollLimits limits, PollPeers peers) {
        this.hub = hub;
        this.limits = limits;
        this.peers = peers;
    }

    /** The endpoint that a token names, if it is another one. */
    Optional<String> owner(@Nullable String token) {
        return PollSessions.endpointOf(token).filter(endpoint -> !endpoint.equals(peers.self()));
    }

    /** A forwarded request. It, the thread that waits for its response, and that response count until it is closed. */
    private final class Exchange implements AutoCloseable {
        private final String owner;
        private final PollWire.Request request = new PollWire.Request(peers.self(), numbers.incrementAndGet());
        private final boolean poll;
        private final CompletableFuture<Integer> status = new CompletableFuture<>();

        /** The parts of the response so far, which come in order. */
        @GuardedBy("this")
        private final List<byte[]> parts = new ArrayList<>(1);

        /** The bytes of these parts. */
        @GuardedBy("this")
        private int size;

        /** Whether the response is complete. */
        @GuardedBy("this")
        private boolean complete;

        Exchange(String owner, boolean poll) {
            this.owner = owner;
            this.poll = poll;
            hub.memory().add(WAIT_BYTES);
            waiting.put(request.number(), this);
            if (closed && poll) {
                end(204);
            }
        }

        /** Completes the request with a status of this endpoint. */
        void end(int with) {
            status.complete(with);
        }

        /** Adds a part of the response, which may be a duplicate; false if it is too late. */
        synchronized boolean add(PollWire.Answer part) {
            if (status.isDone()) {
                return complete;
            }
            if (part.offset() == size) {
                parts.add(part.text());
                size += part.text().length;
                hub.memory().add(part.text().length);
                complete = part.last() && status.complete(part.status());
                return complete || !part.last();
            }
            return part.offset() < size;
        }

        /** Returns the response, for the socket to take, and drops its parts, which would be a second copy of it. */
        synchronized byte[] takeText() {
            byte[] text = new byte[size];
            int to = 0;
            for (byte[] part : parts) {
                System.arraycopy(part, 0, text, to, part.length);
                to += part.length;
            }
            parts.clear();
            return text;
        }

        /** Sends the request, runs a task if the owner has it, and blocks for the status of its response, until the timeout. */
        int status(PollWire request, int ifUnanswered, Duration within, Runnable onArrival) {
            long begin = System.nanoTime();
            // A poll may be sent twice while it has no response; a post may not.
            int arrived = poll
                    ? peers.retryUnless(status::isDone, owner, request, limits.window())
                    : peers.send(owner, request, limits.window());
            switch (arrived) {
                case YES -> onArrival.run();
                case BUSY -> end(503);
                case UNANSWERED -> end(!poll && peers.mayAnswer(owner) ? ifUnanswered : 410);
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
            end(DISCONNECTED); // a part that comes now is refused, and not counted
            hub.memory().add(-WAIT_BYTES - size);
        }
    }

    /** Adds a part of a response to its request. */
    int take(PollWire.Answer part) {
        Exchange exchange = waiting.get(part.number());
        return exchange != null && exchange.add(part) ? YES : PollPeers.NO;
    }

    /** Forwards a poll to the owner of its session. */
    void poll(String owner, PollWire.Session session, Poll poll) {
        hub.counters().increment(Counter.POLLS_FORWARDED);
        peers.onThread(
                () -> {
                    try (Exchange exchange = new Exchange(owner, true)) {
                        forward(exchange, session, poll);
                    }
                },
                () -> respondEmpty(session, poll));
    }

    private void forward(Exchange exchange, PollWire.Session session, Poll poll) {
        Duration timeout = limits.window().plus(MARGIN);
        // Parked only now: if no endpoint has the session, a new one needs the head and the handshake permit.
        Runnable park = () -> {
            poll.dropHead();
            poll.onDisconnect(() -> exchange.end(DISCONNECTED));
        };
        switch (exchange.status(new PollWire.Poll(session, exchange.request), 204, timeout, park)) {
            case DISCONNECTED -> cancel(exchange);
            case 410 -> poll.sessionEnded();
            case 204 -> {
                respondEmpty(session, poll);
                cancel(exchange);
            }
            default -> {
                var socket = new CompletableFuture<Boolean>();
                byte[] text = exchange.takeText();
                Duration within = ResponsePace.maxTime(hub.sessionLimits().stallTimeout(), text.length)
                        .plusSeconds(1);
                poll.answer(text, socket::complete);
                boolean taken = socket.completeOnTimeout(false, within.toMillis(), TimeUnit.MILLISECONDS)
                        .join();
                peers.retry(exchange.owner, new PollWire.Taken(exchange.request, taken), MARGIN);
            }
        }
    }

    private static void respondEmpty(PollWire.Session session, Poll poll) {
        poll.answer(PollJson.poll(204, session.token(), List.of()));
    }

    private void cancel(Exchange exchange) {
        peers.send(exchange.owner, new PollWire.Leave(exchange.request), MARGIN);
    }

    /** Reports whether the owner has the session of a post. */
    void find(String owner, PollWire.Session session, Consumer<Boolean> then) {
        BlockingTasks.start(() -> {
            boolean found = false;
            try {
                found = peers.send(owner, new PollWire.Known(session), limits.window()) == YES;
            } finally {
                then.accept(found);
            }
        });
    }

    /** Returns a task for each part of a body, which reports to the owner that the client lives. On one loop alone. */
    Runnable bodyParts(String owner, PollWire.Session session) {
        return new BodyParts(owner, session);
    }

    /** Reports the parts of one body, a few times in the time after which the owner would end its session. */
    private final class BodyParts implements Runnable {
        private final String owner;
        private final PollWire.Session session;
        private final Duration pause = limits.inactive().dividedBy(4);
        private boolean reported;
        private long reportedAt;

        BodyParts(String owner, PollWire.Session session) {
            this.owner = owner;
            this.session = session;
        }

        @Override
        public void run() {
            long now = System.nanoTime();
            if (!reported || now - reportedAt >= pause.toNanos()) {
                reported = true;
                reportedAt = now;
                BlockingTasks.start(() -> peers.send(owner, new PollWire.Arriving(session), pause));
            }
        }
    }

    /** Whether each message is small enough to be forwarded. */
    static boolean canForward(List<PollBody.Message> messages) {
        return messages.stream().allMatch(message -> message.bytes().length <= MAX_MESSAGE);
    }

    /** Forwards messages in parts; reports the status of the first part that was refused, or 200. */
    void post(String owner, PollWire.Session session, List<PollBody.Message> messages, IntConsumer then) {
        hub.counters().increment(Counter.POLLS_FORWARDED);
        peers.onThread(() -> then.accept(post(owner, session, messages)), () -> then.accept(408));
    }

    private int post(String owner, PollWire.Session session, List<PollBody.Message> messages) {
        long end = System.nanoTime() + limits.window().plus(MARGIN).toNanos();
        int status = 200;
        for (int from = 0; from < messages.size() && status == 200; ) {
            List<PollBody.Message> part = part(messages, from);
            from += part.size();
            try (Exchange exchange = new Exchange(owner, false)) {
                Duration left = Duration.ofNanos(end - System.nanoTime());
                status = left.isPositive()
                        ? exchange.status(new PollWire.Post(session, exchange.request, part), 408, left, () -> {})
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

    /** Ends all forwarded polls with an empty response, because this endpoint stops. */
    void close() {
        closed = true;
        waiting.values().stream().filter(exchange -> exchange.poll).forEach(exchange -> exchange.end(204));
    }
}
