package io.heliodor.session;

import io.heliodor.observe.Observation;
import io.heliodor.session.eviction.Acceptance;
import io.heliodor.session.eviction.Eviction;
import io.heliodor.session.eviction.RecentDisconnects;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.session.telemetry.Observers;
import java.net.InetAddress;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The sessions of one endpoint by their ids, until the messages of their connections are handled, and the evictions that reach
 * them. Any thread may use it.
 */
final class SessionRegistry implements Session.Listener {
    private static final long LOOP_TIMEOUT_SECONDS = 1;

    private final Counters counters;
    private final Observers observers;

    /** An id without sessions is not in it. */
    private final ConcurrentHashMap<String, Set<Session<?>>> sessionsById = new ConcurrentHashMap<>();

    /** The lanes that have had sessions. They end with the endpoint. */
    private final Set<LaneSessions> lanes = ConcurrentHashMap.newKeySet();

    private final RecentDisconnects recentDisconnects = new RecentDisconnects();

    SessionRegistry(Counters counters, Observers observers) {
        this.counters = counters;
        this.observers = observers;
    }

    @Override
    public void opened(Session<?> session) {
        counters.increment(Counter.CONNECTIONS);
        counters.increment(Counter.CONNECTIONS_OPENED);
        lanes.add(session.sessions());
        observers.happened(() -> new Observation.Connected(session.correlationId(), session.id()));
        session.id()
                .ifPresent(id -> sessionsById.compute(id, (key, sessions) -> {
                    Set<Session<?>> all = sessions == null ? ConcurrentHashMap.newKeySet() : sessions;
                    all.add(session);
                    return all;
                }));
    }

    @Override
    public void ended(Session<?> session) {
        counters.add(Counter.CONNECTIONS, -1);
        session.id()
                .ifPresent(id -> sessionsById.computeIfPresent(id, (key, sessions) -> {
                    sessions.remove(session);
                    return sessions.isEmpty() ? null : sessions;
                }));
    }

    /** The number of sessions of an id. */
    int count(String id) {
        return sessionsById.getOrDefault(id, Set.of()).size();
    }

    /** Passes each session of an id, open or not. */
    void forEach(String id, Consumer<Session<?>> action) {
        sessionsById.getOrDefault(id, Set.of()).forEach(action);
    }

    /** The open sessions of an id. */
    List<Session<?>> find(String id) {
        return sessionsById.getOrDefault(id, Set.of()).stream()
                .filter(session -> !session.closed())
                .toList();
    }

    /**
     * Disconnects the open sessions with a correlation id. Those without an id are found on their lanes, in one task each.
     *
     * @param id their id, if they have one
     * @return their number
     */
    int disconnect(String connection, Optional<String> id) {
        if (id.isPresent()) {
            return disconnect(find(id.get()), connection);
        }
        List<CompletableFuture<Integer>> disconnected = lanes.stream()
                .map(lane -> {
                    CompletableFuture<Integer> count = new CompletableFuture<>();
                    lane.performLater(() -> count.complete(disconnect(lane.withoutId(), connection)));
                    return count.completeOnTimeout(0, LOOP_TIMEOUT_SECONDS, TimeUnit.SECONDS);
                })
                .toList();
        return disconnected.stream().mapToInt(CompletableFuture::join).sum();
    }

    private static int disconnect(List<Session<?>> sessions, String connection) {
        List<Session<?>> found = sessions.stream()
                .filter(session -> session.isCorrelatedBy(connection))
                .toList();
        found.forEach(Session::disconnect);
        return found.size();
    }

    /** Whether an id has a session, of an open connection or of one that has ended and whose messages are handled. */
    boolean isConnected(String id) {
        return sessionsById.containsKey(id);
    }

    /** The lanes that have had sessions. */
    Set<LaneSessions> lanes() {
        return lanes;
    }

    /** The ids that have sessions, as a view that is read while they come and go. */
    Collection<String> idsNow() {
        return Collections.unmodifiableSet(sessionsById.keySet());
    }

    /** The ids that have sessions. */
    Set<String> ids() {
        return Set.copyOf(sessionsById.keySet());
    }

    /** Begins the acceptance of a connection. */
    Acceptance accept(InetAddress client, long now) {
        return new Acceptance(recentDisconnects, client, now);
    }

    /**
     * Carries out an eviction on the connections of this endpoint.
     *
     * @param at its time: later joins are not removed
     * @param late whether there may be connections that began after it; they are spared
     */
    void evict(Eviction eviction, long at, boolean late) {
        // First for connections that are not open yet: a session that opens is added here before it looks there.
        if (eviction instanceof Eviction.Disconnected || eviction instanceof Eviction.Kicked) {
            Acceptance.disconnect(recentDisconnects, eviction);
        }
        sessionsById.getOrDefault(eviction.id(), Set.of()).stream()
                .filter(session -> !late || session.hasBegunBy(at))
                .forEach(session -> session.evict(eviction, at));
    }
}
