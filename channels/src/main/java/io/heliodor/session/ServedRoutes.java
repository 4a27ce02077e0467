package io.heliodor.session;

import io.heliodor.channel.History;
import io.heliodor.channel.definition.Declarations;
import io.heliodor.event.Event;
import io.heliodor.session.channel.Callbacks;
import io.heliodor.session.fanout.Undeclared;
import io.heliodor.session.retention.DeclaredHistories;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The routes that one endpoint serves. Any thread may use it. */
final class ServedRoutes implements DeclaredHistories {
    private static final int MAX_SHOWN = 10;

    private final List<ChannelRoutes<?>> routes = new CopyOnWriteArrayList<>();
    private final Set<String> keptEvents = ConcurrentHashMap.newKeySet();

    /** Whether a channel declares the messages that it sends. */
    private volatile boolean closed;

    void add(ChannelRoutes<?> served) {
        routes.add(served);
        closed |= served.hasClosedChannels();
        served.histories().forEach(history -> history.events().forEach(event -> keptEvents.add(event.name())));
    }

    /** Whether a channel has a pattern for a topic. */
    boolean serves(String topic) {
        return routes.stream().anyMatch(each -> each.route(topic).isPresent());
    }

    /** The patterns of all channels, for texts: some of them, if there are many. */
    String patterns() {
        List<String> shown = routes.stream()
                .flatMap(ChannelRoutes::patterns)
                .limit(MAX_SHOWN)
                .toList();
        return shown.isEmpty() ? "none" : String.join(", ", shown);
    }

    /** Reports an event for each channel of a topic that does not declare it. */
    void check(String topic, Event<?> event, Consumer<Undeclared> listener) {
        if (closed) {
            for (ChannelRoutes<?> each : routes) {
                Callbacks<?, ?> callbacks = each.find(topic);
                if (callbacks != null) {
                    callbacks.sent().check(event, listener);
                }
            }
        }
    }

    /** Reports changes of presences for each channel of a topic that does not declare presences. */
    void checkPresences(String topic, Consumer<Undeclared> listener) {
        if (closed) {
            for (ChannelRoutes<?> each : routes) {
                Callbacks<?, ?> callbacks = each.find(topic);
                if (callbacks != null) {
                    callbacks.sent().checkPresences(Declarations.OWN_PRESENCE, listener);
                }
            }
        }
    }

    /** Reports an event for connections of an unknown socket, unless a socket declares it, or one declares nothing. */
    void checkOfSockets(Event<?> event, Consumer<Undeclared> listener) {
        if (!routes.isEmpty() && routes.stream().noneMatch(each -> each.sent().allows(event))) {
            routes.getFirst().sent().check(event, listener);
        }
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
        return keptEvents.contains(event) ? history(topic).filter(history -> history.keeps(event)) : Optional.empty();
    }
}
