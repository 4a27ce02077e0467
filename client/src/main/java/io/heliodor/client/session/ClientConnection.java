package io.heliodor.client.session;

import io.heliodor.client.status.ConnectionStatus;
import io.heliodor.event.CloseCode;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The connection of a client: the attempts to open it, with their tokens and delays, its frames, and its end. */
final class ClientConnection {
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

    private final Session session;
    private final boolean hasTokens;
    private final Consumer<String> onLost;
    private final Heartbeat heartbeat;
    private final Backoff backoff;

    /** The beginning of the next attempt. */
    private final Alarm attempt;

    /** The end of an attempt. */
    private final Alarm overdue;

    private final Alarm closing;

    private Phase phase = Phase.IDLE;
    private ConnectionStatus status = new ConnectionStatus.Idle();
    private long connections;
    private long fetches;

    /** The number of the connection, or of the attempt to open it. */
    private long connection;

    /** The number of the request for the token of the next connection. */
    private long fetch;

    /** The token of the connection, or of the attempt to open it. */
    private @Nullable String token;

    private long openedAt;

    /** Whether a fresh token was requested after a refusal with 401, and no message came since. */
    private boolean tookFreshToken;

    /** How often that happened since a connection was open for so long that it counts as established. */
    private int refusalsOfToken;

    /** A connection that is not attempted yet; {@code onLost} gets the cause of the end of each one that was open. */
    ClientConnection(Session session, boolean hasTokens, Consumer<String> onLost) {
        this.session = session;
        this.hasTokens = hasTokens;
        this.onLost = onLost;
        this.heartbeat = new Heartbeat(session, this::silent);
        this.backoff = new Backoff(session.timing(), session.random());
        this.attempt = new Alarm(session.timers(), this::attempt);
        this.overdue = new Alarm(session.timers(), this::overdue);
        this.closing = new Alarm(session.timers(), this::shut);
    }

    ConnectionStatus status() {
        return status;
    }

    boolean isIdle() {
        return phase == Phase.IDLE;
    }

    boolean isRefused() {
        return phase == Phase.REFUSED;
    }

    boolean isClosed() {
        return phase == Phase.CLOSING || phase == Phase.CLOSED;
    }

    private boolean isConnected() {
        return phase == Phase.OPEN || phase == Phase.CLOSING;
    }

    @Nullable
    String token() {
        return token;
    }

    long nextFetch() {
        return ++fetches;
    }

    // Attempts

    /** Connects, also after a final refusal. */
    void connect() {
        if (phase == Phase.IDLE || phase == Phase.REFUSED) {
            backoff.reset();
            tookFreshToken = false;
            refusalsOfToken = 0;
            become(new ConnectionStatus.Connecting());
            attempt();
        }
    }

    private void attempt() {
        attempt.clear();
        if (hasTokens) {
            phase = Phase.FETCHING;
            fetch = nextFetch();
            overdue.set(session.now() + session.timing().tokenTimeout());
            session.effects().fetchToken(fetch);
        } else {
            open(null);
        }
    }

    void fetched(long number, @Nullable String fresh) {
        if (phase != Phase.FETCHING || number != fetch) {
            return;
        }
        if (fresh == null) {
            refuse(UNAUTHENTICATED, NO_CODE, "no token");
        } else {
            open(fresh);
        }
    }

    void fetchFailed(long number, String fault) {
        if (phase == Phase.FETCHING && number == fetch) {
            attemptFailed(fault);
        }
    }

    private void open(@Nullable String fresh) {
        phase = Phase.OPENING;
        token = fresh;
        connection = ++connections;
        overdue.set(session.now() + session.timing().connectTimeout());
        session.effects().open(connection, fresh);
    }

    /** Returns whether it was the present attempt, so that frames can be sent now. */
    boolean opened(long number) {
        if (number != connection || phase != Phase.OPENING) {
            return false;
        }
        phase = Phase.OPEN;
        openedAt = session.now();
        overdue.clear();
        session.counters().increment(ClientCounter.CONNECTIONS);
        session.queue().open();
        session.window().connected();
        heartbeat.start();
        become(new ConnectionStatus.Open());
        return true;
    }

    void failed(long number, int httpStatus, long retryAfter, String reason) {
        if (number == connection && phase == Phase.OPENING) {
            connection = 0;
            refusedOrFailed(httpStatus, reason, retryAfter);
        }
    }

    private void overdue() {
        if (phase == Phase.FETCHING) {
            attemptFailed("the token supplier did not return in time");
        } else if (phase == Phase.OPENING) {
            abort(NORMAL, "");
            attemptFailed("the connection was not established in time");
        }
    }

    private void attemptFailed(String cause) {
        session.counters().increment(ClientCounter.FAILED_ATTEMPTS);
        overdue.clear();
        delay(cause, backoff.next(0));
    }

    private void delay(String cause, long delay) {
        phase = Phase.DELAYED;
        become(new ConnectionStatus.Reconnecting(cause));
        attempt.set(session.now() + delay);
    }

    // Frames

    /** Returns whether the message counts: it does until the client closes. */
    boolean received(long number) {
        if (number != connection || !isConnected()) {
            return false;
        }
        session.window().received();
        return phase == Phase.OPEN;
    }

    /** A frame that is not a refusal: the peer lives and has accepted the token. */
    void accepted() {
        tookFreshToken = false;
        heartbeat.received();
    }

    void malformed(String detail) {
        session.counters().increment(ClientCounter.MALFORMED_FRAMES);
        String fault = "a message of the server is not a frame: " + detail;
        session.effects().warn(fault);
        abort(CloseCode.PROTOCOL_ERROR.code(), fault);
        lost(fault, 0, false);
    }

