package io.heliodor.session;

import io.heliodor.channel.LeaveReason;
import io.heliodor.observe.AuditEvent;
import io.heliodor.observe.Observation;
import io.heliodor.session.budget.ConnectionMemory;
import io.heliodor.session.channel.ChannelOwner;
import io.heliodor.session.channel.ChannelTable;
import io.heliodor.session.eviction.Eviction;
import io.heliodor.session.lane.Connection;
import io.heliodor.session.lane.Outbox;
import io.heliodor.session.lane.ReaderPace;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.wire.Payload;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The end of one session, by its client or the server, at once or by a turn in a drain of the server; and of the channels that handle what
 * was read before. Used on the lane's thread, except where stated.
 */
public final class SessionClosing implements LoadShedder.Holder {
    /** The session, as its end uses it. */
    interface Owner<S> extends ChannelOwner<S> {
        SessionServices services();

        Connection connection();

        ChannelTable<S> table();

        /** Nothing of the session is handled any more: it gives back its place in all limits. */
        void finished();

        /** Writes an event of the connection itself, after the broadcasts that wait. */
        void write(String event, Payload payload);

        /** The party of its user, for limits that parties share. */
        Object party();

        /** The heap of the connection and its channels as such, in bytes. */
        long ownBytes();
    }

    /** The close code of a connection without a close frame (RFC 6455, 7.1.5). */
    private static final int BROKEN = 1006;

    /** A client that takes nothing for this time does not delay the end of a drain. */
    private static final Duration UNTAKEN_TIMEOUT = Duration.ofSeconds(2);

    private final Owner<?> session;

    /** Whether nothing is read or written any more. Written on the lane's thread. */
    private volatile boolean closed;

    /** Whether neither side has closed the connection. Set before the channels end; read by any thread. */
    private volatile boolean lost;

    /** Whether the session is closed, and channels of it handle the messages that waited. */
    private boolean lingering;

    /** Whether the connection has ended, and messages that were read are not dispatched yet. */
    private boolean cut;

    /** The time at which such messages are dropped. */
    private long cutDeadline;

    /** Null until its turn in a drain of the server comes, or an end waits for the replies to what was read. */
    private @Nullable Drain drain;

    /** An end that waits until what was read is handled and the client has taken the replies. */
    private static final class Drain {
        final SessionEnd end;
        final String reason;

        /** The time after which it waits no longer; none in a drain of the server, which has one for all sessions. */
        final @Nullable Long deadline;

        /** Whether all messages that were read have been passed on. */
        boolean inputPassed;

        /** The bytes that the client had taken when it was last found to take some, while only its output delays the end. */
        long taken = -1;

        long takenAt;

        Drain(SessionEnd end, String reason, @Nullable Long deadline) {
            this.end = end;
            this.reason = reason;
            this.deadline = deadline;
        }
    }

    SessionClosing(Owner<?> session) {
        this.session = session;
    }

    /** Any thread. */
    boolean closed() {
        return closed;
    }

    /** Any thread. */
    boolean isLost() {
        return lost;
    }

    @Override
    public Object party() {
        return session.party();
    }

    @Override
    public long ownBytes() {
        return session.ownBytes();
    }

    @Override
    public boolean hasEnded() {
        return closed || cut;
    }

    /** Whether the messages of the client are ignored from now on: it has ended, or ends after what was read. */
    boolean ignoresInput() {
        return closed || (drain != null && drain.inputPassed);
    }

    /** Whether the sweeps have nothing to do for the end of an open session. */
    boolean rests() {
        return !cut && drain == null;
    }

    @Override
    public ConnectionMemory memory() {
        return session.flow().memory();
    }

    @Override
    public Outbox outbox() {
        return session.outbox();
    }

    /**
     * Whether the session is closed and handles nothing any more.
     *
     * @return false while messages that were read before its end are handled
     */
    public boolean isOver() {
        return closed && !lingering;
    }

    /** The connection broke. */
    public void disconnected() {
        disconnected(BROKEN, "the connection broke");
    }

    /**
     * The connection has ended.
     *
     * @param code the client's close code, or 1006
     * @param reason for people
     */
    public void disconnected(int code, String reason) {
        if (!closed) {
            session.services().counters().increment(Counter.CLOSED_CLIENT);
            lost = code == BROKEN;
            end(code, reason, new LeaveReason.Disconnected(), ChannelTable.End.AFTER_MESSAGES);
        }
    }

