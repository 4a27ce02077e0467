package io.heliodor.transport.longpoll;

import io.heliodor.channel.Socket;
import io.heliodor.session.LaneSessions;
import io.heliodor.session.Session;
import io.heliodor.session.SessionEnd;
import io.heliodor.session.lane.Connection;
import io.heliodor.session.lane.Loop;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.transport.frame.FrameLayout;
import io.heliodor.transport.http.ConnectionPermits;
import io.heliodor.transport.io.NettyLoop;
import io.heliodor.wire.Slice;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The connection of a long-polling client, which outlives its requests. Messages wait for the client's next poll. A second
 * poll replaces the first, which gets an empty response.
 *
 * <p>Only its lane's loop uses it, except for {@link #poll} and {@link #post}, which any loop may call. Responses are sent
 * on the loop of the request.
 */
public final class PollConnection implements Connection {
    /** The bytes of one response; further messages wait in the outbox of the session. */
    private static final int MAX_BATCH_BYTES = 64 << 10;

    /** The heap of a waiting message in addition to its bytes. */
    private static final int OVERHEAD = 64;

    /** The maximum of waiting posts: older versions of phoenix.js post each message separately, over several connections. */
    private static final int MAX_POSTS = 16;

    private final PollSessions sessions;
    private final String token;
    private final ConnectionPermits.Permit permit;
    private final String path;
    private final LaneSessions lane;
    private final EventLoop loop;
    private final Counters counters;
    private final int maxBatchBytes;
    private final Session<?> session;

    private List<byte[]> messages = new ArrayList<>();
    private long bytes;
    private long takenBytes;

    /** The fragments of a large message so far. They do not count as pending, so that the rest follows immediately. */
    private ByteArrayOutputStream pieces = new ByteArrayOutputStream(0);

    /** The messages of a response that the socket has not taken yet. */
    private @Nullable List<byte[]> inFlight;

    private @Nullable Poll parked;
    private @Nullable ScheduledFuture<?> window;

    private final ArrayDeque<PollSend> posts = new ArrayDeque<>(1);
    private boolean reading = true;

    private long polledAt;

    /** Whether the time for the next poll was over when it was checked last. */
    private boolean overdue;

    private @Nullable ScheduledFuture<?> activityTimer;
    private boolean ended;

    /** Whether further posts are refused, and only those that came before are delivered. */
    private boolean inputEnded;

    /** Whether the session has finished. */
    private boolean finished;

    private long progressCalls;

    PollConnection(
            PollSessions sessions,
            String token,
            ConnectionPermits.Permit permit,
            String path,
            LaneSessions lane,
            EventLoop loop,
            Counters counters,
            int maxQueuedBytes,
            Function<Connection, Session<?>> session) {
        this.sessions = sessions;
        this.token = token;
        this.permit = permit;
        this.path = path;
        this.lane = lane;
        this.loop = loop;
        this.counters = counters;
        this.polledAt = now();
        this.maxBatchBytes = Math.min(MAX_BATCH_BYTES, maxQueuedBytes);
        this.session = session.apply(this);
    }

    /** Opens the session. The request that created it counts as its first poll. */
    void open() {
        session.open();
        armActivityTimer(sessions.limits().inactive().toNanos());
    }

    String token() {
        return token;
    }

    String path() {
        return path;
    }

    private void onLoop(Runnable task) {
        if (lane.loop().inEventLoop()) {
            guarded(task);
        } else {
            lane.loop().execute(() -> guarded(task));
        }
    }

