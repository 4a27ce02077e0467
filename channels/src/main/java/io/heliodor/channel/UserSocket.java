package io.heliodor.channel;

import io.heliodor.channel.definition.ChannelDefinition;
import io.heliodor.channel.definition.SocketDefinition;
import io.heliodor.channel.definition.SocketDefinition.Route;
import io.heliodor.channel.definition.TopicPattern;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.InvalidPayload;
import io.heliodor.event.JsonProfile;
import io.heliodor.event.Raw;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The definition of a socket: the handler of connection requests, and the channels of topics. Immutable; mounted on an endpoint under a path.
 *
 * @param <S> the type of the connection's assigns
 */
public sealed interface UserSocket<S> permits SocketDefinition {
    /**
     * Defines a socket that accepts all connections.
     *
     * @return a builder
     */
    static Builder<Object> open() {
        Builder<Object> builder = connect(connect -> Connect.ok(Empty.EMPTY));
        builder.withoutIds = true;
        return builder;
    }

    /**
     * Defines a socket with a handler of connection requests.
     *
     * @param handler accepts or refuses connections
     * @param <S> the type of the connection's assigns
     * @return a builder
     */
    static <S> Builder<S> connect(ConnectHandler<S> handler) {
        return new Builder<>(Objects.requireNonNull(handler, "handler"));
    }

    /**
     * Builds a {@link UserSocket}. Not thread-safe.
     *
     * @param <S> the type of the connection's assigns
     */
    final class Builder<S> {
        private ConnectHandler<S> connect;
        private @Nullable RefreshHandler<S> refresh;
        private final List<Route<S>> routes = new ArrayList<>();
        private final List<AroundHook<S>> around = new ArrayList<>();
        private @Nullable SendHook sendHook;
        private final Map<Class<? extends Exception>, ExceptionHandler<?>> exceptions = new LinkedHashMap<>();
        private @Nullable PayloadValidator validator;
        private JsonProfile raw = JsonProfile.RFC_8259;
        private final Map<Class<?>, Function<?, ? extends ConnectOutcome.Refused<?>>> connectExceptions =
                new LinkedHashMap<>();
        private boolean refusesAfterUpgrade;
        private boolean supabase;
        private boolean withoutIds;
        private @Nullable List<Event<?>> sends;

        private Builder(ConnectHandler<S> connect) {
            this.connect = connect;
        }

        /**
         * Maps the topics of a pattern to a channel. If several patterns match a topic, an exact one wins, then the longest.
         *
         * <p>A topic has 1 to 255 bytes of UTF-8 and no control character. A {@code *} at the end stands for any rest, and
         * {@code *} alone for every topic. {@code phoenix} is refused, since it is the topic of the protocol.
         *
         * @param pattern a topic, or a prefix followed by {@code *}: {@code room:*}
         * @param channel the channel
         * @return this
         * @throws IllegalArgumentException if the pattern is invalid, or declared before
         */
        public Builder<S> channel(String pattern, Channel<? super S, ?> channel) {
            Objects.requireNonNull(pattern, "pattern");
            Objects.requireNonNull(channel, "channel");
            TopicPattern parsed = TopicPattern.parse(pattern);
            for (Route<S> route : routes) {
                if (route.pattern().equals(parsed)) {
                    throw new IllegalArgumentException(
                            "Pattern '" + pattern + "' is declared twice on this socket; a topic has one channel.");
                }
            }
            routes.add(new Route<>(parsed, ChannelDefinition.of(channel)));
            return this;
        }