    /**
     * The connection broke, and the transport holds messages that were read before: they are dispatched as the session reads
     * on. {@link #inputEnded} follows, or the session closes 5 s later.
     */
    public void cut() {
        if (!closed && !cut) {
            cut = true;
            lost = true;
            cutDeadline = session.services().budget().now() + ChannelTable.DRAIN_TIMEOUT.toNanos();
            session.sweepNext();
            outbox().close();
            session.table().markUnreachable();
        }
    }

    /**
     * Handles what was read, awaits deferred replies and their way to the client, and then closes the connection with 1001: its
     * turn in a drain of the server has come. The transport reads no more, and calls {@link #inputEnded} when it has passed on
     * what it had read.
     */
    public void drain() {
        if (!closed && drain == null) {
            drain = new Drain(SessionEnd.DRAINED, SessionEnd.DRAINED.reason(), null);
            session.sweepNext();
            session.connection().endInput();
        }
    }

    /**
     * Handles what was read, awaits deferred replies and their way to the client, and then ends the session and its connection: its client
     * gets the replies to what came before its fault. Nothing is read from the call on. After 5 s the end waits no longer.
     *
     * @param end why
     * @param reason for people
     */
    public void closeAfterReplies(SessionEnd end, String reason) {
        if (ignoresInput()) {
            return;
        }
        session.services().log().breach(session, end, reason);
        if (cut) {
            close(end, reason);
            return;
        }
        Drain turn = new Drain(end, reason, session.services().budget().now() + ChannelTable.DRAIN_TIMEOUT.toNanos());
        turn.inputPassed = true;
        drain = turn;
        session.sweepNext();
        session.connection().endInput();
        session.table().drain(end.why());
        session.onLane(this::closeIfDrained);
    }

    /** All messages that were read have been passed on, after {@link #cut} or {@link Connection#endInput}. */
    public void inputEnded() {
        Drain turn = drain;
        if (closed || (turn != null && turn.inputPassed)) {
            return;
        }
        if (cut) {
            disconnected();
        } else if (turn != null) {
            turn.inputPassed = true;
            session.table().drain(new LeaveReason.Draining());
            session.onLane(this::closeIfDrained); // after the replies that are in the queue of the lane
        }
    }

    /** Closes the connection in a drain, if its messages are handled and the client has taken what was written. */
    void closeIfDrained() {
        Drain turn = drain;
        if (closed || turn == null || !turn.inputPassed || session.table().isDraining()) {
            return;
        }
        outbox().flush();
        long now = session.services().budget().now();
        long taken = session.connection().taken();
        if (taken != turn.taken) {
            turn.taken = taken;
            turn.takenAt = now;
        }
        if (outbox().bytes() == 0 || now - turn.takenAt >= UNTAKEN_TIMEOUT.toNanos()) {
            close(turn.end, turn.reason);
        }
    }

    /** Closes the connection because the time for a drain of the server is over, and drops the messages that wait. */
    public void endDrain() {
        if (!closed) {
            close(SessionEnd.DRAIN_OVER);
        } else if (lingering) {
            ChannelTable.Discarded _ = session.table().discardAll(true);
        }
    }

    /** All channels that drained have handled their messages. */
    void drained() {
        Drain turn = drain;
        if (lingering) {
            finish();
        } else if (turn != null && turn.inputPassed && !closed) {
            session.onLane(this::closeIfDrained); // the caller may write a last message of its channel
        }
    }

    /**
     * Ends the session and its connection. Does nothing if it has ended.
     *
     * @param end why, and what becomes of messages that were read before
     */
    void close(SessionEnd end) {
        close(end, end.reason());
    }

    /**
     * Ends the session and its connection as {@link #close(SessionEnd)} does.
     *
     * @param end why, and the fate of messages that were read before
     * @param reason for people, in the place of that of the end
     */
    public void close(SessionEnd end, String reason) {
        if (!closed) {
            session.services().counters().increment(end.counter());
            lost = end.why() instanceof LeaveReason.HeartbeatTimeout;
            int code = end.code().code();
            end(code, reason, end.why(), end.waiting());
            session.connection().close(code, reason);
        }
    }

    /** Ends the session for a fault of the server. Does not throw. */
    void fault(Throwable fault) {
        if (fault instanceof OutOfMemoryError) {
            closeFor(fault, SessionEnd.NO_MEMORY);
            session.lane().shedLoad();
            session.services().log().noMemory(session, fault);
        } else {
            closeFor(fault, SessionEnd.FAULT);
            session.services().log().fault(session, fault);
        }
    }