    /** Runs a task of this session. An exception ends the session, not the request on whose loop the task runs. */
    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            session.fault(e);
        }
    }

    private ScheduledFuture<?> after(long nanos, Runnable task) {
        return loop.schedule(() -> guarded(task), nanos, TimeUnit.NANOSECONDS);
    }

    private ScheduledFuture<?> afterWindow(Runnable task) {
        return after(sessions.limits().window().toNanos(), task);
    }

    // Polls.

    /** Parks a poll until there are messages, or the window has passed. */
    void poll(Poll request) {
        onLoop(() -> park(request));
    }

    private void park(Poll request) {
        if (ended && messages.isEmpty() && inFlight == null) {
            request.sessionEnded();
            return;
        }
        polled();
        respondEmpty();
        parked = request;
        window = afterWindow(this::respondEmpty);
        respond();
        if (request.equals(parked)) {
            request.dropHead();
            request.onDisconnect(() -> onLoop(() -> disconnected(request)));
        }
    }

    /**
     * A part of a body has arrived, and more follow: the client lives, though its next poll may wait behind the body. A whole
     * body does not count: a client that only posts would let messages wait for ever. Any thread.
     */
    void bodyArrives() {
        onLoop(this::polled);
    }

    /** The client lives: its requests prove it as well as a pong. */
    private void polled() {
        session.pong();
        polledAt = now();
        overdue = false;
    }

    /** A poll is answered: after a pause of the process, too, the client has the usual time for its next one. */
    private void answered() {
        long usual = now() - sessions.limits().window().toNanos();
        if (usual - polledAt > 0) {
            polledAt = usual;
        }
    }

    private long now() {
        return sessions.nanos();
    }

    /** Removes a parked poll whose client has disconnected; messages wait for its next one. */
    private void disconnected(Poll request) {
        if (request.equals(parked)) {
            unpark();
        }
    }

    private @Nullable Poll unpark() {
        Poll request = parked;
        parked = null;
        if (window != null) {
            window.cancel(false);
            window = null;
        }
        return request;
    }

    private void respondEmpty() {
        Poll request = unpark();
        if (request != null) {
            answered();
            request.answer(PollJson.poll(204, token, List.of()));
        }
    }

    /** Responds to a parked poll with the waiting messages, one response at a time: messages that fail come back. */
    private void respond() {
        if (parked == null || inFlight != null) {
            return;
        }
        if (!messages.isEmpty()) {
            Poll request = Objects.requireNonNull(unpark());
            inFlight = messages;
            messages = new ArrayList<>();
            request.answer(PollJson.poll(200, token, inFlight), taken -> onLoop(() -> responseDone(taken)));
        } else if (ended) {
            respondEmpty();
        }
    }

    private void responseDone(boolean taken) {
        List<byte[]> carried = Objects.requireNonNull(inFlight);
        inFlight = null;
        answered();
        if (taken) {
            for (byte[] message : carried) {
                release(message);
                takenBytes += message.length;
            }
        } else {
            carried.addAll(messages);
            messages = carried;
        }
        if (!ended) {
            session.writable();
        }
        respond();
        removeIfDrained();
    }

    // Posts.

    /** Delivers the messages of a client in order, and responds when all were delivered. */
    void post(PollSend post) {
        onLoop(() -> {
            if (ended || inputEnded) {
                post.answer(410);
            } else if (posts.size() >= MAX_POSTS) {
                counters.increment(Counter.REFUSED_REQUEST);
                post.answer(408);
            } else {
                posts.add(post);
                deliver();
                if (!post.answered()) {
                    post.setTimer(afterWindow(() -> timeOut(post)));
                }
            }
        });
    }

    /** Delivers messages until the session stops reading. A post gets its response when all its messages were delivered. */
    private void deliver() {
        while (reading && !ended && !posts.isEmpty()) {
            PollBody.Message message = posts.element().next();
            if (message == null) {
                posts.remove().answer(200);
            } else if (message.binary()) {
                session.binary(message.bytes(), 0, message.bytes().length);
            } else {
                session.text(message.bytes(), 0, message.bytes().length);
            }
        }
        if (inputEnded && posts.isEmpty() && !ended) {
            session.closing().inputEnded();
        }
    }

    @Override
    public void endInput() {
        inputEnded = true;
        if (posts.isEmpty()) {
            session.closing().inputEnded();
        }
    }

    private void timeOut(PollSend post) {
        if (posts.remove(post)) {
            counters.increment(Counter.REFUSED_REQUEST);
            post.answer(408);
            deliver();
        }
    }

    @Override
    public Socket.Transport transport() {
        return Socket.Transport.LONG_POLL;
    }

    @Override
    public boolean check() {
        return false; // its requests detect a reset of their connections themselves
    }

    @Override
    public void reading(boolean on) {
        reading = on;
        deliver();
    }

    // Output.

    @Override
    public void write(byte[] message) {
        messages.add(message);
        bytes += message.length;
        session.memory().add(OVERHEAD + message.length);
    }

    @Override
    public void write(List<Slice> piece, boolean first, boolean last) {
        piece.forEach(slice -> pieces.write(slice.bytes(), slice.from(), slice.length()));
        if (last) {
            write(pieces.toByteArray());
            pieces = new ByteArrayOutputStream(0);
        }
    }

    @Override
    public void write(Loop.Shared shared) {
        ByteBuf frames = ((NettyLoop.SharedFrames) shared).frames(Optional.empty());
        FrameLayout.payloads(frames).forEach(this::write);
        frames.release();
    }

    @Override
    public void flush() {
        respond();
    }

    @Override
    public boolean writable() {
        return bytes < maxBatchBytes;
    }

    @Override
    public long pending() {
        return bytes;
    }

    @Override
    public long taken() {
        return takenBytes;
    }

    @Override
    public long progress() {
        // Between two polls a client takes nothing, and must not count as stalled: the inactivity timer covers it.
        return ++progressCalls;
    }

    // Close.

    private void armActivityTimer(long nanos) {
        activityTimer = after(nanos, this::checkActivity);
    }

    /** Ends an inactive session. One timer that rearms itself saves two timer operations for each poll. */
    private void checkActivity() {
        long inactive = sessions.limits().inactive().toNanos();
        boolean busy = parked != null || inFlight != null;
        long left = busy ? inactive : inactive - (now() - polledAt);
        if (left <= 0 && !overdue) {
            // After a pause of the process this may run before a poll that came meanwhile is read.
            overdue = true;
            left = inactive / 15;
        }
        if (left > 0) {
            armActivityTimer(left);
            return;
        }
        endWithMessages(SessionEnd.INACTIVE);
    }

    /** Ends the session for one of another client, with the messages that wait. Any thread. */
    void giveWay() {
        onLoop(() -> endWithMessages(SessionEnd.OVERLOADED));
    }

    private void endWithMessages(SessionEnd end) {
        if (!ended) {
            session.close(end);
        }
        messages.forEach(this::release);
        messages.clear();
        removeIfDrained();
    }

    private void release(byte[] message) {
        bytes -= message.length;
        session.flow().release(OVERHEAD + message.length);
    }

    /** Ends the connection. Messages from before remain available to one more poll. */
    @Override
    public void close(int code, String reason) {
        ended = true;
        posts.forEach(post -> post.answer(410));
        posts.clear();
        respond();
        removeIfDrained();
    }

    @Override
    public void finished() {
        finished = true;
        removeIfDrained();
    }

    private void removeIfDrained() {
        if (ended && messages.isEmpty() && inFlight == null) {
            var _ = sessions.remove(token);
            if (finished) {
                permit.release();
            }
            if (activityTimer != null) {
                activityTimer.cancel(false);
            }
        }
    }
}
