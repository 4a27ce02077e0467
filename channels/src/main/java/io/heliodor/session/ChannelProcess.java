package io.heliodor.session;

import io.heliodor.channel.HandlerName;
import io.heliodor.channel.JoinOutcome;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Out;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.Reply;
import io.heliodor.channel.Socket;
import io.heliodor.channel.Stop;
import io.heliodor.event.InvalidPayload;
import io.heliodor.event.Reason;
import io.heliodor.history.ResumeResult;
import io.heliodor.history.ResumeToken;
import io.heliodor.observe.HandlerObserver.Result;
import io.heliodor.observe.Observation;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import io.heliodor.wire.SinceField;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One joined channel: what of it is on the wire, and its handlers, one at a time. How those are called, {@link Callbacks}
 * knows; what users have of it is its {@link ChannelContext}.
 *
 * <p>Three parties touch it. The lane's thread owns {@link #wire} and the index among the topic's members: what it has
 * closed stays silent. The thread that runs the handlers owns the assigns. What waits, and the end, is {@link ChannelLife},
 * which any thread may use.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 */
final class ChannelProcess<S, A> implements Runnable {
    /** The names under which payloads of replies are reported: to a join, and of handlers that no client called. */
    private static final String JOIN = "phx_join";

    private static final String REPLY = "phx_reply";

    static final int NO_INDEX = -1;

    /** So that a channel with a long mailbox lets the others of its batch run. */
    private static final int MAX_MAILS_PER_RUN = 64;

    /** As mails count their bytes. A hundred channels with four large mails each would delay a small one fourfold. */
    private static final long MAX_BYTES_PER_RUN = 64 << 10;

    private static final Payload.Json NOT_YET = new Payload.Json(new byte[] {'{', '}'}, 0, 2);

    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.channel");

    private enum Wire {
        JOINING,
        OPEN,
        CLOSED
    }

    private final Session<S> session;
    private final Callbacks<S, A> callbacks;
    private final String topic;
    private final Ref joinRef;
    private final Ref requestRef;
    private final ChannelLife life;
    private final ChannelContext<S, A> context;

    /** The time of the request to join. */
    private final long begun;

    /** Owned by the lane's thread. */
    int memberIndex = NO_INDEX;

    private @Nullable Members members;
    private Wire wire = Wire.JOINING;

    /** How often its client may speak on it. */
    private final @Nullable TokenBucket messages;

    /** Whether it was let in, and has not been said to have left. Owned by the lane's thread. */
    private boolean here;

    /** Whether an intercept dropped a message that showed that others are missing. Of the thread that runs the handlers. */
    private boolean gap;

    /** What the join handler replied. Set before the lane hears of it, taken by the lane. */
    private Payload.Json accepted = NOT_YET;

    ChannelProcess(Session<S> session, Callbacks<S, A> callbacks, String topic, Ref joinRef, Ref requestRef) {
        this.session = session;
        this.callbacks = callbacks;
        this.topic = topic;
        this.joinRef = joinRef;
        this.requestRef = requestRef;
        this.begun = session.hub().now();
        this.life = new ChannelLife(session);
        this.context = new ChannelContext<>(this, session, callbacks, life);
        this.messages = callbacks
                .messageRate()
                .map(rate -> new TokenBucket(rate, begun))
                .orElse(null);
    }

    String topic() {
        return topic;
    }

    /** What its close says: none if its client gave none and is told none. */
    Ref joinRef() {
        return joinRef;
    }

    /** The join_ref of frames that are meant for it. */
    Ref joinOf() {
        return joinRef.isNull() ? requestRef : joinRef;
    }

    /** The ref of the request to join. */
    Ref requestRef() {
        return requestRef;
    }

    /** Whether its client had asked to join by a time. */
    boolean begunBy(long time) {
        return begun - time <= 0;
    }

    /** How often its client may speak on it; null for as often as it likes. Used on the lane's thread. */
    @Nullable
    TokenBucket messages() {
        return messages;
    }

    Outbox outbox() {
        return session.outbox();
    }

    /** The connection. */
    Socket<S> socket() {
        return session;
    }

    /** Whether it is one of these members. Called on their lane, which need not be its own. */
    boolean isIn(Members others) {
        // The lane first: the members of a channel may be read on its own lane alone.
        return session.lane() == others.lane() && members == others;
    }

