package io.heliodor.session;

import io.heliodor.channel.Context;
import io.heliodor.channel.Event;
import io.heliodor.channel.InvalidPayload;
import io.heliodor.channel.JoinOutcome;
import io.heliodor.channel.Leaving;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Out;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.Reply;
import io.heliodor.channel.Socket;
import io.heliodor.channel.Stop;
import io.heliodor.limit.TokenBucket;
import io.heliodor.observe.HandlerName;
import io.heliodor.observe.HandlerObserver.Result;
import io.heliodor.observe.Observation;
import io.heliodor.presence.announce.Announcement;
import io.heliodor.presence.announce.Audience;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.PayloadOutcome;
import io.heliodor.wire.Position;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One joined channel: its mailbox, its handlers one at a time, its life. How those are called, {@link Callbacks} knows.
 *
 * <p>Three parties touch it. The lane's thread owns {@link #wire} and the seat among the topic's members: what it has
 * closed stays silent. The thread that runs the handlers owns the assigns. The mailbox and {@link #ending} are guarded
 * by this object's lock, which is never held while user code runs.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 */
final class ChannelProcess<S, A> implements Context<A>, Audience, Runnable {
    static final int NO_SEAT = -1;

    /** So that a channel with a long mailbox lets the others of its batch run. */
    private static final int MOST_MAILS_A_RUN = 64;

    /** For a client whose version or transport knows only text, so that no request stays unanswered. */
    private static final Map<String, String> BINARY_UNSUPPORTED = Map.of("reason", "binary_unsupported");

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

    /** Owned by the lane's thread. */
    int seat = NO_SEAT;

    private @Nullable Members members;
    private Wire wire = Wire.JOINING;

    /** How often its client may speak on it. */
    private final @Nullable TokenBucket messages;

    /** Whether it was let in, and has not been said to have left. Owned by the lane's thread. */
    private boolean here;

    /** Guarded by this. */
    private final Mailbox mailbox = new Mailbox();

    private boolean scheduled;
    private boolean full;
    private @Nullable Leaving ending;

    /** Of a leave that was taken out of the mailbox; it is answered when the channel closes on the wire. */
    private @Nullable Ref leaveRef;

    private @Nullable Thread runner;
    private boolean ended;
    private @Nullable AtEnd atEnd;

    /** What is to be done when the wire is closed. Guarded by this. */
    private @Nullable AtEnd whenGone;

    private boolean gone;

    /** What the join handler replied. Set before the lane hears of it, taken by the lane. */
    private Payload.Json accepted = NOT_YET;

    private volatile @Nullable A assigns;
    private volatile boolean finished;

    ChannelProcess(Session<S> session, Callbacks<S, A> callbacks, String topic, Ref joinRef, Ref requestRef) {
        this.session = session;
        this.callbacks = callbacks;
        this.topic = topic;
        this.joinRef = joinRef;
        this.requestRef = requestRef;
        this.messages = callbacks
                .messageRate()
                .map(rate -> new TokenBucket(rate, session.hub().now()))
                .orElse(null);
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

    /** How often its client may speak on it; null for as often as it likes. Used on the lane's thread. */
    @Nullable
    TokenBucket messages() {
        return messages;
    }

    Outbox outbox() {
        return session.outbox();
    }

    boolean intercepts() {
        return callbacks.intercepts();
    }

    Counts counts() {
        return session.hub().counts();
    }

    private Observers observers() {
        return session.hub().observers();
    }

    PayloadCodec codec() {
        return session.hub().codec();
    }

    // On the lane's thread.

    boolean joining() {
        return wire == Wire.JOINING;
    }

    /** Puts a mail of the client into the mailbox, however full it is: at the bound the connection is read no more. */
    void post(Mail mail) {
        counts().increment(Count.MAILBOX_MESSAGES);
        boolean start;
        boolean nowFull = false;
        synchronized (this) {
            mailbox.add(mail);
            start = !scheduled && !ended;
            if (start) {
                scheduled = true;
            }
            if (!full && atBound()) {
                full = true;
                nowFull = true;
            }
        }
        if (start) {
            session.lane().ready(this);
        }
        if (nowFull) {
            session.mailboxFull();
        }
    }

    /** The join reply, then membership, in one step: nothing of the topic precedes the one or misses the other. */
    void joined(Members newMembers, TopicHistory.@Nullable Resumed resumed) {
        if (wire == Wire.CLOSED) {
            newMembers.topic().leave(newMembers);
            return;
        }
        wire = Wire.OPEN;
        here = true;
        counts().increment(Count.JOINS_ACCEPTED);
        observers().happened(() -> new Observation.Joined(session.correlation(), topic));
        members = newMembers;
        if (resumed == null) {
            reply(accepted);
        } else {
            TopicHistory.Resumed kept = outbox().takesReplay(resumed.bytes()) ? resumed : resumed.withoutReplay();
            reply(kept.beside(accepted));
            replay(kept);
        }
        accepted = NOT_YET;
        newMembers.add(this);
    }

    private void reply(Payload toRequest) {
        outbox().offer(serializer().reply(joinRef, requestRef, topic, "ok", toRequest));
    }

    private void replay(TopicHistory.Resumed resumed) {
        List<TopicHistory.Kept> missed = resumed.missed();
        if (missed.isEmpty()) {
            return;
        }
        if (callbacks.looksAtKept()) {
            // However full the mailbox is: else it would never come back, since each time it would miss more.
            post(new Mail.Repeated(missed));
            return;
        }
        List<byte[]> messages = new ArrayList<>(missed.size());
        for (TopicHistory.Kept each : missed) {
            messages.add(each.message(serializer(), topic));
        }
        outbox().replay(messages, resumed.bytes());
    }

    /** Writes a message for this channel alone, unless it is closed. */
    boolean write(byte[] message, @Nullable Perishable perishable) {
        if (wire != Wire.OPEN) {
            return false;
        }
        if (members != null) {
            members.flushRun();
        }
        if (perishable == null) {
            outbox().offer(message);
        } else {
            outbox().offer(message, perishable);
        }
        return true;
    }

    /** Writes a large message, unless it is closed. */
    void write(Bulk bulk) {
        if (wire == Wire.OPEN) {
            if (members != null) {
                members.flushRun();
            }
            outbox().offer(bulk);
        }
    }

    boolean open() {
        return wire == Wire.OPEN;
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
        Leaving why = ending();
        if (here && why != null) {
            here = false;
            observers().happened(() -> new Observation.Left(session.correlation(), topic, why));
        }
    }

    /** Its client counts as gone: the presences of this channel go, and no new ones stay. */
    void depart() {
        AtEnd due;
        synchronized (this) {
            gone = true;
            due = whenGone;
            whenGone = null;
        }
        if (due != null) {
            due.run(topic);
        }
    }

    /** Closes the channel on the wire now, whatever its handlers are doing. The caller takes it out of the session. */
    void closeWire(byte[]... last) {
        wire = Wire.CLOSED;
        if (members != null) {
            members.remove(this);
            members.topic().leave(members);
            members = null;
        }
        depart();
        boolean wasFull;
        Ref leave;
        List<Mail> left = new ArrayList<>();
        synchronized (this) {
            wasFull = full;
            full = false;
            leave = leaveRef;
            for (Mail mail = mailbox.poll(); mail != null; mail = mailbox.poll()) {
                left.add(mail);
            }
        }
        counts().add(Count.MAILBOX_MESSAGES, -left.size());
        if (leave != null) {
            outbox().offer(session.ok(joinRef, leave, topic));
        }
        for (byte[] message : last) {
            outbox().offer(message);
        }
        for (Mail mail : left) {
            if (mail instanceof Mail.Said said && !said.frame.ref().isNull()) {
                session.notJoined(said.frame);
            }
        }
        if (wasFull) {
            session.mailboxDrained();
        }
    }

    /** Ends the channel, which is closed on the wire: its leave hooks run when its handler returns. */
    void end(Leaving why, boolean interrupt) {
        boolean start = false;
        int late = 0;
        boolean silently = false;
        synchronized (this) {
            if (ending == null) {
                ending = why;
            }
            // What the server side told it between the two steps; nobody would take it any more.
            while (mailbox.poll() != null) {
                late++;
            }
            if (interrupt && runner != null) {
                runner.interrupt();
            }
            if (!scheduled && !ended) {
                if (callbacks.leaves() || atEnd != null) {
                    scheduled = true;
                    start = true;
                } else {
                    ended = true;
                    finished = true;
                    silently = true;
                }
            }
        }
        counts().add(Count.MAILBOX_MESSAGES, -late);
        sayLeft();
        if (silently) {
            session.channelFinished();
        } else if (start) {
            session.lane().ready(this);
        }
    }

    /** Gives a broadcast to the intercept of its event, if there is one, or lets it wait behind such. */
    boolean intercept(Entry.ToMembers entry) {
        if (!callbacks.takes(entry.broadcast, entry.offset)) {
            return false;
        }
        // A channel that is about to end takes nothing either, and is to end in its own way.
        if (!deliver(new Mail.Outgoing(entry.broadcast, entry.offset, entry.message, entry.perishable))
                && ending() == null) {
            session.mailboxOverrun(this);
        }
        return true;
    }

    // On any thread.

    @Override
    public boolean tell(Object message) {
        return deliver(new Mail.Told(message));
    }

    private boolean deliver(Mail mail) {
        boolean start;
        synchronized (this) {
            if (ending != null || atBound()) {
                counts().increment(Count.MESSAGES_DROPPED);
                return false;
            }
            counts().increment(Count.MAILBOX_MESSAGES);
            mailbox.add(mail);
            start = !scheduled;
            scheduled = true;
        }
        if (start) {
            if (session.lane().loop().inside()) {
                session.lane().ready(this);
            } else {
                Batch.alone(this);
            }
        }
        return true;
    }

    @Override
    public <T> Subscription subscribe(Topic<T> from) {
        callbacks.checkSubscribes(from);
        Subscription subscription =
                session.hub().pubsub().subscribeInline(from, message -> deliver(new Mail.Published(from, message)));
        Subscription outlived = keep(subscription);
        if (outlived != null) {
            outlived.close();
        }
        return subscription;
    }

    /** Keeps a subscription until the end, and returns the one whose end has come: an earlier one, or itself. */
    private synchronized @Nullable Subscription keep(Subscription subscription) {
        return finished ? subscription : atEnd().add(subscription);
    }

    @Override
    public void onEnd(Runnable done) {
        synchronized (this) {
            if (!finished) {
                atEnd().add(done);
                return;
            }
        }
        done.run();
    }

    @Override
    public void onGone(Runnable done) {
        synchronized (this) {
            if (!gone) {
                if (whenGone == null) {
                    whenGone = new AtEnd();
                }
                whenGone.add(done);
                return;
            }
        }
        done.run();
    }

    private AtEnd atEnd() {
        if (atEnd == null) {
            atEnd = new AtEnd();
        }
        return atEnd;
    }

    @Override
    public Socket<S> socket() {
        return session;
    }

    @Override
    public String topic() {
        return topic;
    }

    @Override
    public String subtopic() {
        return callbacks.pattern().subtopic(topic);
    }

    @Override
    @SuppressWarnings("NullAway") // the context is seen by nobody before the join has set the assigns
    public A assigns() {
        return assigns;
    }

    @Override
    public void assign(A next) {
        checkHandler("assign");
        assigns = next;
    }

    @Override
    public void update(UnaryOperator<A> change) {
        checkHandler("update");
        assigns = change.apply(assigns());
    }

    private synchronized void checkHandler(String what) {
        if (!Thread.currentThread().equals(runner)) {
            throw new IllegalStateException("Context." + what + " was called on a thread that runs no handler of '"
                    + topic + "'; send the channel a message with tell, and call it in the handler of that message.");
        }
    }

    @Override
    public void present(Announcement state) {
        Payload.Json payload = session.hub().presence().state(state);
        if (payload.length() < Bulk.LARGE) {
            send(serializer().push(joinRef, Ref.NULL, topic, "presence_state", payload));
        } else {
            Serializer.Around around = serializer().around(joinRef, Ref.NULL, topic, "presence_state");
            session.lane().enqueue(new Entry.Large(this, new Bulk(this, around, payload)));
        }
    }

    @Override
    public <T> NoReply push(Event<T> event, T payload) {
        Payload encoded = codec().encode(payload);
        SlowPolicies slow = callbacks.slow();
        Perishable perishable = slow.isEmpty()
                ? null
                : slow.whenBehind(topic, new Broadcast(event.name(), encoded, payload, null), codec());
        send(serializer().push(joinRef, Ref.NULL, topic, event.name(), encoded), perishable);
        return NoReply.none();
    }

    @Override
    public <T> NoReply broadcast(Event<T> event, T payload) {
        return broadcast(event, payload, null);
    }

    @Override
    public <T> NoReply broadcastFrom(Event<T> event, T payload) {
        return broadcast(event, payload, this);
    }

    private <T> NoReply broadcast(Event<T> event, T payload, @Nullable ChannelProcess<?, ?> except) {
        Payload encoded = codec().encode(payload);
        if (finished) {
            counts().increment(Count.WRITES_AFTER_END);
        } else {
            session.hub().fastlane().broadcast(topic, new Broadcast(event.name(), encoded, payload, except));
        }
        return NoReply.none();
    }

    private void reply(Ref ref, Reply<?> reply) {
        reply(ref, encode(ref, reply));
    }

    void reply(Ref ref, byte[] message) {
        if (!ref.isNull()) {
            send(message);
        }
    }

    byte[] encode(Ref ref, Reply<?> reply) {
        return switch (reply) {
            case Reply.Ok<?>(var payload) -> encode(ref, "ok", payload);
            case Reply.Error<?>(var reason) -> encode(ref, "error", reason);
        };
    }

    private byte[] encode(Ref ref, String status, Object response) {
        byte[] message = serializer().reply(joinRef, ref, topic, status, codec().encodeResponse(response));
        return message.length > 0 ? message : encode(ref, "error", BINARY_UNSUPPORTED);
    }

    private void send(byte[] message) {
        send(message, null);
    }

    private void send(byte[] message, @Nullable Perishable perishable) {
        if (message.length == 0) {
            counts().increment(Count.BINARY_SKIPPED);
        } else if (finished) {
            counts().increment(Count.WRITES_AFTER_END);
        } else {
            session.lane().enqueue(new Entry.Direct(this, message, perishable));
        }
    }

    private Serializer serializer() {
        return session.serializer();
    }

    private boolean atBound() {
        return mailbox.atBound(
                session.hub().limits().mailboxMessages(), session.hub().limits().mailboxBytes());
    }

    // On the thread that runs the handlers; scheduled sees to it that there is one at the most.

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
        for (int i = 0; i < MOST_MAILS_A_RUN; i++) {
            Mail mail = next();
            if (mail == null) {
                if (ending() != null && !finished) {
                    finish();
                }
                return;
            }
            try {
                if (observers().timesHandlers()) {
                    timed(mail);
                } else {
                    handle(mail);
                }
            } catch (Throwable e) {
                failed(mail, e);
            }
        }
        synchronized (this) {
            stopRunning();
        }
        Batch.alone(this);
    }

    /** This thread goes on to something else: an interrupt that comes too late, or was not noticed, is not for that. */
    private void stopRunning() {
        runner = null;
        Thread.interrupted();
    }

    private @Nullable Mail next() {
        Mail mail;
        boolean drained = false;
        synchronized (this) {
            mail = ending == null ? mailbox.poll() : null;
            if (mail != null) {
                counts().add(Count.MAILBOX_MESSAGES, -1);
            }
            if (mail instanceof Mail.Said said && said.frame.event().equals("phx_leave")) {
                // In the step that takes it: who closes the channel finds it either here or in the mailbox.
                leaveRef = said.frame.ref();
                ending = new Leaving.Left();
                mail = null;
            }
            if (mail == null) {
                stopRunning();
                if (ending == null) {
                    scheduled = false;
                } else {
                    ended = true;
                }
                return null;
            }
            runner = Thread.currentThread();
            if (full && !atBound()) {
                full = false;
                drained = true;
            }
        }
        if (drained) {
            session.mailboxDrained();
        }
        return mail;
    }

    /** Whether no thread runs it or is about to. A channel that is ending is not idle until the lane has heard of it. */
    synchronized boolean idle() {
        return !scheduled;
    }

    private synchronized @Nullable Leaving ending() {
        return ending;
    }

    private synchronized void end(Leaving why) {
        if (ending == null) {
            ending = why;
        }
    }

    private void failed(Mail mail, Throwable cause) {
        synchronized (this) {
            if (ending != null) {
                return;
            }
            ending = new Leaving.Failed(cause);
        }
        counts().increment(Count.CHANNELS_FAILED);
        LOG.atError()
                .addKeyValue(LogContext.KEY, session.correlation())
                .setCause(cause)
                .log("Channel {} failed in {}; the client gets phx_error and may join again.", topic, name(mail));
    }

    private static String name(Mail mail) {
        return switch (mail) {
            case Mail.JoinRequested join -> "onJoined";
            case Mail.Said said -> "the handler of '" + said.frame.event() + "'";
            case Mail.Told told -> "the handler of " + told.message.getClass().getName();
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
        return switch (mail) {
            case Mail.JoinRequested join -> join(join);
            case Mail.Said said -> apply(said.frame.ref(), callbacks.said(said.frame, this));
            case Mail.Told told -> apply(Ref.NULL, callbacks.told(told.message, this));
            case Mail.Published published ->
                apply(Ref.NULL, callbacks.published(published.topic, published.message, this));
            case Mail.Repeated repeated -> {
                repeat(repeated.missed);
                yield Result.OK;
            }
            case Mail.Outgoing outgoing -> {
                goOut(outgoing);
                yield Result.OK;
            }
        };
    }

    private void repeat(List<TopicHistory.Kept> missed) throws Exception {
        for (TopicHistory.Kept each : missed) {
            if (ending() != null) {
                return;
            }
            goOut(new Mail.Outgoing(
                    each.broadcast(), TopicHistory.ref(each.offset()), each.message(serializer(), topic), null));
        }
    }

    private void goOut(Mail.Outgoing outgoing) throws Exception {
        apply(outgoing, callbacks.out(outgoing.broadcast, this));
    }

    private Result apply(Ref ref, Outcome<?> outcome) {
        return switch (outcome) {
            case NoReply nothing -> Result.OK;
            case Reply<?> reply -> {
                reply(ref, reply);
                yield reply instanceof Reply.Error<?> ? Result.REFUSED : Result.OK;
            }
            case Stop<?>(var why, var last) -> {
                last.ifPresent(reply -> reply(ref, reply));
                end(new Leaving.Stopped(why));
                yield Result.OK;
            }
        };
    }

    private void apply(Mail.Outgoing outgoing, Out<?> out) {
        switch (out) {
            case Out.Pass<?> pass -> send(outgoing.message, outgoing.perishable);
            case Out.Replace<?>(var payload) ->
                send(
                        serializer()
                                .broadcast(outgoing.offset, topic, outgoing.broadcast.event(), codec().encode(payload)),
                        outgoing.perishable);
            case Out.Drop<?> drop -> {}
        }
    }

    private Result join(Mail.JoinRequested request) throws Exception {
        JoinOutcome<A> outcome;
        byte[] refusal = Serializer.NOTHING;
        try {
            outcome = callbacks.join(session, topic, request.payload);
            switch (outcome) {
                case JoinOutcome.Joined<A> joined -> accepted = accepted(joined.reply());
                case JoinOutcome.Refused<A> refused -> refusal = encode(requestRef, "error", refused.reason());
            }
        } catch (InvalidPayload e) {
            counts().increment(Count.PAYLOADS_INVALID);
            refused(
                    "invalid_payload",
                    encode(requestRef, "error", new PayloadOutcome.Unfit<>(e.field(), e.problem()).response()));
            return Result.REFUSED;
        } catch (Throwable e) {
            if (ending() == null) {
                LOG.atError()
                        .addKeyValue(LogContext.KEY, session.correlation())
                        .setCause(e)
                        .log("Join of {} failed; the client is refused with 'join crashed'.", topic);
            }
            refused("join crashed", encode(requestRef, "error", Map.of("reason", "join crashed")));
            return Result.FAILED;
        }
        if (!(outcome instanceof JoinOutcome.Joined<A> joined)) {
            refused("refused", refusal);
            return Result.REFUSED;
        }
        assigns = joined.assigns();
        Optional<Position> since = callbacks.history().isPresent() ? Position.of(request.payload) : Optional.empty();
        session.hub()
                .fastlane()
                .join(
                        topic,
                        new FastlaneTopic.Joining(
                                this, session.lane(), serializer(), callbacks.slow(), callbacks.history(), since));
        callbacks.joined(this);
        return Result.OK;
    }

    private Payload.Json accepted(Object reply) {
        if (codec().encodeResponse(reply) instanceof Payload.Json json
                && (json.isObject() || callbacks.history().isEmpty())) {
            return json;
        }
        throw new IllegalStateException("The join handler of " + callbacks.pattern() + " replied with a "
                + reply.getClass().getName()
                + ", which is not written as a JSON object; reply with a record or a map.");
    }

    private void refused(String why, byte[] reply) {
        session.joinRefused(topic, why);
        synchronized (this) {
            ended = true;
            finished = true;
            if (ending == null) {
                ending = new Leaving.Closed();
            }
            stopRunning();
        }
        session.lane().add(new Entry.Ended(this, reply));
    }

    /** The leave hooks, then the last messages. */
    private void finish() {
        Leaving why = ending();
        if (why == null) {
            throw new AssertionError("a channel finishes that does not end");
        }
        if (assigns != null) {
            callbacks.left(why, this);
        }
        AtEnd after;
        synchronized (this) {
            finished = true;
            after = atEnd;
            atEnd = null;
        }
        if (after != null) {
            after.run(topic);
        }
        session.lane().add(new Entry.Ended(this, last(why)));
    }

    private byte[][] last(Leaving why) {
        return switch (why) {
            case Leaving.Left left -> new byte[][] {session.phxClose(joinRef, topic)};
            case Leaving.Stopped stopped -> new byte[][] {session.phxClose(joinRef, topic)};
            case Leaving.Failed failed -> new byte[][] {session.phxError(joinRef, topic)};
            case Leaving.Closed closed -> new byte[0][];
            case Leaving.Replaced replaced -> new byte[0][];
            case Leaving.Disconnected disconnected -> new byte[0][];
            case Leaving.HeartbeatTimeout timeout -> new byte[0][];
            case Leaving.Draining draining -> new byte[0][];
        };
    }
}
