package io.heliodor.channel;

import io.heliodor.limit.Rate;
import io.heliodor.pubsub.Topic;
import java.util.ArrayList;
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
 * other channels live on. An event without a handler is answered with the error {@code unhandled_event}.
 *
 * <p><b>Threads:</b> every handler and hook of one joined channel runs on a virtual thread, never two at once.
 * <b>Blocking:</b> they may block; only their own channel waits. When the client joins the topic again, or its
 * connection is closed because a mailbox stayed full, the thread of a handler that runs is interrupted, and what the
 * handler writes from then on is dropped.
 *
 * @param <S> the type of the connection's assigns that it needs
 * @param <A> the type of its own assigns
 */
public final class Channel<S, A> {
    private final JoinHandler<S, A> join;
    private final List<JoinedHook<A>> joined;
    private final Map<String, Handler<A>> handlers;
    private final Map<String, Handler<A>> binaryHandlers;
    private final Map<String, Intercept<A, ?>> intercepts;
    private final Map<String, Slow<?>> slow;
    private final List<MessageHandler<A, ?>> messages;
    private final Map<Topic<?>, EventHandler<A, ?>> topics;
    private final List<LeaveHook<A>> left;
    private final @Nullable History history;
    private final @Nullable Rate messageRate;

    private Channel(Builder<S, A> builder) {
        this.join = builder.join;
        this.joined = List.copyOf(builder.joined);
        this.handlers = Map.copyOf(builder.handlers);
        this.binaryHandlers = Map.copyOf(builder.binaryHandlers);
        this.intercepts = Map.copyOf(builder.intercepts);
        this.slow = Map.copyOf(builder.slow);
        this.messages = List.copyOf(builder.messages);
        this.topics = Map.copyOf(builder.topics);
        this.left = List.copyOf(builder.left);
        this.history = builder.history;
        this.messageRate = builder.messageRate;
    }

    /**
     * Begins a definition with who may join.
     *
     * @param handler decides
     * @param <S> the type of the connection's assigns that it needs
     * @param <A> the type of its own assigns
     * @return a builder
     */
    public static <S, A> Builder<S, A> join(JoinHandler<S, A> handler) {
        return new Builder<>(handler);
    }

    /**
     * Begins a definition with who may join, where clients send something with their request. A request that does not
     * fit is refused with the reason {@code invalid_payload}, the field and the message.
     *
     * @param params the type of what they send
     * @param handler decides
     * @param <S> the type of the connection's assigns that it needs
     * @param <A> the type of its own assigns
     * @param <P> the type of what they send
     * @return a builder
     */
    public static <S, A, P> Builder<S, A> join(Class<P> params, TypedJoinHandler<S, A, P> handler) {
        return new Builder<>(join -> handler.join(join.payload(params), join));
    }

    /**
     * What decides who may join.
     *
     * @return the handler
     */
    public JoinHandler<S, A> join() {
        return join;
    }

    /**
     * What runs when a client has joined.
     *
     * @return the hooks, in the order of their declaration
     */
    public List<JoinedHook<A>> joined() {
        return joined;
    }

    /**
     * What clients may say.
     *
     * @return the handlers by the names of their events and calls
     */
    public Map<String, Handler<A>> handlers() {
        return handlers;
    }

    /**
     * What clients may say with bytes as the payload.
     *
     * @return the handlers by the names of their events and calls
     */
    public Map<String, Handler<A>> binaryHandlers() {
        return binaryHandlers;
    }

    /**
     * What is kept of its topics for clients that come back.
     *
     * @return the history; nothing is kept as a rule
     */
    public Optional<History> history() {
        return Optional.ofNullable(history);
    }

    /**
     * How often a client may say something on one of its topics.
     *
     * @return the rate; as often as it likes as a rule
     */
    public Optional<Rate> messageRate() {
        return Optional.ofNullable(messageRate);
    }

    /**
     * Which broadcasts are looked at on their way out.
     *
     * @return the intercepts by the names of their events
     */
    public Map<String, Intercept<A, ?>> intercepts() {
        return intercepts;
    }

