package io.heliodor.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.client.json.JsonPayloads;
import io.heliodor.client.json.UnreadablePayload;
import io.heliodor.client.session.Answer;
import io.heliodor.client.session.ClientCounter;
import io.heliodor.client.session.ClientState;
import io.heliodor.client.session.CounterValues;
import io.heliodor.client.session.Delivery;
import io.heliodor.client.session.TokenAnswer;
import io.heliodor.client.status.ChannelStatus;
import io.heliodor.client.status.ConnectionStatus;
import io.heliodor.client.wire.Payload;
import io.heliodor.event.Event;
import io.heliodor.type.Type;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The parts of a client: its loop with the state, its connection, callbacks and calls. */
final class ClientRuntime {
    private static final int MAX_CLOSE_SECONDS = 10;
    private static final int FRAME_BYTES = 64;
    private static final int MAX_REPORTED = 64;

    /** The number of a refresh by the application. */
    private static final long APPLICATION = 1;

    private final Settings settings;
    private final CounterValues counters = new CounterValues();
    private final Diagnostics diagnostics = new Diagnostics(counters);
    private final Room room;
    private final Loop loop;
    private final Connections connections;
    private final TokenFetches tokenFetches;
    private final Callbacks callbacks;
    private final Calls calls;
    private final @Nullable ExecutorService ownExecutor;
    private final CountDownLatch end = new CountDownLatch(1);

    private final AtomicLong numbers = new AtomicLong();
    private final Map<Long, ClientChannel> channels = new ConcurrentHashMap<>();
    private final Map<String, Listeners<Payload>> messages = new ConcurrentHashMap<>();
    private final Map<Long, CompletableFuture<RefreshResult>> refreshes = new ConcurrentHashMap<>();
    private final Listeners<ConnectionStatus> statuses = new Listeners<>(() -> false);

    /** The topics that have a channel which was not left. */
    private final Map<String, ClientChannel> topics = new HashMap<>();

    private volatile ConnectionStatus status = new ConnectionStatus.Idle();
    private volatile boolean isClosed;

    ClientRuntime(Settings settings) {
        this.settings = settings;
        this.room = new Room(settings.maxWaitingMessages(), settings.maxWaitingBytes());
        Executor given = settings.callbacks();
        this.ownExecutor = given == null ? oneThread() : null;
        this.callbacks = new Callbacks(
                given == null ? Objects.requireNonNull(ownExecutor) : given,
                Math.max(1, Math.min(MAX_REPORTED, settings.limits().maxCallbacks() / 4)),
                new CallbackReports());
        this.calls = new Calls(this, settings.maxPendingCalls(), new Replies(settings.payloads(), diagnostics));
        ClientState state = new ClientState(
                settings.limits(),
                settings.timing(),
                settings.random(),
                settings.tokens() != null,
                new Output(this),
                counters);
        this.loop = new Loop(state, settings.nanos(), this::fail, calls::closeAll);
        this.connections = new Connections(settings, loop);
        this.tokenFetches = new TokenFetches(settings.tokens(), loop, diagnostics);
        loop.start();
    }

