package io.heliodor.client;

import io.heliodor.client.json.JsonPayloads;
import io.heliodor.client.json.UnreadablePayload;
import io.heliodor.client.wire.Payload;
import io.heliodor.type.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The presences under one name of a channel: by key, such as the id of a user, the metadata of each of its presences.
 *
 * <p>The map is immutable, and another one after each change. It is empty before the first state, and after the server has closed or
 * refused the channel; during a reconnect it keeps the last presences, and after {@code leave()} it does not change. Any thread may read it.
 *
 * @param <M> the type of the metadata
 */
public final class Presences<M> {
    private record Meta<M>(String ref, M value) {}

    private final String name;
    private final Type<M> type;
    private final JsonPayloads payloads;
    private final Diagnostics diagnostics;
    private final Listeners<Map<String, List<M>>> listeners;

    /** Null before the first state: a change that comes earlier is contained in that. Written by callbacks, one at a time. */
    private @Nullable Map<String, List<Meta<M>>> entries;

    private volatile Map<String, List<M>> current = Map.of();

    Presences(String name, Type<M> type, JsonPayloads payloads, Diagnostics diagnostics, BooleanSupplier isLeft) {
        this.listeners = new Listeners<>(isLeft);
        this.name = name;
        this.type = type;
        this.payloads = payloads;
        this.diagnostics = diagnostics;
    }

    /**
     * The present state.
     *
     * @return an immutable map, in the order in which the keys came
     */
    public Map<String, List<M>> current() {
        return current;
    }

    /**
     * Registers a callback for each later change. It runs with the other callbacks of the client, in order, with the same map as
     * {@link #current}.
     *
     * @param callback gets the whole map
     * @return the registration
     */
    public Registration onChange(Consumer<? super Map<String, List<M>>> callback) {
        return listeners.add(Objects.requireNonNull(callback, "callback"));
    }

    Type<M> type() {
        return type;
    }

    /** Handles an event, if it is one of these presences. */
    void receive(String event, Payload payload) {
        if (event.equals(name + "_state")) {
            publish(state(payload.tree()));
        } else if (event.equals(name + "_diff") && entries != null) {
            publish(changed(entries, payload.tree()));
        }
    }

    /** The channel has ended. */
    void clear() {
        if (entries != null) {
            publish(null);
        }
    }

    private Map<String, List<Meta<M>>> state(JsonNode state) {
        Map<String, List<Meta<M>>> next = new LinkedHashMap<>();
        state.properties().forEach(entry -> next.put(entry.getKey(), metas(entry.getValue())));
        return next;
    }

    private Map<String, List<Meta<M>>> changed(Map<String, List<Meta<M>>> before, JsonNode diff) {
        Map<String, List<Meta<M>>> next = new LinkedHashMap<>(before);
        diff.path("joins").properties().forEach(entry -> {
            List<Meta<M>> joined = metas(entry.getValue());
            List<Meta<M>> all = without(next.get(entry.getKey()), refs(joined));
            all.addAll(joined);
            next.put(entry.getKey(), all);
        });
        diff.path("leaves").properties().forEach(entry -> {
            Set<String> left = entry.getValue()
                    .path("metas")
                    .valueStream()
                    .map(meta -> meta.path("phx_ref").asString(""))
                    .collect(Collectors.toSet());
            List<Meta<M>> rest = without(next.get(entry.getKey()), left);
            if (rest.isEmpty()) {
                next.remove(entry.getKey());
            } else {
                next.put(entry.getKey(), rest);
            }
        });
        return next;
    }

    private static <M> Set<String> refs(List<Meta<M>> metas) {
        return metas.stream().map(Meta::ref).collect(Collectors.toSet());
    }

    private static <M> List<Meta<M>> without(@Nullable List<Meta<M>> metas, Set<String> refs) {
        List<Meta<M>> rest = new ArrayList<>();
        if (metas != null) {
            metas.stream().filter(meta -> !refs.contains(meta.ref())).forEach(rest::add);
        }
        return rest;
    }

    private List<Meta<M>> metas(JsonNode presence) {
        List<Meta<M>> metas = new ArrayList<>();
        for (JsonNode meta : presence.path("metas")) {
            try {
                metas.add(new Meta<>(meta.path("phx_ref").asString(""), payloads.read(type, meta)));
            } catch (UnreadablePayload e) {
                diagnostics.invalid(name, e);
            }
        }
        return metas;
    }

    private void publish(@Nullable Map<String, List<Meta<M>>> next) {
        entries = next;
        Map<String, List<M>> values = new LinkedHashMap<>();
        if (next != null) {
            next.forEach((key, metas) -> {
                if (!metas.isEmpty()) {
                    values.put(key, metas.stream().map(Meta::value).toList());
                }
            });
        }
        current = Collections.unmodifiableMap(values);
        listeners.notify(current, diagnostics, "the presences '" + name + "'");
    }
}
