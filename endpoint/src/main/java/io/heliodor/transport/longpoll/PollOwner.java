package io.heliodor.transport.longpoll;

import static io.heliodor.transport.longpoll.PollPeers.BUSY;
import static io.heliodor.transport.longpoll.PollPeers.MARGIN;
import static io.heliodor.transport.longpoll.PollPeers.MAX_PART;
import static io.heliodor.transport.longpoll.PollPeers.NO;
import static io.heliodor.transport.longpoll.PollPeers.WAIT_BYTES;
import static io.heliodor.transport.longpoll.PollPeers.YES;

import io.heliodor.session.Hub;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.transport.http.ResponsePace;
import io.heliodor.transport.io.BlockingTasks;
import java.time.Duration;
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
import java.util.function.Consumer;

/**
 * Serves requests for sessions of this endpoint that the {@link PollForwarder} of another one forwards. Any thread may use
 * it. See {@code docs/design/longpoll.md}.
 */
final class PollOwner {
    private static final byte[] NOTHING = {};

    private final Hub hub;
    private final PollSessions sessions;
    private final PollPeers peers;

    /** The parked polls, each with the task for a disconnect of its client. */
    private final Map<PollWire.Request, Runnable> parked = new ConcurrentHashMap<>();

    /** The responses that were not acknowledged yet. */
    private final Map<PollWire.Request, CompletableFuture<Boolean>> answers = new ConcurrentHashMap<>();

    private volatile boolean closed;

    PollOwner(Hub hub, PollSessions sessions, PollPeers peers) {
        this.hub = hub;
        this.sessions = sessions;
        this.peers = peers;
    }

    /** Serves a request of a front. */
    int answer(PollWire.ToOwner message) {
        return switch (message) {
            case PollWire.Known(var session) -> find(session).isPresent() ? YES : NO;
            case PollWire.Poll(var session, var request) ->
                find(session).map(found -> poll(found, request)).orElse(NO);
            case PollWire.Leave(var request) -> {
                Runnable onDisconnect = parked.remove(request);
                if (onDisconnect != null) {
                    onDisconnect.run();
                }
                yield YES;
            }
            case PollWire.Arriving(var session) -> {
                Optional<PollConnection> found = find(session);
                found.ifPresent(PollConnection::bodyArrives);
                yield found.isPresent() ? YES : NO;
            }
            case PollWire.Post(var session, var request, var messages) ->
                find(session).map(found -> post(found, request, messages)).orElse(NO);
            case PollWire.Taken(var request, var taken) -> {
                CompletableFuture<Boolean> answer = answers.get(request);
                yield answer != null && answer.complete(taken) ? YES : NO;
            }
        };
    }

    /** Serves no further request. */
    void close() {
        closed = true;
    }

    private int poll(PollConnection session, PollWire.Request request) {
        // A repeated request, whose first reply was lost: the poll is parked already, or its response is being sent.
        boolean first = !answers.containsKey(request) && parked.putIfAbsent(request, () -> {}) == null;
        if (first) {
            session.poll(new Forwarded(request));
        }
        return YES;
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
        AtomicLong counted = new AtomicLong(bytes);
        memory.add(bytes);
        try {
            session.post(new PollSend(messages, status -> {
                memory.add(-counted.getAndSet(0));
                BlockingTasks.start(() -> peers.retry(
                        request.front(), new PollWire.Answer(request.number(), status, true, 0, NOTHING), MARGIN));
            }));
        } catch (Throwable e) {
            memory.add(-counted.getAndSet(0));
            throw e;
        }
        return YES;
    }

    /** A poll that a front has forwarded. */
    private final class Forwarded implements Poll {
        private final PollWire.Request request;

        Forwarded(PollWire.Request request) {
            this.request = request;
        }

        @Override
        public void sessionEnded() {
            parked.remove(request);
            BlockingTasks.start(() -> send(410, NOTHING));
        }

        @Override
        public void dropHead() {
            // The front has it.
        }

        @Override
        public void onDisconnect(Runnable task) {
            parked.put(request, task);
        }

        @Override
        public void answer(byte[] json, Consumer<Boolean> taken) {
            CompletableFuture<Boolean> socket = new CompletableFuture<>();
            answers.put(request, socket);
            parked.remove(request);
            peers.onThread(() -> taken.accept(isTaken(json, socket)), () -> taken.accept(false));
        }

        /** Sends the parts of the response; returns the reply to the last part sent. */
        private int send(int status, byte[] text) {
            int from = 0;
            int arrived;
            do {
                int to = Math.min(from + MAX_PART, text.length);
                byte[] part = Arrays.copyOfRange(text, from, to);
                arrived = peers.retry(
                        request.front(),
                        new PollWire.Answer(request.number(), status, to == text.length, from, part),
                        MARGIN);
                from = to;
            } while (arrived == YES && from < text.length);
            return arrived;
        }

        private boolean isTaken(byte[] json, CompletableFuture<Boolean> socket) {
            // In addition to the messages, which count for the session until they are taken: it is a copy of them.
            long held = WAIT_BYTES + json.length;
            hub.memory().add(held);
            Duration stallTimeout = hub.sessionLimits().stallTimeout();
            long begin = System.nanoTime();
            long maxNanos = ResponsePace.maxTime(stallTimeout, json.length).toNanos();
            try {
                // Without a reply the front may have the whole response.
                boolean frontHasIt = send(200, json) != NO;
                while (frontHasIt) {
                    Optional<Boolean> taken = await(socket, stallTimeout.plusSeconds(1));
                    if (taken.isPresent()) {
                        return taken.get();
                    }
                    // A client on a slow link takes longer; the front has the request until it has sent TAKEN.
                    frontHasIt = System.nanoTime() - begin < maxNanos && isAtFront(json.length);
                }
                return socket.getNow(false);
            } finally {
                answers.remove(request);
                hub.memory().add(-held);
            }
        }

        /** Whether the front has the whole response, and its request waits there: by an empty part that follows the last. */
        private boolean isAtFront(int length) {
            PollWire part = new PollWire.Answer(request.number(), 200, true, length, NOTHING);
            return peers.retry(request.front(), part, MARGIN) == YES;
        }

        private static Optional<Boolean> await(CompletableFuture<Boolean> socket, Duration within) {
            try {
                return Optional.of(socket.get(within.toMillis(), TimeUnit.MILLISECONDS));
            } catch (TimeoutException e) {
                return Optional.empty();
            } catch (InterruptedException | ExecutionException e) {
                throw new AssertionError("threads of this endpoint are not interrupted, and answers do not fail", e);
            }
        }
    }
}
