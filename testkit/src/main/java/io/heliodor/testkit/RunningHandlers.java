package io.heliodor.testkit;

import io.heliodor.channel.Channel;
import io.heliodor.channel.EventHandler;
import io.heliodor.channel.ExceptionHandler;
import io.heliodor.channel.InfoMessage;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.UnhandledHandler;
import io.heliodor.channel.UserSocket;
import io.heliodor.channel.definition.ChannelDefinition;
import io.heliodor.channel.definition.Handler;
import io.heliodor.channel.definition.Intercept;
import io.heliodor.channel.definition.Slow;
import io.heliodor.channel.definition.SocketDefinition;
import io.heliodor.channel.definition.TopicPattern;
import io.heliodor.event.Event;
import io.heliodor.pubsub.Topic;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The handlers that are running, and the failures of channels. They are recorded by a copy of the user's socket definition
 * whose handlers are wrapped. Any thread may use it.
 */
final class RunningHandlers {
    private record Running(String what, String topic, Thread thread) {
        @Override
        public String toString() {
            Optional<StackTraceElement> place = Stream.of(thread.getStackTrace())
                    .filter(frame -> !frame.getClassName().startsWith("java.")
                            && !frame.getClassName().startsWith("jdk."))
                    .findFirst();
            return what + " on " + topic + place.map(Running::at).orElse("");
        }

        private static String at(StackTraceElement frame) {
            return frame.getClassName().equals(HeldJoin.class.getName())
                    ? ", which the test holds (holdJoin)"
                    : ", at " + frame;
        }
    }

    private final ClientsBySocket clients;
    private final UnsentReplies unsent;
    private final Set<Running> running = ConcurrentHashMap.newKeySet();
    private final Map<String, Throwable> failures = new ConcurrentHashMap<>();

    RunningHandlers(ClientsBySocket clients) {
        this.clients = clients;
        this.unsent = new UnsentReplies(clients);
    }

    /** The deferred replies that were not sent. */
    UnsentReplies unsent() {
        return unsent;
    }

    /** Records the failure of a channel or a join. */
    void failed(String topic, Throwable cause) {
        failures.put(topic, cause);
    }

    /** The running handlers and their positions, as text; empty if there are none. */
    String running() {
        return running.stream().map(Running::toString).sorted().collect(Collectors.joining("; "));
    }

    void interrupt() {
        running.forEach(each -> each.thread().interrupt());
    }

    /** The failure of the last channel of a topic. */
    Optional<Throwable> failure(String topic) {
        return Optional.ofNullable(failures.get(topic));
    }

    private <T> T run(String what, String topic, Callable<T> work) throws Exception {
        Running entry = new Running(what, topic, Thread.currentThread());
        running.add(entry);
        try {
            return work.call();
        } finally {
            running.remove(entry);
        }
    }

    /** A copy of a socket whose handlers are recorded. */
    <S> UserSocket<S> over(UserSocket<S> socket) {
        SocketDefinition<S> definition = SocketDefinition.of(socket);
        UserSocket.Builder<S> copy = UserSocket.connect(definition.connect());
        for (SocketDefinition.Route<S> route : definition.routes()) {
            copy.channel(route.pattern().toString(), over(route.pattern(), route.channel()));
        }
        definition
                .refresh()
                .ifPresent(handler -> copy.onRefresh((token, client) ->
                        run("the onRefresh handler", "phoenix", () -> handler.refresh(token, client))));
        definition.around().forEach(copy::around);
        for (Class<? extends Exception> type : definition.exceptions().keySet()) {
            expect(copy, type, definition.exceptions());
        }
        definition.sendHook().ifPresent(copy::sendHook);
        definition.validator().ifPresent(copy::validator);
        copy.rawPayloads(definition.raw());
        if (definition.supabase()) {
            copy.supabase();
        }
        definition.sends().ifPresent(events -> copy.sends(events.toArray(Event<?>[]::new)));
        return copy.build();
    }

    @SuppressWarnings("unchecked") // the class gives a type alone
    private static <S> Channel.Of<S> begin() {
        return (Channel.Of<S>) Channel.of(Object.class);
    }