    /** The server refuses the connection after the upgrade. */
    void refused(JsonNode refusal) {
        double seconds = Math.max(
                0, Math.min(MAX_RETRY_SECONDS, refusal.path("retry_after").asDouble(0)));
        long retryAfter = (long) (seconds * NANOS_PER_SECOND);
        abort(NORMAL, "refused");
        refusedOrFailed(refusal.path("status").asInt(0), Refusals.text(refusal.path("reason")), retryAfter);
    }

    /** The socket has taken the last frame. */
    void sent(long number) {
        if (number == connection) {
            session.queue().sent();
        }
    }

    /** Hands the next frame to the socket, if it takes one. */
    void send() {
        Outgoing next = isConnected() ? session.queue().next() : null;
        if (next != null) {
            session.effects().send(connection, next.encode());
            session.counters().increment(ClientCounter.FRAMES_SENT);
            if (next.isPush()) {
                session.effects().release(next.reserved());
            }
            next.sent();
        }
        if (phase == Phase.CLOSING && session.queue().isDone()) {
            shut();
        }
    }

    /** Requests the next frame, if the callbacks that wait have room. */
    void read(boolean isReplyAwaited) {
        if (!isConnected()) {
            return;
        }
        ReadWindow window = session.window();
        if (window.update(isReplyAwaited) && phase == Phase.OPEN) {
            if (window.isPaused()) {
                session.counters().increment(ClientCounter.PAUSES);
            }
            heartbeat.pausedOrResumed();
        }
        if (window.request()) {
            session.effects().request(connection);
        }
    }

    // Ends

    private void silent() {
        session.counters().increment(ClientCounter.SILENT_CONNECTIONS);
        abort(NORMAL, "heartbeat timeout");
        lost("no frame followed a heartbeat", 0, true);
    }

    /** The connection was closed by the server, or lost. */
    void closed(long number, int code, String reason) {
        if (number != connection) {
            return;
        }
        if (phase == Phase.CLOSING) {
            connection = 0;
            shut();
        } else if (phase == Phase.OPEN || phase == Phase.OPENING) {
            ended(code, reason);
        }
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
            long openFor = openFor();
            refusalsOfToken = openFor >= session.timing().stable() ? 0 : refusalsOfToken;
            tookFreshToken = true;
            session.counters().increment(ClientCounter.FAILED_ATTEMPTS);
            disconnect(reason);
            if (refusalsOfToken++ == 0) {
                become(new ConnectionStatus.Reconnecting(reason));
                attempt();
            } else {
                delay(reason, backoff.next(openFor)); // a server that accepts each token and refuses it again
            }
        } else if (Refusals.isFinal(httpStatus)) {
            session.counters().increment(ClientCounter.FAILED_ATTEMPTS);
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

    private void lost(String cause, long atLeast, boolean atOnce) {
        boolean wasOpen = phase == Phase.OPEN;
        long openFor = openFor();
        disconnect(cause);
        if (!wasOpen) {
            session.counters().increment(ClientCounter.FAILED_ATTEMPTS);
        }
        long delay = backoff.next(openFor);
        long later = session.spread(atLeast);
        delay(cause, atOnce ? 0 : Math.max(later, delay));
    }

    private long openFor() {
        return phase == Phase.OPEN ? session.now() - openedAt : 0;
    }

    /** Closes the connection from this side. Its further inputs are ignored. */
    private void abort(int code, String reason) {
        session.effects().close(connection, code, reason);
        connection = 0;
    }

    /** Leaves the state of an open connection, or of an attempt. */
    private void disconnect(String cause) {
        boolean wasOpen = phase == Phase.OPEN;
        phase = Phase.DELAYED;
        connection = 0;
        overdue.clear();
        heartbeat.stop();
        if (wasOpen) {
            session.queue().close();
            onLost.accept(cause);
            session.queue().reset().forEach(session::drop);
        }
    }

    /** Closes for good, after the frames that wait are sent. */
    void close(String reason) {
        become(new ConnectionStatus.Closed(reason));
        attempt.clear();
        overdue.clear();
        heartbeat.stop();
        session.queue().close();
        boolean sends = phase == Phase.OPEN;
        phase = Phase.CLOSING;
        if (sends) {
            closing.set(session.now() + session.timing().closeTimeout());
        } else {
            shut();
        }
    }

    private void shut() {
        closing.clear();
        session.queue().reset().forEach(session::drop);
        if (connection != 0) {
            abort(NORMAL, "");
        }
        phase = Phase.CLOSED;
        session.effects().finished();
    }

    private void become(ConnectionStatus next) {
        if (!next.equals(status)) {
            status = next;
            session.deliver(new Delivery.ConnectionChanged(next));
        }
    }

    void checkInvariants() {
        boolean isOpen = session.queue().isOpen();
        boolean isAttempted = phase == Phase.FETCHING || phase == Phase.OPENING;
        int timers = session.timers().size();
        check(isOpen == (phase == Phase.OPEN), "frames are accepted: " + isOpen);
        check(session.queue().isDone() || isConnected(), "frames are queued");
        check(phase != Phase.DELAYED || attempt.isSet(), "no attempt follows");
        check(isAttempted == overdue.isSet(), "an attempt without an end");
        check(phase != Phase.CLOSED || timers == 0, timers + " timers");
    }

    private void check(boolean holds, String fault) {
        if (!holds) {
            throw new IllegalStateException("The client in " + phase + ": " + fault + ".");
        }
    }
}
