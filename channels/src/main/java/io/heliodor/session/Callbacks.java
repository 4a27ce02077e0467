package io.heliodor.session;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channel.Handler;
import io.heliodor.channel.Context;
import io.heliodor.channel.History;
import io.heliodor.channel.JoinOutcome;
import io.heliodor.channel.Leaving;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Out;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.Reply;
import io.heliodor.channel.Socket;
import io.heliodor.channel.TopicPattern;
import io.heliodor.channel.UserSocket;
import io.heliodor.limit.Rate;
import io.heliodor.observe.HandlerName;
import io.heliodor.observe.HandlerName.Kind;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.Type;
import io.heliodor.wire.Frame;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.PayloadOutcome;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a user wrote for the topics of one route, called with payloads of the right types; what is decided comes back as
 * a value, never as null. One for all the channels of the route: it has no state of theirs.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 */
final class Callbacks<S, A> {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.channel");

    private final TopicPattern pattern;
    private final Channel<? super S, A> channel;
    private final SlowPolicies slow;
    private final Intercepts intercepts;

    private Callbacks(TopicPattern pattern, Channel<? super S, A> channel) {
        this.pattern = pattern;
        this.channel = channel;
        this.slow = SlowPolicies.of(channel);
        this.intercepts = Intercepts.of(channel);
    }

    static <S> Callbacks<S, ?> of(UserSocket.Route<S> route) {
        return of(route.pattern(), route.channel());
    }

    private static <S, A> Callbacks<S, A> of(TopicPattern pattern, Channel<? super S, A> channel) {
        return new Callbacks<>(pattern, channel);
    }

    TopicPattern pattern() {
        return pattern;
    }

    /** Which handler a mail is for; null if there is none. What a client says gives no name that was not declared. */
    @Nullable
    HandlerName name(Mail mail) {
        return switch (mail) {
            case Mail.JoinRequested join -> name(Kind.JOIN, "join");
            case Mail.Said said -> handler(said.frame) == null ? null : name(Kind.EVENT, said.frame.event());
            case Mail.Told told ->
                channel.messages().stream()
                        .filter(handler -> handler.type().isInstance(told.message))
                        .findFirst()
                        .map(handler -> name(Kind.MESSAGE, handler.type().getSimpleName()))
                        .orElse(null);
            case Mail.Published published -> name(Kind.MESSAGE, published.topic.name());
            case Mail.Repeated repeated -> null;
            case Mail.Outgoing outgoing ->
                intercepts.of(outgoing.broadcast) ? name(Kind.INTERCEPT, outgoing.broadcast.event()) : null;
        };
    }

    private HandlerName name(Kind kind, String name) {
        return new HandlerName(pattern.toString(), kind, name);
    }

    Intercepts intercepts() {
        return intercepts;
    }

    Optional<History> history() {
        return channel.history();
    }

    SlowPolicies slow() {
        return slow;
    }

    Optional<Rate> messageRate() {
        return channel.messageRate();
    }

    boolean leaves() {
        return !channel.left().isEmpty();
    }

    void checkSubscribes(Topic<?> topic) {
        if (!channel.topics().containsKey(topic)) {
            throw new IllegalArgumentException("Channel " + pattern + " has no handler for topic '" + topic.name()
                    + "'; add .onMessage(topic, handler) to its definition.");
        }
    }

    JoinOutcome<A> join(Session<S> session, String topic, Payload sent) throws Exception {
        JoinOutcome<A> outcome = ask(channel, session, topic, sent);
        if (outcome == null) {
            throw new IllegalStateException("The join handler of " + pattern
                    + " returned null; return Join.ok(assigns) or Join.refuse(reason).");
        }
        return outcome;
    }

    @SuppressWarnings("unchecked") // a socket only gives its assigns, so one of S serves where a supertype is wanted
    private <C> @Nullable JoinOutcome<A> ask(Channel<C, A> definition, Session<S> session, String topic, Payload sent)
            throws Exception {
        Socket<C> socket = (Socket<C>) (Socket<?>) session;
        PayloadCodec codec = session.hub().codec();
        return definition.join().join(new JoinRequest<>(socket, pattern, topic, sent, codec));
    }

    void joined(Context<A> room) throws Exception {
        for (Channel.JoinedHook<A> hook : channel.joined()) {
            hook.joined(room);
        }
    }

    Outcome<?> said(Frame frame, ChannelContext<S, A> room) throws Exception {
        Outcome<?> outcome = switch (handler(frame)) {
            case null -> {
                room.counts().increment(Count.EVENTS_UNHANDLED);
                yield Reply.error("unhandled_event");
            }
            case Handler.ForEvent<A, ?> handler -> event(handler, frame, room);
            case Handler.ForCall<A, ?, ?> handler -> call(handler, frame, room);
            case Handler.ForLater<A, ?, ?> handler -> later(handler, frame, room);
        };
        return decided(outcome, frame.event());
    }