    /** Ends its connection for a fault of the server. */
    void fault(Throwable fault) {
        session.fault(fault);
    }

    private Counts counts() {
        return session.hub().counts();
    }

    private Observers observers() {
        return session.hub().observers();
    }

    private Serializer serializer() {
        return session.serializer();
    }

    // On the lane's thread.

    boolean joining() {
        return wire == Wire.JOINING;
    }

    /** Puts a mail of the client into the mailbox, however full it is: at the bound the connection is read no more. */
    void post(Mail mail) {
        ChannelLife.Posted posted = life.post(mail);
        if (posted.start()) {
            session.lane().ready(this);
        }
        if (posted.full()) {
            session.flow().mailboxFull();
        }
        session.flow().checkMemory();
    }

    /** The join reply, then membership, in one step: nothing of the topic precedes the one or misses the other. */
    void joined(Members newMembers, @Nullable Recovery recovery) {
        if (wire == Wire.CLOSED) {
            newMembers.topic().leave(newMembers);
            if (recovery != null) {
                recovery.dispose();
            }
            return;
        }
        wire = Wire.OPEN;
        here = true;
        counts().increment(Count.JOINS_ACCEPTED);
        observers().happened(() -> new Observation.Joined(session.correlation(), topic));
        members = newMembers;
        if (recovery == null) {
            reply(accepted);
        } else {
            Recovery taken = outbox().takesReplay(recovery.bytes()) ? recovery : recovery.withoutReplay();
            reply(taken.in(accepted));
            replay(taken);
        }
        accepted = NOT_YET;
        newMembers.add(this);
    }

    private void reply(Payload toRequest) {
        outbox().offer(serializer().reply(joinRef, requestRef, topic, "ok", toRequest));
    }

    private void replay(Recovery recovery) {
        List<ResumeResult.Missed<KeptBroadcast>> missed = recovery.missed();
        if (missed.isEmpty()) {
            return;
        }
        if (callbacks.intercepts().ofKept()) {
            // However full the mailbox is: else it would never come back, since each time it would miss more.
            post(new Mail.Repeated(missed));
            return;
        }
        outbox().replay(missed, topic, recovery.bytes());
    }

    /** Writes a message for this channel alone, unless it is closed. */
    boolean write(byte[] message, @Nullable SlowDelivery slowDelivery) {
        if (wire != Wire.OPEN) {
            return false;
        }
        flushBatch();
        if (slowDelivery == null) {
            outbox().offer(message);
        } else {
            outbox().offer(message, slowDelivery);
        }
        return true;
    }

    /** Writes a large message, unless it is closed. */
    void write(StreamedMessage streamed) {
        if (wire == Wire.OPEN) {
            flushBatch();
            outbox().offer(streamed);
        } else {
            streamed.dispose();
        }
    }

    boolean open() {
        return wire == Wire.OPEN;
    }

    /** Writes the broadcasts that wait to share a buffer. */
    void flushBatch() {
        if (members != null) {
            members.flushBatch();
        }
    }

    /** The last messages, then silence; what is left in the mailbox is answered. */
    void ended(byte[]... last) {
        session.channelFinished();
        if (wire == Wire.CLOSED) {
            return;
        }
        sayLeft();
        closeWire(last);
        session.forget(this);
    }

    private void sayLeft() {
        LeaveReason why = life.ending();
        if (here && why != null) {
            here = false;
            observers().happened(() -> new Observation.Left(session.correlation(), topic, why));
        }
    }

    /** Its client counts as gone: the presences of this channel go, and no new ones stay. */
    void depart() {
        AtEnd due = life.depart();
        if (due != null) {
            due.run(topic);
        }
    }

    /** Closes the channel on the wire now, whatever its handlers are doing. The caller takes it out of the session. */
    private void closeWire(byte[]... last) {
        wire = Wire.CLOSED;
        Members left = members;
        if (left != null) {
            // It is not among them if its reply could not be written; its index would then be that of another member.
            if (memberIndex != NO_INDEX) {
                left.remove(this);
            }
            // After the last batch, which is not to bring it its own messages.
            members = null;
            left.topic().leave(left);
        }
        depart();
        ChannelLife.Remains remains = life.close();
        if (remains.leaveRef() != null) {
            outbox().offer(session.ok(joinRef, remains.leaveRef(), topic));
        }
        for (byte[] message : last) {
            outbox().offer(message);
        }
        for (Mail mail : remains.mails()) {
            if (mail instanceof Mail.Said said && !said.frame.ref().isNull()) {
                session.notJoined(said.frame);
            }
        }
        if (remains.full()) {
            session.flow().mailboxDrained();
        }
    }

