package io.heliodor.client;

import io.heliodor.client.json.JsonPayloads;
import io.heliodor.client.session.ClientState;
import io.heliodor.client.session.Limits;
import io.heliodor.client.session.Timing;
import io.heliodor.client.socket.ClientSocket;
import io.heliodor.client.socket.JdkSocket;
import io.heliodor.client.status.ConnectionStatus;
import io.heliodor.client.wire.Payload;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.type.Type;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A client of one socket of a server. It connects with the first join, or by {@link #connect}, and connects again after each loss, with
 * random delays of up to 10 s, until it is closed or refused for good.
 *
 * <p>A client has one daemon thread for its state, one for callbacks unless the application gives an executor, and one for the time of a call
 * of the token supplier. They end with {@link #close}. All clients share the threads of connections, unless the application gives an
 * {@linkplain Builder#http HTTP client} or {@linkplain Builder#sockets sockets}. Any thread may use a client. No method blocks except
 * {@link #close}.
 *
 * <p>Nothing in it grows without a bound: see the builder. Beyond a bound pushes and calls are not accepted, and reading pauses.
 */
public final class Client implements AutoCloseable {
    private final ClientRuntime runtime;

    private Client(ClientRuntime runtime) {
        this.runtime = runtime;
    }

    /**
     * A builder of a client.
     *
     * @param socket the address of a socket, such as {@code wss://live.example.com/socket}. The client appends {@code /websocket} and the
     *     version of the protocol
     * @return the builder
     */
    public static Builder to(URI socket) {
        return new Builder(Objects.requireNonNull(socket, "socket"));
    }

    /**
     * A channel for a topic, which is joined without a payload.
     *
     * @param topic the topic: 1 to 255 bytes of UTF-8 without control characters
     * @return the channel, which does nothing before its {@code join()}
     * @throws IllegalArgumentException if the topic breaks the rules
     * @throws IllegalStateException if the client has a channel of the topic that was not left, as many channels as it may have, or is
     *     closed
     */
    public ClientChannel channel(String topic) {
        return channel(topic, Empty.EMPTY);
    }

    /**
     * A channel for a topic.
     *
     * @param topic the topic: 1 to 255 bytes of UTF-8 without control characters
     * @param params the payload of each join: a record or another value that is written as a JSON object, now
     * @return the channel, which does nothing before its {@code join()}
     * @throws IllegalArgumentException if the topic breaks the rules, or the payload is not written as an object
     * @throws IllegalStateException if the client has a channel of the topic that was not left, as many channels as it may have, or is
     *     closed
     */
    public ClientChannel channel(String topic, Object params) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(params, "params");
        TopicNames.checkTopic(topic);
        runtime.checkOpen("channel(\"" + topic + "\")");
        Payload written = runtime.payloads().write("phx_join", Type.of(params.getClass()), params);
        if (written.isBinary()) {
            throw new IllegalArgumentException(
                    "The payload of the join of '" + topic + "' is bytes; give a record or a map.");
        }
        return runtime.channel(topic, written);
    }

    /**
     * Connects without a join, also after a final refusal. Returns at once. If the client is connected, or about to be, it has no effect.
     *
     * @throws IllegalStateException if the client is closed
     */
    public void connect() {
        runtime.checkOpen("connect()");
        runtime.loop().submit(ClientState::connect);
    }

    /**
     * The present status of the connection.
     *
     * @return the status
     */
    public ConnectionStatus status() {
        return runtime.status();
    }

    /**
     * Registers a callback for each later status of the connection.
     *
     * @param callback gets the status
     * @return the registration
     */
    public Registration onStatus(Consumer<? super ConnectionStatus> callback) {
        return runtime.statuses().add(Objects.requireNonNull(callback, "callback"));
    }

    /**
     * Registers a callback for an event that the server pushes to the user of the connection, under the topic {@code phoenix}.
     *
     * @param event the event
     * @param callback gets each payload
     * @param <T> the type of the payload
     * @return the registration
     */
    public <T> Registration on(Event<T> event, Consumer<? super T> callback) {
        Objects.requireNonNull(event, "event");
        Objects.requireNonNull(callback, "callback");
        return runtime.on(event, callback);
    }

    /**
     * Sends a fresh token over the open connection, which gets its identity. Channels that ended because they lacked a right join again.
     * One refresh runs at a time: a call during another one gets the result of that.
     *
     * @return the result, completed on a thread of the common pool and never with an exception
     * @throws IllegalStateException if the client has no token supplier
     */
    public CompletableFuture<RefreshResult> refresh() {
        if (!runtime.hasTokens()) {
            throw new IllegalStateException(
                    "refresh() of a client without a token supplier: give its builder token(supplier).");
        }
        return runtime.refresh();
    }

    /**
     * The counters.
     *
     * @return their present values
     */
    public ClientCounters counters() {
        return runtime.counters();
    }

    /**
     * Leaves all topics, sends the messages that wait, for a second at most, and closes the connection. Blocks until then. Pushes that wait
     * for a join or for a connection, and those that are not sent within that second, are dropped and counted in
     * {@link ClientCounters#droppedPushes}. Calls without a result are completed as {@link CallResult.Closed}, or {@link CallResult.NotSent}, and a refresh as
     * {@link RefreshResult.Failed}: each future ends. Callbacks that were queued before still run; none is queued after this method returns.
     *
     * <p>It may be called within a callback. If the thread is interrupted, it returns at once and the thread stays interrupted. A second
     * call waits for the same end.
     */
    @Override
    public void close() {
        runtime.close();
    }

    /** A builder of a client. Not safe for use by several threads at a time. */
    public static final class Builder {
        private static final int MIB = 1 << 20;

        private final URI socket;
        private final Map<String, String> params = new LinkedHashMap<>();
        private final Map<String, String> headers = new LinkedHashMap<>();
        private @Nullable Supplier<String> tokens;
        private JsonMapper mapper = new JsonMapper();
        private @Nullable Executor callbacks;
        private @Nullable Supplier<ClientSocket> sockets;
        private long firstDelay = Duration.ofMillis(100).toNanos();
        private long maxDelay = Duration.ofSeconds(10).toNanos();
        private long refreshEvery;
        private long heartbeat = Duration.ofSeconds(30).toNanos();
        private int maxTopics = 1000;
        private int maxWaitingMessages = 1000;
        private long maxWaitingBytes = 4 * MIB;
        private int maxPendingCalls = 1000;
        private int maxWaitingCallbacks = 1000;
        private long maxWaitingCallbackBytes = 4 * MIB;
        private int maxMessageBytes = MIB;
        private int maxSentMessageBytes = MIB;
        private LongSupplier nanos = System::nanoTime;

        Builder(URI socket) {
            ConnectAddress.websocket(socket, Map.of());
            this.socket = socket;
        }

        /**
         * Sets the supplier of tokens. It is called before each connection, once more after a refusal with status 401, and at each refresh, on
         * a thread of its own. It may block, for 30 s at most: after that, and if it throws, the attempt counts as failed. If it returns null,
         * the client is refused for good, as after a sign-out.
         *
         * @param supplier returns a fresh token
         * @return this builder
         */
        public Builder token(Supplier<String> supplier) {
            this.tokens = Objects.requireNonNull(supplier, "supplier");
            return this;
        }

        /**
         * Refreshes the token of the open connection regularly. Never by default.
         *
         * @param period the time between two refreshes, a second to a day
         * @return this builder
         * @throws IllegalArgumentException if the time is out of range
         */
        public Builder refreshEvery(Duration period) {
            Objects.requireNonNull(period, "period");
            if (period.compareTo(Duration.ofSeconds(1)) < 0 || period.compareTo(Duration.ofDays(1)) > 0) {
                throw new IllegalArgumentException(
                        "The time between two refreshes is " + period + "; give it between a second and a day.");
            }
            this.refreshEvery = period.toNanos();
            return this;
        }

        /**
         * Sets the interval of heartbeats. If no message of the server follows a heartbeat within another interval, the client closes the
         * connection and connects again. So it notices a network that swallows everything within two intervals.
         *
         * @param interval a second to 10 minutes; 30 s by default. Keep it at half of the idle timeout of the server and of each proxy, or
         *     less: they close a connection without a message
         * @return this builder
         * @throws IllegalArgumentException if the interval is out of range
         */
        public Builder heartbeat(Duration interval) {
            Objects.requireNonNull(interval, "interval");
            if (interval.compareTo(Duration.ofSeconds(1)) < 0 || interval.compareTo(Duration.ofMinutes(10)) > 0) {
                throw new IllegalArgumentException(
                        "The interval of heartbeats is " + interval + "; give it between a second and 10 minutes.");
            }
            this.heartbeat = interval.toNanos();
            return this;
        }

        /**
         * Sets the delays before attempts to connect again. Each is random between a half and all of a value that begins with {@code first},
         * doubles with each attempt up to {@code max}, and begins anew after a connection that was open for 10 s. All clients of a server
         * that restarts connect again within the first ones: choose them for their number.
         *
         * @param first the first value, 1 ms to a minute; 100 ms by default
         * @param max the last value, {@code first} to an hour; 10 s by default
         * @return this builder
         * @throws IllegalArgumentException if one is out of range
         */
        public Builder reconnectDelays(Duration first, Duration max) {
            Objects.requireNonNull(first, "first");
            Objects.requireNonNull(max, "max");
            if (first.compareTo(Duration.ofMillis(1)) < 0 || first.compareTo(Duration.ofMinutes(1)) > 0) {
                throw new IllegalArgumentException(
                        "The first delay is " + first + "; give it between a millisecond and a minute.");
            }
            if (max.compareTo(first) < 0 || max.compareTo(Duration.ofHours(1)) > 0) {
                throw new IllegalArgumentException(
                        "The last delay is " + max + "; give it between " + first + ", the first one, and an hour.");
            }
            this.firstDelay = first.toNanos();
            this.maxDelay = max.toNanos();
            return this;
        }

        /**
         * Adds a parameter to the address of the socket, which the connect handler of the server reads.
         *
         * @param name the name
         * @param value the value; secrets belong into a token or a header, since proxies log addresses
         * @return this builder
         * @throws IllegalArgumentException if the name is {@code vsn}, which is that of the protocol
         */
        public Builder param(String name, String value) {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, "value");
            if (name.equals("vsn")) {
                throw new IllegalArgumentException(
                        "The parameter vsn has the version of the protocol; choose another name.");
            }
            params.put(name, value);
            return this;
        }

        /**
         * Adds a header to the request to connect.
         *
         * @param name the name
         * @param value the value
         * @return this builder
         */
        public Builder header(String name, String value) {
            headers.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
            return this;
        }

        /**
         * Sets the mapper of payloads. The client adds the rules for sealed types and raw JSON, and ignores unknown fields. A plain mapper by
         * default.
         *
         * @param mapper the mapper, which is not modified
         * @return this builder
         */
        public Builder json(JsonMapper mapper) {
            this.mapper = Objects.requireNonNull(mapper, "mapper");
            return this;
        }

        /**
         * Sets the executor of callbacks, which the client does not shut down. It gets one task at a time and must not run it on the thread
         * that submits it. If it rejects one, the client closes. One daemon thread of the client by default.
         *
         * @param executor the executor
         * @return this builder
         */
        public Builder callbacks(Executor executor) {
            this.callbacks = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Sets the HTTP client of connections, with its proxy, TLS context and threads, which the client does not close. By default all clients
         * of this JVM share one, which ends two seconds after the last of them has closed. Before Java 21 one of its threads stays until the next
         * garbage collection.
         *
         * @param http the client
         * @return this builder
         */
        public Builder http(HttpClient http) {
            Objects.requireNonNull(http, "http");
            return sockets(() -> new JdkSocket(http));
        }

        /**
         * Sets the sockets, for another library than that of the JDK.
         *
         * @param supplier returns a new socket for each attempt; it is called on the thread of the client, and must not block
         * @return this builder
         */
        public Builder sockets(Supplier<ClientSocket> supplier) {
            this.sockets = Objects.requireNonNull(supplier, "supplier");
            return this;
        }

        /**
         * Sets the maximum number of channels that were not left. Beyond it no channel is made.
         *
         * @param limit 1 or more; 1 000 by default
         * @return this builder
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder maxTopics(int limit) {
            this.maxTopics = positive("maxTopics", limit);
            return this;
        }

        /**
         * Sets the maximum number of pushes and requests of calls that wait to be sent, and of calls with a key until they are answered, since
         * they may be sent again. Beyond it none is accepted.
         *
         * @param limit 1 or more; 1 000 by default
         * @return this builder
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder maxWaitingMessages(int limit) {
            this.maxWaitingMessages = positive("maxWaitingMessages", limit);
            return this;
        }

        /**
         * Sets the maximum of their bytes.
         *
         * @param limit 1 or more; 4 MiB by default
         * @return this builder
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder maxWaitingBytes(int limit) {
            this.maxWaitingBytes = positive("maxWaitingBytes", limit);
            return this;
        }

        /**
         * Sets the maximum number of calls without a result. Beyond it none is accepted.
         *
         * @param limit 1 or more; 1 000 by default
         * @return this builder
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder maxPendingCalls(int limit) {
            this.maxPendingCalls = positive("maxPendingCalls", limit);
            return this;
        }

        /**
         * Sets the number of callbacks that wait at which the client stops reading. It reads on when they have run, and while a call or a refresh
         * awaits its reply, which a callback may wait for: then up to twice the number and 100 more.
         *
         * @param limit 1 or more; 1 000 by default
         * @return this builder
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder maxWaitingCallbacks(int limit) {
            this.maxWaitingCallbacks = positive("maxWaitingCallbacks", limit);
            return this;
        }

        /**
         * Sets the bytes of their payloads at which the client stops reading.
         *
         * @param limit 1 or more; 4 MiB by default
         * @return this builder
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder maxWaitingCallbackBytes(int limit) {
            this.maxWaitingCallbackBytes = positive("maxWaitingCallbackBytes", limit);
            return this;
        }

        /**
         * Sets the maximum size of a message of the server. A longer one is dropped while it is read, and the connection stays open: its channel
         * has a gap ({@code onRecovered}), its call or join is refused as {@code reply_too_large}. The first one is logged, all are counted.
         *
         * @param limit bytes, 1 or more; 1 MiB by default
         * @return this builder
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder maxMessageBytes(int limit) {
            this.maxMessageBytes = positive("maxMessageBytes", limit);
            return this;
        }

        /**
         * Sets the maximum size of a message to the server, with its topic and event. A longer push or call throws: the server would close the
         * connection of all topics.
         *
         * @param limit bytes, 1 or more, not more than the server permits; 1 MiB by default, as there
         * @return this builder
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder maxSentMessageBytes(int limit) {
            this.maxSentMessageBytes = positive("maxSentMessageBytes", limit);
            return this;
        }

        /** Sets the monotonic clock. */
        Builder nanos(LongSupplier clock) {
            this.nanos = clock;
            return this;
        }

        private static int positive(String name, int limit) {
            if (limit < 1) {
                throw new IllegalArgumentException(name + " is " + limit + "; give it 1 or more.");
            }
            return limit;
        }

        /**
         * Builds the client, which does not connect before the first join or {@code connect()}.
         *
         * @return the client, to be closed by the application
         * @throws IllegalStateException if it has a period of refreshes and no token supplier
         */
        public Client build() {
            if (refreshEvery > 0 && tokens == null) {
                throw new IllegalStateException("refreshEvery(...) without token(supplier): add the supplier.");
            }
            return new Client(new ClientRuntime(new Settings(
                    ConnectAddress.websocket(socket, params),
                    Map.copyOf(headers),
                    tokens,
                    new JsonPayloads(mapper),
                    callbacks,
                    sockets,
                    new Limits(maxWaitingCallbacks, maxWaitingCallbackBytes),
                    Timing.standard(heartbeat, firstDelay, maxDelay, refreshEvery),
                    maxTopics,
                    maxWaitingMessages,
                    maxWaitingBytes,
                    maxPendingCalls,
                    maxMessageBytes,
                    maxSentMessageBytes,
                    nanos,
                    new SplittableRandom())));
        }
    }
}
