package io.heliodor.client.session;

import io.heliodor.client.status.ChannelStatus;
import io.heliodor.client.status.ConnectionStatus;
import io.heliodor.client.wire.Decoded;
import io.heliodor.client.wire.Frame;
import io.heliodor.client.wire.Malformed;
import io.heliodor.client.wire.Payload;
import io.heliodor.event.CloseCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * All state and decisions of one client. Each method is an input: it takes the time, in nanoseconds that never decrease, runs what is due,
 * and gives its output to the {@link Effects}. Inputs of connections and requests that have ended are ignored.
 *
 * <p>Not safe for use by several threads at a time.
 */
public final class ClientState {
    private static final int NORMAL = 1000;
    private static final int NO_CODE = 0;
    private static final int UNAUTHENTICATED = 401;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final double MAX_RETRY_SECONDS = 86_400;

    private enum Phase {
        IDLE,
        /** Waits for the token supplier. */
        FETCHING,
        OPENING,
        OPEN,
        /** Waits for the next attempt. */
        DELAYED,
        REFUSED,
        /** Closed by the application, while the rest is sent. */
        CLOSING,
        CLOSED
    }

    private final Timing timing;
    private final RandomGenerator random;
    private final boolean hasTokens;
    private final Effects effects;
    private final CounterValues counters;

    private final Timers timers = new Timers();
    private final SendQueue queue = new SendQueue();
    private final Shared shared = new Shared();
    private final PendingCalls calls = new PendingCalls(shared);
    private final Refreshes refreshes = new Refreshes(shared, this::authorized);
    private final ReadWindow window;
    private final Heartbeat heartbeat;
    private final Backoff backoff;

    /** For attempts: the end of one, or the beginning of the next. */
    private final Alarm attempt = new Alarm(timers, this::attempt);

    private final Alarm overdue = new Alarm(timers, this::overdue);
    private final Alarm refresh = new Alarm(timers, this::refreshRegularly);
    private final Alarm closing = new Alarm(timers, this::shut);

    /** In the order of the first joins. */
    private final Map<Long, ChannelState> channels = new LinkedHashMap<>();

    private final Map<String, ChannelState> byTopic = new HashMap<>();

    private Phase phase = Phase.IDLE;
    private ConnectionStatus status = new ConnectionStatus.Idle();
    private long now = Long.MIN_VALUE;
    private long connections;
    private long fetches;
    private long refs;

    /** The number of the connection, or of the attempt to open it. */
    private long connection;

    /** The number of the request for the token of the next connection. */
    private long fetch;

    private long openedAt;
    private boolean wasPaused;

    /** Whether a fresh token was requested after a refusal with 401, and no message came since. */
    private boolean tookFreshToken;

    /** How often that happened since a connection was open for so long that it counts as established. */
    private int refusalsOfToken;

    /** The token of the attempt to connect, and that of the last connection. */
    private @Nullable String openingToken;

    private @Nullable String openToken;

    /**
     * A client that does nothing yet.
     *
     * @param limits its bounds
     * @param timing its times
     * @param random the chance in its delays
     * @param hasTokens whether each connection needs a token
     * @param effects receives its output
     * @param counters its counters
     */
    public ClientState(
            Limits limits,
            Timing timing,
            RandomGenerator random,
            boolean hasTokens,
            Effects effects,
            CounterValues counters) {
        this.timing = timing;
        this.random = random;
        this.hasTokens = hasTokens;
        this.effects = effects;
        this.counters = counters;
        this.window = new ReadWindow(limits);
        this.heartbeat = new Heartbeat(shared, this::silent);
        this.backoff = new Backoff(timing, random);
    }

    private final class Shared implements Session {
        @Override
        public long now() {
            return now;
        }

        @Override
        public Timers timers() {
            return timers;
        }

        @Override
        public Timing timing() {
            return timing;
        }

        @Override
        public RandomGenerator random() {
            return random;
        }

