package io.heliodor.session.channel;

import io.heliodor.channel.AroundHook;
import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.EventHandler;
import io.heliodor.channel.HandlerName;
import io.heliodor.channel.HandlerName.Kind;
import io.heliodor.channel.InfoMessage;
import io.heliodor.channel.Invocation;
import io.heliodor.channel.Socket;
import io.heliodor.channel.UnhandledHandler;
import io.heliodor.channel.definition.ChannelDefinition;
import io.heliodor.channel.definition.Handler;
import io.heliodor.channel.definition.Intercept;
import io.heliodor.channel.definition.Slow;
import io.heliodor.channel.definition.TopicPattern;
import io.heliodor.pubsub.Topic;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The hooks of a socket around the callbacks of one channel. They become part of the definition before it is served, so a
 * channel without hooks runs as if there were none anywhere.
 *
 * @param <S> the type of the connection's assigns
 */
public final class AroundHooks<S> {
    /** The name of the handler of events without one. */
    static final String UNHANDLED = "unhandled";

    private final List<AroundHook<S>> hooks;
    private final TopicPattern pattern;

    private AroundHooks(List<AroundHook<S>> hooks, TopicPattern pattern) {
        this.hooks = hooks;
        this.pattern = pattern;
    }

    /** The channel with its callbacks inside the hooks; the channel itself if there are none. */
    public static <S, A> ChannelDefinition<S, A> add(
            List<AroundHook<S>> hooks, TopicPattern pattern, ChannelDefinition<S, A> channel) {
        return hooks.isEmpty() ? channel : new AroundHooks<>(hooks, pattern).around(channel);
    }

    private <A> ChannelDefinition<S, A> around(ChannelDefinition<S, A> channel) {
        HandlerName join = name(Kind.JOIN, "join");
        HandlerName joined = name(Kind.JOINED, "joined");
        HandlerName leave = name(Kind.LEAVE, "leave");
        Channel.Builder<S, A> copy = begin().join(request -> call(
                join, request.topic(), request.socket(), () -> channel.join().join(request)));
        channel.authorization()
                .ifPresent(check -> copy.authorize((socket, subtopic) -> call(
                        name(Kind.JOIN, "authorize"),
                        pattern.topic(subtopic),
                        socket,
                        () -> check.isAllowed(socket, subtopic))));
        channel.joined().forEach(hook -> copy.onJoined(context -> run(joined, context, () -> hook.joined(context))));
        channel.handlers().values().forEach(handler -> handle(copy, handler));
        channel.binaryHandlers().values().forEach(handler -> handle(copy, handler));
        channel.unhandled().ifPresent(handler -> unhandled(copy, handler));
        channel.intercepts().values().forEach(intercept -> intercept(copy, intercept));
        channel.infoMessages().forEach((message, handler) -> info(copy, message, handler));
        channel.topics().forEach((topic, handler) -> published(copy, topic, handler));
        channel.slow().values().forEach(slow -> slow(copy, slow));
        channel.pushTopics().forEach(pattern -> copy.pushTopics(pattern.toString()));
        channel.left()
                .forEach(hook -> copy.onLeave((why, context) -> run(leave, context, () -> hook.left(why, context))));
        channel.history().ifPresent(copy::history);
        channel.messageRate().ifPresent(copy::messageRate);
        channel.handlerTimeout().ifPresent(copy::handlerTimeout);
        return ChannelDefinition.of(copy.build()).declaring(channel.declarations());
    }

    @SuppressWarnings("unchecked") // the class gives a type alone
    private Channel.Of<S> begin() {
        return (Channel.Of<S>) Channel.of(Object.class);
    }

    private <A> void handle(Channel.Builder<S, A> copy, Handler<S, A> handler) {
        switch (handler) {
            case Handler.ForEvent<S, A, ?> event -> event(copy, event);
            case Handler.ForCall<S, A, ?, ?, ?> call -> call(copy, call);
            case Handler.ForDeferred<S, A, ?, ?, ?> deferred -> deferred(copy, deferred);
        }
    }

    private <A, T> void event(Channel.Builder<S, A> copy, Handler.ForEvent<S, A, T> event) {
        HandlerName name = name(Kind.EVENT, event.event().name());
        copy.on(
                event.event(),
                (payload, context) -> call(name, context, () -> event.handler().handle(payload, context)));
    }

    private <A, Q, R, E> void call(Channel.Builder<S, A> copy, Handler.ForCall<S, A, Q, R, E> call) {
        HandlerName name = name(Kind.CALL, call.call().name());
        copy.answer(
                call.call(),
                (request, context) -> call(name, context, () -> call.handler().handle(request, context)));
    }

    private <A, Q, R, E> void deferred(Channel.Builder<S, A> copy, Handler.ForDeferred<S, A, Q, R, E> deferred) {
        HandlerName name = name(Kind.CALL, deferred.call().name());
        copy.answerLater(
                deferred.call(),
                (request, context, reply) ->
                        run(name, context, () -> deferred.handler().handle(request, context, reply)));
    }