    /** Closes the channel on the wire, and ends it even if a last message cannot be written. */
    void close(LeaveReason why, boolean interrupt, byte[]... last) {
        try {
            closeWire(last);
        } finally {
            end(why, interrupt);
        }
    }

    /** Ends the channel, which is closed on the wire: its leave hooks run when its handler returns. */
    private void end(LeaveReason why, boolean interrupt) {
        ChannelLife.Rest rest = life.end(why, interrupt, callbacks.leaves());
        sayLeft();
        switch (rest) {
            case UNDER_WAY -> session.lane().handlers().ending(this);
            case STARTS -> session.lane().ready(this);
            case NOTHING -> session.channelFinished();
        }
    }

    /** Puts a broadcast into the mailbox, on its way out through the intercept of its event. */
    void intercept(Entry.ToMembers entry) {
        // A channel that is about to end takes nothing either, and is to end in its own way.
        SharedMemory shared = entry.shared(session.hub().memory());
        if (!deliver(new Mail.Outgoing(entry.broadcast, entry.offset, entry.message, entry.slowDelivery, shared))
                && life.ending() == null) {
            session.mailboxOverrun(this, entry.broadcast.event());
        }
    }

    // Handlers that do not return.

    /** How long a handler may run; without a timeout a time that never comes. */
    long handlerTimeoutNanos() {
        return callbacks.handlerTimeoutNanos();
    }

    /** Writes a line with the stack of the handler's thread, on a thread of its own: a walk of a stack takes its time. */
    void logHanging(ChannelLife.Running run, long nanos) {
        Thread.ofVirtual().name("heliodor-handlers").start(() -> {
            StackTraceElement[] stack = run.thread().getStackTrace();
            ChannelLife.Running now = life.running();
            if (now != null && now.isSameRun(run)) {
                session.hub().handlerLog().hanging(session, topic, name(run), nanos, stack);
            }
        });
    }

    /** A handler has run for longer than it may: it is interrupted, and its channel ends as after a crash. */
    void timeOut(ChannelLife.Running run) {
        counts().increment(Count.HANDLERS_TIMED_OUT);
        LOG.atError()
                .addKeyValue(LogContext.KEY, session.correlation())
                .log("Channel {} ends: {} has run for longer than its timeout of {}.", topic, name(run), timeout());
        if (run.mail() == null
                || !session.failed(this, new TimeoutException(name(run) + " ran for longer than " + timeout()), true)) {
            life.interrupt(run);
        }
    }

    private Duration timeout() {
        return Duration.ofNanos(handlerTimeoutNanos());
    }

    private String name(ChannelLife.Running run) {
        return run.mail() == null ? "onLeave" : name(run.mail());
    }

    /** The handler that runs at this moment, for people; empty if none does. */
    Optional<String> runningHandler() {
        return Optional.ofNullable(life.running()).map(this::name);
    }

    // On any thread.

    /** Puts a mail of the server side into the mailbox; false if it is dropped. */
    boolean deliver(Mail mail) {
        ChannelLife.Delivered delivered = life.deliver(mail);
        if (delivered == ChannelLife.Delivered.STARTS) {
            if (session.lane().loop().inEventLoop()) {
                session.lane().ready(this);
            } else {
                session.lane().add(new Entry.Ready(this));
            }
        }
        return delivered != ChannelLife.Delivered.DROPPED;
    }

    /** A deferred reply failed: the channel ends in its turn, as after a handler that failed. */
    void deferredFailed(String call, Ref ref, Throwable cause) {
        Mail failed = new Mail.DeferredFailed(call, ref, cause);
        session.lane().add(new Entry.Task(() -> {
            if (wire == Wire.CLOSED || life.ending() != null) {
                failedAtEnd(name(failed), cause);
            } else {
                post(failed);
            }
        }));
    }