        /**
         * Sets the handler of fresh tokens, by which a connection gets another identity without a reconnect. A client sends its token as
         * the event {@code refresh} on the topic {@code phoenix}, with the payload {@code {"token": "..."}}:
         *
         * {@snippet lang="js" :
         * const refresh = () =>
         *   socket.push({ topic: "phoenix", event: "refresh", payload: { token: token() }, ref: socket.makeRef() });
         * }
         *
         * <p>After an accepted token the {@linkplain Channel.Builder#authorize rights} of all channels of the connection are checked
         * again, with the new assigns. The reply is {@code ok}, or {@code error} with {@code status} and {@code reason}. A refused token
         * changes nothing: the identity before stays valid until its time is over. A second token is refused with status 429 while the
         * handler runs.
         *
         * @param handler accepts or refuses the token
         * @return this
         * @throws IllegalStateException if there is one
         */
        public Builder<S> onRefresh(RefreshHandler<S> handler) {
            if (refresh != null) {
                throw new IllegalStateException("The socket has an onRefresh handler; it needs one only.");
            }
            refresh = Objects.requireNonNull(handler, "handler");
            return this;
        }

        /**
         * Refuses clients after the upgrade, for pages: a browser reports code 1006 for each status before it. This holds for each refusal
         * by the connect handler, for a limit of its outcome that is over, and for a handler that throws (status 500); not for a
         * foreign origin, limits of the endpoint and a drain.
         *
         * <p>The WebSocket opens, and the client gets one last event, {@code refused}, by {@code socket.onMessage} under the topic
         * {@code phoenix}, with {@code status}, {@code reason} (the text) and, if there is one, {@code retry_after} in seconds. Its other
         * messages are ignored. Within two seconds the connection is closed with 4401 for status 401, 4503 for 429 and 500 to 599, else
         * 4403, unless the client has closed it.
         *
         * <p>A page must call {@code socket.disconnect()} after the event or a final code: phoenix.js would connect again at once. A refused
         * connection counts in the limits of connections meanwhile. A client that polls gets 403, and 500 if the handler throws.
         *
         * @return this
         */
        public Builder<S> refuseAfterUpgrade() {
            refusesAfterUpgrade = true;
            return this;
        }

        /**
         * Adds a hook around every handler and hook of the channels of this socket: join, onJoined, events and calls, info and
         * published messages, intercepts, onLeave, authorizations. It is for a common context: a security context, a transaction, a span,
         * fields of the log. The connect handler is not among them, since it runs before there is a socket, nor is the handler of fresh
         * tokens.
         *
         * {@snippet lang="java" :
         * .around(invocation -> {
         *     MDC.put("user", invocation.socket().id().orElse("-"));
         *     try {
         *         invocation.proceed();
         *     } finally {
         *         MDC.remove("user");
         *     }
         * })
         * }
         *
         * <p>Hooks nest in the order of their declaration, the first outermost. They run after the payload was decoded, so
         * an invalid payload reaches no hook.
         *
         * @param hook called for each invocation
         * @return this
         */
        public Builder<S> around(AroundHook<S> hook) {
            around.add(Objects.requireNonNull(hook, "hook"));
            return this;
        }

        /**
         * Sets the hook that decides when the messages of handlers are sent: those of {@link Context#push}, {@link Context#pushUnder},
         * {@link Context#broadcast}, {@link Context#broadcastFrom} and the {@link Channels} of a context or join. Replies are sent after
         * the handler in each case. Messages of a {@link Socket}, presences and pub/sub do not pass it.
         *
         * @param hook called for each message
         * @return this
         * @throws IllegalStateException if there is one
         */
        public Builder<S> sendHook(SendHook hook) {
            if (sendHook != null) {
                throw new IllegalStateException("The socket has a sendHook; it needs one only.");
            }
            sendHook = Objects.requireNonNull(hook, "hook");
            return this;
        }

        /**
         * Declares an exception that handlers of all channels of this socket are expected to throw; see
         * {@link Channel.Builder#onException}. Declarations of a channel take precedence.
         *
         * @param type the type of the exception, with its subclasses
         * @param handler returns the refusal
         * @param <X> the type of the exception
         * @return this
         * @throws IllegalArgumentException if the type is declared already, or is {@link InvalidPayload}
         */
        public <X extends Exception> Builder<S> onException(Class<X> type, ExceptionHandler<? super X> handler) {
            Channel.Builder.declare(exceptions, type, handler);
            return this;
        }

