package io.heliodor.session;

import io.heliodor.channel.Channels;
import io.heliodor.channel.Context;
import io.heliodor.channel.InfoMessage;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.channel.Socket;
import io.heliodor.event.Event;
import io.heliodor.presence.announce.Announcement;
import io.heliodor.presence.announce.StateRecipient;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the code of users has of a channel: its assigns, and the ways to speak. What is said is encoded on the thread that says
 * it, and written by the lane; after the end it is dropped.
 *
 * <p>Any thread may use it, but for what changes the assigns: those are owned by the thread that runs the handlers.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 */
final class ChannelContext<S, A> implements Context<S, A>, StateRecipient {
    /** For a client whose version or transport knows only text, so that no request stays unanswered. */
    private static final Map<String, String> BINARY_UNSUPPORTED = Map.of("reason", "binary_unsupported");

    /** The heap of a presence in addition to its key and metadata. */
    private static final long PRESENCE_BYTES = 256;

    private final ChannelProcess<S, A> channel;
    private final Session<S> session;
    private final Callbacks<S, A> callbacks;
    private final ChannelLife life;

    private volatile @Nullable A assigns;

    ChannelContext(ChannelProcess<S, A> channel, Session<S> session, Callbacks<S, A> callbacks, ChannelLife life) {
        this.channel = channel;
        this.session = session;
        this.callbacks = callbacks;
        this.life = life;
    }

    Counts counts() {
        return session.hub().counts();
    }

    DeferredReplies deferredReplies() {
        return session.hub().deferredReplies();
    }

    String correlation() {
        return session.correlation();
    }

    PayloadCodec codec() {
        return session.hub().codec();
    }

    private Serializer serializer() {
        return session.serializer();
    }

    private Ref joinRef() {
        return channel.joinRef();
    }

    @Override
    public Socket<S> socket() {
        return session;
    }

    @Override
    public Channels channels() {
        return session.hub();
    }

    @Override
    public String topic() {
        return channel.topic();
    }

    @Override
    public String subtopic() {
        return callbacks.pattern().subtopic(topic());
    }

    // The assigns.

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

    private void checkHandler(String what) {
        if (!life.runsHere()) {
            throw new IllegalStateException("Context." + what + " was called on a thread that runs no handler of '"
                    + topic() + "'; send the channel an info message, and call it in the handler of that message.");
        }
    }

    @Override
    public void stop(String why) {
        if (life.runsHere()) {
            boolean _ = life.end(new LeaveReason.Stopped(why));
        } else {
            session.stop(channel, why);
        }
    }

    /** Whether the application has stopped it. */
    boolean isStopped() {
        return life.ending() instanceof LeaveReason.Stopped;
    }

    /** The channel was let in with these. */
    void begin(A first) {
        assigns = first;
    }

    /** Whether the channel was let in. */
    boolean begun() {
        return assigns != null;
    }

    // What it hears.

    @Override
    public <T> boolean send(InfoMessage<T> message, T content) {
        callbacks.checkReceives(message);
        return channel.deliver(new Mail.Told(message, content));
    }

    /** A deferred reply of the channel failed. */
    void failed(String call, Ref ref, Throwable cause) {
        channel.deferredFailed(call, ref, cause);
    }

    @Override
    public <T> Subscription subscribe(Topic<T> from) {
        callbacks.checkSubscribes(from);
        Subscription subscription = session.hub()
                .pubsub()
                .subscribeInline(from, message -> channel.deliver(new Mail.Published(from, message)));
        Subscription outlived = life.keep(from, subscription);
        if (outlived != null) {
            outlived.close();
        }
        return subscription;
    }

    @Override
    public Optional<PubSub> pubsub() {
        return Optional.of(session.hub().pubsub());
    }

    @Override
    public void onEnd(Runnable done) {
        life.onEnd(done);
    }

    @Override
    public void onUnreachable(Runnable done) {
        life.onGone(done);
    }

    @Override
    public boolean isLost() {
        return session.isLost();
    }

