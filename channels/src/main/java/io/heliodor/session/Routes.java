package io.heliodor.session;

import io.heliodor.channel.UserSocket;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the channel of a topic: an exact pattern first, then the longest wildcard.
 *
 * @param <S> the type of the connection's assigns
 */
public final class Routes<S> {
    private final Map<String, UserSocket.Route<S>> exact = new HashMap<>();
    private final List<UserSocket.Route<S>> wildcards = new ArrayList<>();

    Routes(UserSocket<S> socket) {
        for (UserSocket.Route<S> route : socket.routes()) {
            if (route.pattern().wildcard()) {
                wildcards.add(route);
            } else {
                exact.put(route.pattern().prefix(), route);
            }
        }
        wildcards.sort(Comparator.comparingInt(
                        (UserSocket.Route<S> route) -> route.pattern().prefix().length())
                .reversed());
    }

    Optional<UserSocket.Route<S>> route(String topic) {
        UserSocket.Route<S> found = exact.get(topic);
        if (found != null) {
            return Optional.of(found);
        }
        for (UserSocket.Route<S> route : wildcards) {
            if (route.pattern().matches(topic)) {
                return Optional.of(route);
            }
        }
        return Optional.empty();
    }
}