        /**
         * Declares an exception that the connect handler and the handler of fresh tokens are expected to throw: that of a database that is
         * away, for example. The client is refused, in place of status 500. The closest declared superclass of an exception counts.
         *
         * {@snippet lang="java" :
         * .onConnectException(SQLTransientException.class, _ -> Connect.refuse(503).retryAfter(Duration.ofSeconds(5)))
         * }
         *
         * @param type the type of the exception, with its subclasses
         * @param handler returns the refusal, from {@link Connect#refuse}; on the thread of the connect handler, and may block. The server
         *     writes a line for refusals with a status from 500, at a rate. If it throws, the client gets status 500
         * @param <X> the type of the exception
         * @return this
         * @throws IllegalArgumentException if the type is declared already
         */
        public <X extends Exception> Builder<S> onConnectException(
                Class<X> type, Function<? super X, ? extends ConnectOutcome.Refused<?>> handler) {
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(handler, "handler");
            if (connectExceptions.putIfAbsent(type, handler) != null) {
                throw new IllegalArgumentException("The exception " + type.getName()
                        + " is declared twice for the connect handler of this socket; declare it once.");
            }
            return this;
        }

        /** An outcome of a handler that may throw. */
        private interface Connecting<S> {
            ConnectOutcome<? extends S> outcome() throws Exception;
        }

        @SuppressWarnings(
                "unchecked") // a refusal has no assigns; the handler was declared for this class or a superclass of it
        private static <S> ConnectOutcome<? extends S> refusing(
                Map<Class<?>, Function<?, ? extends ConnectOutcome.Refused<?>>> exceptions, Connecting<S> connecting)
                throws Exception {
            try {
                return connecting.outcome();
            } catch (Exception e) {
                var handler = (Function<Exception, ? extends ConnectOutcome.Refused<?>>)
                        ChannelDefinition.closest(exceptions, e);
                if (handler == null) {
                    throw e;
                }
                ConnectOutcome.Refused<S> refused = (ConnectOutcome.Refused<S>) handler.apply(e);
                return refused.cause().isPresent() ? refused : refused.because(e.toString());
            }
        }

        private void refuseExceptions() {
            if (!connectExceptions.isEmpty()) {
                var exceptions = Map.copyOf(connectExceptions);
                ConnectHandler<S> connecting = connect;
                connect = request -> refusing(exceptions, () -> connecting.connect(request));
                RefreshHandler<S> refreshing = refresh;
                if (refreshing != null) {
                    refresh = (token, socket) -> refusing(exceptions, () -> refreshing.refresh(token, socket));
                }
                connectExceptions.clear();
            }
        }

        /**
         * Declares the events that the server sends to connections under the topic {@code phoenix}. {@code SocketContract} has them for
         * the types of clients.
         *
         * <p>From the first declaration on, the socket sends declared events alone; see {@link Channel.Builder#sends}.
         *
         * @param events the events of {@link Socket#push}, {@link Channels#push} and {@link Channels#kick}
         * @return this
         * @throws IllegalArgumentException if an event is declared before with another type, for this kind of payload: JSON, or bytes
         */
        public Builder<S> sends(Event<?>... events) {
            sends = Channel.Builder.declared(sends, events);
            return this;
        }

        /**
         * Sets the validator of the payloads of joins, events and calls on all channels of this socket.
         *
         * {@snippet lang="java" :
         * .validator(payload -> {
         *     for (var violation : beanValidator.validate(payload)) {
         *         throw new InvalidPayload(violation.getPropertyPath().toString(), violation.getMessage());
         *     }
         * })
         * }
         *
         * <p>Without a validator an endpoint refuses payload types with annotations of Bean Validation, except {@code @NotNull}, which
         * holds for each property anyway.
         *
         * @param check called for each payload, after it was decoded and before hooks and its handler run
         * @return this
         * @throws IllegalStateException if there is one
         */
        public Builder<S> validator(PayloadValidator check) {
            if (validator != null) {
                throw new IllegalStateException("The socket has a validator; it needs one only.");
            }
            validator = Objects.requireNonNull(check, "check");
            return this;
        }