    private <S, A> Channel<S, A> over(TopicPattern served, ChannelDefinition<S, A> channel) {
        Channel.Builder<S, A> copy = RunningHandlers.<S>begin()
                .join(join -> run("the join handler", join.topic(), () -> {
                    Optional<HeldJoin> held = clients.held(join.socket(), join.topic());
                    return held.isPresent()
                            ? held.get().run(() -> channel.join().join(join))
                            : channel.join().join(join);
                }));
        channel.authorization()
                .ifPresent(check -> copy.authorize((client, subtopic) ->
                        run("the authorization", served.topic(subtopic), () -> check.isAllowed(client, subtopic))));
        channel.joined()
                .forEach(hook -> copy.onJoined(context -> {
                    boolean _ = run("an onJoined hook", context.topic(), () -> {
                        hook.joined(context);
                        return true;
                    });
                }));
        channel.handlers().values().forEach(handler -> handle(copy, handler));
        channel.binaryHandlers().values().forEach(handler -> handle(copy, handler));
        channel.intercepts().values().forEach(intercept -> intercept(copy, intercept));
        channel.unhandled().ifPresent(handler -> unhandled(copy, handler));
        channel.infoMessages().forEach((message, handler) -> info(copy, message, handler));
        channel.topics().forEach((topic, handler) -> topic(copy, topic, handler));
        channel.pushTopics().forEach(pattern -> copy.pushTopics(pattern.toString()));
        channel.history().ifPresent(copy::history);
        channel.messageRate().ifPresent(copy::messageRate);
        channel.handlerTimeout().ifPresent(copy::handlerTimeout);
        for (Class<? extends Exception> type : channel.exceptions().keySet()) {
            expect(copy, type, channel.exceptions());
        }
        channel.slow().values().forEach(slow -> slow(copy, slow));
        copy.onLeave((why, context) -> {
            unsent.ended(context);
            if (why instanceof LeaveReason.Failed(var cause)) {
                failed(context.topic(), cause);
            }
        });
        channel.left()
                .forEach(hook -> copy.onLeave((why, context) -> {
                    boolean _ = run("a leave hook", context.topic(), () -> {
                        hook.left(why, context);
                        return true;
                    });
                }));
        return ChannelDefinition.of(copy.build()).declaring(channel.declarations());
    }

    private static <X extends Exception> void expect(
            UserSocket.Builder<?> copy, Class<X> type, Map<Class<? extends Exception>, ExceptionHandler<?>> declared) {
        copy.onException(type, handler(declared, type));
    }

    private static <X extends Exception> void expect(
            Channel.Builder<?, ?> copy, Class<X> type, Map<Class<? extends Exception>, ExceptionHandler<?>> declared) {
        copy.onException(type, handler(declared, type));
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // a definition pairs a type with a handler of it
    private static <X extends Exception> ExceptionHandler<X> handler(
            Map<Class<? extends Exception>, ExceptionHandler<?>> declared, Class<X> type) {
        return (ExceptionHandler<X>) declared.get(type);
    }

    private static <S, A, T> void slow(Channel.Builder<S, A> copy, Slow<T> slow) {
        copy.whenSlow(slow.event(), slow.policy());
    }

    private <S, A> void handle(Channel.Builder<S, A> copy, Handler<S, A> handler) {
        switch (handler) {
            case Handler.ForEvent<S, A, ?> event -> event(copy, event);
            case Handler.ForCall<S, A, ?, ?, ?> call -> call(copy, call);
            case Handler.ForDeferred<S, A, ?, ?, ?> deferred -> deferred(copy, deferred);
        }
    }

    private <S, A, T> void event(Channel.Builder<S, A> copy, Handler.ForEvent<S, A, T> event) {
        copy.on(
                event.event(),
                (payload, context) -> run(
                        of(event.event().name()),
                        context.topic(),
                        () -> event.handler().handle(payload, context)));
    }

    private <S, A, Q, R, E> void call(Channel.Builder<S, A> copy, Handler.ForCall<S, A, Q, R, E> call) {
        copy.answer(
                call.call(),
                (request, context) -> run(
                        of(call.call().name()),
                        context.topic(),
                        () -> call.handler().handle(request, context)));
    }

    private <S, A, Q, R, E> void deferred(Channel.Builder<S, A> copy, Handler.ForDeferred<S, A, Q, R, E> deferred) {
        copy.answerLater(deferred.call(), (request, context, reply) -> {
            boolean _ = run(of(deferred.call().name()), context.topic(), () -> {
                unsent.run(
                        deferred.call().name(),
                        context,
                        reply,
                        recorded -> deferred.handler().handle(request, context, recorded));
                return true;
            });
        });
    }

    private <S, A, T> void intercept(Channel.Builder<S, A> copy, Intercept<S, A, T> intercept) {
        String what = "the intercept of '" + intercept.event().name() + "'";
        copy.intercept(
                intercept.event(),
                (payload, context) ->
                        run(what, context.topic(), () -> intercept.handler().handle(payload, context)));
    }

    private <S, A> void unhandled(Channel.Builder<S, A> copy, UnhandledHandler<S, A> handler) {
        copy.onUnhandled((event, payload, context) ->
                run(of(event), context.topic(), () -> handler.handle(event, payload, context)));
    }

    @SuppressWarnings("unchecked") // a definition pairs a message with a handler of its type
    private <S, A, T> void info(Channel.Builder<S, A> copy, InfoMessage<T> message, EventHandler<S, A, ?> handler) {
        EventHandler<S, A, T> typed = (EventHandler<S, A, T>) handler;
        String what = "the handler of info message '" + message.name() + "'";
        copy.onInfo(message, (content, context) -> run(what, context.topic(), () -> typed.handle(content, context)));
    }

    @SuppressWarnings("unchecked") // a definition pairs a topic with a handler of its type
    private <S, A, T> void topic(Channel.Builder<S, A> copy, Topic<T> topic, EventHandler<S, A, ?> handler) {
        EventHandler<S, A, T> typed = (EventHandler<S, A, T>) handler;
        String what = "the handler of topic '" + topic.name() + "'";
        copy.onPublished(topic, (message, context) -> run(what, context.topic(), () -> typed.handle(message, context)));
    }

    private static String of(String name) {
        return "the handler of '" + name + "'";
    }
}
