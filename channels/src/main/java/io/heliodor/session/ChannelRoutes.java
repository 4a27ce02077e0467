package io.heliodor.session;

import io.heliodor.channel.History;
import io.heliodor.channel.RefreshHandler;
import io.heliodor.channel.definition.SocketDefinition;
import io.heliodor.session.channel.Callbacks;
import io.heliodor.session.fanout.SentMessages;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the channel of a topic: an exact pattern first, then the longest wildcard.
 *
 * @param <S> the type of the connection's assigns
 */
public final class ChannelRoutes<S> {
    private final Optional<RefreshHandler<S>> refresh;
    private final SentMessages sent;
    private final Map<String, Callbacks<S, ?>> exact = new HashMap<>();
    private final List<Callbacks<S, ?>> wildcards = new ArrayList<>();

    private ChannelRoutes() {
        refresh = Optional.empty();
        sent = SentMessages.OPEN;
    }

    /** The routes of a connection that may join no topic. */
    static <S> ChannelRoutes<S> none() {
        return new ChannelRoutes<>();
    }

    ChannelRoutes(SocketDefinition<S> socket) {
        refresh = socket.refresh();
        sent = SentMessages.of(socket);
        for (SocketDefinition.Route<S> route : socket.routes()) {
            if (route.pattern().wildcard()) {
                wildcards.add(Callbacks.of(socket, route));
            } else {
                exact.put(route.pattern().prefix(), Callbacks.of(socket, route));
            }
        }
        wildcards.sort(Comparator.comparingInt((Callbacks<S, ?> callbacks) ->
                        callbacks.pattern().prefix().length())
                .reversed());
    }

    /** The handler of fresh tokens. */
    Optional<RefreshHandler<S>> refresh() {
        return refresh;
    }

    /** The messages that it sends under the topic {@code phoenix}. */
    SentMessages sent() {
        return sent;
    }

    /** The histories of its channels. */
    Stream<History> histories() {
        return all().flatMap(callbacks -> callbacks.history().stream());
    }

    /** The patterns of its channels. */
    Stream<String> patterns() {
        return all().map(callbacks -> callbacks.pattern().toString()).sorted();
    }

    boolean hasClosedChannels() {
        return all().anyMatch(callbacks -> callbacks.sent().isClosed());
    }

    private Stream<Callbacks<S, ?>> all() {
        return Stream.concat(exact.values().stream(), wildcards.stream());
    }

    Optional<Callbacks<S, ?>> route(String topic) {
        return Optional.ofNullable(find(topic));
    }

    /** The channel of a topic; null if there is none. Without a stream, since each broadcast may look. */
    @Nullable
    Callbacks<S, ?> find(String topic) {
        Callbacks<S, ?> known = exact.get(topic);
        if (known != null) {
            return known;
        }
        for (Callbacks<S, ?> each : wildcards) {
            if (each.pattern().matches(topic)) {
                return each;
            }
        }
        return null;
    }
}
