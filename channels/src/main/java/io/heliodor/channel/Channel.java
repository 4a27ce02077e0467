package io.heliodor.channel;

import io.heliodor.channel.definition.ChannelDefinition;
import io.heliodor.channel.definition.Declarations;
import io.heliodor.channel.definition.Handler;
import io.heliodor.channel.definition.Intercept;
import io.heliodor.channel.definition.Slow;
import io.heliodor.channel.definition.TopicPattern;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.event.InvalidPayload;
import io.heliodor.event.Reason;
import io.heliodor.limit.Rate;
import io.heliodor.pubsub.Topic;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The definition of a channel: the handlers of joins and messages on the topics of one kind. Immutable, and shared by all clients that
 * join.
 *
 * {@snippet lang="java" :
 * var room = Channel.join(join -> Join.ok(join.topic()))
 *         .on(NEW_MSG, (message, context) -> context.broadcast(NEW_MSG, message))
 *         .build();
 * }
 *
 * <p><b>Order.</b> The join handler runs first, then the {@link Builder#onJoined onJoined} hooks. Then event, call and message handlers run
 * one at a time, in the order of the client's messages. The {@link Builder#onLeave onLeave} hooks run last and exactly once, for whatever
 * reason the channel ends.
 *
 * <p><b>Failure.</b> A handler that throws ends its channel: the client gets {@code phx_error} and joins again. The connection and its other
 * channels stay open. {@link InvalidPayload} and {@linkplain Builder#onException declared} exceptions are refusals, after which the channel
 * stays open. The reply to an event without a handler is the error {@code unhandled_event}.
 *
 * <p><b>Threads:</b> the handlers and hooks of one joined channel run on virtual threads, never two at once. <b>Blocking:</b> allowed; only
 * their own channel waits. Messages that were read before the client left, disconnected or joined the topic again are handled, in order
 * and before the leave hooks. Five seconds after that, or when its connection is closed because a mailbox stayed full, the thread of a
 * running handler is interrupted, and what waits is dropped. A kick, a disconnect by id, a removal and a handler that fails drop what
 * waits immediately.
 *
 * @param <S> the type of the connection's assigns that it needs
 * @param <A> the type of its own assigns
 */
public sealed interface Channel<S, A> permits ChannelDefinition {
    /**
     * Defines a channel for any socket. Its handlers get the assigns of the connection as an {@link Object}; {@link #of} gives them a
     * type.
     *
     * @param handler accepts or refuses joins
     * @param <A> the type of the channel's assigns
     * @return a builder
     */
    static <A> Builder<Object, A> join(JoinHandler<Object, A> handler) {
        return of(Object.class).join(handler);
    }

    /**
     * Defines a channel for any socket, with a payload in the join request.
     *
     * @param params the type of the payload
     * @param handler accepts or refuses joins
     * @param <A> the type of the channel's assigns
     * @param <P> the type of the payload
     * @return a builder
     */
    static <A, P> Builder<Object, A> join(Class<P> params, TypedJoinHandler<Object, A, P> handler) {
        return of(Object.class).join(params, handler);
    }

    /**
     * Defines a channel for connections whose assigns have a type.
     *
     * {@snippet lang="java" :
     * var board = Channel.of(User.class)
     *         .join(join -> boards.mayRead(join.socket().assigns()) ? Join.ok(new Board()) : Join.refuse("forbidden"))
     *         .on(MOVE, (move, context) -> context.broadcastFrom(MOVE, move))
     *         .build();
     * }
     *
     * @param assigns the class of the assigns that the socket's connect handler returns, or a supertype
     * @param <S> the type of the connection's assigns
     * @return the beginning of a definition
     */
    static <S> Of<S> of(Class<S> assigns) {
        Objects.requireNonNull(assigns, "assigns");
        return new Of<>(assigns);
    }

    /**
     * The first step of a definition, with the type of the connection's assigns.
     *
     * @param <S> the type of the connection's assigns
     */
    final class Of<S> {
        private final Class<S> assigns;

        private Of(Class<S> assigns) {
            this.assigns = assigns;
        }

        /**
         * Sets the join handler.
         *
         * @param handler accepts or refuses joins
         * @param <A> the type of the channel's assigns
         * @return a builder
         */
        public <A> Builder<S, A> join(JoinHandler<S, A> handler) {
            return new Builder<>(assigns, Objects.requireNonNull(handler, "handler"), Optional.empty());
        }

        /**
         * Sets the join handler, with a payload in the join request. A request with an invalid payload is refused with the reason
         * {@code invalid_payload}, the field and the message.
         *
         * @param params the type of the payload
         * @param handler accepts or refuses joins
         * @param <A> the type of the channel's assigns
         * @param <P> the type of the payload
         * @return a builder
         */
        public <A, P> Builder<S, A> join(Class<P> params, TypedJoinHandler<S, A, P> handler) {
            Objects.requireNonNull(params, "params");
            Objects.requireNonNull(handler, "handler");
            return new Builder<>(assigns, join -> handler.join(join.payload(params), join), Optional.of(params));
        }
    }

    /**
     * Builds a {@link Channel}. Not thread-safe.
     *
     * @param <S> the type of the connection's assigns that it needs
     * @param <A> the type of its own assigns
     */
    final class Builder<S, A> {
        private static final Duration MAX_TIMEOUT = Duration.ofDays(365);
        private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-]+");
        private static final Set<String> PRESENCE = Set.of("presence_state", "presence_diff");

        private final JoinHandler<S, A> join;
        private final Class<S> assigns;
        private final Optional<Class<?>> params;
        private final List<JoinedHook<S, A>> joined = new ArrayList<>();
        private final Map<String, Handler<S, A>> handlers = new LinkedHashMap<>();
        private final Map<String, Handler<S, A>> binaryHandlers = new LinkedHashMap<>();
        private final Map<String, Intercept<S, A, ?>> intercepts = new LinkedHashMap<>();
        private final Map<String, Slow<?>> slow = new LinkedHashMap<>();
        private final Map<InfoMessage<?>, EventHandler<S, A, ?>> infoMessages = new LinkedHashMap<>();
        private final Map<Topic<?>, EventHandler<S, A, ?>> topics = new LinkedHashMap<>();
        private final List<TopicPattern> pushTopics = new ArrayList<>();
        private final List<LeaveHook<S, A>> left = new ArrayList<>();
        private @Nullable UnhandledHandler<S, A> unhandled;
        private @Nullable Authorization<S> authorization;
        private @Nullable History history;
        private @Nullable Rate messageRate;
        private @Nullable Duration handlerTimeout;
        private final Map<Class<? extends Exception>, ExceptionHandler<?>> exceptions = new LinkedHashMap<>();
        private @Nullable String key;
        private @Nullable Type<?> joinReply;
        private @Nullable Type<?> joinError;
        private final List<String> joinReasons = new ArrayList<>();
        private @Nullable List<Event<?>> sends;
        private final Map<String, Type<?>> presences = new LinkedHashMap<>();
        private final Set<String> counts = new LinkedHashSet<>();

        private Builder(Class<S> assigns, JoinHandler<S, A> join, Optional<Class<?>> params) {
            this.assigns = assigns;
            this.join = join;
            this.params = params;
        }

        /**
         * Sets the check of the right to a topic. It is called before the join handler: a client without the right is refused with the reason
         * {@code unauthorized}. It is called again after a {@linkplain UserSocket.Builder#onRefresh fresh token} and by {@link
         * Channels#recheck}: a channel that has lost its right ends with {@link LeaveReason.Unauthorized}, and its client gets
         * {@code phx_close} with that reason and does not join again by itself. A running handler is neither awaited nor interrupted.
         *
         * {@snippet lang="java" :
         * Channel.of(User.class).join(rooms::join).authorize((socket, room) -> rights.mayRead(socket.assigns(), room))
         * }
         *
         * <p>Without it a channel stays joined, whatever its client's rights become.
         *
         * @param check whether the connection may be in the topic
         * @return this
         * @throws IllegalStateException if there is one
         */
        public Builder<S, A> authorize(Authorization<S> check) {
            if (authorization != null) {
                throw new IllegalStateException("The channel has an authorization; it needs one only.");
            }
            authorization = Objects.requireNonNull(check, "check");
            return this;
        }

        /**
         * Adds a hook that runs after a client has joined and the join reply was sent.
         *
         * <p>The client gets each broadcast from the reply on, so state that the hook reads misses no change that is committed before it
         * is broadcast. A push of the state may follow newer changes: give both a version, and let the client keep the newer one.
         *
         * @param hook the hook
         * @return this
         */
        public Builder<S, A> onJoined(JoinedHook<S, A> hook) {
            joined.add(Objects.requireNonNull(hook, "hook"));
            return this;
        }

        /**
         * Adds the handler of an event from clients.
         *
         * @param event the event
         * @param handler its handler
         * @param <T> the type of the payload
         * @return this
         * @throws IllegalArgumentException if the name has a handler
         */
        public <T> Builder<S, A> on(Event<T> event, EventHandler<S, A, ? super T> handler) {
            Objects.requireNonNull(event, "event");
            return handle(
                    event.name(),
                    event.isBinary(),
                    new Handler.ForEvent<>(event, Objects.requireNonNull(handler, "handler")));
        }

        /**
         * Adds the handler of a call from clients.
         *
         * @param call the call
         * @param handler its handler
         * @param <Q> the type of the payload
         * @param <R> the type of the reply
         * @param <E> the type of an error's payload
         * @return this
         * @throws IllegalArgumentException if the name has a handler
         */
        public <Q, R, E> Builder<S, A> answer(Call<Q, R, E> call, CallHandler<S, A, ? super Q, R, E> handler) {
            Objects.requireNonNull(call, "call");
            return handle(
                    call.name(),
                    call.isBinary(),
                    new Handler.ForCall<>(call, Objects.requireNonNull(handler, "handler")));
        }

        /**
         * Adds the handler of a call with a deferred reply, which any thread may send after the handler has returned.
         *
         * @param call the call
         * @param handler its handler
         * @param <Q> the type of the payload
         * @param <R> the type of the reply
         * @param <E> the type of an error's payload
         * @return this
         * @throws IllegalArgumentException if the name has a handler
         */
        public <Q, R, E> Builder<S, A> answerLater(
                Call<Q, R, E> call, DeferredCallHandler<S, A, ? super Q, R, E> handler) {
            Objects.requireNonNull(call, "call");
            return handle(
                    call.name(),
                    call.isBinary(),
                    new Handler.ForDeferred<>(call, Objects.requireNonNull(handler, "handler")));
        }

        /**
         * Sets the handler of events and calls without a handler of their own, for names that are not known when the channel is defined.
         * Without it their reply is the error {@code unhandled_event}.
         *
         * @param handler the handler
         * @return this
         * @throws IllegalStateException if there is one
         */
        public Builder<S, A> onUnhandled(UnhandledHandler<S, A> handler) {
            if (unhandled != null) {
                throw new IllegalStateException("The channel has an onUnhandled handler; it needs one only.");
            }
            unhandled = Objects.requireNonNull(handler, "handler");
            return this;
        }

        /**
         * Intercepts the broadcasts of an event before they are sent to each member. The handler runs for each member in its channel; broadcasts
         * of other events do not use the channels.
         *
         * @param event the event
         * @param handler passes, replaces or drops the broadcast for one member
         * @param <T> the type of the payload
         * @return this
         * @throws IllegalArgumentException if the event has an intercept
         */
        public <T> Builder<S, A> intercept(Event<T> event, InterceptHandler<S, A, T> handler) {
            Objects.requireNonNull(event, "event");
            String present = "Event '" + event.name() + "' has an intercept";
            once(intercepts, event.name(), new Intercept<>(event, Objects.requireNonNull(handler, "handler")), present);
            return this;
        }

        /**
         * Sets the policy of an event for slow clients. It holds for broadcasts and pushes of this channel, of the endpoint and of groups. If
         * the event has an intercept, it holds for the result of the intercept.
         *
         * {@snippet lang="java" :
         * .whenSlow(CURSOR, SlowPolicy.latest(Cursor::user))
         * .whenSlow(TYPING, SlowPolicy.drop())
         * }
         *
         * @param event the event; a name has one policy, for payloads of this kind: JSON, or bytes
         * @param policy the policy
         * @param <T> the type of the payload
         * @return this
         * @throws IllegalArgumentException if the event has a policy, or is an event of presence
         */
        public <T> Builder<S, A> whenSlow(Event<T> event, SlowPolicy<T> policy) {
            Objects.requireNonNull(event, "event");
            Objects.requireNonNull(policy, "policy");
            if (PRESENCE.contains(event.name())) {
                throw new IllegalArgumentException(
                        "Event '" + event.name()
                                + "' carries changes of presence; a client that misses one has a wrong list, so it cannot be left out.");
            }
            String present = "Event '" + event.name() + "' has a policy for slow clients";
            once(slow, event.name(), new Slow<>(event, policy), present);
            return this;
        }

        /**
         * Adds the handler of an info message, which server code {@link Context#send sends} to a joined channel.
         *
         * @param message the message
         * @param handler its handler
         * @param <T> the type of its content
         * @return this
         * @throws IllegalArgumentException if the message has a handler
         */
        public <T> Builder<S, A> onInfo(InfoMessage<T> message, EventHandler<S, A, ? super T> handler) {
            Objects.requireNonNull(message, "message");
            once(
                    infoMessages,
                    message,
                    Objects.requireNonNull(handler, "handler"),
                    "Info message '" + message.name() + "' has a handler");
            return this;
        }

        /**
         * Adds the handler of messages published on a topic to which a channel has {@link Context#subscribe subscribed}.
         *
         * @param topic the topic
         * @param handler the handler
         * @param <T> the type of its messages
         * @return this
         * @throws IllegalArgumentException if the topic has a handler
         */
        public <T> Builder<S, A> onPublished(Topic<T> topic, EventHandler<S, A, ? super T> handler) {
            Objects.requireNonNull(topic, "topic");
            once(
                    topics,
                    topic,
                    Objects.requireNonNull(handler, "handler"),
                    "Topic '" + topic.name() + "' has a handler");
            return this;
        }

        /**
         * Allows pushes under the topics of a pattern, which clients do not join: for protocols whose clients receive messages under other
         * topics than those of their channels. Without it a channel pushes under its own topic alone. See
         * {@link Context#pushUnder}.
         *
         * {@snippet lang="java" :
         * .pushTopics("__absinthe__:doc:*")
         * }
         *
         * <p>The socket is not built if one of its channels can be joined under such a topic.
         *
         * @param pattern a topic, or a prefix followed by {@code *}
         * @return this
         * @throws IllegalArgumentException if the pattern is invalid, or declared before
         */
        public Builder<S, A> pushTopics(String pattern) {
            Objects.requireNonNull(pattern, "pattern");
            TopicPattern parsed = TopicPattern.parse(pattern);
            if (pushTopics.contains(parsed)) {
                throw new IllegalArgumentException(
                        "The push topics '" + pattern + "' are declared twice; declare them once.");
            }
            pushTopics.add(parsed);
            return this;
        }

        /**
         * Adds a hook that runs when a channel ends, for whatever reason.
         *
         * @param hook the hook
         * @return this
         */
        public Builder<S, A> onLeave(LeaveHook<S, A> hook) {
            left.add(Objects.requireNonNull(hook, "hook"));
            return this;
        }

        /**
         * Keeps the last broadcasts of each topic. A client that lost its connection gets the missed ones when it joins again. See
         * {@link History} for the messages and guarantees.
         *
         * @param kept the limits and the events
         * @return this
         * @throws IllegalStateException if a history was given before
         */
        public Builder<S, A> history(History kept) {
            if (history != null) {
                throw new IllegalStateException("The channel keeps " + history + "; name all events in one history.");
            }
            history = Objects.requireNonNull(kept, "kept");
            return this;
        }

        /**
         * Limits the rate of messages from one client on one topic; its leave does not count. A message over the rate is not handled: the
         * reply is the error {@code rate_limited} with {@code retry_after_ms}, or the message is dropped if it has no ref. After 1 000
         * refusals, of which ten a second are forgiven, the connection is closed with code 4429. A client that leaves
         * and joins again has the tokens that were left. They are kept with the connection until all have come back,
         * for as many topics as it may have channels ({@link io.heliodor.limit.SessionLimits#maxChannels()}), and for 100
         * at least; with more, a new topic begins without tokens.
         *
         * <p>The rate of all messages of a connection is set for the endpoint, in its {@code Limits}.
         *
         * @param rate the rate of each joined channel
         * @return this
         */
        public Builder<S, A> messageRate(Rate rate) {
            messageRate = Objects.requireNonNull(rate, "rate");
            return this;
        }

        /**
         * Sets a timeout for handlers: the join handler with the onJoined hooks, the handler of an event, call or message, an intercept, and
         * the onLeave hooks. After the timeout its thread is interrupted and its channel ends as
         * {@link LeaveReason.Failed} with a {@link java.util.concurrent.TimeoutException}: the client gets {@code phx_error}, or the
         * refusal {@code join crashed}, and later messages of the handler are dropped. Leave hooks run after the handler
         * has returned.
         *
         * <p>The server looks at running handlers once a second, so a handler may run for two seconds more. Without a timeout
         * a handler may run forever; after 5 s the stack of its thread is logged. Handlers with a timeout never run on an event loop.
         *
         * @param timeout more than zero, at most 365 days; no timeout by default
         * @return this
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder<S, A> handlerTimeout(Duration timeout) {
            Objects.requireNonNull(timeout, "timeout");
            if (!timeout.isPositive() || timeout.compareTo(MAX_TIMEOUT) > 0) {
                throw new IllegalArgumentException(
                        "handlerTimeout is " + timeout + "; it must be more than zero and at most 365 days.");
            }
            handlerTimeout = timeout;
            return this;
        }

        /**
         * Declares an exception as a refusal, after which the channel stays open. A join is refused with the reason, the reply to an event or
         * call is the error, and an info or published message is dropped. For events and messages the exception is also logged, up to 20
         * at once and then one a second.
         *
         * {@snippet lang="java" :
         * .onException(SQLException.class, e -> Reply.error("unavailable"))
         * }
         *
         * <p>The most specific declared type of this channel is used, or else that of the {@linkplain UserSocket.Builder#onException socket}.
         * The cause of an exception is not considered. After a declared exception of an onJoined hook, whose client has the reply
         * to its join, the channel ends: the client gets {@code phx_error} with the refusal as its payload and joins again, and the exception
         * is logged as that of an event.
         * An exception of an intercept always ends the channel.
         *
         * @param type the type of the exception, with its subclasses
         * @param handler returns the refusal
         * @param <X> the type of the exception
         * @return this
         * @throws IllegalArgumentException if the type is declared already, or is {@link InvalidPayload}, which is always a refusal
         */
        public <X extends Exception> Builder<S, A> onException(Class<X> type, ExceptionHandler<? super X> handler) {
            declare(exceptions, type, handler);
            return this;
        }

        /**
         * Declares the events that the server sends on the topics of this channel, in addition to those of {@link #intercept},
         * {@link #whenSlow} and {@link #history}. {@code SocketContract} has them for the types of clients. An event of {@link #on} is received; if a handler
         * sends it on, as a chat does, declare it here as well.
         *
         * <p>From the first declaration on, the channel sends declared messages alone: an event that is not declared with its type, and presences
         * or a count under a name that is not declared, are sent all the same. A server logs each once, and the test kit throws an
         * error.
         *
         * {@snippet lang="java" :
         * Channel.of(User.class).join(this::join).answer(SAY, this::say).sends(SAID, CLOSED).presence(Online.class)
         * }
         *
         * @param events the events of {@link Context#push}, {@link Context#broadcast} and {@link Channels#broadcast}; none if the channel
         *     sends only those above
         * @return this
         * @throws IllegalArgumentException if an event is declared before with another type, for this kind of payload: JSON, or bytes
         */
        public Builder<S, A> sends(Event<?>... events) {
            sends = declared(sends, events);
            return this;
        }

        static List<Event<?>> declared(@Nullable List<Event<?>> before, Event<?>... events) {
            Objects.requireNonNull(events, "events");
            List<Event<?>> all = before == null ? new ArrayList<>() : before;
            for (Event<?> event : events) {
                Objects.requireNonNull(event, "event");
                for (Event<?> other : all) {
                    if (other.name().equals(event.name())
                            && other.isBinary() == event.isBinary()
                            && !other.equals(event)) {
                        throw new IllegalArgumentException("Event '" + event.name() + "' is declared with the types "
                                + other.type() + " and " + event.type() + "; it can have one of them.");
                    }
                }
                if (!all.contains(event)) {
                    all.add(event);
                }
            }
            return all;
        }

        /**
         * Declares the type of the reply to an accepted join, which is {@link io.heliodor.event.Empty} by default. The reply is
         * written as this type: a sealed one has its field {@code type}.
         *
         * @param reply the class of the replies of {@link Join#ok(Object, Object)}
         * @return this
         * @throws IllegalStateException if it is declared before
         */
        public Builder<S, A> joinReply(Class<?> reply) {
            return joinReply(Type.of(reply));
        }

        /**
         * The same with a type that need not be a class.
         *
         * @param reply the type of the replies of {@link Join#ok(Object, Object)}
         * @return this
         * @throws IllegalStateException if it is declared before
         */
        public Builder<S, A> joinReply(Type<?> reply) {
            Objects.requireNonNull(reply, "reply");
            checkNotDeclared("The reply to a join", joinReply, reply);
            joinReply = reply;
            return this;
        }

        /**
         * Declares the reasons of refused joins, which documents and types of clients then list. It does not restrict the join
         * handler.
         *
         * @param reasons those of {@link Join#refuse(String)}
         * @return this
         * @throws IllegalStateException if {@link #refusesWith(Class)} is declared
         */
        public Builder<S, A> refuses(String... reasons) {
            Objects.requireNonNull(reasons, "reasons");
            checkNotDeclared("The payload of a refused join", joinError, Type.of(Reason.class));
            for (String reason : reasons) {
                joinReasons.add(Objects.requireNonNull(reason, "reason"));
            }
            return this;
        }

        /**
         * Declares the type of the payload of a refused join, which is a {@link Reason} by default.
         *
         * @param error the class of the payloads of {@link Join#refuse(Object)}
         * @return this
         * @throws IllegalStateException if it is declared before, or {@link #refuses} is
         */
        public Builder<S, A> refusesWith(Class<?> error) {
            Type<?> type = Type.of(error);
            checkNotDeclared("The payload of a refused join", joinError, type);
            if (!joinReasons.isEmpty()) {
                throw new IllegalStateException("The reasons " + joinReasons
                        + " of refused joins are declared; a payload of " + type + " is for joins without them.");
            }
            joinError = type;
            return this;
        }

        private static void checkNotDeclared(String what, @Nullable Type<?> before, Type<?> now) {
            if (before != null) {
                throw new IllegalStateException(
                        what + " is declared as " + before + " and as " + now + "; it can be one of them.");
            }
        }

        /**
         * Declares the metas of the presences of the channel's own topic: those in {@code presence_state} and {@code presence_diff}.
         *
         * @param meta the class of the metas
         * @return this
         * @throws IllegalArgumentException if they are declared before
         */
        public Builder<S, A> presence(Class<?> meta) {
            return presence(Type.of(meta));
        }

        /**
         * The same with a type that need not be a class.
         *
         * @param meta the type of the metas
         * @return this
         * @throws IllegalArgumentException if they are declared before
         */
        public Builder<S, A> presence(Type<?> meta) {
            Objects.requireNonNull(meta, "meta");
            once(
                    presences,
                    Declarations.OWN_PRESENCE,
                    meta,
                    "Presence '" + Declarations.OWN_PRESENCE + "' has a declaration");
            return this;
        }

        /**
         * Declares presences that the channel follows under a name: the events {@code NAME_state} and {@code NAME_diff}.
         *
         * @param name the name that is given to {@code Presence.follow}
         * @param meta the class of the metas
         * @return this
         * @throws IllegalArgumentException if the name is declared before
         */
        public Builder<S, A> follows(String name, Class<?> meta) {
            Objects.requireNonNull(name, "name");
            once(presences, name, Type.of(meta), "Presence '" + name + "' has a declaration");
            return this;
        }

        /**
         * Declares a number of presences that the channel follows under a name: the event {@code NAME_count}.
         *
         * @param name the name that is given to {@code Presence.followCount}
         * @return this
         * @throws IllegalArgumentException if the name is declared before
         */
        public Builder<S, A> followsCount(String name) {
            Objects.requireNonNull(name, "name");
            if (!counts.add(name)) {
                throw new IllegalArgumentException("Count '" + name + "' has a declaration; it needs one only.");
            }
            return this;
        }

        /**
         * Names the part of a topic for which the {@code *} of a pattern stands, for documents: {@code ticket:{id}}.
         *
         * @param name ASCII letters, digits, {@code _} and {@code -}; {@code key} by default
         * @return this
         * @throws IllegalArgumentException if the name has other characters, or none
         * @throws IllegalStateException if there is one
         */
        public Builder<S, A> key(String name) {
            Objects.requireNonNull(name, "name");
            if (key != null) {
                throw new IllegalStateException(
                        "The key of the topics is named '" + key + "'; it needs one name only.");
            }
            if (!KEY.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "The key '" + name + "' of the topics must have ASCII letters, digits, _ and - alone.");
            }
            key = name;
            return this;
        }

        private Declarations declarations() {
            return new Declarations(
                    Optional.ofNullable(key),
                    Optional.ofNullable(joinReply),
                    joinReasons,
                    Optional.ofNullable(joinError),
                    Optional.ofNullable(sends),
                    presences,
                    counts);
        }

        static void declare(
                Map<Class<? extends Exception>, ExceptionHandler<?>> declared,
                Class<? extends Exception> type,
                ExceptionHandler<?> handler) {
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(handler, "handler");
            if (InvalidPayload.class.isAssignableFrom(type)) {
                throw new IllegalArgumentException(
                        type.getName() + " is answered with the reason invalid_payload, its field"
                                + " and its message; throw and declare an exception of your own for another reply.");
            }
            once(declared, type, handler, type.getName() + " has an onException handler");
        }

        private static <K, V> void once(Map<K, V> known, K key, V value, String present) {
            if (known.putIfAbsent(key, value) != null) {
                throw new IllegalArgumentException(present + "; it needs one only.");
            }
        }

        /**
         * Builds the channel.
         *
         * @return the channel
         * @throws IllegalStateException if an event is kept in the history and has a policy for slow clients, or if the channel
         *     keeps a history and the payload of its join has a component {@code since}, which belongs to the history
         */
        public Channel<S, A> build() {
            if (history != null) {
                params.ifPresent(Builder::checkSince);
                for (String kept : slow.keySet()) {
                    if (history.keeps(kept)) {
                        throw new IllegalStateException("Event '" + kept + "' is kept in a history without a gap, and"
                                + " left out for slow clients; it can be one of the two.");
                    }
                }
            }
            return new ChannelDefinition<>(
                    assigns,
                    join,
                    Optional.ofNullable(authorization),
                    params,
                    joined,
                    handlers,
                    binaryHandlers,
                    Optional.ofNullable(unhandled),
                    intercepts,
                    slow,
                    infoMessages,
                    topics,
                    pushTopics,
                    left,
                    Optional.ofNullable(history),
                    Optional.ofNullable(messageRate),
                    Optional.ofNullable(handlerTimeout),
                    exceptions,
                    declarations());
        }

        private static void checkSince(Class<?> joins) {
            if (joins.isRecord()
                    && Arrays.stream(joins.getRecordComponents())
                            .anyMatch(component -> component.getName().equals("since"))) {
                throw new IllegalStateException("The join's payload " + joins.getName()
                        + " has a component 'since', which belongs to the history: clients send their last token in it. Give the"
                        + " component another name.");
            }
        }

        private Builder<S, A> handle(String name, boolean binary, Handler<S, A> handler) {
            if ((binary ? binaryHandlers : handlers).putIfAbsent(name, handler) != null) {
                throw new IllegalArgumentException(
                        "'" + name + "' has a handler; a name on the wire is handled in one place.");
            }
            return this;
        }
    }
}
