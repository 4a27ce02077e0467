package io.heliodor.channel;

import io.heliodor.channel.definition.ChannelDefinition;
import io.heliodor.channel.definition.Handler;
import io.heliodor.channel.definition.Intercept;
import io.heliodor.channel.definition.Slow;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.event.InvalidPayload;
import io.heliodor.limit.Rate;
import io.heliodor.pubsub.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What happens on the topics of one kind: who may join, and what is done with what is said. An immutable definition,
 * shared by every client that joins.
 *
 * {@snippet lang="java" :
 * var room = Channel.join(join -> Join.ok(join.topic()))
 *         .on(NEW_MSG, (message, context) -> context.broadcast(NEW_MSG, message))
 *         .build();
 * }
 *
 * <p>The life of a joined channel: the join handler; {@link Builder#onJoined onJoined} hooks; event, call and message
 * handlers, one at a time, in the order in which the client sent; {@link Builder#onLeave onLeave} hooks, last and
 * exactly once, however the channel ends.
 *
 * <p>A handler that throws ends its channel: the client gets {@code phx_error} and joins anew; the connection and its
 * other channels live on. {@link InvalidPayload} and {@linkplain Builder#onException declared} exceptions are refusals, after
 * which the channel lives on. An event without a handler is answered with the error {@code unhandled_event}.
 *
 * <p><b>Threads:</b> every handler and hook of one joined channel runs on a virtual thread, never two at once.
 * <b>Blocking:</b> they may block; only their own channel waits. When the client joins the topic again, or its
 * connection is closed because a mailbox stayed full, the thread of a handler that runs is interrupted, and what the
 * handler writes from then on is dropped.
 *
 * @param <S> the type of the connection's assigns that it needs
 * @param <A> the type of its own assigns
 */
public sealed interface Channel<S, A> permits ChannelDefinition {
    /**
     * A channel of connections that any socket accepts. Its handlers see the assigns of the connection as an {@link Object};
     * {@link #of} gives them a type.
     *
     * @param handler decides who may join
     * @param <A> the type of the channel's assigns
     * @return a builder
     */
    static <A> Builder<Object, A> join(JoinHandler<Object, A> handler) {
        return of(Object.class).join(handler);
    }

    /**
     * A channel of connections that any socket accepts, whose clients send a payload with their request to join.
     *
     * @param params the type of the payload
     * @param handler decides who may join
     * @param <A> the type of the channel's assigns
     * @param <P> the type of the payload
     * @return a builder
     */
    static <A, P> Builder<Object, A> join(Class<P> params, TypedJoinHandler<Object, A, P> handler) {
        return of(Object.class).join(params, handler);
    }

    /**
     * A channel of connections whose assigns have a type.
     *
     * {@snippet lang="java" :
     * var board = Channel.of(User.class)
     *         .join(join -> boards.mayRead(join.socket().assigns()) ? Join.ok(new Board()) : Join.refuse("forbidden"))
     *         .on(MOVE, (move, context) -> context.broadcastFrom(MOVE, move))
     *         .build();
     * }
     *
     * @param assigns the class of the assigns that the socket's connect handler accepts a connection with, or a supertype
     * @param <S> the type of the connection's assigns
     * @return the beginning of a definition
     */
    static <S> Of<S> of(Class<S> assigns) {
        return new Of<>();
    }

    /**
     * The beginning of a definition: the type of the connection's assigns is known.
     *
     * @param <S> the type of the connection's assigns
     */
    final class Of<S> {
        private Of() {}

        /**
         * Continues with who may join.
         *
         * @param handler decides
         * @param <A> the type of the channel's assigns
         * @return a builder
         */
        public <A> Builder<S, A> join(JoinHandler<S, A> handler) {
            return new Builder<>(handler, Optional.empty());
        }

        /**
         * Continues with who may join, where clients send a payload with their request. A request whose payload does not fit is
         * refused with the reason {@code invalid_payload}, the field and the message.
         *
         * @param params the type of the payload
         * @param handler decides
         * @param <A> the type of the channel's assigns
         * @param <P> the type of the payload
         * @return a builder
         */
        public <A, P> Builder<S, A> join(Class<P> params, TypedJoinHandler<S, A, P> handler) {
            return new Builder<>(join -> handler.join(join.payload(params), join), Optional.of(params));
        }
    }

    /**
     * Collects what a channel does. Not for several threads at once.
     *
     * @param <S> the type of the connection's assigns that it needs
     * @param <A> the type of its own assigns
     */
    final class Builder<S, A> {
        private static final Duration MAX_TIMEOUT = Duration.ofDays(365);
        private static final Set<String> PRESENCE = Set.of("presence_state", "presence_diff");

        private final JoinHandler<S, A> join;
        private final Optional<Class<?>> params;
        private final List<JoinedHook<S, A>> joined = new ArrayList<>();
        private final Map<String, Handler<S, A>> handlers = new LinkedHashMap<>();
        private final Map<String, Handler<S, A>> binaryHandlers = new LinkedHashMap<>();
        private final Map<String, Intercept<S, A, ?>> intercepts = new LinkedHashMap<>();
        private final Map<String, Slow<?>> slow = new LinkedHashMap<>();
        private final Map<InfoMessage<?>, EventHandler<S, A, ?>> infoMessages = new LinkedHashMap<>();
        private final Map<Topic<?>, EventHandler<S, A, ?>> topics = new LinkedHashMap<>();
        private final List<LeaveHook<S, A>> left = new ArrayList<>();
        private @Nullable UnhandledHandler<S, A> unhandled;
        private @Nullable History history;
        private @Nullable Rate messageRate;
        private @Nullable Duration handlerTimeout;
        private final Map<Class<? extends Exception>, ExceptionHandler<?>> exceptions = new LinkedHashMap<>();

        private Builder(JoinHandler<S, A> join, Optional<Class<?>> params) {
            this.join = join;
            this.params = params;
        }

        /**
         * Runs something when a client has joined, after the join reply was sent.
         *
         * @param hook what to run
         * @return this
         */
        public Builder<S, A> onJoined(JoinedHook<S, A> hook) {
            joined.add(hook);
            return this;
        }

        /**
         * Handles an event of clients.
         *
         * @param event the event
         * @param handler its handler
         * @param <T> the type of the payload
         * @return this
         * @throws IllegalArgumentException if the name has a handler
         */
        public <T> Builder<S, A> on(Event<T> event, EventHandler<S, A, ? super T> handler) {
            return handle(event.name(), event.isBinary(), new Handler.ForEvent<>(event, handler));
        }

        /**
         * Handles a call of clients.
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
            return handle(call.name(), call.isBinary(), new Handler.ForCall<>(call, handler));
        }

        /**
         * Handles a call of clients with a deferred reply: it may be sent after the handler has returned, from any thread.
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
            return handle(call.name(), call.isBinary(), new Handler.ForDeferred<>(call, handler));
        }

        /**
         * Handles the events and calls of clients that have no handler of their own; without it they are answered with the error
         * {@code unhandled_event}. For names that are not known when the channel is defined.
         *
         * @param handler the handler
         * @return this
         * @throws IllegalStateException if there is one
         */
        public Builder<S, A> onUnhandled(UnhandledHandler<S, A> handler) {
            if (unhandled != null) {
                throw new IllegalStateException("The channel has an onUnhandled handler; it needs one only.");
            }
            unhandled = handler;
            return this;
        }

        /**
         * Looks at a broadcast of an event on its way to each member. It costs a turn of every member's channel; a
         * broadcast without an intercept costs none.
         *
         * @param event the event
         * @param handler decides for one member
         * @param <T> the type of the payload
         * @return this
         * @throws IllegalArgumentException if the event has an intercept
         */
        public <T> Builder<S, A> intercept(Event<T> event, InterceptHandler<S, A, T> handler) {
            if (intercepts.putIfAbsent(event.name(), new Intercept<>(event, handler)) != null) {
                throw new IllegalArgumentException("Event '" + event.name() + "' has an intercept; it needs one only.");
            }
            return this;
        }

        /**
         * Says what becomes of an event for a client that is behind: of broadcasts and pushes of this channel, of the endpoint
         * and of groups alike. Where an intercept looks at the event, the policy acts on what that lets out.
         *
         * {@snippet lang="java" :
         * .whenSlow(CURSOR, SlowPolicy.latest(Cursor::user))
         * .whenSlow(TYPING, SlowPolicy.drop())
         * }
         *
         * @param event the event; a name has one policy, for payloads of this kind: JSON, or bytes
         * @param policy what becomes of it
         * @param <T> the type of the payload
         * @return this
         * @throws IllegalArgumentException if the event has a policy, or is one by which presence is told
         */
        public <T> Builder<S, A> whenSlow(Event<T> event, SlowPolicy<T> policy) {
            if (PRESENCE.contains(event.name())) {
                throw new IllegalArgumentException(
                        "Event '" + event.name()
                                + "' tells who is present in steps; a client that misses one is wrong, so it cannot be left out.");
            }
            if (slow.putIfAbsent(event.name(), new Slow<>(event, policy)) != null) {
                throw new IllegalArgumentException(
                        "Event '" + event.name() + "' has a policy for slow clients; it needs one only.");
            }
            return this;
        }

        /**
         * Handles an info message: code of the server {@link Context#send sends} it to a joined channel.
         *
         * @param message the message
         * @param handler its handler
         * @param <T> the type of its content
         * @return this
         * @throws IllegalArgumentException if the message has a handler
         */
        public <T> Builder<S, A> onInfo(InfoMessage<T> message, EventHandler<S, A, ? super T> handler) {
            if (infoMessages.putIfAbsent(message, handler) != null) {
                throw new IllegalArgumentException(
                        "Info message '" + message.name() + "' has a handler; it needs one only.");
            }
            return this;
        }

        /**
         * Handles messages that are published on a topic to which a channel {@link Context#subscribe subscribed}.
         *
         * @param topic the topic
         * @param handler the handler
         * @param <T> the type of its messages
         * @return this
         * @throws IllegalArgumentException if the topic has a handler
         */
        public <T> Builder<S, A> onPublished(Topic<T> topic, EventHandler<S, A, ? super T> handler) {
            if (topics.putIfAbsent(topic, handler) != null) {
                throw new IllegalArgumentException("Topic '" + topic.name() + "' has a handler; it needs one only.");
            }
            return this;
        }

        /**
         * Runs something when a channel ends, however it ends.
         *
         * @param hook what to run
         * @return this
         */
        public Builder<S, A> onLeave(LeaveHook<S, A> hook) {
            left.add(hook);
            return this;
        }

        /**
         * Keeps the last broadcasts of each topic, so that a client that lost its connection gets what it missed when it
         * joins again. What that means on the wire, and what is promised, {@link History} says.
         *
         * @param kept how much, for how long, and which events
         * @return this
         * @throws IllegalStateException if a history was given before
         */
        public Builder<S, A> history(History kept) {
            if (history != null) {
                throw new IllegalStateException("The channel keeps " + history + "; name all events in one history.");
            }
            history = kept;
            return this;
        }

        /**
         * Limits how often one client may say something on one topic; its leave does not count. A message over the rate
         * is not handled: it is answered with the error {@code rate_limited} and {@code retry_after_ms}, or dropped if it
         * has no ref. After 1 000 refusals, of which ten a second are forgiven, the connection is closed with code 4429.
         * A client that joins anew begins with a full burst.
         *
         * <p>A rate for all that a connection says is set for the endpoint, in its {@code Limits}.
         *
         * @param rate how often, for each joined channel by itself
         * @return this
         */
        public Builder<S, A> messageRate(Rate rate) {
            messageRate = rate;
            return this;
        }

        /**
         * Limits how long a handler may run: the join handler together with the onJoined hooks, the handler of an event, call or
         * message, an intercept, the onLeave hooks. After that its thread is interrupted and its channel ends as
         * {@link LeaveReason.Failed} with a {@link java.util.concurrent.TimeoutException}: the client gets {@code phx_error}, or the
         * refusal {@code join crashed}, and what the handler writes from then on is dropped. Leave hooks run when the handler
         * has returned.
         *
         * <p>The server looks at running handlers once a second, so a handler may run for two seconds more. Without a timeout
         * a handler may run for ever; after 5 s a line of the log has the stack of its thread.
         *
         * @param timeout more than zero, at most 365 days; no timeout by default
         * @return this
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder<S, A> handlerTimeout(Duration timeout) {
            if (!timeout.isPositive() || timeout.compareTo(MAX_TIMEOUT) > 0) {
                throw new IllegalArgumentException(
                        "handlerTimeout is " + timeout + "; it must be more than zero and at most 365 days.");
            }
            handlerTimeout = timeout;
            return this;
        }

        /**
         * Declares an exception that handlers are expected to throw. It refuses what was handled, and the channel lives on:
         * a join is refused with the reason, an event or call gets the error reply, an info or published message is dropped.
         * For events and messages there is a line in the log as well, up to 20 at once and then one a second.
         *
         * {@snippet lang="java" :
         * .onException(SQLException.class, e -> Reply.error("unavailable"))
         * }
         *
         * <p>The most specific type that was declared for this channel counts; only if there is none, that of the
         * {@linkplain UserSocket.Builder#onException socket}. The cause of an exception does not count. An exception of an
         * onJoined hook or an intercept ends the channel whatever is declared.
         *
         * @param type the type of the exception, with its subclasses
         * @param handler gives the refusal
         * @param <X> the type of the exception
         * @return this
         * @throws IllegalArgumentException if the type is declared already, or is {@link InvalidPayload}, which is a refusal
         *     of its own
         */
        public <X extends Exception> Builder<S, A> onException(Class<X> type, ExceptionHandler<? super X> handler) {
            declare(exceptions, type, handler);
            return this;
        }

        static void declare(
                Map<Class<? extends Exception>, ExceptionHandler<?>> declared,
                Class<? extends Exception> type,
                ExceptionHandler<?> handler) {
            if (InvalidPayload.class.isAssignableFrom(type)) {
                throw new IllegalArgumentException(
                        type.getName() + " is answered with the reason invalid_payload, its field"
                                + " and its message; throw and declare an exception of your own for another reply.");
            }
            if (declared.putIfAbsent(type, handler) != null) {
                throw new IllegalArgumentException(type.getName() + " has an onException handler; it needs one only.");
            }
        }

        /**
         * Finishes the definition.
         *
         * @return the channel
         * @throws IllegalStateException if an event is kept in the history and has a policy for slow clients, or if the channel
         *     keeps a history and the payload of its join has a component {@code since}, which is the history's
         */
        public Channel<S, A> build() {
            if (history != null) {
                params.ifPresent(Builder::checkSince);
                for (String kept : history.events()) {
                    if (slow.containsKey(kept)) {
                        throw new IllegalStateException("Event '" + kept + "' is kept in a history without a gap, and"
                                + " left out for slow clients; it can be one of the two.");
                    }
                }
            }
            return new ChannelDefinition<>(
                    join,
                    joined,
                    handlers,
                    binaryHandlers,
                    Optional.ofNullable(unhandled),
                    intercepts,
                    slow,
                    infoMessages,
                    topics,
                    left,
                    Optional.ofNullable(history),
                    Optional.ofNullable(messageRate),
                    Optional.ofNullable(handlerTimeout),
                    exceptions);
        }

        private static void checkSince(Class<?> joins) {
            if (joins.isRecord()
                    && Arrays.stream(joins.getRecordComponents())
                            .anyMatch(component -> component.getName().equals("since"))) {
                throw new IllegalStateException("The join's payload " + joins.getName()
                        + " has a component 'since', which is the history's: clients send their last token in it. Give the"
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