    /**
     * What becomes of events for clients that are behind.
     *
     * @return the policies by the names of their events
     */
    public Map<String, Slow<?>> slow() {
        return slow;
    }

    /**
     * What the server side may tell a channel.
     *
     * @return the handlers, in the order of their declaration
     */
    public List<MessageHandler<A, ?>> messages() {
        return messages;
    }

    /**
     * Which topics of the pub/sub a channel may subscribe to.
     *
     * @return the handlers by their topics
     */
    public Map<Topic<?>, EventHandler<A, ?>> topics() {
        return topics;
    }

    /**
     * What runs when a channel ends.
     *
     * @return the hooks, in the order of their declaration
     */
    public List<LeaveHook<A>> left() {
        return left;
    }

    /**
     * Decides who may join.
     *
     * @param <S> the type of the connection's assigns
     * @param <A> the type of the channel's assigns
     */
    @FunctionalInterface
    public interface JoinHandler<S, A> {
        /**
         * Called for each request to join. Joins of different topics do not wait for each other. When the client joins
         * again or goes away meanwhile, the thread may be interrupted and the outcome is dropped; if it was
         * {@link Join#ok}, the leave hooks run.
         *
         * @param join the request
         * @return joined with assigns, or refused
         * @throws Exception whatever goes wrong: it is logged, the client gets the reason {@code join crashed}
         */
        JoinOutcome<A> join(Join<S> join) throws Exception;
    }

    /**
     * Decides who may join, with what the client sent.
     *
     * @param <S> the type of the connection's assigns
     * @param <A> the type of the channel's assigns
     * @param <P> the type of what the client sent
     */
    @FunctionalInterface
    public interface TypedJoinHandler<S, A, P> {
        /**
         * Called for each request to join that fits the type; see {@link JoinHandler#join}.
         *
         * @param params what the client sent
         * @param join the request
         * @return joined with assigns, or refused
         * @throws Exception whatever goes wrong: it is logged, the client gets the reason {@code join crashed}
         */
        JoinOutcome<A> join(P params, Join<S> join) throws Exception;
    }

    /**
     * Runs when a client has joined.
     *
     * @param <A> the type of the channel's assigns
     */
    @FunctionalInterface
    public interface JoinedHook<A> {
        /**
         * Called once for each accepted join, before any handler; what it writes follows the join reply. It is called
         * as well when the client has joined again or gone away meanwhile, so that each leave hook has its counterpart.
         *
         * @param room the joined channel
         * @throws Exception whatever goes wrong: the channel ends as {@link Leaving.Failed}
         */
        void joined(Context<A> room) throws Exception;
    }

    /**
     * Runs when a channel ends.
     *
     * @param <A> the type of the channel's assigns
     */
    @FunctionalInterface
    public interface LeaveHook<A> {
        /**
         * Called once, last. What it pushes still reaches a client that {@link Leaving.Left left}, or whose channel
         * was {@link Leaving.Stopped stopped} or {@link Leaving.Failed failed}.
         *
         * @param why why the channel ended
         * @param room the channel
         * @throws Exception whatever goes wrong: it is logged
         */
        void left(Leaving why, Context<A> room) throws Exception;
    }

    /**
     * Handles an event of a client, or a message of the server side.
     *
     * @param <A> the type of the channel's assigns
     * @param <T> the type of the payload
     */
    @FunctionalInterface
    public interface EventHandler<A, T> {
        /**
         * Called for each event in turn.
         *
         * @param payload what was said
         * @param room the joined channel
         * @return what to do: {@link NoReply}, {@link Stop}, or {@link Reply#error} to refuse
         * @throws Exception whatever goes wrong: the channel ends as {@link Leaving.Failed}
         */
        Outcome<Void> handle(T payload, Context<A> room) throws Exception;
    }

    /**
     * Handles a call of a client.
     *
     * @param <A> the type of the channel's assigns
     * @param <Q> the type of the payload
     * @param <R> the type of the reply
     */
    @FunctionalInterface
    public interface CallHandler<A, Q, R> {
        /**
         * Called for each call in turn.
         *
         * @param request what was asked
         * @param room the joined channel
         * @return what to do: {@link Reply}, or {@link Stop}
         * @throws Exception whatever goes wrong: the channel ends as {@link Leaving.Failed}
         */
        Outcome<R> handle(Q request, Context<A> room) throws Exception;
    }

