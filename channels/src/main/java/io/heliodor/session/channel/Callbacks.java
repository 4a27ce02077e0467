package io.heliodor.session.channel;

import io.heliodor.channel.Authorization;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Context;
import io.heliodor.channel.EventHandler;
import io.heliodor.channel.HandlerName;
import io.heliodor.channel.HandlerName.Kind;
import io.heliodor.channel.History;
import io.heliodor.channel.InfoMessage;
import io.heliodor.channel.Join;
import io.heliodor.channel.JoinOutcome;
import io.heliodor.channel.JoinedHook;
import io.heliodor.channel.LeaveHook;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Out;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.PayloadValidator;
import io.heliodor.channel.Reply;
import io.heliodor.channel.SendHook;
import io.heliodor.channel.Socket;
import io.heliodor.channel.UnhandledHandler;
import io.heliodor.channel.definition.ChannelDefinition;
import io.heliodor.channel.definition.Handler;
import io.heliodor.channel.definition.Intercept;
import io.heliodor.channel.definition.SocketDefinition;
import io.heliodor.channel.definition.TopicPattern;
import io.heliodor.event.Call;
import io.heliodor.event.JsonProfile;
import io.heliodor.event.Raw;
import io.heliodor.event.json.JsonWeight;
import io.heliodor.limit.Rate;
import io.heliodor.pubsub.Topic;
import io.heliodor.session.fanout.Broadcast;
import io.heliodor.session.fanout.Intercepts;
import io.heliodor.session.fanout.SentMessages;
import io.heliodor.session.fanout.SlowPolicies;
import io.heliodor.session.lane.Promotion;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.type.Type;
import io.heliodor.type.text.ControlCharacters;
import io.heliodor.wire.Frame;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.PayloadOutcome;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The handlers of the channel of one route, called with payloads of their types. Their outcomes are values, never null.
 * One object serves all channels of the route: it has none of their state.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 */
public final class Callbacks<S, A> {

    /** The largest frame that is handled on an event loop, as mails count their bytes: decoding holds the loop, too. */
    private static final int MAX_BYTES_ON_LOOP = 8 << 10;

    private final TopicPattern pattern;
    private final ChannelDefinition<S, A> channel;
    private final DeclarationCheck declared;
    private final SlowPolicies slow;
    private final Intercepts intercepts;
    private final SentMessages sent;
    private final ExpectedExceptions expected;
    private final @Nullable SendHook sendHook;
    private final @Nullable PayloadValidator validator;
    private final JsonProfile raw;
    private final long timeoutNanos;

    /** Of each event that has a handler of its own; empty if all handlers run in the pool. */
    private final Map<String, Promotion> promotions;

    /** Of the payload of each event or call whose values are not parts of its JSON. */
    private final Map<String, JsonWeight> weights;

    private final JsonWeight weightOfJoin;

    private Callbacks(
            TopicPattern pattern,
            ChannelDefinition<S, A> channel,
            ExpectedExceptions expected,
            Optional<SendHook> sendHook,
            Optional<PayloadValidator> validator,
            JsonProfile raw) {
        this.pattern = pattern;
        this.channel = channel;
        this.expected = expected;
        this.sendHook = sendHook.orElse(null);
        this.validator = validator.orElse(null);
        this.raw = raw;
        this.timeoutNanos = channel.handlerTimeout().map(Duration::toNanos).orElse(Long.MAX_VALUE);
        this.declared = new DeclarationCheck(pattern, channel);
        this.slow = SlowPolicies.of(channel);
        this.intercepts = Intercepts.of(channel);
        this.sent = SentMessages.of(pattern, channel);
        this.promotions = promotions(channel);
        this.weights = weights(channel);
        // A join handler without a declared type decodes what it likes.
        this.weightOfJoin =
                JsonWeight.of(channel.params().map(Class.class::cast).orElse(Map.class));
    }

