package io.heliodor.client.session;

import io.heliodor.client.status.ChannelStatus;
import io.heliodor.client.status.ConnectionStatus;
import io.heliodor.client.wire.Decoded;
import io.heliodor.client.wire.Frame;
import io.heliodor.client.wire.Malformed;
import io.heliodor.client.wire.Oversized;
import io.heliodor.client.wire.Payload;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * All state and decisions of one client. Each method is an input: it takes the time, in nanoseconds that never decrease, runs what is due,
 * and gives its output to the {@link Effects}. Inputs of connections and requests that have ended are ignored.
 *
 * <p>Not safe for use by several threads at a time.
 */
public final class ClientState {
    private final Timers timers = new Timers();
    private final ReadWindow window;
    private final Session session;
    private final ClientConnection connection;
    private final PendingCalls calls;
    private final ChannelTable channels;
    private final Refreshes refreshes;

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
        this.window = new ReadWindow(limits);
        this.session = new Session(timing, random, counters, effects, timers, new SendQueue(), window);
        this.connection = new ClientConnection(session, hasTokens, this::lost);
        this.calls = new PendingCalls(session);
        this.channels = new ChannelTable(session, calls);
        long refreshEvery = hasTokens ? timing.refreshEvery() : 0;
        this.refreshes = new Refreshes(session, refreshEvery, connection::nextFetch, channels::authorized);
    }

    // Inputs of the application

    /**
     * Connects, also after a final refusal.
     *
     * @param time the time
     */
    public void connect(long time) {
        begin(time);
        boolean wasRefused = connection.isRefused();
        connection.connect();
        if (wasRefused) {
            channels.resume();
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
        if (!connection.isClosed()) {
            channels.join(number, topic, params, hasState);
            if (connection.isIdle()) {
                connection.connect();
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
        channels.leave(number);
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
            session.dropPush(reserved);
        } else {
            long expiresAt = session.now() + session.timing().pushTimeout();
            channel.queue().offer(Outgoing.push(channel.queue(), event, payload, reserved, expiresAt));
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
            session.effects().release(reserved);
            session.effects().complete(call, new Answer.NotSent());
        } else {
            calls.begin(call, channel.queue(), event, request, reserved, timeout, isRepeated);
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
        refreshes.begin(number);
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
        if (!connection.isClosed()) {
            refreshes.close("the client is closed");
            calls.close(queue -> true);
            channels.leaveAll();
            connection.close(reason);
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
        if (!refreshes.fetched(number, token)) {
            connection.fetched(number, token);
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
        String fault = "the token supplier failed";
        if (!refreshes.failed(number, fault)) {
            connection.fetchFailed(number, fault);
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
        if (connection.opened(number)) {
            refreshes.opened();
            channels.connected(connection.token());
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
        if (connection.received(number)) {
            if (message instanceof Frame frame) {
                receive(frame, true);
            } else if (message instanceof Oversized oversized) {
                reportOversized(oversized.frame());
                receive(oversized.frame(), false);
            } else if (message instanceof Malformed malformed) {
                connection.malformed(malformed.fault());
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
        connection.sent(number);
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
        connection.closed(number, code, reason);
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
        connection.failed(number, httpStatus, retryAfter, reason);
        finish();
    }

    // Frames, and the end of a connection

    /** Its next ones are counted only: an event may be too large each time. */
    private void reportOversized(Frame frame) {
        session.counters().increment(ClientCounter.OVERSIZED_MESSAGES);
        if (session.counters().get(ClientCounter.OVERSIZED_MESSAGES) == 1) {
            session.effects()
                    .warn(
                            "A message of the server under the topic '" + frame.topic()
                                    + "' is larger than maxMessageBytes and is dropped; set a larger one. The next ones are counted only.");
        }
    }

    private void receive(Frame frame, boolean isWhole) {
        session.counters().increment(ClientCounter.FRAMES_RECEIVED);
        boolean isReply = frame.status() != null;
        boolean isOfConnection = frame.topic().equals(Frame.CONNECTION);
        if (isOfConnection && !isReply && isWhole && frame.event().equals("refused")) {
            connection.refused(frame.payload().tree());
            return;
        }
        connection.accepted();
        if (isOfConnection && isReply) {
            refreshes.receive(frame);
        } else if (isOfConnection && isWhole) {
            session.deliver(new Delivery.Message(Delivery.CONNECTION, frame.event(), frame.payload(), null));
        } else if (!isOfConnection && (!isReply || !calls.receive(frame))) {
            channels.receive(frame, isWhole);
        }
    }

    private void lost(String cause) {
        refreshes.close(cause);
        channels.disconnected();
        calls.lost(queue -> true);
    }

    // Around each input

    private void begin(long time) {
        timers.advance(time);
    }

    private void finish() {
        if (connection.isRefused()) {
            channels.suspend();
        }
        connection.send();
        connection.read(calls.isReplyAwaited() || refreshes.isReplyAwaited());
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
        return connection.status();
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
        if (window.callbacks() < 0 || window.bytes() < 0) {
            throw new IllegalStateException("More callbacks have run than were queued.");
        }
        connection.checkInvariants();
        channels.checkInvariants();
        calls.checkInvariants();
    }
}
