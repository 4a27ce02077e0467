package io.heliodor.session.channel;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.channel.Channels;
import io.heliodor.channel.Context;
import io.heliodor.channel.InfoMessage;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Outgoing;
import io.heliodor.channel.Reply;
import io.heliodor.channel.SendHook;
import io.heliodor.channel.Socket;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.event.json.JsonString;
import io.heliodor.event.json.JsonWeight;
import io.heliodor.once.KeptAnswer;
import io.heliodor.presence.announce.Announcement;
import io.heliodor.presence.announce.StateRecipient;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.session.fanout.Broadcast;
import io.heliodor.session.fanout.SlowPolicies;
import io.heliodor.session.fanout.TopicMember;
import io.heliodor.session.lane.SlowDelivery;
import io.heliodor.session.lane.StreamedMessage;
import io.heliodor.session.once.OnceRun;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.wire.Frame;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A channel as user code uses it: its assigns, and the methods that send messages. Messages are encoded on the caller's thread
 * and written by the lane; after the end they are dropped.
 *
 * <p>Any thread may use it, except that the assigns are changed by the thread that runs the handlers alone.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 */
final class ChannelContext<S, A> implements Context<S, A>, StateRecipient, OnceAdmission.Caller {
    /** The heap of a presence in addition to its key and metadata; a kept state has both once more. */
    private static final long PRESENCE_BYTES = 352;

    private static final int MAX_SMALL_JOIN = 1 << 10;

    private final WireChannel<S, A> channel;

    /** Null before the channel was let in. */
    private volatile @Nullable A assigns;

    /** The call that is executed once and runs now; null if there is none. Used by the thread that runs the handlers alone. */
    private @Nullable OnceRun onceRun;

    /** The reply of the call that runs, if its handler may return without it; null otherwise. Written by that thread alone. */
    private volatile @Nullable DueReply deferred;

    /** Whether a handler has stopped it; its reason may be an earlier one. */
    private boolean stopped;

    ChannelContext(WireChannel<S, A> channel) {
        this.channel = channel;
    }

    @Override
    public ChannelOwner<S> owner() {
        return channel.owner();
    }

    private Callbacks<S, A> callbacks() {
        return channel.callbacks();
    }

    private ChannelMailbox mailbox() {
        return channel.mailbox();
    }

    @Override
    public ChannelServices services() {
        return channel.table().services();
    }

    Counters counters() {
        return services().counters();
    }

    HandlerLog handlerLog() {
        return services().handlerLog();
    }

    @Override
    public void holdReply(long payloadBytes) {
        owner().flow().memory().addDecoded(payloadBytes);
        owner().flow().memory().add(DeferredReplies.REPLY_BYTES);
    }

    @Override
    public void releaseReply(long payloadBytes) {
        owner().flow().memory().releaseDecoded(payloadBytes);
        owner().flow().release(DeferredReplies.REPLY_BYTES);
    }

    /** The heap that the payload of the call that runs takes while the application may hold it, until its deferred reply. */
    long payloadBytes(Frame frame) {
        ChannelMailbox.Running running = mailbox().running();
        Mail mail = running == null ? null : running.mail();
        return frame.payload().bytes().length + (mail == null ? 0 : mail.decodedBytes());
    }

    DeferredReplies deferredReplies() {
        return services().deferredReplies();
    }

    @Override
    public String correlation() {
        return owner().correlationId();
    }

    @Override
    public PayloadCodec codec() {
        return services().codec();
    }

    @Override
    public Serializer serializer() {
        return owner().serializer();
    }

    @Override
    public Ref joinRef() {
        return channel.joinRef();
    }

    @Override
    public Socket<S> socket() {
        return owner();
    }

    @Override
    public Channels channels() {
        return callbacks().channels(services().channels());
    }

    @Override
    public String topic() {
        return channel.topic();
    }

    @Override
    public String subtopic() {
        return callbacks().pattern().subtopic(topic());
    }

    // The assigns.

    @Override
    @SuppressWarnings("NullAway") // no handler sees the context before the join has set the assigns
    public A assigns() {
        return assigns;
    }

    @Override
    public void assign(A next) {
        checkHandler("assign");
        assigns = checked(next);
    }