    /**
     * Handles a call of a client that will be answered later.
     *
     * @param <A> the type of the channel's assigns
     * @param <Q> the type of the payload
     * @param <R> the type of the reply
     */
    @FunctionalInterface
    public interface LaterHandler<A, Q, R> {
        /**
         * Called for each call in turn; the next handler runs when it returns, answered or not.
         *
         * @param request what was asked
         * @param room the joined channel
         * @param answer to be given once
         * @throws Exception whatever goes wrong: the channel ends as {@link Leaving.Failed}
         */
        void handle(Q request, Context<A> room, Answer<R> answer) throws Exception;
    }

    /**
     * Decides what becomes of a broadcast on its way to one member.
     *
     * @param <A> the type of the channel's assigns
     * @param <T> the type of the payload
     */
    @FunctionalInterface
    public interface OutHandler<A, T> {
        /**
         * Called for each broadcast of the event, once for each member, in that member's turn.
         *
         * @param payload what was broadcast
         * @param room the member
         * @return pass, replace or drop
         * @throws Exception whatever goes wrong: the channel ends as {@link Leaving.Failed}
         */
        Out<T> handle(T payload, Context<A> room) throws Exception;
    }

    /**
     * What is done with one name that clients may say.
     *
     * @param <A> the type of the channel's assigns
     */
    public sealed interface Handler<A> {
        /**
         * For an event.
         *
         * @param event what may be said
         * @param handler what is done then
         * @param <A> the type of the channel's assigns
         * @param <T> the type of the payload
         */
        record ForEvent<A, T>(Event<T> event, EventHandler<A, ? super T> handler) implements Handler<A> {}

        /**
         * For a call.
         *
         * @param call what may be asked
         * @param handler what is done then
         * @param <A> the type of the channel's assigns
         * @param <Q> the type of the payload
         * @param <R> the type of the reply
         */
        record ForCall<A, Q, R>(Call<Q, R> call, CallHandler<A, ? super Q, R> handler) implements Handler<A> {}

        /**
         * For a call that is answered later.
         *
         * @param call what may be asked
         * @param handler what is done then
         * @param <A> the type of the channel's assigns
         * @param <Q> the type of the payload
         * @param <R> the type of the reply
         */
        record ForLater<A, Q, R>(Call<Q, R> call, LaterHandler<A, ? super Q, R> handler) implements Handler<A> {}
    }

    /**
     * What is done with one event on its way out.
     *
     * @param event the event
     * @param handler what is done
     * @param <A> the type of the channel's assigns
     * @param <T> the type of the payload
     */
    public record Intercept<A, T>(Event<T> event, OutHandler<A, T> handler) {}

    /**
     * What becomes of one event for a client that is behind.
     *
     * @param event the event
     * @param policy what becomes of it
     * @param <T> the type of the payload
     */
    public record Slow<T>(Event<T> event, SlowPolicy<T> policy) {}

    /**
     * What is done with messages of one class.
     *
     * @param type the class
     * @param handler what is done
     * @param <A> the type of the channel's assigns
     * @param <T> the class
     */
    public record MessageHandler<A, T>(Class<T> type, EventHandler<A, ? super T> handler) {}

    /**
     * Collects what a channel does. Not for several threads at once.
     *
     * @param <S> the type of the connection's assigns that it needs
     * @param <A> the type of its own assigns
     */
    public static final class Builder<S, A> {
        private static final Set<String> PRESENCE = Set.of("presence_state", "presence_diff");

        private final JoinHandler<S, A> join;
        private final List<JoinedHook<A>> joined = new ArrayList<>();
        private final Map<String, Handler<A>> handlers = new LinkedHashMap<>();
        private final Map<String, Handler<A>> binaryHandlers = new LinkedHashMap<>();
        private final Map<String, Intercept<A, ?>> intercepts = new LinkedHashMap<>();
        private final Map<String, Slow<?>> slow = new LinkedHashMap<>();
        private final List<MessageHandler<A, ?>> messages = new ArrayList<>();
        private final Map<Topic<?>, EventHandler<A, ?>> topics = new LinkedHashMap<>();
        private final List<LeaveHook<A>> left = new ArrayList<>();
        private @Nullable History history;
        private @Nullable Rate messageRate;