    /** What waits, and the end. */
    ChannelLife life() {
        return life;
    }

    // On the thread that runs the handlers; its life sees to it that there is one at the most.

    @Override
    public void run() {
        if (LogContext.kept()) {
            LogContext.enter(session.correlation());
        }
        try {
            handleSome();
        } finally {
            LogContext.leave();
        }
    }

    private void handleSome() {
        long bytes = 0;
        for (int i = 0; i < MAX_MAILS_PER_RUN && bytes < MAX_BYTES_PER_RUN; i++) {
            Mail mail = life.next();
            if (mail == null) {
                if (life.ending() != null && !life.finished()) {
                    finish();
                }
                return;
            }
            bytes += mail.bytes();
            try {
                if (observers().timesHandlers()) {
                    timed(mail);
                } else {
                    handle(mail);
                }
            } catch (Throwable e) {
                failed(mail, e);
            } finally {
                session.flow().release(mail);
            }
        }
        life.pause();
        HandlerBatch.startAlone(this);
    }

    private void failed(Mail mail, Throwable cause) {
        if (!life.end(new LeaveReason.Failed(cause))) {
            failedAtEnd(name(mail), cause);
            return;
        }
        counts().increment(Count.CHANNELS_FAILED);
        LOG.atError()
                .addKeyValue(LogContext.KEY, session.correlation())
                .setCause(cause)
                .log("Channel {} failed in {}; the client gets phx_error and may join again.", topic, name(mail));
    }

    /** The channel ends for another reason already. A handler that this end has interrupted has not failed. */
    private void failedAtEnd(String handler, Throwable cause) {
        if (!life.interrupted() || !Interrupts.caused(cause)) {
            LOG.atError()
                    .addKeyValue(LogContext.KEY, session.correlation())
                    .setCause(cause)
                    .log("Channel {} failed in {} when it was ending already.", topic, handler);
        }
    }

    private String name(Mail mail) {
        return switch (mail) {
            case Mail.JoinRequested join -> context.begun() ? "onJoined" : "the join handler";
            case Mail.Said said -> "the handler of '" + said.frame.event() + "'";
            case Mail.Told told -> "the handler of info message '" + told.message.name() + "'";
            case Mail.DeferredFailed failed -> "the deferred reply to '" + failed.call + "'";
            case Mail.Published published -> "the handler of topic '" + published.topic.name() + "'";
            case Mail.Repeated repeated -> "an intercept of what is repeated";
            case Mail.Outgoing outgoing -> "the intercept of '" + outgoing.broadcast.event() + "'";
        };
    }

    /** For those who want to know how long handlers take. */
    private void timed(Mail mail) throws Exception {
        HandlerName handler = callbacks.name(mail);
        long begin = session.hub().now();
        Result result = Result.FAILED;
        try {
            result = handle(mail);
        } finally {
            if (handler != null) {
                observers().handled(handler, result, session.hub().now() - begin);
            }
        }
    }

    private Result handle(Mail mail) throws Exception {
        try {
            return switch (mail) {
                case Mail.JoinRequested join -> join(join);
                case Mail.Said sent -> apply(sent.frame.ref(), sent.frame.event(), callbacks.said(sent.frame, context));
                case Mail.Told told -> apply(Ref.NULL, REPLY, callbacks.told(told.message, told.content, context));
                case Mail.DeferredFailed failed -> throw failed.exception();
                case Mail.Published published ->
                    apply(Ref.NULL, REPLY, callbacks.published(published.topic, published.message, context));
                case Mail.Repeated repeated -> {
                    repeat(repeated.missed);
                    yield Result.OK;
                }
                case Mail.Outgoing outgoing -> {
                    goOut(outgoing);
                    yield Result.OK;
                }
            };
        } catch (Exception e) {
            return refuse(mail, e);
        }
    }