    // Its presences.

    @Override
    public long cost(String key, Object meta) {
        long bytes = PRESENCE_BYTES + 2L * key.length();
        try {
            return bytes + 2L * codec().encode("presence_state", meta).length();
        } catch (IllegalArgumentException e) {
            return bytes; // logged when it is announced
        }
    }

    @Override
    public void reserve(long bytes) {
        long limit = session.hub().connectionBytes() / 16;
        if (!session.memory().addPresence(bytes, limit)) {
            throw new IllegalStateException("The presences of this client would take more than " + limit
                    + " bytes of memory, a sixteenth of MemoryLimits.maxConnectionBytes; keep less in their metadata, or untrack"
                    + " some.");
        }
    }

    @Override
    public void release(long bytes) {
        session.memory().releasePresence(bytes);
    }

    // What it says.

    @Override
    public void receiveState(Announcement state) {
        session.lane().awaitCapacity();
        PresenceJson.State encoded = session.hub().presence().state(state);
        Payload.Json payload = encoded.json();
        if (payload.length() < StreamedMessage.LARGE) {
            send(serializer().push(joinRef(), Ref.NULL, topic(), "presence_state", payload));
        } else {
            Serializer.Envelope envelope = serializer().envelope(joinRef(), Ref.NULL, topic(), "presence_state");
            session.lane()
                    .enqueue(new Entry.Large(
                            channel, new StreamedMessage(channel, envelope, payload, encoded.memory())));
        }
    }

    @Override
    public <T> NoReply push(Event<T> event, T payload) {
        session.lane().awaitCapacity();
        Payload encoded = codec().encode(event.name(), payload);
        SlowPolicies slow = callbacks.slow();
        SlowDelivery slowDelivery = slow.isEmpty()
                ? null
                : slow.whenBehind(topic(), new Broadcast(event.name(), encoded, payload, null), codec());
        send(serializer().push(joinRef(), Ref.NULL, topic(), event.name(), encoded), slowDelivery);
        return NoReply.none();
    }

    @Override
    public <T> NoReply broadcast(Event<T> event, T payload) {
        return broadcast(event, payload, null);
    }

    @Override
    public <T> NoReply broadcastFrom(Event<T> event, T payload) {
        return broadcast(event, payload, channel);
    }

    private <T> NoReply broadcast(Event<T> event, T payload, @Nullable ChannelProcess<?, ?> except) {
        session.lane().awaitCapacity();
        if (life.finished()) {
            counts().increment(Count.WRITES_AFTER_END);
        } else {
            session.hub().fastlane().broadcast(List.of(topic()), event, payload, except);
        }
        return NoReply.none();
    }

    /** {@code event}: the name of the call or event that it replies to. */
    void reply(Ref ref, String event, Reply<?, ?> reply) {
        session.lane().awaitCapacity();
        reply(ref, encode(ref, event, reply));
    }

    void reply(Ref ref, byte[] message) {
        if (!ref.isNull()) {
            send(message);
        }
    }

    byte[] encode(Ref ref, String event, Reply<?, ?> reply) {
        return switch (reply) {
            case Reply.Ok<?, ?>(var payload) -> encode(ref, event, "ok", payload);
            case Reply.Error<?, ?>(var reason) -> encode(ref, event, "error", reason);
        };
    }

    byte[] encode(Ref ref, String event, String status, Object response) {
        byte[] message = serializer().reply(joinRef(), ref, topic(), status, codec().encodeResponse(event, response));
        return message.length > 0 ? message : encode(ref, event, "error", BINARY_UNSUPPORTED);
    }

    private void send(byte[] message) {
        send(message, null);
    }

    void send(byte[] message, @Nullable SlowDelivery slowDelivery) {
        if (message.length == 0) {
            counts().increment(Count.BINARY_SKIPPED);
        } else if (life.finished()) {
            counts().increment(Count.WRITES_AFTER_END);
        } else {
            session.lane().enqueue(new Entry.Direct(channel, message, slowDelivery));
        }
    }
}
