package io.heliodor.pubsub.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.pubsub.Subscription;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The request handlers of a node by name, with the number of handlers that each name has had. Any thread may use it. */
public final class RequestHandlers {
    @GuardedBy("this")
    private final Map<String, Row> rows = new HashMap<>();

    /** The handlers that share a name. The first one handles its requests. */
    @GuardedBy("this")
    private final Map<String, List<Nodes.RequestHandler>> shared = new HashMap<>();

    /** A name. It stays after its handler has ended, for the generation of the next one. */
    private record Row(Nodes.@Nullable RequestHandler handler, int generation) {}

    /** An empty table. */
    public RequestHandlers() {}

    /**
     * Registers a handler.
     *
     * @param name the name of its requests
     * @param handler the handler
     * @return its registration; empty if the name has a handler that is not replaceable
     */
    public synchronized Optional<Nodes.HandlerRegistration> add(String name, Nodes.RequestHandler handler) {
        Row before = rows.get(name);
        if (shared.containsKey(name)
                || (before != null
                        && before.handler() != null
                        && !before.handler().isReplaceable())) {
            return Optional.empty();
        }
        int generation = before == null ? 0 : before.generation() + 1;
        rows.put(name, new Row(handler, generation));
        return Optional.of(new Nodes.HandlerRegistration() {
            @Override
            public int generation() {
                return generation;
            }

            @Override
            public void close() {
                end(name, generation);
            }
        });
    }

    private synchronized void end(String name, int generation) {
        rows.computeIfPresent(name, (_, row) -> row.generation() == generation ? new Row(null, generation) : row);
    }

    /**
     * Registers one of the handlers that share a name.
     *
     * @param name the name of its requests
     * @param handler the handler
     * @return its registration
     */
    public synchronized Subscription share(String name, Nodes.RequestHandler handler) {
        shared.computeIfAbsent(name, _ -> new ArrayList<>(1)).add(handler);
        return () -> leave(name, handler);
    }

    private synchronized void leave(String name, Nodes.RequestHandler handler) {
        shared.computeIfPresent(name, (_, all) -> {
            all.remove(handler);
            return all.isEmpty() ? null : all;
        });
    }

    /**
     * Finds the handler of a name.
     *
     * @param name the name
     * @return the handler; empty if there is none
     */
    public synchronized Optional<Nodes.RequestHandler> find(String name) {
        return Optional.ofNullable(rows.get(name))
                .flatMap(row -> Optional.ofNullable(row.handler()))
                .or(() -> shared.getOrDefault(name, List.of()).stream().findFirst());
    }
}