    private static ExecutorService oneThread() {
        return new ThreadPoolExecutor(0, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "heliodor-client-callbacks");
            thread.setDaemon(true);
            return thread;
        });
    }

    ClientChannel channel(String topic, Payload params) {
        checkSize(topic, "phx_join", params);
        synchronized (topics) {
            if (topics.containsKey(topic)) {
                throw new IllegalStateException("The client has a channel of '" + topic
                        + "'; use that one, or leave() it before another one is made.");
            }
            if (topics.size() >= settings.maxTopics()) {
                throw new IllegalStateException("The client has " + topics.size()
                        + " channels, as many as it may have; leave() some, or raise maxTopics of its builder.");
            }
            ClientChannel channel = new ClientChannel(this, numbers.incrementAndGet(), topic, params);
            topics.put(topic, channel);
            channels.put(channel.number(), channel);
            return channel;
        }
    }

    ConnectionStatus status() {
        return status;
    }

    Listeners<ConnectionStatus> statuses() {
        return statuses;
    }

    <T> Registration on(Event<T> event, Consumer<? super T> callback) {
        return messages.computeIfAbsent(event.name(), key -> new Listeners<>(() -> false))
                .add(payload -> read(event.name(), event.type(), payload, callback));
    }

    /** Calls a callback with a payload, if it fits the type. */
    <T> void read(String name, Type<T> type, Payload payload, Consumer<? super T> callback) {
        T value;
        try {
            value = settings.payloads().read(type, payload);
        } catch (UnreadablePayload e) {
            diagnostics.invalid(name, e);
            return;
        }
        callback.accept(value);
    }

    boolean hasTokens() {
        return settings.tokens() != null;
    }

    /** One refresh at a time: the server takes no other one either. */
    CompletableFuture<RefreshResult> refresh() {
        CompletableFuture<RefreshResult> result = new CompletableFuture<>();
        CompletableFuture<RefreshResult> pending = refreshes.putIfAbsent(APPLICATION, result);
        if (pending != null) {
            return pending.copy();
        }
        if (isClosed) {
            refreshed(APPLICATION, new TokenAnswer.Failed("the client is closed"));
        } else {
            loop.submit((state, now) -> state.refresh(now, APPLICATION));
        }
        return result.copy();
    }

    ClientCounters counters() {
        return new ClientCounters(
                counters.get(ClientCounter.CONNECTIONS),
                counters.get(ClientCounter.FAILED_ATTEMPTS),
                counters.get(ClientCounter.SILENT_CONNECTIONS),
                counters.get(ClientCounter.FRAMES_RECEIVED),
                counters.get(ClientCounter.FRAMES_SENT),
                counters.get(ClientCounter.MALFORMED_FRAMES),
                counters.get(ClientCounter.OVERSIZED_MESSAGES),
                counters.get(ClientCounter.STALE_FRAMES),
                counters.get(ClientCounter.FAILED_JOINS),
                counters.get(ClientCounter.GAPS),
                counters.get(ClientCounter.REJECTED_PUSHES),
                counters.get(ClientCounter.DROPPED_PUSHES),
                counters.get(ClientCounter.REJECTED_CALLS),
                counters.get(ClientCounter.REPEATED_CALLS),
                counters.get(ClientCounter.INVALID_PAYLOADS),
                counters.get(ClientCounter.FAILED_CALLBACKS),
                counters.get(ClientCounter.PAUSES),
                room.number(),
                room.bytes(),
                calls.pending());
    }

    void close() {
        isClosed = true;
        loop.submit((state, now) -> state.close(now, ""));
        if (loop.isCurrentThread()) {
            return;
        }
        try {
            if (!end.await(MAX_CLOSE_SECONDS, TimeUnit.SECONDS)) {
                diagnostics.warn("The client did not close within " + MAX_CLOSE_SECONDS + " s.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    Loop loop() {
        return loop;
    }

    Connections connections() {
        return connections;
    }

    TokenFetches tokenFetches() {
        return tokenFetches;
    }

    Calls calls() {
        return calls;
    }

    Room room() {
        return room;
    }

    JsonPayloads payloads() {
        return settings.payloads();
    }

    Diagnostics diagnostics() {
        return diagnostics;
    }

    boolean isClosed() {
        return isClosed;
    }

    void count(ClientCounter counter) {
        counters.increment(counter);
    }

    /** The bytes that a message takes while it waits. */
    int size(ClientChannel channel, String event, Payload payload) {
        int size = checkSize(channel.topic(), event, payload);
        if (size > room.maxBytes()) {
            throw new IllegalArgumentException("'" + event + "' has a payload of " + payload.length() + " bytes, and "
                    + room.maxBytes() + " bytes may wait; raise maxWaitingBytes of the builder.");
        }
        return size;
    }

    private int checkSize(String topic, String event, Payload payload) {
        int size = payload.length() + FRAME_BYTES + topic.getBytes(UTF_8).length + event.getBytes(UTF_8).length;
        if (size > settings.maxSentMessageBytes()) {
            throw new IllegalArgumentException("'" + event + "' has a payload of " + payload.length()
                    + " bytes, and a message to the server may have " + settings.maxSentMessageBytes()
                    + "; raise maxSentMessageBytes of the builder if the server permits more.");
        }
        return size;
    }

    void checkOpen(String what) {
        if (isClosed) {
            throw new IllegalStateException(what + " of a client that is closed; build another one.");
        }
    }

    void remove(ClientChannel channel) {
        synchronized (topics) {
            topics.remove(channel.topic(), channel);
        }
        channels.remove(channel.number());
    }

    // On the loop

    void deliver(Delivery delivery) {
        callbacks.add(task(delivery), delivery.size());
    }

    private Runnable task(Delivery delivery) {
        if (delivery instanceof Delivery.ConnectionChanged changed) {
            status = changed.status();
            return () -> statuses.notify(changed.status(), diagnostics, "the connection");
        }
        if (delivery instanceof Delivery.Message message && message.channel() == Delivery.CONNECTION) {
            return () -> {
                Listeners<Payload> listeners = messages.get(message.event());
                if (listeners != null) {
                    listeners.notify(message.payload(), diagnostics, "the connection");
                }
            };
        }
        ClientChannel channel = channels.get(channelOf(delivery));
        if (channel == null) {
            return () -> {};
        }
        if (delivery instanceof Delivery.ChannelChanged changed) {
            channel.become(changed.status());
        }
        return () -> channel.run(delivery);
    }

    private static long channelOf(Delivery delivery) {
        if (delivery instanceof Delivery.Message message) {
            return message.channel();
        }
        if (delivery instanceof Delivery.State state) {
            return state.channel();
        }
        if (delivery instanceof Delivery.Recovered recovered) {
            return recovered.channel();
        }
        return delivery instanceof Delivery.ChannelChanged changed ? changed.channel() : Delivery.CONNECTION;
    }

    void complete(long call, Answer answer) {
        calls.complete(call, answer);
    }

    void refreshed(long number, TokenAnswer answer) {
        RefreshResult result = result(answer);
        CompletableFuture<RefreshResult> future = refreshes.remove(number);
        if (future != null) {
            future.completeAsync(() -> result);
        } else if (!(answer instanceof TokenAnswer.Accepted)) {
            diagnostics.warn("A fresh token was not accepted: " + result);
        }
    }

    private static RefreshResult result(TokenAnswer answer) {
        if (answer instanceof TokenAnswer.Refused refused) {
            JsonNode error = refused.error().tree();
            return new RefreshResult.Refused(
                    error.path("status").asInt(0), error.path("reason").asString(""));
        }
        return answer instanceof TokenAnswer.Failed failed
                ? new RefreshResult.Failed(failed.cause())
                : new RefreshResult.Accepted();
    }

    void finished() {
        isClosed = true;
        loop.finish();
        connections.end();
        tokenFetches.end();
        if (ownExecutor != null) {
            ownExecutor.shutdown();
        }
        end.countDown();
    }

    /** A fault of this client itself. Nothing waits any more before it is logged, since a log may throw, too. */
    private void fail(Throwable fault) {
        isClosed = true;
        calls.closeAll();
        List.copyOf(refreshes.keySet()).forEach(number -> refreshed(number, new TokenAnswer.Failed(fault.toString())));
        try {
            channels.keySet().forEach(number -> deliver(new Delivery.ChannelChanged(number, new ChannelStatus.Left())));
            deliver(new Delivery.ConnectionChanged(new ConnectionStatus.Closed(fault.toString())));
            connections.close(1000, "", diagnostics);
            diagnostics.error("The client has a fault and is closed; please report it.", fault);
        } finally {
            finished();
        }
    }

    /** Gives back the room of callbacks that have run. */
    private final class CallbackReports implements Callbacks.Listener {
        @Override
        public void done(int number, long bytes) {
            loop.submit((state, now) -> state.delivered(now, number, bytes));
        }

        @Override
        public void rejected(RejectedExecutionException failure) {
            if (!isClosed) {
                isClosed = true;
                diagnostics.error("The executor of callbacks rejects them; the client is closed.", failure);
                loop.submit((state, now) -> state.close(now, "the executor of callbacks rejects them"));
            }
        }
    }
}
