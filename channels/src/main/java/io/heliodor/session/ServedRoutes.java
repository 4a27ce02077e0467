package io.heliodor.session;

import io.heliodor.channel.History;
import io.heliodor.session.fanout.DeclaredHistories;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The routes that one endpoint serves. Any thread may use it. */
final class ServedRoutes implements DeclaredHistories {
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

    @Override
    public Optional<History> history(String topic) {
        return routes.stream()
                .flatMap(each -> each.route(topic).stream())
                .flatMap(callbacks -> callbacks.history().stream())
                .findFirst();
    }

    @Override
    public Optional<History> history(String topic, String event) {
        return keptEvents.contains(event)
                ? history(topic).filter(history -> history.events().contains(event))
                : Optional.empty();
    }
}