    /** A name may have two handlers, for JSON and for bytes; where there is one, it says what it wants. */
    private @Nullable Handler<A> handler(Frame frame) {
        Map<String, Handler<A>> first = channel.handlers();
        Map<String, Handler<A>> second = channel.binaryHandlers();
        if (frame.payload() instanceof Payload.Binary) {
            first = channel.binaryHandlers();
            second = channel.handlers();
        }
        Handler<A> handler = first.get(frame.event());
        return handler != null ? handler : second.get(frame.event());
    }

    private <T> @Nullable Outcome<?> event(Handler.ForEvent<A, T> handler, Frame frame, ChannelContext<S, A> room)
            throws Exception {
        return switch (decode(handler.event().type(), frame, room)) {
            case PayloadOutcome.Fit<T>(var payload) -> handler.handler().handle(payload, room);
            case PayloadOutcome.Unfit<T> unfit -> refused(unfit, room);
        };
    }

    private <Q, R> @Nullable Outcome<?> call(Handler.ForCall<A, Q, R> handler, Frame frame, ChannelContext<S, A> room)
            throws Exception {
        return switch (decode(handler.call().request(), frame, room)) {
            case PayloadOutcome.Fit<Q>(var request) -> handler.handler().handle(request, room);
            case PayloadOutcome.Unfit<Q> unfit -> refused(unfit, room);
        };
    }

    private <Q, R> Outcome<?> later(Handler.ForLater<A, Q, R> handler, Frame frame, ChannelContext<S, A> room)
            throws Exception {
        return switch (decode(handler.call().request(), frame, room)) {
            case PayloadOutcome.Fit<Q>(var request) -> {
                handler.handler().handle(request, room, new LaterAnswer<>(room, frame.ref(), frame.event()));
                yield NoReply.none();
            }
            case PayloadOutcome.Unfit<Q> unfit -> refused(unfit, room);
        };
    }

    private <T> PayloadOutcome<T> decode(Type<T> type, Frame frame, ChannelContext<S, A> room) {
        return room.codec().decode(type, frame.payload());
    }

    private static Outcome<?> refused(PayloadOutcome.Unfit<?> unfit, ChannelContext<?, ?> room) {
        room.counts().increment(Count.PAYLOADS_INVALID);
        return Reply.error(unfit.response());
    }

    Outcome<?> told(Object message, ChannelContext<S, A> room) throws Exception {
        for (Channel.MessageHandler<A, ?> handler : channel.messages()) {
            if (handler.type().isInstance(message)) {
                return decided(tell(handler, message, room), handler.type().getName());
            }
        }
        room.counts().increment(Count.MESSAGES_UNHANDLED);
        LOG.warn(
                "Channel {} was told a {}, for which it has no handler; add .onMessage({}.class, handler).",
                room.topic(),
                message.getClass().getName(),
                message.getClass().getSimpleName());
        return NoReply.none();
    }

    private <T> @Nullable Outcome<?> tell(Channel.MessageHandler<A, T> handler, Object message, Context<A> room)
            throws Exception {
        return handler.handler().handle(handler.type().cast(message), room);
    }

    @SuppressWarnings("unchecked") // the subscription was made with this topic, whose type is that of the message
    Outcome<?> published(Topic<?> topic, Object message, Context<A> room) throws Exception {
        Channel.EventHandler<A, Object> handler =
                (Channel.EventHandler<A, Object>) channel.topics().get(topic);
        return handler == null ? NoReply.none() : decided(handler.handle(message, room), topic.name());
    }

    private static Outcome<?> decided(@Nullable Outcome<?> outcome, String name) {
        if (outcome == null) {
            throw new IllegalStateException(
                    "The handler of '" + name + "' returned null; return NoReply.none(), a Reply or a Stop.");
        }
        return outcome;
    }

    Out<?> out(Broadcast broadcast, ChannelContext<S, A> room) throws Exception {
        Channel.Intercept<A, ?> intercept = channel.intercepts().get(broadcast.event());
        Out<?> out = intercept == null || !intercepts.of(broadcast) ? Out.pass() : out(intercept, broadcast, room);
        if (out == null) {
            throw new IllegalStateException("The onOut handler of '" + broadcast.event()
                    + "' returned null; return Out.pass(), Out.replace(payload) or Out.drop().");
        }
        return out;
    }

    private <T> @Nullable Out<?> out(Channel.Intercept<A, T> intercept, Broadcast broadcast, ChannelContext<S, A> room)
            throws Exception {
        return intercept.handler().handle(value(intercept.event().type(), broadcast, room.codec()), room);
    }

    private static <T> T value(Type<T> type, Broadcast broadcast, PayloadCodec codec) {
        return switch (broadcast.as(type, codec)) {
            case PayloadOutcome.Fit<T>(var value) -> value;
            case PayloadOutcome.Unfit<T>(var field, var message) ->
                throw new IllegalArgumentException("A broadcast of '" + broadcast.event() + "' does not fit the type "
                        + type + " of its intercept: " + field + " " + message);
        };
    }

    /** Every leave hook, whatever the others throw. */
    void left(Leaving why, Context<A> room) {
        for (Channel.LeaveHook<A> hook : channel.left()) {
            try {
                hook.left(why, room);
            } catch (Throwable e) {
                LOG.error("The leave hook of {} failed.", room.topic(), e);
            }
        }
    }
}