        private Builder(JoinHandler<S, A> join) {
            this.join = join;
        }

        /**
         * Runs something when a client has joined, after the join reply was sent.
         *
         * @param hook what to run
         * @return this
         */
        public Builder<S, A> onJoined(JoinedHook<A> hook) {
            joined.add(hook);
            return this;
        }

        /**
         * Handles an event of clients.
         *
         * @param event what may be said
         * @param handler what is done then
         * @param <T> the type of the payload
         * @return this
         * @throws IllegalArgumentException if the name has a handler
         */
        public <T> Builder<S, A> on(Event<T> event, EventHandler<A, ? super T> handler) {
            return handle(event.name(), event.isBinary(), new Handler.ForEvent<>(event, handler));
        }

        /**
         * Handles a call of clients.
         *
         * @param call what may be asked
         * @param handler what is done then
         * @param <Q> the type of the payload
         * @param <R> the type of the reply
         * @return this
         * @throws IllegalArgumentException if the name has a handler
         */
        public <Q, R> Builder<S, A> on(Call<Q, R> call, CallHandler<A, ? super Q, R> handler) {
            return handle(call.name(), call.isBinary(), new Handler.ForCall<>(call, handler));
        }

        /**
         * Handles a call of clients that is answered later, from any thread.
         *
         * @param call what may be asked
         * @param handler what is done then
         * @param <Q> the type of the payload
         * @param <R> the type of the reply
         * @return this
         * @throws IllegalArgumentException if the name has a handler
         */
        public <Q, R> Builder<S, A> onLater(Call<Q, R> call, LaterHandler<A, ? super Q, R> handler) {
            return handle(call.name(), call.isBinary(), new Handler.ForLater<>(call, handler));
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
        public <T> Builder<S, A> onOut(Event<T> event, OutHandler<A, T> handler) {
            if (intercepts.putIfAbsent(event.name(), new Intercept<>(event, handler)) != null) {
                throw new IllegalArgumentException(
                        "Event '" + event.name() + "' has an onOut handler; it needs one only.");
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
         * Handles what {@link Context#tell} puts into a channel's mailbox. The first handler whose class fits is
         * called; a message that none fits is logged and dropped.
         *
         * @param type the class of the messages
         * @param handler what is done
         * @param <T> the class of the messages
         * @return this
         */
        public <T> Builder<S, A> onMessage(Class<T> type, EventHandler<A, ? super T> handler) {
            messages.add(new MessageHandler<>(type, handler));
            return this;
        }

        /**
         * Handles what is published on a topic that a channel {@link Context#subscribe subscribed} to.
         *
         * @param topic the topic
         * @param handler what is done
         * @param <T> the type of its messages
         * @return this
         * @throws IllegalArgumentException if the topic has a handler
         */
        public <T> Builder<S, A> onMessage(Topic<T> topic, EventHandler<A, ? super T> handler) {
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
        public Builder<S, A> onLeave(LeaveHook<A> hook) {
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
         * Finishes the definition.
         *
         * @return the channel
         * @throws IllegalStateException if an event is kept in the history and has a policy for slow clients
         */
        public Channel<S, A> build() {
            if (history != null) {
                for (String kept : history.events()) {
                    if (slow.containsKey(kept)) {
                        throw new IllegalStateException("Event '" + kept + "' is kept in a history without a gap, and"
                                + " left out for slow clients; it can be one of the two.");
                    }
                }
            }
            return new Channel<>(this);
        }

        private Builder<S, A> handle(String name, boolean binary, Handler<A> handler) {
            if ((binary ? binaryHandlers : handlers).putIfAbsent(name, handler) != null) {
                throw new IllegalArgumentException(
                        "'" + name + "' has a handler; a name on the wire is handled in one place.");
            }
            return this;
        }
    }
}