    private static Map<String, JsonWeight> weights(ChannelDefinition<?, ?> channel) {
        Map<String, JsonWeight> weights = new HashMap<>();
        channel.handlers().forEach((event, handler) -> {
            Type<?> type = switch (handler) {
                case Handler.ForEvent<?, ?, ?> own -> own.event().type();
                case Handler.ForCall<?, ?, ?, ?, ?> own -> own.call().request();
                case Handler.ForDeferred<?, ?, ?, ?, ?> own -> own.call().request();
            };
            JsonWeight weight = JsonWeight.of(type.type());
            if (weight.exceedsJson()) {
                weights.put(event, weight);
            }
        });
        return weights;
    }

    /** The heap that the decoded payload of a frame takes, in addition to what its mail counts for it. */
    public long decodedBytes(Frame frame) {
        JsonWeight weight = weights.get(frame.event());
        return weight == null ? 0 : excess(weight, frame.payload());
    }

    /** The same for the payload of a join. */
    public long decodedBytesOfJoin(Payload payload) {
        return excess(weightOfJoin, payload);
    }

    private static long excess(JsonWeight weight, Payload payload) {
        return payload instanceof Payload.Json(byte[] bytes, int from, int to)
                ? weight.bytes(bytes, from, to) - (to - from)
                : 0;
    }

    /** None with a timeout: the sweep that ends a handler runs on the loop that the handler would hold. */
    private static Map<String, Promotion> promotions(ChannelDefinition<?, ?> channel) {
        if (channel.handlerTimeout().isPresent()) {
            return Map.of();
        }
        return Stream.of(channel.handlers(), channel.binaryHandlers())
                .flatMap(handlers -> handlers.keySet().stream())
                .distinct()
                .collect(Collectors.toUnmodifiableMap(event -> event, _ -> new Promotion()));
    }

    public static <S> Callbacks<S, ?> of(SocketDefinition<S> socket, SocketDefinition.Route<S> route) {
        return of(socket, route.pattern(), route.channel());
    }

    // A channel only reads its connection's assigns, so a definition for a supertype of S serves as well.
    @SuppressWarnings("unchecked")
    private static <S, A> Callbacks<S, A> of(
            SocketDefinition<S> socket, TopicPattern pattern, ChannelDefinition<? super S, A> channel) {
        return new Callbacks<>(
                pattern,
                AroundHooks.add(socket.around(), pattern, (ChannelDefinition<S, A>) channel),
                new ExpectedExceptions(channel.exceptions(), socket.exceptions()),
                socket.sendHook(),
                socket.validator(),
                socket.raw());
    }

    /** Decides when the messages of handlers are sent; null for at once. */
    @Nullable
    SendHook sendHook() {
        return sendHook;
    }

    /** The channels that handlers get. */
    Channels channels(Channels all) {
        return sendHook == null ? all : all.through(sendHook);
    }

    public TopicPattern pattern() {
        return pattern;
    }

    /** The handler of a mail; null if there is none. A name that a client sent is used only if it was declared. */
    @Nullable
    HandlerName name(Mail mail) {
        return switch (mail) {
            case Mail.JoinRequested join -> name(Kind.JOIN, "join");
            case Mail.ClientFrame clientFrame ->
                switch (handler(clientFrame.frame)) {
                    case null -> channel.unhandled().isPresent() ? name(Kind.EVENT, AroundHooks.UNHANDLED) : null;
                    case Handler.ForEvent<S, A, ?> _ -> name(Kind.EVENT, clientFrame.frame.event());
                    case Handler.ForCall<S, A, ?, ?, ?> _, Handler.ForDeferred<S, A, ?, ?, ?> _ ->
                        name(Kind.CALL, clientFrame.frame.event());
                };
            case Mail.InfoMail infoMail -> name(Kind.MESSAGE, infoMail.message.name());
            case Mail.DeferredFailed failed -> null;
            case Mail.PubSubMessage published -> name(Kind.MESSAGE, published.topic.name());
            case Mail.Replayed repeated -> null;
            case Mail.Intercepted outgoing ->
                intercepts.of(outgoing.broadcast) ? name(Kind.INTERCEPT, outgoing.broadcast.event()) : null;
        };
    }