        @Override
        public CounterValues counters() {
            return counters;
        }

        @Override
        public Effects effects() {
            return effects;
        }

        @Override
        public SendQueue queue() {
            return queue;
        }

        @Override
        public PendingCalls calls() {
            return calls;
        }

        @Override
        public boolean isOpen() {
            return phase == Phase.OPEN;
        }

        @Override
        public boolean isPaused() {
            return wasPaused;
        }

        @Override
        public String nextRef() {
            return Long.toString(++refs);
        }

        @Override
        public void deliver(Delivery delivery) {
            window.queued(delivery.size());
            effects.deliver(delivery);
        }
    }

    // Inputs of the application

    /**
     * Connects, also after a final refusal.
     *
     * @param time the time
     */
    public void connect(long time) {
        begin(time);
        if (phase == Phase.IDLE || phase == Phase.REFUSED) {
            start();
        }
        finish();
    }

    /**
     * Joins a topic. The first join connects.
     *
     * @param time the time
     * @param number the number of the channel, not 0
     * @param topic the topic, which no other channel has
     * @param params the payload of the join, an object
     * @param hasState whether callbacks need the state after a gap
     */
    public void join(long time, long number, String topic, Payload params, boolean hasState) {
        begin(time);
        if (!isClosed()) {
            ChannelState channel = channels.get(number);
            if (channel == null) {
                if (byTopic.containsKey(topic)) {
                    throw new IllegalStateException("Topic '" + topic + "' has two channels.");
                }
                channel = new ChannelState(shared, number, topic, params);
                channels.put(number, channel);
                byTopic.put(topic, channel);
            }
            channel.join(hasState);
            if (phase == Phase.IDLE) {
                start();
            }
        }
        finish();
    }

    /**
     * Adds a callback that needs what came with the join.
     *
     * @param time the time
     * @param number the number of a channel
     * @param hasState whether it needs the state, also after a gap
     */
    public void observe(long time, long number, boolean hasState) {
        begin(time);
        ChannelState channel = channels.get(number);
        if (channel != null) {
            channel.observe(hasState);
        }
        finish();
    }

    /**
     * Leaves a topic for good.
     *
     * @param time the time
     * @param number the number of a channel
     */
    public void leave(long time, long number) {
        begin(time);
        ChannelState channel = channels.remove(number);
        if (channel != null) {
            byTopic.remove(channel.topic());
            channel.leave();
        }
        finish();
    }

    /**
     * Pushes an event.
     *
     * @param time the time
     * @param number the number of a channel
     * @param event the event
     * @param payload the payload
     * @param reserved the bytes to release once it does not wait any more
     */
    public void push(long time, long number, String event, Payload payload, int reserved) {
        begin(time);
        ChannelState channel = channels.get(number);
        if (channel == null || channel.isOver()) {
            counters.increment(Counter.DROPPED_PUSHES);
            effects.release(reserved);
        } else {
            channel.offer(Outgoing.push(channel, event, payload, reserved, now + timing.pushTimeout()));
        }
        finish();
    }

    /**
     * Calls.
     *
     * @param time the time
     * @param number the number of a channel
     * @param call the number of the call
     * @param event the name of the call
     * @param request the request
     * @param reserved the bytes to release once it does not wait any more
     * @param timeout the time for a reply, from now on; for each request if it is repeated
     * @param isRepeated whether it has a key, and is repeated until it is answered
     */
    public void call(
            long time,
            long number,
            long call,
            String event,
            Payload request,
            int reserved,
            long timeout,
            boolean isRepeated) {
        begin(time);
        ChannelState channel = channels.get(number);
        if (channel == null || channel.isOver()) {
            effects.release(reserved);
            effects.complete(call, new Answer.Closed());
        } else {
            calls.begin(call, channel, event, request, reserved, timeout, isRepeated);
        }
        finish();
    }

