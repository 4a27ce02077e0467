package io.heliodor.channel.definition;

import io.heliodor.channel.Authorization;
import io.heliodor.channel.Channel;
import io.heliodor.channel.EventHandler;
import io.heliodor.channel.ExceptionHandler;
import io.heliodor.channel.History;
import io.heliodor.channel.InfoMessage;
import io.heliodor.channel.JoinHandler;
import io.heliodor.channel.JoinedHook;
import io.heliodor.channel.LeaveHook;
import io.heliodor.channel.UnhandledHandler;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.limit.Rate;
import io.heliodor.pubsub.Topic;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The content of a channel. Immutable.
 *
 * @param assigns the type of the connection's assigns that it needs
 * @param join decides who may join
 * @param authorization checks the right to a topic; empty if all may join that the join handler accepts
 * @param params the type of the payload of a join; empty if its handler reads none
 * @param joined the hooks after an accepted join, in the order of their declaration
 * @param handlers of events and calls with JSON, by their names
 * @param binaryHandlers of events and calls with bytes, by their names
 * @param unhandled the handler of events without one of their own
 * @param intercepts by the names of their events
 * @param slow the policies for slow clients, by the names of their events
 * @param infoMessages the handlers of info messages
 * @param topics the handlers of published messages
 * @param pushTopics the topics under which it may push, in addition to its own
 * @param left the hooks at the end, in the order of their declaration
 * @param history what is kept of each topic; empty if nothing is
 * @param messageRate of one client on one topic; empty without a limit
 * @param handlerTimeout how long a handler may run; empty without a limit
 * @param exceptions the handlers of exceptions that are refusals, by their types
 * @param declarations what it declares about its messages
 * @param <S> the type of the connection's assigns that it needs
 * @param <A> the type of its own assigns
 */
public record ChannelDefinition<S, A>(
        Class<S> assigns,
        JoinHandler<S, A> join,
        Optional<Authorization<S>> authorization,
        Optional<Class<?>> params,
        List<JoinedHook<S, A>> joined,
        Map<String, Handler<S, A>> handlers,
        Map<String, Handler<S, A>> binaryHandlers,
        Optional<UnhandledHandler<S, A>> unhandled,
        Map<String, Intercept<S, A, ?>> intercepts,
        Map<String, Slow<?>> slow,
        Map<InfoMessage<?>, EventHandler<S, A, ?>> infoMessages,
        Map<Topic<?>, EventHandler<S, A, ?>> topics,
        List<TopicPattern> pushTopics,
        List<LeaveHook<S, A>> left,
        Optional<History> history,
        Optional<Rate> messageRate,
        Optional<Duration> handlerTimeout,
        Map<Class<? extends Exception>, ExceptionHandler<?>> exceptions,
        Declarations declarations)
        implements Channel<S, A> {
    /** Takes copies. */
    public ChannelDefinition {
        joined = List.copyOf(joined);
        handlers = Map.copyOf(handlers);
        binaryHandlers = Map.copyOf(binaryHandlers);
        intercepts = Map.copyOf(intercepts);
        slow = Map.copyOf(slow);
        infoMessages = Map.copyOf(infoMessages);
        topics = Map.copyOf(topics);
        pushTopics = List.copyOf(pushTopics);
        left = List.copyOf(left);
        exceptions = Map.copyOf(exceptions);
    }

    /**
     * The names of the calls that are executed once.
     *
     * @return the names
     */
    public Stream<String> onceCalls() {
        return calls().filter(call -> call.key().isPresent()).map(Call::name);
    }

    /**
     * The events that it declares to send: those of {@code sends}, {@code intercept}, {@code whenSlow} and {@code history}. An event
     * of {@code on} is received, and is sent only if one of these has it, too. If several have one name and one kind of payload, JSON or bytes, the first
     * of these is taken.
     *
     * @return the events, sorted by name, JSON before bytes
     */
    public List<Event<?>> sentEvents() {
        Map<String, Event<?>> json = new TreeMap<>();
        Map<String, Event<?>> binary = new TreeMap<>();
        Stream.of(
                        declarations.sends().stream().<Event<?>>flatMap(List::stream),
                        intercepts.values().stream().<Event<?>>map(Intercept::event),
                        slow.values().stream().<Event<?>>map(Slow::event),
                        history.stream().flatMap(kept -> kept.events().stream()))
                .flatMap(events -> events)
                .forEach(event -> (event.isBinary() ? binary : json).putIfAbsent(event.name(), event));
        return Stream.concat(json.values().stream(), binary.values().stream())
                .sorted(Comparator.comparing(Event::name))
                .toList();
    }

    /**
     * The events that clients send.
     *
     * @return the events, JSON before bytes, in no order of names
     */
    public Stream<Event<?>> events() {
        return allHandlers().mapMulti((handler, events) -> {
            if (handler instanceof Handler.ForEvent<S, A, ?> each) {
                events.accept(each.event());
            }
        });
    }

    /**
     * The calls that clients send.
     *
     * @return the calls, JSON before bytes, in no order of names
     */
    public Stream<Call<?, ?, ?>> calls() {
        return allHandlers().mapMulti((handler, calls) -> {
            switch (handler) {
                case Handler.ForCall<S, A, ?, ?, ?> each -> calls.accept(each.call());
                case Handler.ForDeferred<S, A, ?, ?, ?> each -> calls.accept(each.call());
                case Handler.ForEvent<S, A, ?> _ -> {}
            }
        });
    }

    private Stream<Handler<S, A>> allHandlers() {
        return Stream.concat(handlers.values().stream(), binaryHandlers.values().stream());
    }

    /**
     * This channel with other declarations.
     *
     * @param other the declarations
     * @return a copy
     */
    public ChannelDefinition<S, A> declaring(Declarations other) {
        return new ChannelDefinition<>(
                assigns,
                join,
                authorization,
                params,
                joined,
                handlers,
                binaryHandlers,
                unhandled,
                intercepts,
                slow,
                infoMessages,
                topics,
                pushTopics,
                left,
                history,
                messageRate,
                handlerTimeout,
                exceptions,
                other);
    }

    /**
     * The content of a channel.
     *
     * @param channel the channel
     * @param <S> the type of the connection's assigns
     * @param <A> the type of the channel's assigns
     * @return the same object
     */
    public static <S, A> ChannelDefinition<S, A> of(Channel<S, A> channel) {
        return switch (channel) {
            case ChannelDefinition<S, A> definition -> definition;
        };
    }

    /**
     * The declaration for the class of an exception, or else for its closest superclass.
     *
     * @param declared the declarations
     * @param thrown the exception
     * @return the declaration; null if there is none
     * @param <V> the type of a declaration
     */
    public static <V> @Nullable V closest(Map<? extends Class<?>, ? extends V> declared, Throwable thrown) {
        for (Class<?> type = thrown.getClass(); type != null; type = type.getSuperclass()) {
            V found = declared.get(type);
            if (found != null) {
                return found;
            }
        }
        return null;
    }
}