    private HandlerName name(Kind kind, String name) {
        return new HandlerName(pattern.toString(), kind, name);
    }

    /** The exceptions of handlers that are refusals. */
    ExpectedExceptions expected() {
        return expected;
    }

    /** Whether a frame is that of a call, so that its client waits for the reply. */
    boolean isCall(Frame frame) {
        return !(handler(frame) instanceof Handler.ForEvent<S, A, ?>);
    }

    /** The call of a frame; null for an event. */
    @Nullable
    Call<?, ?, ?> call(Frame frame) {
        return switch (handler(frame)) {
            case Handler.ForCall<S, A, ?, ?, ?> handler -> handler.call();
            case Handler.ForDeferred<S, A, ?, ?, ?> handler -> handler.call();
            case Handler.ForEvent<S, A, ?> _ -> null;
            case null -> null;
        };
    }

    /** Whether the handler of a mail runs on event loops; null if that is not decided, since it always runs in the pool. */
    @Nullable
    Promotion promotion(Mail mail) {
        return mail instanceof Mail.ClientFrame sent && sent.bytes() <= MAX_BYTES_ON_LOOP
                ? promotions.get(sent.frame.event())
                : null;
    }

    Intercepts intercepts() {
        return intercepts;
    }

    public Optional<History> history() {
        return channel.history();
    }

    /** Checks that its handlers use what it declares. */
    DeclarationCheck declared() {
        return declared;
    }

    /** The messages that it declares. */
    public SentMessages sent() {
        return sent;
    }

    /** The declared type of the reply to a join, if the reply has it; null otherwise. */
    @Nullable
    Type<?> typeOf(Object joinReply) {
        return channel.declarations()
                .joinReply()
                .filter(type -> SentMessages.isOf(type, joinReply))
                .orElse(null);
    }

    SlowPolicies slow() {
        return slow;
    }

    Optional<Rate> messageRate() {
        return channel.messageRate();
    }

    /** The limit for the run of a handler in nanoseconds; {@link Long#MAX_VALUE} without a timeout. */
    long handlerTimeoutNanos() {
        return timeoutNanos;
    }

    boolean leaves() {
        return !channel.left().isEmpty();
    }

    /** Whether the right to the topics of the channel is checked. */
    boolean isAuthorized() {
        return channel.authorization().isPresent();
    }

    /** Checks the right of a connection to a topic. */
    boolean isAllowed(Socket<S> socket, String topic) throws Exception {
        Authorization<S> check = channel.authorization().orElse(null);
        return check == null || check.isAllowed(socket, pattern.subtopic(topic));
    }

    JoinOutcome<A> join(
            Socket<S> socket,
            String topic,
            Payload sent,
            PayloadCodec codec,
            Channels channels,
            Supplier<Optional<String>> position)
            throws Exception {
        if (!isAllowed(socket, topic)) {
            return Join.refuse("unauthorized");
        }
        JoinOutcome<A> outcome = channel.join()
                .join(new JoinRequest<>(socket, pattern, topic, sent, codec, validator, raw, channels, position));
        if (outcome == null) {
            throw new IllegalStateException("The join handler of " + pattern
                    + " returned null; return Join.ok(assigns) or Join.refuse(reason).");
        }
        return outcome;
    }

    void joined(ChannelContext<S, A> context) throws Exception {
        for (JoinedHook<S, A> hook : channel.joined()) {
            if (context.isStopped()) {
                return;
            }
            hook.joined(context);
        }
    }

    Outcome<?, ?> handle(Frame frame, ChannelContext<S, A> context) throws Exception {
        Outcome<?, ?> outcome = switch (handler(frame)) {
            case null -> {
                yield unhandled(frame, context);
            }
            case Handler.ForEvent<S, A, ?> handler -> event(handler, frame, context);
            case Handler.ForCall<S, A, ?, ?, ?> handler -> call(handler, frame, context);
            case Handler.ForDeferred<S, A, ?, ?, ?> handler -> deferred(handler, frame, context);
        };
        return decided(outcome, frame.event());
    }