    /**
     * Sends a fresh token over the open connection.
     *
     * @param time the time
     * @param number the number of the refresh
     */
    public void refresh(long time, long number) {
        begin(time);
        refreshes.begin(++fetches, number);
        finish();
    }

    /**
     * Closes the client: leaves all topics, sends what waits for a limited time, and ends all calls.
     *
     * @param time the time
     * @param reason the fault that closes it; empty for none
     */
    public void close(long time, String reason) {
        begin(time);
        if (!isClosed()) {
            refreshes.close("the client is closed");
            calls.close(call -> true);
            channels.values().forEach(ChannelState::leave);
            channels.clear();
            byTopic.clear();
            become(new ConnectionStatus.Closed(reason));
            attempt.clear();
            overdue.clear();
            refresh.clear();
            heartbeat.stop();
            boolean sends = phase == Phase.OPEN;
            phase = Phase.CLOSING;
            if (sends) {
                closing.set(now + timing.closeTimeout());
            } else {
                shut();
            }
        }
        finish();
    }

    // Inputs of callbacks, and of the clock

    /**
     * Deliveries whose callbacks have run.
     *
     * @param time the time
     * @param number their number
     * @param bytes their sizes
     */
    public void delivered(long time, int number, long bytes) {
        begin(time);
        window.done(number, bytes);
        finish();
    }

    /**
     * A token.
     *
     * @param time the time
     * @param number the number of the request for it
     * @param token the token; null if the user has signed out
     */
    public void fetched(long time, long number, @Nullable String token) {
        begin(time);
        if (!refreshes.fetched(number, token) && phase == Phase.FETCHING && number == fetch) {
            if (token == null) {
                refuse(UNAUTHENTICATED, NO_CODE, "no token");
            } else {
                open(token);
            }
        }
        finish();
    }

    /**
     * The token supplier has thrown.
     *
     * @param time the time
     * @param number the number of the request for a token
     */
    public void fetchFailed(long time, long number) {
        begin(time);
        if (!refreshes.failed(number, "the token supplier failed") && phase == Phase.FETCHING && number == fetch) {
            attemptFailed("the token supplier failed", 0);
        }
        finish();
    }

    /**
     * Nothing but the time.
     *
     * @param time the time
     */
    public void wake(long time) {
        begin(time);
        finish();
    }

    /**
     * The time at which {@link #wake} is to be called, if no other input comes before.
     *
     * @return the time; {@link Long#MAX_VALUE} for never
     */
    public long next() {
        return timers.next();
    }

    // Inputs of the socket

    /**
     * A connection is open.
     *
     * @param time the time
     * @param number the number of the connection
     */
    public void opened(long time, long number) {
        begin(time);
        if (number == connection && phase == Phase.OPENING) {
            phase = Phase.OPEN;
            openedAt = now;
            overdue.clear();
            counters.increment(Counter.CONNECTIONS);
            window.connected();
            wasPaused = false;
            heartbeat.start();
            if (timing.refreshEvery() > 0 && hasTokens) {
                refresh.set(now + timing.refreshEvery());
            }
            become(new ConnectionStatus.Open());
            channels.values().forEach(ChannelState::enter);
            if (!Objects.equals(openingToken, openToken)) {
                openToken = openingToken;
                authorized();
            }
        }
        finish();
    }

    /**
     * A message of the server.
     *
     * @param time the time
     * @param number the number of the connection
     * @param message the message
     */
    public void received(long time, long number, Decoded message) {
        begin(time);
        if (number == connection && (phase == Phase.OPEN || phase == Phase.CLOSING)) {
            window.received();
            if (phase == Phase.OPEN) {
                if (message instanceof Frame frame) {
                    receive(frame);
                } else if (message instanceof Malformed malformed) {
                    counters.increment(Counter.MALFORMED_FRAMES);
                    String fault = "a message of the server is not a frame: " + malformed.fault();
                    effects.warn(fault);
                    abort(CloseCode.PROTOCOL_ERROR.code(), fault);
                    lost(fault, 0, false);
                }
            }
        }
        finish();
    }

