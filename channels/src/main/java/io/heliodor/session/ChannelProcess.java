package io.heliodor.session;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channel.Handler;
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
import io.heliodor.channel.UserSocket;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.Type;
import io.heliodor.wire.Frame;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.PayloadOutcome;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One joined channel: its mailbox, its handlers one at a time, its life.
 *
 * <p>Three parties touch it. The lane's thread owns {@link #wire} and the seat among the topic's members: what it has
 * closed stays silent. The thread that runs the handlers owns the assigns. The mailbox and {@link #ending} are guarded
 * by this object's lock, which is never held while user code runs.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 */
final class ChannelProcess<S, A> implements Context<A>, Runnable {
    static final int NO_SEAT = -1;

    /** So that a channel with a long mailbox lets the others of its batch run. */
    private static final int MOST_MAILS_A_RUN = 64;

    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.channel");

    private enum Wire {
        JOINING,
        OPEN,
        CLOSED
    }

    private final Session<S> session;
    private final UserSocket.Route<S> route;
    private final Channel<? super S, A> channel;
    private final String topic;
    private final Ref joinRef;
    private final Ref requestRef;

    /** Owned by the lane's thread. */
    int seat = NO_SEAT;

    private @Nullable Members members;
    private Wire wire = Wire.JOINING;

    /** Guarded by this. */
    private final Mailbox mailbox = new Mailbox();

    private boolean scheduled;
    private boolean full;
    private @Nullable Leaving ending;

    /** Of a leave that was taken out of the mailbox; it is answered when the channel closes on the wire. */
    private @Nullable Ref leaveRef;

    private @Nullable Thread runner;
    private boolean ended;
    private @Nullable List<Runnable> onEnd;

    private volatile @Nullable A assigns;
    private volatile boolean finished;

    ChannelProcess(
            Session<S> session,
            UserSocket.Route<S> route,
            Channel<? super S, A> channel,
            String topic,
            Ref joinRef,
            Ref requestRef) {
        this.session = session;
        this.route = route;
        this.channel = channel;
        this.topic = topic;
        this.joinRef = joinRef;
        this.requestRef = requestRef;
    }

    Ref joinRef() {
        return joinRef;
    }

    /** The ref of the request to join. */
    Ref requestRef() {
        return requestRef;
    }

    Outbox outbox() {
        return session.outbox();
    }

    boolean intercepts() {
        return !channel.intercepts().isEmpty();
    }

    // On the lane's thread.

    boolean joining() {
        return wire == Wire.JOINING;
    }

    /** Puts a mail of the client into the mailbox, however full it is: at the bound the connection is read no more. */
    void post(Mail mail) {
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
    void joined(Members newMembers, byte[] reply) {
        if (wire == Wire.CLOSED) {
            newMembers.topic().leave(newMembers);
            return;
        }
        wire = Wire.OPEN;
        members = newMembers;
        outbox().offer(reply);
        newMembers.add(this);
    }

    /** Writes a message for this channel alone, unless it is closed. */
    boolean write(byte[] message) {
        if (wire != Wire.OPEN) {
            return false;
        }
        if (members != null) {
            members.flushRun();
        }
        outbox().offer(message);
        return true;
    }

    /** The last messages, then silence; what is left in the mailbox is answered. */
    void ended(byte[]... last) {
        session.channelFinished();
        if (wire == Wire.CLOSED) {
            return;
        }
        closeWire(last);
        session.forget(this);
    }

    /** Closes the channel on the wire now, whatever its handlers are doing. The caller takes it out of the session. */
    void closeWire(byte[]... last) {
        wire = Wire.CLOSED;
        if (members != null) {
            members.remove(this);
            members.topic().leave(members);
            members = null;
        }
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

    /** Ends the channel: its leave hooks run when its handler returns. */
    void end(Leaving why, boolean interrupt) {
        boolean start = false;
        boolean silently = false;
        synchronized (this) {
            if (ending == null) {
                ending = why;
            }
            if (interrupt && runner != null) {
                runner.interrupt();
            }
            if (!scheduled && !ended) {
                if (channel.left().isEmpty() && onEnd == null) {
                    ended = true;
                    finished = true;
                    silently = true;
                } else {
                    scheduled = true;
                    start = true;
                }
            }
        }
        if (silently) {
            session.channelFinished();
        } else if (start) {
            session.lane().ready(this);
        }
    }

    /** Gives a broadcast to the intercept of its event, if there is one. */
    boolean intercept(Broadcast broadcast, byte[] message) {
        if (!channel.intercepts().containsKey(broadcast.event())) {
            return false;
        }
        // A channel that is about to end takes nothing either, and is to end in its own way.
        if (!deliver(new Mail.Outgoing(broadcast, message)) && ending() == null) {
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
                session.hub().counts().increment(Count.MESSAGES_DROPPED);
                return false;
            }
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
        if (!channel.topics().containsKey(from)) {
            throw new IllegalArgumentException("Channel " + route.pattern() + " has no handler for topic '"
                    + from.name() + "'; add .onMessage(topic, handler) to its definition.");
        }
        Subscription subscription =
                session.hub().pubsub().subscribeInline(from, message -> deliver(new Mail.Published(from, message)));
        Unsubscribe outlived = keep(new Unsubscribe(subscription));
        if (outlived != null) {
            outlived.run();
        }
        return subscription;
    }

    /** Ends a subscription with its channel. One for each topic, so that subscribing again and again heaps up nothing. */
    private record Unsubscribe(Subscription subscription) implements Runnable {
        @Override
        public void run() {
            subscription.close();
        }
    }

    /** Keeps it for the end, in the place of an earlier one, which is returned; itself if the channel has ended. */
    private synchronized @Nullable Unsubscribe keep(Unsubscribe added) {
        if (finished) {
            return added;
        }
        if (onEnd == null) {
            onEnd = new ArrayList<>(1);
        }
        for (int i = 0; i < onEnd.size(); i++) {
            if (onEnd.get(i) instanceof Unsubscribe earlier
                    && earlier.subscription()
                            .topic()
                            .equals(added.subscription().topic())) {
                onEnd.set(i, added);
                return earlier;
            }
        }
        onEnd.add(added);
        return null;
    }

    @Override
    public void onEnd(Runnable done) {
        synchronized (this) {
            if (!finished) {
                if (onEnd == null) {
                    onEnd = new ArrayList<>(1);
                }
                onEnd.add(done);
                return;
            }
        }
        done.run();
    }

    @Override
    public String topic() {
        return topic;
    }

    @Override
    public String subtopic() {
        return route.pattern().subtopic(topic);
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
    public <T> NoReply push(Event<T> event, T payload) {
        send(serializer().push(joinRef, Ref.NULL, topic, event.name(), codec().encode(payload)));
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
        Payload.Json json = codec().encode(payload);
        if (finished) {
            session.hub().counts().increment(Count.WRITES_AFTER_END);
        } else {
            session.hub().fastlane().broadcast(topic, new Broadcast(event.name(), json, payload, except));
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
        return serializer().reply(joinRef, ref, topic, status, codec().encodeResponse(response));
    }

    private void send(byte[] message) {
        if (finished) {
            session.hub().counts().increment(Count.WRITES_AFTER_END);
        } else {
            session.lane().enqueue(new Entry.Direct(this, message));
        }
    }

    private PayloadCodec codec() {
        return session.hub().codec();
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
        for (int i = 0; i < MOST_MAILS_A_RUN; i++) {
            Mail mail = next();
            if (mail == null) {
                if (ending() != null && !finished) {
                    finish();
                }
                return;
            }
            try {
                handle(mail);
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
        session.hub().counts().increment(Count.CHANNELS_FAILED);
        LOG.error("Channel {} failed in {}; the client gets phx_error and may join again.", topic, name(mail), cause);
    }

    private static String name(Mail mail) {
        return switch (mail) {
            case Mail.JoinRequested join -> "onJoined";
            case Mail.Said said -> "the handler of '" + said.frame.event() + "'";
            case Mail.Told told -> "the handler of " + told.message.getClass().getName();
            case Mail.Published published -> "the handler of topic '" + published.topic.name() + "'";
            case Mail.Outgoing outgoing -> "the intercept of '" + outgoing.broadcast.event() + "'";
        };
    }

    private void handle(Mail mail) throws Exception {
        switch (mail) {
            case Mail.JoinRequested join -> join(join);
            case Mail.Said said -> said(said.frame);
            case Mail.Told told -> told(told.message);
            case Mail.Published published -> published(published);
            case Mail.Outgoing outgoing -> outgoing(outgoing);
        }
    }

    private void join(Mail.JoinRequested request) throws Exception {
        JoinOutcome<A> outcome;
        byte[] reply;
        try {
            outcome = ask(channel, request.payload);
            reply = switch (outcome) {
                case JoinOutcome.Joined<A> joined -> encode(requestRef, "ok", joined.reply());
                case JoinOutcome.Refused<A> refused -> encode(requestRef, "error", refused.reason());
                case null ->
                    throw new IllegalStateException("The join handler of " + route.pattern()
                            + " returned null; return Join.ok(assigns) or Join.refuse(reason).");
            };
        } catch (InvalidPayload e) {
            session.hub().counts().increment(Count.PAYLOADS_INVALID);
            refused(encode(requestRef, "error", new PayloadOutcome.Unfit<>(e.field(), e.problem()).response()));
            return;
        } catch (Throwable e) {
            if (ending() == null) {
                LOG.error("Join of {} failed; the client is refused with 'join crashed'.", topic, e);
            }
            refused(encode(requestRef, "error", Map.of("reason", "join crashed")));
            return;
        }
        if (!(outcome instanceof JoinOutcome.Joined<A> joined)) {
            refused(reply);
            return;
        }
        assigns = joined.assigns();
        session.hub().fastlane().join(topic, this, session.lane(), serializer(), reply);
        for (Channel.JoinedHook<A> hook : channel.joined()) {
            hook.joined(this);
        }
    }

    @SuppressWarnings("unchecked") // a socket only gives its assigns, so one of S serves where a supertype is wanted
    private <C> JoinOutcome<A> ask(Channel<C, A> definition, Payload sent) throws Exception {
        Socket<C> socket = (Socket<C>) (Socket<?>) session;
        return definition.join().join(new JoinRequest<>(socket, route.pattern(), topic, sent, codec()));
    }

    private void refused(byte[] reply) {
        session.hub().counts().increment(Count.JOINS_REFUSED);
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

    private void said(Frame frame) throws Exception {
        switch (channel.handlers().get(frame.event())) {
            case null -> {
                session.hub().counts().increment(Count.EVENTS_UNHANDLED);
                reply(frame.ref(), Reply.error("unhandled_event"));
            }
            case Handler.ForEvent<A, ?> event -> event(event, frame);
            case Handler.ForCall<A, ?, ?> call -> call(call, frame);
            case Handler.ForLater<A, ?, ?> call -> later(call, frame);
        }
    }

    private <T> void event(Handler.ForEvent<A, T> handler, Frame frame) throws Exception {
        T payload = decode(handler.event().type(), frame);
        if (payload != null) {
            apply(frame.ref(), handler.handler().handle(payload, this), frame.event());
        }
    }

    private <Q, R> void call(Handler.ForCall<A, Q, R> handler, Frame frame) throws Exception {
        Q request = decode(handler.call().request(), frame);
        if (request != null) {
            apply(frame.ref(), handler.handler().handle(request, this), frame.event());
        }
    }

    private <Q, R> void later(Handler.ForLater<A, Q, R> handler, Frame frame) throws Exception {
        Q request = decode(handler.call().request(), frame);
        if (request != null) {
            handler.handler().handle(request, this, new LaterAnswer<>(this, frame.ref(), frame.event()));
        }
    }

    /** The payload as its type; null if it does not fit, which has been answered then. */
    private <T> @Nullable T decode(Type<T> type, Frame frame) {
        return switch (codec().decode(type, frame.payload())) {
            case PayloadOutcome.Fit<T>(var value) -> value;
            case PayloadOutcome.Unfit<T>(var field, var message) -> {
                session.hub().counts().increment(Count.PAYLOADS_INVALID);
                reply(frame.ref(), Reply.error(new PayloadOutcome.Unfit<>(field, message).response()));
                yield null;
            }
        };
    }

    private void apply(Ref ref, @Nullable Outcome<?> outcome, String name) {
        switch (outcome) {
            case NoReply nothing -> {}
            case Reply<?> reply -> reply(ref, reply);
            case Stop<?>(var why, var last) -> {
                last.ifPresent(reply -> reply(ref, reply));
                end(new Leaving.Stopped(why));
            }
            case null ->
                throw new IllegalStateException(
                        "The handler of '" + name + "' returned null; return NoReply.none(), a Reply or a Stop.");
        }
    }

    private void told(Object message) throws Exception {
        for (Channel.MessageHandler<A, ?> handler : channel.messages()) {
            if (handler.type().isInstance(message)) {
                tell(handler, message);
                return;
            }
        }
        session.hub().counts().increment(Count.MESSAGES_UNHANDLED);
        LOG.warn(
                "Channel {} was told a {}, for which it has no handler; add .onMessage({}.class, handler).",
                topic,
                message.getClass().getName(),
                message.getClass().getSimpleName());
    }

    private <T> void tell(Channel.MessageHandler<A, T> handler, Object message) throws Exception {
        apply(
                Ref.NULL,
                handler.handler().handle(handler.type().cast(message), this),
                handler.type().getName());
    }

    @SuppressWarnings("unchecked") // the subscription was made with this topic, whose type is that of the message
    private void published(Mail.Published published) throws Exception {
        Channel.EventHandler<A, Object> handler =
                (Channel.EventHandler<A, Object>) channel.topics().get(published.topic);
        if (handler != null) {
            apply(Ref.NULL, handler.handle(published.message, this), published.topic.name());
        }
    }

    private void outgoing(Mail.Outgoing outgoing) throws Exception {
        Channel.Intercept<A, ?> intercept = channel.intercepts().get(outgoing.broadcast.event());
        if (intercept != null) {
            out(intercept, outgoing);
        }
    }

    private <T> void out(Channel.Intercept<A, T> intercept, Mail.Outgoing outgoing) throws Exception {
        Broadcast broadcast = outgoing.broadcast;
        switch (intercept.handler().handle(value(intercept.event().type(), broadcast), this)) {
            case Out.Pass<T> pass -> send(outgoing.message);
            case Out.Replace<T>(var payload) ->
                send(serializer().broadcast(topic, broadcast.event(), codec().encode(payload)));
            case Out.Drop<T> drop -> {}
            case null ->
                throw new IllegalStateException("The onOut handler of '" + broadcast.event()
                        + "' returned null; return Out.pass(), Out.replace(payload) or Out.drop().");
        }
    }

    @SuppressWarnings("unchecked") // checked against the class; what is generic is read from its JSON
    private <T> T value(Type<T> type, Broadcast broadcast) {
        if (type.type() instanceof Class<?> raw && raw.isInstance(broadcast.value())) {
            return (T) broadcast.value();
        }
        return switch (codec().decode(type, broadcast.payload())) {
            case PayloadOutcome.Fit<T>(var value) -> value;
            case PayloadOutcome.Unfit<T>(var field, var message) ->
                throw new IllegalArgumentException("A broadcast of '" + broadcast.event() + "' does not fit the type "
                        + type + " of its intercept: " + field + " " + message);
        };
    }

    /** The leave hooks, then the last messages. */
    private void finish() {
        Leaving why = ending();
        if (why == null) {
            throw new AssertionError("a channel finishes that does not end");
        }
        if (assigns != null) {
            for (Channel.LeaveHook<A> hook : channel.left()) {
                try {
                    hook.left(why, this);
                } catch (Throwable e) {
                    LOG.error("The leave hook of {} failed.", topic, e);
                }
            }
        }
        List<Runnable> after;
        synchronized (this) {
            finished = true;
            after = onEnd == null ? List.of() : onEnd;
            onEnd = null;
        }
        for (Runnable done : after) {
            try {
                done.run();
            } catch (Throwable e) {
                LOG.error("What was to run at the end of {} failed.", topic, e);
            }
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