    /** The handler of an event, call or message threw: replies if that is a refusal, and throws it again if not. */
    private Result refuse(Mail mail, Exception thrown) throws Exception {
        Ref ref;
        boolean quiet = false;
        switch (mail) {
            case Mail.Said sent -> {
                ref = sent.frame.ref();
                quiet = thrown instanceof InvalidPayload || callbacks.isCall(sent.frame);
            }
            case Mail.DeferredFailed failed -> {
                ref = failed.ref;
                quiet = true;
            }
            case Mail.Told _, Mail.Published _ -> ref = Ref.NULL;
            case Mail.JoinRequested _, Mail.Repeated _, Mail.Outgoing _ -> throw thrown;
        }
        Reply.Error<?, ?> refusal = callbacks.expected().refusal(thrown);
        if (refusal == null) {
            throw thrown;
        }
        try {
            context.reply(ref, REPLY, refusal);
        } catch (RuntimeException e) {
            e.addSuppressed(thrown);
            throw e;
        }
        expected(name(mail), thrown, quiet);
        return Result.REFUSED;
    }

    private void expected(String handler, Exception thrown, boolean quiet) {
        counts().increment(thrown instanceof InvalidPayload ? Count.PAYLOADS_INVALID : Count.EXCEPTIONS_EXPECTED);
        HandlerLog log = session.hub().handlerLog();
        if (quiet || life.ending() != null) {
            log.refused(session.correlation(), topic, handler, thrown);
        } else {
            log.expected(session.correlation(), topic, handler, thrown);
        }
    }

    private void repeat(List<ResumeResult.Missed<KeptBroadcast>> missed) throws Exception {
        for (ResumeResult.Missed<KeptBroadcast> each : missed) {
            if (life.ending() != null) {
                return;
            }
            goOut(new Mail.Outgoing(
                    each.kept().content().broadcast(),
                    KeptBroadcast.ref(each),
                    KeptBroadcast.message(each, serializer(), topic),
                    null,
                    null));
        }
    }

    private void goOut(Mail.Outgoing outgoing) throws Exception {
        apply(outgoing, callbacks.out(outgoing.broadcast, context));
    }

    private Result apply(Ref ref, String event, Outcome<?, ?> outcome) {
        return switch (outcome) {
            case NoReply nothing -> Result.OK;
            case Reply<?, ?> reply -> {
                context.reply(ref, event, reply);
                yield reply instanceof Reply.Error<?, ?> ? Result.REFUSED : Result.OK;
            }
            case Stop<?, ?>(var why, var last) -> {
                last.ifPresent(reply -> context.reply(ref, event, reply));
                boolean _ = life.end(new LeaveReason.Stopped(why));
                yield Result.OK;
            }
        };
    }

    private void apply(Mail.Outgoing outgoing, Out<?> out) {
        boolean late = gap && !outgoing.offset.isNull();
        Ref token = late ? KeptBroadcast.behindGap(outgoing.offset) : outgoing.offset;
        switch (out) {
            case Out.Pass<?> _ when !late -> context.send(outgoing.message, outgoing.slowDelivery);
            case Out.Pass<?> _ -> send(outgoing, token, outgoing.broadcast.payload());
            case Out.Replace<?>(var payload) ->
                send(outgoing, token, context.codec().encode(outgoing.broadcast.event(), payload));
            case Out.Drop<?> _ -> {}
        }
        if (!outgoing.offset.isNull()) {
            gap = out instanceof Out.Drop<?> && KeptBroadcast.isBehindGap(token);
        }
    }

    private void send(Mail.Outgoing outgoing, Ref token, Payload payload) {
        context.send(serializer().broadcast(token, topic, outgoing.broadcast.event(), payload), outgoing.slowDelivery);
    }