    /**
     * The socket has taken the last frame.
     *
     * @param time the time
     * @param number the number of the connection
     */
    public void sent(long time, long number) {
        begin(time);
        if (number == connection) {
            queue.sent();
        }
        finish();
    }

    /**
     * A connection was closed by the server, or lost.
     *
     * @param time the time
     * @param number the number of the connection
     * @param code the close code; 1006 if there was none
     * @param reason the text of the close frame
     */
    public void closed(long time, long number, int code, String reason) {
        begin(time);
        if (number == connection) {
            if (phase == Phase.CLOSING) {
                connection = 0;
                shut();
            } else if (phase == Phase.OPEN || phase == Phase.OPENING) {
                ended(code, reason);
            }
        }
        finish();
    }

    /**
     * A connection was not established.
     *
     * @param time the time
     * @param number the number of the connection
     * @param httpStatus the status of the response; 0 if there was none
     * @param retryAfter the minimum delay of the next attempt; 0 if the server has sent none
     * @param reason the fault, for logs
     */
    public void failed(long time, long number, int httpStatus, long retryAfter, String reason) {
        begin(time);
        if (number == connection && phase == Phase.OPENING) {
            connection = 0;
            overdue.clear();
            refusedOrFailed(httpStatus, reason, retryAfter);
        }
        finish();
    }

    // The connection

    private void start() {
        backoff.reset();
        tookFreshToken = false;
        refusalsOfToken = 0;
        become(new ConnectionStatus.Connecting());
        attempt();
    }

    private void attempt() {
        attempt.clear();
        if (hasTokens) {
            phase = Phase.FETCHING;
            fetch = ++fetches;
            overdue.set(now + timing.tokenTimeout());
            effects.fetchToken(fetch);
        } else {
            open(null);
        }
    }

    private void open(@Nullable String token) {
        phase = Phase.OPENING;
        openingToken = token;
        connection = ++connections;
        overdue.set(now + timing.connectTimeout());
        effects.open(connection, token);
    }

    private void overdue() {
        if (phase == Phase.FETCHING) {
            attemptFailed("the token supplier did not return in time", 0);
        } else if (phase == Phase.OPENING) {
            abort(NORMAL, "");
            attemptFailed("the connection was not established in time", 0);
        }
    }

    private void attemptFailed(String cause, long atLeast) {
        counters.increment(Counter.FAILED_ATTEMPTS);
        overdue.clear();
        delay(cause, Math.max(atLeast, backoff.next(0)));
    }

    private void delay(String cause, long delay) {
        phase = Phase.DELAYED;
        become(new ConnectionStatus.Reconnecting(cause));
        attempt.set(now + delay);
    }

    /** Closes the connection from this side. Its further inputs are ignored. */
    private void abort(int code, String reason) {
        effects.close(connection, code, reason);
        connection = 0;
    }

    private void silent() {
        counters.increment(Counter.SILENT_CONNECTIONS);
        abort(NORMAL, "heartbeat timeout");
        lost("no frame followed a heartbeat", 0, true);
    }

    /** Leaves the state of an open connection. */
    private void disconnect(String cause) {
        boolean wasOpen = phase == Phase.OPEN;
        phase = Phase.DELAYED;
        connection = 0;
        overdue.clear();
        refresh.clear();
        heartbeat.stop();
        if (!wasOpen) {
            return;
        }
        refreshes.close(cause);
        Map<ChannelState, List<Outgoing>> unsent = new LinkedHashMap<>();
        for (Outgoing frame : queue.reset()) {
            ChannelState channel = frame.channel();
            if (channel != null && channels.get(channel.number()) == channel) {
                unsent.computeIfAbsent(channel, key -> new ArrayList<>()).add(frame);
            } else if (frame.isPush()) {
                counters.increment(Counter.DROPPED_PUSHES);
                effects.release(frame.reserved());
            }
        }
        channels.values().forEach(ChannelState::disconnected);
        unsent.forEach(ChannelState::returned);
        calls.lost(call -> true);
    }

