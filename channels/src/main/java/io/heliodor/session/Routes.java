package io.heliodor.session;

import io.heliodor.channel.History;
import io.heliodor.channel.RefreshHandler;
import io.heliodor.channel.definition.SocketDefinition;
import io.heliodor.session.channel.Callbacks;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds the channel of a topic: an exact pattern first, then the longest wildcard.
 *
 * @param <S> the type of the connection's assigns
 */
public final class Routes<S> {
    private final Optional<RefreshHandler<S>> refresh;
    private final Map<String, Callbacks<S, ?>> exact = new HashMap<>();
    private final List<Callbacks<S, ?>> wildcards = new ArrayList<>();

    private Routes() {
        refresh = Optional.empty();
    }

    /** The routes of a connection that may join no topic. */
    static <S> Routes<S> none() {
        return new Routes<>();
    }

    Routes(SocketDefinition<S> socket) {
        refresh = socket.refresh();
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

    /** The histories of its channels. */
    Stream<History> histories() {
        return Stream.concat(exact.values().stream(), wildcards.stream())
                .flatMap(callbacks -> callbacks.history().stream());
    }

    Optional<Callbacks<S, ?>> route(String topic) {
        return Optional.<Callbacks<S, ?>>ofNullable(exact.get(topic))
                .or(() -> wildcards.stream()
                        .filter(callbacks -> callbacks.pattern().matches(topic))
                        .findFirst());
    }
}