        /**
         * Sets the rules for {@link Raw} payloads of clients on all channels of this socket, also for those inside of other payloads. With
         * {@link JsonProfile#I_JSON} a client cannot send JSON through this server that other clients refuse or read differently:
         * it gets the refusal {@code invalid_payload}.
         *
         * @param profile the rules; {@link JsonProfile#RFC_8259} by default, by which all valid JSON is passed on
         * @return this
         */
        public Builder<S> rawPayloads(JsonProfile profile) {
            raw = Objects.requireNonNull(profile, "profile");
            return this;
        }

        /**
         * Enables the binary broadcast messages of supabase-js, on connections of version 2.0.0 over WebSocket. Its text messages are normal
         * ones. Other clients may use the same socket.
         *
         * <p>A broadcast comes as the event {@code broadcast}: JSON with the fields {@code type}, {@code event} and
         * {@code payload}, to be handled as {@code Event.of("broadcast", Raw.class)} or a record; bytes as
         * {@code Event.of("broadcast", ByteBuffer.class)}. Those contain the name of the user's event before the
         * bytes, so broadcast them unchanged. supabase-js cannot read other binary payloads: do not send them on its topics.
         *
         * @return this
         */
        public Builder<S> supabase() {
            supabase = true;
            return this;
        }

        /**
         * Builds the socket.
         *
         * @return the socket
         * @throws IllegalStateException if no channel was declared, or if a channel can be joined under a topic that is one of the
         *     {@linkplain Channel.Builder#pushTopics push topics} of a channel, or if a channel has a call that is executed
         *     {@linkplain io.heliodor.event.Call#once once} and the socket is {@linkplain UserSocket#open open}
         */
        public UserSocket<S> build() {
            if (routes.isEmpty()) {
                throw new IllegalStateException(
                        "This socket has no channel, so no client could join anything; add .channel(\"room:*\","
                                + " room).");
            }
            routes.forEach(this::checkPushTopics);
            refuseExceptions();
            return new SocketDefinition<>(
                    routes.stream()
                            .flatMap(route -> route.channel().onceCalls())
                            .findFirst()
                            .map(this::withIds)
                            .orElse(connect),
                    Optional.ofNullable(refresh),
                    routes,
                    around,
                    Optional.ofNullable(sendHook),
                    exceptions,
                    Optional.ofNullable(validator),
                    raw,
                    refusesAfterUpgrade,
                    supabase,
                    Optional.ofNullable(sends));
        }

        /** The keys of calls that are executed once belong to the ids of connections. */
        private ConnectHandler<S> withIds(String call) {
            if (withoutIds) {
                throw new IllegalStateException("The call '" + call
                        + "' is executed once, by a key that belongs to the id of a connection, and UserSocket.open() gives"
                        + " connections no id; use UserSocket.connect(connect -> Connect.ok(assigns, \"users:42\")).");
            }
            return request -> {
                ConnectOutcome<? extends S> outcome = connect.connect(request);
                if (outcome instanceof ConnectOutcome.Accepted<? extends S> accepted
                        && accepted.id().isEmpty()) {
                    throw new IllegalStateException(
                            "The connect handler accepted a connection without an id, and the call '"
                                    + call
                                    + "' is executed once, by a key that belongs to the id; return Connect.ok(assigns, id) with an"
                                    + " id such as \"users:42\".");
                }
                return outcome;
            };
        }

        /** No handler can push under a topic that a client may have joined. */
        private void checkPushTopics(Route<S> pushing) {
            for (TopicPattern pushed : pushing.channel().pushTopics()) {
                for (Route<S> route : routes) {
                    if (pushed.overlaps(route.pattern())) {
                        throw new IllegalStateException("The channel of '" + pushing.pattern()
                                + "' has the push topics '" + pushed + "', and clients can join such topics by the"
                                + " pattern '" + route.pattern() + "'; choose patterns without a common topic.");
                    }
                }
            }
        }
    }
}