    /** The handler of a frame. A name may have two, for JSON and for bytes; a frame without a handler of its kind gets the other. */
    private @Nullable Handler<S, A> handler(Frame frame) {
        Map<String, Handler<S, A>> first = channel.handlers();
        Map<String, Handler<S, A>> second = channel.binaryHandlers();
        if (frame.payload() instanceof Payload.Binary) {
            first = channel.binaryHandlers();
            second = channel.handlers();
        }
        Handler<S, A> handler = first.get(frame.event());
        return handler != null ? handler : second.get(frame.event());
    }

    private @Nullable Outcome<?, ?> unhandled(Frame frame, ChannelContext<S, A> context) throws Exception {
        Optional<UnhandledHandler<S, A>> handler = channel.unhandled();
        if (handler.isEmpty() || frame.payload() instanceof Payload.Binary) {
            context.counters().increment(Counter.EVENTS_UNHANDLED);
            context.handlerLog()
                    .unhandled(
                            pattern.toString(),
                            frame.event(),
                            channel.handlers().keySet());
            return Reply.error("unhandled_event");
        }
        return switch (decode(Type.of(Raw.class), frame, context)) {
            case PayloadOutcome.Valid<Raw>(var payload) -> handler.get().handle(frame.event(), payload, context);
            case PayloadOutcome.Invalid<Raw> invalid -> refused(invalid, context);
        };
    }

    private <T> @Nullable Outcome<?, ?> event(
            Handler.ForEvent<S, A, T> handler, Frame frame, ChannelContext<S, A> context) throws Exception {
        return switch (decode(handler.event().type(), frame, context)) {
            case PayloadOutcome.Valid<T>(var payload) -> handler.handler().handle(payload, context);
            case PayloadOutcome.Invalid<T> invalid -> refused(invalid, context);
        };
    }

    private <Q, R, E> @Nullable Outcome<?, ?> call(
            Handler.ForCall<S, A, Q, R, E> handler, Frame frame, ChannelContext<S, A> context) throws Exception {
        return switch (decode(handler.call().request(), frame, context)) {
            case PayloadOutcome.Valid<Q>(var request) ->
                mayRun(handler.call(), request, frame, context)
                        ? handler.handler().handle(request, context)
                        : NoReply.none();
            case PayloadOutcome.Invalid<Q> invalid -> refused(invalid, context);
        };
    }

    /** Whether the handler of a call is to run; if not, because the call is executed once, the reply is sent or due. */
    private static <Q> boolean mayRun(Call<Q, ?, ?> call, Q request, Frame frame, ChannelContext<?, ?> context) {
        return call.key().isEmpty() || context.beginOnce(frame, call.key().get().apply(request));
    }

    private <Q, R, E> Outcome<?, ?> deferred(
            Handler.ForDeferred<S, A, Q, R, E> handler, Frame frame, ChannelContext<S, A> context) throws Exception {
        return switch (decode(handler.call().request(), frame, context)) {
            case PayloadOutcome.Valid<Q>(var request) -> {
                if (!mayRun(handler.call(), request, frame, context)) {
                    yield NoReply.none();
                }
                PendingReply<R, E> reply = new PendingReply<>(context, frame, handler.call(), context.onceRun());
                try {
                    handler.handler().handle(request, context, reply);
                } catch (Throwable e) {
                    reply.abandon();
                    throw e;
                }
                context.deferOnce();
                yield NoReply.none();
            }
            case PayloadOutcome.Invalid<Q> invalid -> refused(invalid, context);
        };
    }

