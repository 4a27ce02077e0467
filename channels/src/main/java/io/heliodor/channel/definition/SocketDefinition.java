package io.heliodor.channel.definition;

import io.heliodor.channel.AroundHook;
import io.heliodor.channel.ConnectHandler;
import io.heliodor.channel.ExceptionHandler;
import io.heliodor.channel.PayloadValidator;
import io.heliodor.channel.RefreshHandler;
import io.heliodor.channel.SendHook;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Event;
import io.heliodor.event.JsonProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The content of a socket. Immutable.
 *
 * @param connect decides who may connect
 * @param refresh handles fresh tokens of open connections; empty if the socket takes none
 * @param routes patterns and channels, in the order of their declaration
 * @param around the hooks around the handlers of its channels, the outermost first
 * @param sendHook decides when the messages of handlers are sent; empty for at once
 * @param exceptions the handlers of exceptions that are refusals on all channels, by their types
 * @param validator validates the payloads of clients; empty if nothing does
 * @param raw the rules for raw payloads of clients
 * @param refusesAfterUpgrade whether clients are refused after the upgrade
 * @param supabase whether binary messages of supabase-js are understood
 * @param sends the events that it sends under the topic {@code phoenix}; empty if nothing is declared about them
 * @param <S> the type of the connection's assigns
 */
public record SocketDefinition<S>(
        ConnectHandler<S> connect,
        Optional<RefreshHandler<S>> refresh,
        List<Route<S>> routes,
        List<AroundHook<S>> around,
        Optional<SendHook> sendHook,
        Map<Class<? extends Exception>, ExceptionHandler<?>> exceptions,
        Optional<PayloadValidator> validator,
        JsonProfile raw,
        boolean refusesAfterUpgrade,
        boolean supabase,
        Optional<List<Event<?>>> sends)
        implements UserSocket<S> {
    /** Takes copies. */
    public SocketDefinition {
        routes = List.copyOf(routes);
        around = List.copyOf(around);
        exceptions = Map.copyOf(exceptions);
        sends = sends.map(List::copyOf);
    }

    /**
     * The content of a socket.
     *
     * @param socket the socket
     * @param <S> the type of the connection's assigns
     * @return the same object
     */
    public static <S> SocketDefinition<S> of(UserSocket<S> socket) {
        return switch (socket) {
            case SocketDefinition<S> definition -> definition;
        };
    }

    /**
     * This socket, whose messages pass a hook, unless it has one.
     *
     * @param hook decides when the messages of handlers are sent
     * @return a copy
     */
    public SocketDefinition<S> orSendHook(SendHook hook) {
        return sendHook.isPresent()
                ? this
                : new SocketDefinition<>(
                        connect,
                        refresh,
                        routes,
                        around,
                        Optional.of(hook),
                        exceptions,
                        validator,
                        raw,
                        refusesAfterUpgrade,
                        supabase,
                        sends);
    }

    /**
     * This socket with all of its callbacks inside of others.
     *
     * @param handler calls the connect handler of this socket
     * @param outermost the hook around its hooks
     * @param hook passes messages to the send hook of this socket
     * @return a copy
     */
    public SocketDefinition<S> within(ConnectHandler<S> handler, AroundHook<S> outermost, SendHook hook) {
        List<AroundHook<S>> hooks = new ArrayList<>();
        hooks.add(outermost);
        hooks.addAll(around);
        return new SocketDefinition<>(
                handler,
                refresh,
                routes,
                hooks,
                Optional.of(hook),
                exceptions,
                validator,
                raw,
                refusesAfterUpgrade,
                supabase,
                sends);
    }

    /**
     * A pattern and the channel that serves its topics.
     *
     * @param pattern the topics
     * @param channel the content of the channel
     * @param <S> the type of the connection's assigns
     */
    public record Route<S>(TopicPattern pattern, ChannelDefinition<? super S, ?> channel) {}
}