    @Override
    public void update(UnaryOperator<A> change) {
        Objects.requireNonNull(change, "change");
        checkHandler("update");
        assigns = checked(change.apply(assigns()));
    }

    /** The rule of {@link io.heliodor.channel.JoinOutcome.Joined}. */
    private static <A> A checked(@Nullable A next) {
        return Objects.requireNonNull(
                next, "The assigns of a channel are null; give Empty.EMPTY if there is nothing to remember.");
    }

    private void checkHandler(String what) {
        if (!mailbox().runsHere()) {
            throw new IllegalStateException("Context." + what + " was called on a thread that runs no handler of '"
                    + topic() + "'; send the channel an info message, and call it in the handler of that message.");
        }
    }

    @Override
    public void stop(String why) {
        Objects.requireNonNull(why, "why");
        if (mailbox().runsHere()) {
            stopped = true;
            boolean _ = mailbox().end(new LeaveReason.Stopped(why));
        } else {
            channel.table().stop(channel, why);
        }
    }

    /** Whether the application has stopped it. On the thread of its handlers. */
    boolean isStopped() {
        return stopped || mailbox().reason() instanceof LeaveReason.Stopped;
    }

    /**
     * The channel was let in with these, which may hold the payload of its join, of so many bytes: they are counted until its end. The
     * bytes of a channel cover a small one.
     */
    void begin(A first, long payloadBytes) {
        assigns = first;
        if (payloadBytes > MAX_SMALL_JOIN) {
            owner().flow().memory().addDecoded(payloadBytes);
            mailbox().onEnd(() -> owner().flow().memory().releaseDecoded(payloadBytes));
        }
    }

    /** Whether the channel was let in. */
    boolean begun() {
        return assigns != null;
    }

    // Messages to the channel.

    @Override
    public <T> boolean send(InfoMessage<T> message, T content) {
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(content, "content");
        callbacks().declared().receives(message);
        return channel.deliver(new Mail.InfoMail(message, content));
    }

    @Override
    public void replyDue(DueReply reply) {
        mailbox().replyDue(reply);
    }

    @Override
    public void replySettled(DueReply reply) {
        channel.replySettled(reply);
    }

    /** A deferred reply of the channel failed. */
    void failed(Mail.DeferredFailed failed) {
        channel.deferredFailed(failed);
    }

    @Override
    public <T> Subscription subscribe(Topic<T> from) {
        Objects.requireNonNull(from, "topic");
        callbacks().declared().subscribes(from);
        Subscription subscription = services()
                .pubsub()
                .subscribeInline(from, message -> channel.deliver(new Mail.PubSubMessage(from, message)));
        Subscription outlived = mailbox().keep(from, subscription);
        if (outlived != null) {
            outlived.close();
        }
        return subscription;
    }

    @Override
    public Optional<PubSub> pubsub() {
        return Optional.of(services().pubsub());
    }

    @Override
    public void onEnd(Runnable done) {
        Objects.requireNonNull(done, "done");
        mailbox().onEnd(done);
    }

    @Override
    public void onUnreachable(Runnable done) {
        Objects.requireNonNull(done, "done");
        mailbox().onUnreachable(done);
    }

    @Override
    public boolean isLost() {
        return owner().isLost();
    }

    // Its presences.

    @Override
    public Object party() {
        return owner().id();
    }

    @Override
    public long cost(String key, Object meta) {
        long bytes = PRESENCE_BYTES + 2L * key.length() + JsonString.quotedLength(key);
        try {
            return codec().encode("presence_state", meta) instanceof Payload.Json(byte[] json, int from, int to)
                    ? bytes + (to - from) + JsonWeight.ofClass(meta.getClass()).bytes(json, from, to)
                    : bytes;
        } catch (IllegalArgumentException e) {
            return bytes; // logged when it is announced
        }
    }

    @Override
    public void reserve(long bytes) {
        long limit = services().budget().connectionBytes() / 16;
        if (!owner().flow().memory().addPresence(bytes, limit)) {
            throw new IllegalStateException("The presences of this client would take more than " + limit
                    + " bytes of memory, a sixteenth of MemoryLimits.maxConnectionBytes; keep less in their metadata, or untrack"
                    + " some.");
        }
    }

