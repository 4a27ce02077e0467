package io.heliodor.session;

import io.heliodor.channel.History;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The histories of the channels that one endpoint serves, by their definitions. Any thread may use it. */
final class Definitions {
    private final List<Routes<?>> routes = new CopyOnWriteArrayList<>();
    private final Set<String> keptEvents = ConcurrentHashMap.newKeySet();

    void add(Routes<?> served) {
        routes.add(served);
        served.histories().forEach(history -> keptEvents.addAll(history.events()));
    }

    /** Whether a channel has a pattern for a topic. */
    boolean serves(String topic) {
        return routes.stream().anyMatch(each -> each.route(topic).isPresent());
    }

    /** The history of a topic, of the first socket whose channel keeps one. */
    Optional<History> history(String topic) {
        return routes.stream()
                .flatMap(each -> each.route(topic).stream())
                .flatMap(callbacks -> callbacks.history().stream())
                .findFirst();
    }

    /** The same if it keeps an event; quick for those that no history keeps. */
    Optional<History> history(String topic, String event) {
        return keptEvents.contains(event)
                ? history(topic).filter(history -> history.events().contains(event))
                : Optional.empty();
    }
}