    private void lost(String cause, long atLeast, boolean atOnce) {
        boolean wasOpen = phase == Phase.OPEN;
        long openFor = wasOpen ? now - openedAt : 0;
        disconnect(cause);
        if (!wasOpen) {
            counters.increment(Counter.FAILED_ATTEMPTS);
        }
        long delay = backoff.next(openFor);
        long later = atLeast + (long) (atLeast * random.nextDouble()); // others were refused in the same moment
        delay(cause, atOnce ? 0 : Math.max(later, delay));
    }

    private void ended(int code, String reason) {
        String cause = "closed with code " + code + (reason.isEmpty() ? "" : ": " + reason);
        connection = 0;
        boolean isFinal = CloseCode.of(code).map(CloseCode::isFinal).orElse(false);
        if (code == CloseCode.UNAUTHENTICATED.code()) {
            refusedOrFailed(UNAUTHENTICATED, cause, 0);
        } else if (isFinal) {
            disconnect(cause);
            refuse(0, code, reason);
        } else {
            lost(cause, 0, false);
        }
    }

    /** A refusal with a status, before or after the upgrade. */
    private void refusedOrFailed(int httpStatus, String reason, long retryAfter) {
        if (httpStatus == UNAUTHENTICATED && hasTokens && !tookFreshToken) {
            long openFor = phase == Phase.OPEN ? now - openedAt : 0;
            refusalsOfToken = openFor >= timing.stable() ? 0 : refusalsOfToken;
            tookFreshToken = true;
            counters.increment(Counter.FAILED_ATTEMPTS);
            disconnect(reason);
            if (refusalsOfToken++ == 0) {
                become(new ConnectionStatus.Reconnecting(reason));
                attempt();
            } else {
                delay(reason, backoff.next(openFor)); // a server that accepts each token and refuses it again
            }
        } else if (Refusals.isFinal(httpStatus)) {
            counters.increment(Counter.FAILED_ATTEMPTS);
            disconnect(reason);
            refuse(httpStatus, NO_CODE, reason);
        } else {
            lost(reason, retryAfter, false);
        }
    }

    private void refuse(int httpStatus, int code, String reason) {
        phase = Phase.REFUSED;
        overdue.clear();
        attempt.clear();
        become(new ConnectionStatus.Refused(httpStatus, code, reason));
    }

    private void refreshRegularly() {
        refresh.set(now + timing.refreshEvery());
        refreshes.begin(++fetches, 0);
    }

    private void authorized() {
        List.copyOf(channels.values()).forEach(ChannelState::authorized);
    }

    private void shut() {
        closing.clear();
        queue.reset().stream().filter(Outgoing::isPush).forEach(frame -> {
            counters.increment(Counter.DROPPED_PUSHES);
            effects.release(frame.reserved());
        });
        if (connection != 0) {
            abort(NORMAL, "");
        }
        phase = Phase.CLOSED;
        effects.finished();
    }

    // Frames

    private void receive(Frame frame) {
        counters.increment(Counter.FRAMES_RECEIVED);
        heartbeat.received();
        if (frame.topic().equals(Frame.CONNECTION)) {
            receiveOfConnection(frame);
            return;
        }
        tookFreshToken = false;
        if (frame.status() != null) {
            ChannelState channel = byTopic.get(frame.topic());
            if (!calls.receive(frame) && channel != null) {
                channel.receiveReply(frame);
            }
            return;
        }
        ChannelState channel = byTopic.get(frame.topic());
        if (channel == null) {
            counters.increment(Counter.STALE_FRAMES);
        } else {
            channel.receive(frame);
        }
    }