    private <T> PayloadOutcome<T> decode(Type<T> type, Frame frame, ChannelContext<S, A> context) {
        PayloadOutcome<T> decoded;
        try {
            decoded = context.codec().decode(type, frame.payload(), raw);
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Error e) { // of the mapper or a constructor, for this payload: no client may end the channel by it
            context.handlerLog()
                    .failed(
                            context.correlation(),
                            context.topic(),
                            e,
                            () -> "Channel " + ControlCharacters.escaped(context.topic())
                                    + " cannot read a payload of '"
                                    + ControlCharacters.escaped(frame.event())
                                    + "'; the client gets invalid_payload, and the channel stays open.");
            return new PayloadOutcome.Invalid<>("", "cannot be read");
        }
        if (validator != null && decoded instanceof PayloadOutcome.Valid<T>(var payload)) {
            ValidatedPayload.check(validator, payload);
        }
        return decoded;
    }

    private static Outcome<?, ?> refused(PayloadOutcome.Invalid<?> invalid, ChannelContext<?, ?> context) {
        context.counters().increment(Counter.PAYLOADS_INVALID);
        return Reply.error(invalid.response());
    }

    @SuppressWarnings("unchecked") // it was sent with this message, whose type is that of the content
    Outcome<?, ?> info(InfoMessage<?> message, Object content, Context<S, A> context) throws Exception {
        EventHandler<S, A, Object> handler =
                (EventHandler<S, A, Object>) channel.infoMessages().get(message);
        return handler == null ? NoReply.none() : decided(handler.handle(content, context), message.name());
    }

    @SuppressWarnings("unchecked") // the subscription was made with this topic, whose type is that of the message
    Outcome<?, ?> published(Topic<?> topic, Object message, Context<S, A> context) throws Exception {
        EventHandler<S, A, Object> handler =
                (EventHandler<S, A, Object>) channel.topics().get(topic);
        return handler == null ? NoReply.none() : decided(handler.handle(message, context), topic.name());
    }

    private static Outcome<?, ?> decided(@Nullable Outcome<?, ?> outcome, String name) {
        if (outcome == null) {
            throw new IllegalStateException(
                    "The handler of '" + name + "' returned null; return NoReply.none(), a Reply or a Stop.");
        }
        return outcome;
    }

    Out<?> out(Broadcast broadcast, ChannelContext<S, A> context) throws Exception {
        Intercept<S, A, ?> intercept = channel.intercepts().get(broadcast.event());
        Out<?> out = intercept == null || !intercepts.of(broadcast) ? Out.pass() : out(intercept, broadcast, context);
        if (out == null) {
            throw new IllegalStateException("The intercept of '" + broadcast.event()
                    + "' returned null; return Out.pass(), Out.replace(payload) or Out.drop().");
        }
        return out;
    }

    private <T> @Nullable Out<?> out(Intercept<S, A, T> intercept, Broadcast broadcast, ChannelContext<S, A> context)
            throws Exception {
        return intercept.handler().handle(value(intercept.event().type(), broadcast, context.codec()), context);
    }

    /** The payload in the place of that of an intercepted event. */
    Payload encode(String event, Object payload, PayloadCodec codec) {
        Intercept<S, A, ?> intercept = channel.intercepts().get(event);
        return intercept == null ? codec.encode(event, payload) : codec.encode(intercept.event(), payload);
    }

    private static <T> T value(Type<T> type, Broadcast broadcast, PayloadCodec codec) {
        return switch (broadcast.as(type, codec)) {
            case PayloadOutcome.Valid<T>(var value) -> value;
            case PayloadOutcome.Invalid<T>(var field, var message) ->
                throw new IllegalArgumentException("A broadcast of '" + broadcast.event() + "' does not fit the type "
                        + type + " of its intercept: " + field + " " + message);
        };
    }

    /** Calls every leave hook, even if others throw. */
    void left(LeaveReason why, Context<S, A> context, Consumer<Throwable> failed) {
        for (LeaveHook<S, A> hook : channel.left()) {
            try {
                hook.left(why, context);
            } catch (Throwable e) {
                failed.accept(e);
            }
        }
    }
}
