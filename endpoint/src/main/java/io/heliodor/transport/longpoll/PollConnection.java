package io.heliodor.transport.longpoll;

import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.Socket;
import io.heliodor.event.CloseCode;
import io.heliodor.session.Connection;
import io.heliodor.session.Count;
import io.heliodor.session.Counts;
import io.heliodor.session.Lane;
import io.heliodor.session.Loop;
import io.heliodor.session.Session;
import io.heliodor.transport.frame.Frames;
import io.heliodor.transport.http.ConnectionPermits;
import io.heliodor.transport.io.NettyLoop;
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
 * One client that polls: a connection that outlives the requests which carry it. What is said to the client waits for
 * its next poll; of two polls the older one is answered at once.
 *
 * <p>Owned by its lane's loop, but for {@link #poll} and {@link #post}, which come from that of the request. Requests
 * are answered on theirs again.
 */
public final class PollConnection implements Connection {
    /** What one answer carries; more waits in the outbox of the session. */
    private static final int MAX_BATCH_BYTES = 64 << 10;

    /** The heap of a message that waits for a poll in addition to its bytes. */
    private static final int OVERHEAD = 64;

    /** Posts that wait for room; older versions of phoenix.js send each message by itself, over several connections. */
    private static final int MAX_POSTS = 16;

    private final PollSessions sessions;
    private final String token;
    private final ConnectionPermits.Permit permit;
    private final String path;
    private final Lane lane;
    private final EventLoop loop;
    private final Counts counts;
    private final int maxBatchBytes;
    private final Session<?> session;

    private List<byte[]> messages = new ArrayList<>();
    private long bytes;
    private long takenBytes;

    /** What there is of a large message; not counted, so that the rest of it comes at once. */
    private ByteArrayOutputStream pieces = new ByteArrayOutputStream(0);

    /** What an answer under way carries; kept until the socket has taken it. */
    private @Nullable List<byte[]> sent;

    private @Nullable Poll parked;
    private @Nullable ScheduledFuture<?> window;

    private final ArrayDeque<PollSend> posts = new ArrayDeque<>(1);
    private boolean reading = true;

    private long polledAt = System.nanoTime();
    private @Nullable ScheduledFuture<?> watch;
    private boolean ended;
    private long looks;

    PollConnection(
            PollSessions sessions,
            String token,
            ConnectionPermits.Permit permit,
            String path,
            Lane lane,
            EventLoop loop,
            Counts counts,
            int maxQueuedBytes,
            Function<Connection, Session<?>> session) {
        this.sessions = sessions;
        this.token = token;
        this.permit = permit;
        this.path = path;
        this.lane = lane;
        this.loop = loop;
        this.counts = counts;
        this.maxBatchBytes = Math.min(MAX_BATCH_BYTES, maxQueuedBytes);
        this.session = session.apply(this);
    }

    /** Begins: the request that made it counts as its first poll. */
    void open() {
        session.open();
        watchFor(sessions.limits().inactive().toNanos());
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

    /** Runs something for this session; what it throws ends the session, and no request that came by chance. */
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

    /** A client asks for messages. */
    void poll(Poll request) {
        onLoop(() -> park(request));
    }

    private void park(Poll request) {
        if (ended && messages.isEmpty() && sent == null) {
            request.sessionGone();
            return;
        }
        session.pong(); // a poll is a sign of life as good as a pong
        polledAt = System.nanoTime();
        answerEmpty();
        parked = request;
        window = afterWindow(this::answerEmpty);
        answer();
        if (request.equals(parked)) {
            request.whenGone(() -> onLoop(() -> leave(request)));
        }
    }

    /** The client of a parked poll has gone; what comes waits for its next one. */
    private void leave(Poll request) {
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

    private void answerEmpty() {
        Poll request = unpark();
        if (request != null) {
            request.answer(PollJson.poll(204, token, List.of()));
        }
    }

    /** Gives what waits to a parked poll. One answer at a time: an older one may come back. */
    private void answer() {
        if (parked == null || sent != null) {
            return;
        }
        if (!messages.isEmpty()) {
            Poll request = Objects.requireNonNull(unpark());
            sent = messages;
            messages = new ArrayList<>();
            request.answer(PollJson.poll(200, token, sent), taken -> onLoop(() -> answered(taken)));
        } else if (ended) {
            answerEmpty();
        }
    }

    private void answered(boolean taken) {
        List<byte[]> carried = Objects.requireNonNull(sent);
        sent = null;
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
        answer();
        removeIfOver();
    }

    // Posts.

    /** A client says something. */
    void post(PollSend post) {
        onLoop(() -> {
            if (ended) {
                post.answer(410);
            } else if (posts.size() >= MAX_POSTS) {
                counts.increment(Count.REFUSED_REQUEST);
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

    /** Hands messages to the session until it wants no more. A post is answered when there is room behind it. */
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
    }

    private void timeOut(PollSend post) {
        if (posts.remove(post)) {
            counts.increment(Count.REFUSED_REQUEST);
            post.answer(408);
        }
    }

    @Override
    public Socket.Transport transport() {
        return Socket.Transport.LONG_POLL;
    }

    @Override
    public void check() {
        // Its requests have connections of their own.
    }

    @Override
    public void reading(boolean on) {
        reading = on;
        deliver();
    }

    // What goes out.

    @Override
    public void write(byte[] message) {
        messages.add(message);
        bytes += message.length;
        session.memory().add(OVERHEAD + message.length);
    }

    @Override
    public void write(byte[] bytes, int from, int to, boolean first, boolean last) {
        pieces.write(bytes, from, to - from);
        if (last) {
            write(pieces.toByteArray());
            pieces = new ByteArrayOutputStream(0);
        }
    }

    @Override
    public void write(Loop.Shared shared) {
        ByteBuf frames = ((NettyLoop.SharedFrames) shared).frames(Optional.empty());
        Frames.payloads(frames).forEach(this::write);
        frames.release();
    }

    @Override
    public void flush() {
        answer();
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
        // Between two polls nothing is taken, and nothing is wrong: that the client comes back is watched here.
        return ++looks;
    }

    // The end.

    private void watchFor(long nanos) {
        watch = after(nanos, this::look);
    }

    /** One timer for the whole life, moved on when it is due, spares two changes of the timers for each poll. */
    private void look() {
        long inactive = sessions.limits().inactive().toNanos();
        boolean busy = parked != null || sent != null;
        long left = busy ? inactive : inactive - (System.nanoTime() - polledAt);
        if (left > 0) {
            watchFor(left);
            return;
        }
        if (!ended) {
            counts.increment(Count.CLOSED_IDLE);
            session.close(CloseCode.GOING_AWAY, "inactive", new LeaveReason.HeartbeatTimeout());
        }
        messages.forEach(this::release);
        messages.clear();
        removeIfOver();
    }

    private void release(byte[] message) {
        bytes -= message.length;
        session.releases(OVERHEAD + message.length);
    }

    /** The session has ended. What was said before that is there for one more poll. */
    @Override
    public void close(int code, String reason) {
        ended = true;
        posts.forEach(post -> post.answer(410));
        posts.clear();
        answer();
        removeIfOver();
    }

    private void removeIfOver() {
        if (ended && messages.isEmpty() && sent == null) {
            sessions.remove(token);
            permit.release();
            if (watch != null) {
                watch.cancel(false);
            }
        }
    }
}