    private void receiveOfConnection(Frame frame) {
        if (frame.status() == null && frame.event().equals("refused")) {
            JsonNode refusal = frame.payload().tree();
            int httpStatus = refusal.path("status").asInt(0);
            double after = Math.max(
                    0, Math.min(MAX_RETRY_SECONDS, refusal.path("retry_after").asDouble(0)));
            abort(NORMAL, "refused");
            refusedOrFailed(httpStatus, Refusals.text(refusal.path("reason")), (long) (after * NANOS_PER_SECOND));
            return;
        }
        tookFreshToken = false;
        if (frame.status() == null) {
            shared.deliver(new Delivery.Message(Delivery.CONNECTION, frame.event(), frame.payload(), null));
        } else {
            refreshes.receive(frame);
        }
    }

    // Around each input

    private void begin(long time) {
        now = Math.max(now, time);
        timers.run(now);
    }

    private void finish() {
        if (phase != Phase.OPEN && phase != Phase.CLOSING) {
            return;
        }
        Outgoing next = queue.next();
        if (next != null) {
            effects.send(connection, next.encode());
            counters.increment(Counter.FRAMES_SENT);
            PendingCall call = next.call();
            if (call != null) {
                calls.sent(call, next.ref());
            } else if (next.isPush()) {
                effects.release(next.reserved());
            }
        }
        if (phase == Phase.CLOSING) {
            if (queue.isDone()) {
                shut();
            } else if (window.request(false)) {
                effects.request(connection);
            }
            return;
        }
        boolean isReplyAwaited = calls.isReplyAwaited() || refreshes.isReplyAwaited();
        boolean isPaused = window.isFull(isReplyAwaited);
        if (isPaused && !wasPaused) {
            counters.increment(Counter.PAUSES);
        }
        wasPaused = isPaused;
        heartbeat.paused(isPaused);
        if (window.request(isReplyAwaited)) {
            effects.request(connection);
        }
    }

    private void become(ConnectionStatus next) {
        if (!next.equals(status)) {
            status = next;
            shared.deliver(new Delivery.ConnectionChanged(next));
        }
    }

    private boolean isClosed() {
        return phase == Phase.CLOSING || phase == Phase.CLOSED;
    }

    /**
     * The state of a channel.
     *
     * @param number the number of the channel
     * @return its status; {@code Left} if there is none
     */
    public ChannelStatus status(long number) {
        ChannelState channel = channels.get(number);
        return channel == null ? new ChannelStatus.Left() : channel.status();
    }

    /**
     * The state of the connection.
     *
     * @return the status
     */
    public ConnectionStatus status() {
        return status;
    }

    /**
     * The callbacks that wait.
     *
     * @return their number
     */
    public int waitingCallbacks() {
        return window.callbacks();
    }

    /**
     * The bytes of the callbacks that wait.
     *
     * @return bytes
     */
    public long waitingCallbackBytes() {
        return window.bytes();
    }

    /**
     * The timers, each of which belongs to a part of the state.
     *
     * @return their number
     */
    public int timerCount() {
        return timers.size();
    }

    /**
     * Checks the relations between the parts. For tests.
     *
     * @throws IllegalStateException if one does not hold
     */
    public void checkInvariants() {
        check(channels.size() == byTopic.size(), "a topic has two channels");
        check(queue.isDone() || phase == Phase.OPEN || phase == Phase.CLOSING, "frames are queued");
        check(phase != Phase.DELAYED || attempt.isSet(), "no attempt follows");
        check((phase == Phase.FETCHING || phase == Phase.OPENING) == overdue.isSet(), "an attempt without an end");
        check(phase != Phase.CLOSED || timers.size() == 0, timers.size() + " timers");
        check(window.callbacks() >= 0 && window.bytes() >= 0, "more callbacks have run than were queued");
        channels.values().forEach(ChannelState::checkInvariants);
        calls.checkInvariants();
    }

    private void check(boolean holds, String fault) {
        if (!holds) {
            throw new IllegalStateException("The client in " + phase + ": " + fault + ".");
        }
    }
}