    private void closeFor(Throwable fault, SessionEnd end) {
        if (closed) {
            ChannelTable.Discarded _ = session.table().discardAll(false);
            return;
        }
        try {
            close(end);
        } catch (Throwable another) {
            if (!another.equals(fault)) {
                fault.addSuppressed(another);
            }
        }
    }

    private void end(int code, String reason, LeaveReason why, ChannelTable.End end) {
        closed = true;
        Throwable fault = session.table()
                .closeAll(why, end, cut ? cutDeadline : session.table().drainDeadline());
        outbox().close();
        memory().end();
        session.services()
                .channels()
                .observers()
                .happened(() -> new Observation.Disconnected(session.correlationId(), code, reason));
        lingering = session.table().isDraining();
        session.sweepNext();
        if (!lingering) {
            finish();
        }
        if (fault != null) {
            fault(fault);
        }
    }

    private void finish() {
        lingering = false;
        session.finished();
    }

    /** Carries out an eviction. A closed session has channels that handle messages, which its client must not cause any more. */
    void evict(Eviction eviction, long at) {
        switch (eviction) {
            case Eviction.Removed(var _, var topic) -> session.table().remove(topic, at);
            case Eviction.Rechecked _ when closed -> {}
            case Eviction.Rechecked _ -> session.table().recheck();
            case Eviction _
            when closed -> {
                ChannelTable.Discarded _ = session.table().discardAll(false);
            }
            case Eviction.Disconnected _ -> evict(AuditEvent.DISCONNECTED, SessionEnd.DISCONNECTED);
            case Eviction.Kicked(var _, var event, var payload) -> {
                session.write(event, payload);
                evict(AuditEvent.KICKED, SessionEnd.KICKED);
            }
        }
    }

    private void evict(AuditEvent event, SessionEnd end) {
        session.services().channels().observers().audit().write(event, fields -> fields.of(session));
        close(end);
    }

    @Override
    public void closeSlow(String reason) {
        if (!closed) {
            session.services().log().slow(session, reason);
            close(SessionEnd.SLOW);
        }
    }

    @Override
    public void closeOverloaded() {
        if (closed) {
            ChannelTable.Discarded dropped = session.table().discardAll(true);
            session.services().log().discardedForMemory(session, dropped.messages());
        } else {
            session.services().log().overloaded(session, memory().held() + ownBytes(), outbox().bytes(), cut);
            close(SessionEnd.OVERLOADED);
        }
    }

    /** Treats the client as unreachable: its presences end now, though its connection is closed later. */
    public void markUnreachable() {
        session.table().markUnreachable();
    }

    /** Drops messages that have waited for too long, and closes the connection if one of its timeouts is over. */
    void sweep(long now, Liveness liveness) {
        if (closed || cut) {
            sweepEnded(now);
            return;
        }
        Drain turn = drain;
        if (turn != null && turn.deadline != null && now - turn.deadline >= 0) {
            close(turn.end, turn.reason);
            return;
        }
        discardOverdue(now, 0);
        SessionEnd end = liveness.sweep(now, session.connection(), outbox(), drain != null);
        if (end == null) {
            checkPace(now);
        } else {
            if (end == SessionEnd.MAILBOX_FULL) {
                session.services()
                        .log()
                        .stuck(session, session.flow().limits().mailboxTimeout(), session.table()::slowHandlers);
            }
            close(end);
        }
        closeIfDrained();
    }

    /** Closes the connection if its client does not read. */
    private void checkPace(long now) {
        switch (outbox().judge(now)) {
            case READS -> {}
            case STALLED ->
                closeSlow("nothing was taken for " + session.flow().limits().stallTimeout());
            case TOO_SLOW ->
                closeSlow("less than " + (ReaderPace.MIN_BYTES_PER_SECOND >> 10) + " KiB a second, " + outbox().bytes()
                        + " bytes wait");
        }
    }

    /** Ends the wait for messages of a connection that has ended, when its time is over. */
    private void sweepEnded(long now) {
        long unread = 0;
        if (cut && !closed) {
            if (now - cutDeadline < 0) {
                session.flow().sweep();
                return;
            }
            unread = memory().unread();
            disconnected();
        }
        discardOverdue(now, unread);
    }

    /** {@code unread} are bytes that were read and not decoded, and are dropped too. */
    private void discardOverdue(long now, long unread) {
        ChannelTable.Discarded dropped = session.table().discardOverdue(now);
        if (unread > 0 || !dropped.isNothing()) {
            session.services()
                    .log()
                    .discarded(session, closed ? "ended its connection" : "joined a topic again", dropped, unread);
        }
    }
}