    private <A> void unhandled(Channel.Builder<S, A> copy, UnhandledHandler<S, A> handler) {
        HandlerName name = name(Kind.EVENT, UNHANDLED);
        copy.onUnhandled(
                (event, payload, context) -> call(name, context, () -> handler.handle(event, payload, context)));
    }

    private <A, T> void intercept(Channel.Builder<S, A> copy, Intercept<S, A, T> intercept) {
        HandlerName name = name(Kind.INTERCEPT, intercept.event().name());
        copy.intercept(
                intercept.event(),
                (payload, context) ->
                        call(name, context, () -> intercept.handler().handle(payload, context)));
    }

    @SuppressWarnings("unchecked") // a definition pairs a message with a handler of its type
    private <A, T> void info(Channel.Builder<S, A> copy, InfoMessage<T> message, EventHandler<S, A, ?> handler) {
        HandlerName name = name(Kind.MESSAGE, message.name());
        EventHandler<S, A, T> typed = (EventHandler<S, A, T>) handler;
        copy.onInfo(message, (content, context) -> call(name, context, () -> typed.handle(content, context)));
    }

    @SuppressWarnings("unchecked") // a definition pairs a topic with a handler of its type
    private <A, T> void published(Channel.Builder<S, A> copy, Topic<T> topic, EventHandler<S, A, ?> handler) {
        HandlerName name = name(Kind.MESSAGE, topic.name());
        EventHandler<S, A, T> typed = (EventHandler<S, A, T>) handler;
        copy.onPublished(topic, (message, context) -> call(name, context, () -> typed.handle(message, context)));
    }

    private static <T> void slow(Channel.Builder<?, ?> copy, Slow<T> slow) {
        copy.whenSlow(slow.event(), slow.policy());
    }

    private HandlerName name(Kind kind, String name) {
        return new HandlerName(pattern.toString(), kind, name);
    }

    /** A callback without an outcome. */
    @FunctionalInterface
    private interface Hook {
        void run() throws Exception;
    }

    private void run(HandlerName handler, Context<S, ?> context, Hook callback) throws Exception {
        boolean _ = call(handler, context, () -> {
            callback.run();
            return true;
        });
    }

    private <T> T call(HandlerName handler, Context<S, ?> context, Callable<T> callback) throws Exception {
        return call(handler, context.topic(), context.socket(), callback);
    }

    private <T> T call(HandlerName handler, String topic, Socket<S> socket, Callable<T> callback) throws Exception {
        return new Called<>(handler, topic, socket, callback).outcome();
    }

    /** One call of a callback through all hooks. */
    private final class Called<T> {
        private final HandlerName handler;
        private final String topic;
        private final Socket<S> socket;
        private final Callable<T> callback;
        private @Nullable T outcome;
        private @Nullable Throwable failure;

        Called(HandlerName handler, String topic, Socket<S> socket, Callable<T> callback) {
            this.handler = handler;
            this.topic = topic;
            this.socket = socket;
            this.callback = callback;
        }

        @SuppressWarnings("NullAway") // an outcome of null is that of the callback, and refused where it is used
        T outcome() throws Exception {
            enter(0);
            return outcome;
        }

        /** Runs the hook with this index, and all further ones and the callback within it. */
        @SuppressWarnings("ReferenceEquality") // an exception stands for itself
        private void enter(int index) throws Exception {
            try {
                if (index == hooks.size()) {
                    outcome = callback.call();
                } else {
                    Step step = new Step(index);
                    hooks.get(index).around(step);
                    step.checkProceeded();
                }
            } catch (Throwable e) {
                if (failure != e) { // else a hook within this one has thrown it, or the callback
                    failure = e;
                    FailureTrace.keep(e);
                }
                throw e;
            }
            switch (failure) {
                case null -> {}
                // The hook caught an exception of what runs within it; the outer hooks must see a failure.
                case Error error -> throw error;
                case Throwable thrown -> throw (Exception) thrown;
            }
        }

        /** The invocation as one hook sees it. */
        private final class Step implements Invocation<S> {
            private final int index;
            private final Thread thread = Thread.currentThread();
            private boolean proceeded;

            Step(int index) {
                this.index = index;
            }

            @Override
            public HandlerName handler() {
                return handler;
            }

            @Override
            public String topic() {
                return topic;
            }

            @Override
            public Socket<S> socket() {
                return socket;
            }

            @Override
            public String correlation() {
                return socket.correlationId();
            }

            @Override
            public void proceed() throws Exception {
                if (!Thread.currentThread().equals(thread)) {
                    throw new IllegalStateException("Invocation.proceed was called on " + Thread.currentThread()
                            + "; call it on the thread that called the hook.");
                }
                if (proceeded) {
                    throw new IllegalStateException("Invocation.proceed was called twice for " + handler + " on '"
                            + topic + "'; a handler is called once.");
                }
                proceeded = true;
                enter(index + 1);
            }

            void checkProceeded() {
                if (!proceeded) {
                    throw new IllegalStateException("Hook " + (index + 1) + " around " + handler + " on '" + topic
                            + "' returned without Invocation.proceed(); call it once, or throw an exception.");
                }
            }
        }
    }
}