    @Override
    public void release(long bytes) {
        owner().flow().memory().releasePresence(bytes);
    }

    // Messages to clients.

    @Override
    public void receiveState(String event, Announcement state) {
        callbacks().sent().checkPresences(nameOf(event, "_state"), services().undeclared());
        owner().lane().awaitCapacity();
        push(event, services().presence().state(state));
    }

    @Override
    public void receiveDiff(String event, Announcement diff) {
        owner().lane().awaitCapacity();
        push(event, services().presence().encodedDiff(diff));
    }

    @Override
    public void receiveCount(String event, int keys) {
        callbacks().sent().checkCount(nameOf(event, "_count"), services().undeclared());
        owner().lane().awaitCapacity();
        byte[] json = ("{\"count\":" + keys + "}").getBytes(UTF_8);
        Payload payload = new Payload.Json(json, 0, json.length);
        send(
                serializer().push(joinRef(), Ref.NULL, topic(), event, payload),
                new SlowDelivery.Latest(topic(), event, ""));
    }

    private static String nameOf(String event, String suffix) {
        return event.substring(0, event.length() - suffix.length());
    }

    /** A large one is written piece by piece from the encoding that all clients share. */
    private void push(String event, PresenceJson.Encoded encoded) {
        if (encoded.length() < StreamedMessage.LARGE) {
            send(serializer().push(joinRef(), Ref.NULL, topic(), event, encoded.json()));
        } else {
            Serializer.Envelope envelope = serializer().envelope(joinRef(), Ref.NULL, topic(), event);
            owner().lane()
                    .enqueue(new ChannelOutput.Streamed(
                            channel, new StreamedMessage(channel::open, envelope, encoded.slices(), encoded.memory())));
        }
    }

    @Override
    public <T> NoReply push(Event<T> event, T payload) {
        Objects.requireNonNull(event, "event");
        callbacks().sent().check(event, services().undeclared());
        SendHook hook = callbacks().sendHook();
        if (hook == null) {
            pushNow(event, payload);
        } else {
            hook.send(outgoing(Outgoing.Kind.PUSH, topic(), event, () -> pushNow(event, payload)));
        }
        return NoReply.none();
    }

    private static Outgoing outgoing(Outgoing.Kind kind, String topic, Event<?> event, Runnable action) {
        return new Outgoing(kind, List.of(topic), Optional.of(event.name()), action);
    }

    private <T> void pushNow(Event<T> event, T payload) {
        owner().lane().awaitCapacity();
        Payload encoded = codec().encode(event, payload);
        byte[] message = serializer().push(joinRef(), Ref.NULL, topic(), event.name(), encoded);
        send(message, slowDelivery(topic(), event, encoded, payload));
    }