    private Result join(Mail.JoinRequested request) throws Exception {
        JoinOutcome<A> outcome;
        byte[] refusal = Serializer.UNSUPPORTED;
        try {
            outcome = callbacks.join(session, topic, request.payload);
            switch (outcome) {
                case JoinOutcome.Joined<A> joined -> accepted = accepted(joined.reply());
                case JoinOutcome.Refused<A> refused ->
                    refusal = context.encode(requestRef, JOIN, "error", refused.reason());
            }
        } catch (JoinRequest.UnmatchedTopic e) {
            refused("unmatched topic", context.encode(requestRef, JOIN, "error", new Reason("unmatched topic")));
            return Result.REFUSED;
        } catch (Throwable e) {
            if (refuses(e)) {
                return Result.REFUSED;
            }
            if (life.ending() == null) {
                LOG.atError()
                        .addKeyValue(LogContext.KEY, session.correlation())
                        .setCause(e)
                        .log("Join of {} failed; the client is refused with 'join crashed'.", topic);
            } else {
                failedAtEnd("its join handler", e);
            }
            session.hub().joinFailed(topic, e);
            refused("join crashed", context.encode(requestRef, JOIN, "error", Map.of("reason", "join crashed")));
            return Result.FAILED;
        }
        if (!(outcome instanceof JoinOutcome.Joined<A> joined)) {
            refused("refused", refusal);
            return Result.REFUSED;
        }
        context.begin(joined.assigns());
        Optional<ResumeToken> since = callbacks.history().isPresent()
                ? SinceField.of(request.payload).flatMap(ResumeToken::of)
                : Optional.empty();
        session.hub()
                .fastlane()
                .join(
                        topic,
                        new FastlaneTopic.Joining(
                                this,
                                new Members.Kind(
                                        session.lane(),
                                        serializer(),
                                        callbacks.slow(),
                                        callbacks.intercepts(),
                                        callbacks.history().isPresent()),
                                callbacks.history(),
                                since));
        callbacks.joined(context);
        return Result.OK;
    }

    /** The join handler threw: refuses the client if that is a refusal. */
    private boolean refuses(Throwable thrown) {
        Reply.Error<?, ?> refusal = callbacks.expected().refusal(thrown);
        if (refusal == null || !(thrown instanceof Exception exception)) {
            return false;
        }
        byte[] reply;
        try {
            reply = context.encode(requestRef, JOIN, refusal);
        } catch (RuntimeException e) {
            thrown.addSuppressed(e);
            return false;
        }
        expected("the join handler", exception, true);
        refused(thrown instanceof InvalidPayload ? "invalid_payload" : "refused", reply);
        return true;
    }

    private Payload.Json accepted(Object reply) {
        if (callbacks.history().isPresent() && hasHistory(reply)) {
            throw new IllegalStateException("The join handler of " + callbacks.pattern() + " replied with a "
                    + reply.getClass().getName()
                    + " that has a field 'history', which is the reply's own where a channel keeps a history; give the"
                    + " field another name.");
        }
        if (context.codec().encodeResponse(JOIN, reply) instanceof Payload.Json json
                && (json.isObject() || callbacks.history().isEmpty())) {
            return json;
        }
        throw new IllegalStateException("The join handler of " + callbacks.pattern() + " replied with a "
                + reply.getClass().getName()
                + ", which is not written as a JSON object; reply with a record or a map.");
    }

    private static boolean hasHistory(Object reply) {
        return switch (reply) {
            case Map<?, ?> map -> map.containsKey("history");
            case Record record ->
                Arrays.stream(record.getClass().getRecordComponents())
                        .anyMatch(component -> component.getName().equals("history"));
            default -> false;
        };
    }

    private void refused(String why, byte[] reply) {
        session.joinRefused(topic, why);
        life.refuse();
        session.lane().handlers().finished(this);
        session.lane().add(new Entry.Ended(this, reply));
    }

    /** The leave hooks, then the last messages. */
    private void finish() {
        LeaveReason why = life.ending();
        if (why == null) {
            throw new AssertionError("a channel finishes that does not end");
        }
        if (context.begun() && callbacks.leaves()) {
            life.leave();
            session.lane().handlers().ending(this);
            callbacks.left(why, context);
        }
        AtEnd after = life.finish();
        session.lane().handlers().finished(this);
        if (after != null) {
            after.run(topic);
        }
        session.lane().add(new Entry.Ended(this, last(why)));
    }

    private byte[][] last(LeaveReason why) {
        return switch (why) {
            case LeaveReason.Left left -> new byte[][] {session.phxClose(joinRef, topic)};
            case LeaveReason.Stopped stopped -> new byte[][] {session.phxClose(joinRef, topic)};
            case LeaveReason.Failed failed -> new byte[][] {session.phxError(joinRef, topic)};
            case LeaveReason.Closed closed -> new byte[0][];
            case LeaveReason.Replaced replaced -> new byte[0][];
            case LeaveReason.Removed removed -> new byte[0][];
            case LeaveReason.Disconnected disconnected -> new byte[0][];
            case LeaveReason.HeartbeatTimeout timeout -> new byte[0][];
            case LeaveReason.Draining draining -> new byte[0][];
        };
    }
}