    @Override
    public <T> NoReply pushUnder(String topic, Event<T> event, T payload) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(event, "event");
        Objects.requireNonNull(payload, "payload");
        callbacks().declared().pushesUnder(topic);
        callbacks().sent().check(event, services().undeclared());
        SendHook hook = callbacks().sendHook();
        if (hook == null) {
            pushUnderNow(topic, event, payload);
        } else {
            hook.send(outgoing(Outgoing.Kind.PUSH, topic, event, () -> pushUnderNow(topic, event, payload)));
        }
        return NoReply.none();
    }

    private <T> void pushUnderNow(String topic, Event<T> event, T payload) {
        owner().lane().awaitCapacity();
        Payload encoded = codec().encode(event, payload);
        // A broadcast has no join_ref: the client has not joined the topic.
        byte[] message = serializer().broadcast(Ref.NULL, topic, event.name(), encoded);
        send(message, slowDelivery(topic, event, encoded, payload));
    }

    private <T> @Nullable SlowDelivery slowDelivery(String topic, Event<T> event, Payload encoded, T payload) {
        SlowPolicies slow = callbacks().slow();
        return slow.isEmpty()
                ? null
                : slow.deliveryOf(
                        topic,
                        new Broadcast(event.name(), encoded, payload, null),
                        services().fastlane().parts());
    }

    @Override
    public <T> NoReply broadcast(Event<T> event, T payload) {
        return broadcast(event, payload, null);
    }

    @Override
    public <T> NoReply broadcastFrom(Event<T> event, T payload) {
        return broadcast(event, payload, channel);
    }

    private <T> NoReply broadcast(Event<T> event, T payload, @Nullable TopicMember except) {
        Objects.requireNonNull(event, "event");
        SendHook hook = callbacks().sendHook();
        if (hook == null) {
            broadcastNow(event, payload, except);
        } else {
            hook.send(outgoing(Outgoing.Kind.BROADCAST, topic(), event, () -> broadcastNow(event, payload, except)));
        }
        return NoReply.none();
    }

    private <T> void broadcastNow(Event<T> event, T payload, @Nullable TopicMember except) {
        owner().lane().awaitBroadcastCapacity();
        if (mailbox().isFinished()) {
            counters().increment(Counter.WRITES_AFTER_END);
        } else {
            services().fastlane().broadcast(List.of(topic()), event, payload, except);
        }
    }

    /** {@code event}: the name of the call or event that it replies to; {@code call}: null for an event. */
    void reply(Ref ref, String event, @Nullable Call<?, ?, ?> call, Reply<?, ?> reply) {
        owner().lane().awaitCapacity();
        OnceRun run = onceRun;
        if (run == null) {
            reply(ref, encode(ref, event, call, reply));
        } else {
            KeptAnswer answer = answer(event, call, reply);
            byte[] message = encode(ref, answer);
            run.answered(answer);
            reply(ref, message);
        }
    }

    @Override
    public void reply(Ref ref, byte[] message) {
        DueReply due = deferred;
        owner().lane().awaitCapacity();
        if (due == null) {
            write(ref, message);
        } else {
            boolean _ = due.answer(() -> write(ref, message));
        }
    }

    @Override
    public boolean reply(DueReply due, byte[] message) {
        owner().lane().awaitCapacity();
        return due.answer(() -> write(due.ref(), message));
    }

    private void write(Ref ref, byte[] message) {
        if (!ref.isNull()) {
            add(message, null);
        }
    }

    private void send(byte[] message) {
        send(message, null);
    }

    void send(byte[] message, @Nullable SlowDelivery slowDelivery) {
        owner().lane().awaitCapacity();
        add(message, slowDelivery);
    }

    /** The same without a wait, under the lock of a reply: an event loop may be about to take it. */
    private void add(byte[] message, @Nullable SlowDelivery slowDelivery) {
        if (message.length == 0) {
            counters().increment(Counter.BINARY_SKIPPED);
        } else if (mailbox().isFinished()) {
            counters().increment(Counter.WRITES_AFTER_END);
        } else {
            owner().lane().add(new ChannelOutput.Unicast(channel, message, slowDelivery));
        }
    }

    // Calls that are executed once. On the thread that runs the handlers.

    /**
     * Begins a call that is executed once, and blocks while other nodes are asked for its key.
     *
     * @return whether its handler is to run; if not, its reply was sent, or is sent when it is known
     */
    boolean beginOnce(Frame frame, @Nullable String key) {
        onceRun = OnceAdmission.begin(this, frame, key);
        return onceRun != null;
    }

    /** The call that runs now; null if it may be executed again. */
    @Nullable
    OnceRun onceRun() {
        return onceRun;
    }

    /** The handler has returned, and a deferred reply answers. */
    void deferOnce() {
        onceRun = null;
    }

    /** The deferred reply to a call has failed, so the exception decides its answer. */
    void resume(Mail.DeferredFailed failed) {
        deferred = failed.due;
        onceRun = failed.once;
    }

    /** The call that runs may have its reply later, or has it by now. */
    void deferred(DueReply reply) {
        deferred = reply;
    }

    /** Whether the call that runs has this ref, and may have its reply later. Any thread. */
    boolean isDeferred(Ref ref) {
        DueReply due = deferred;
        return due != null && due.ref().equals(ref);
    }

    /** The handler has returned or thrown. A call without a reply by now has none. */
    void endOnce() {
        deferred = null;
        OnceRun run = onceRun;
        if (run != null) {
            onceRun = null;
            run.abandon();
        }
    }
}
