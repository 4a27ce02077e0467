package io.heliodor.testkit;

import io.heliodor.type.Type;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.PayloadOutcome;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/** A client's view of presence from {@code presence_state} and {@code presence_diff}, as in phoenix.js: diffs wait for the state. */
final class PresenceView {
    /** Decodes any JSON. */
    static final PayloadCodec ANY = PayloadCodec.over(new JsonMapper());

    private static final Type<Map<String, Map<String, Object>>> STATE = new Type<>() {};
    private static final Type<Map<String, Map<String, Map<String, Object>>>> DIFF = new Type<>() {};

    private final Map<String, Map<String, Object>> state = new LinkedHashMap<>();
    private Optional<List<Payload>> pending = Optional.of(new ArrayList<>());

    void state(Payload payload) {
        state.clear();
        state.putAll(read(STATE, payload));
        pending.orElse(List.of()).forEach(this::apply);
        pending = Optional.empty();
    }

    void diff(Payload payload) {
        if (pending.isPresent()) {
            pending.get().add(payload);
        } else {
            apply(payload);
        }
    }

    private void apply(Payload payload) {
        Map<String, Map<String, Map<String, Object>>> diff = read(DIFF, payload);
        diff.getOrDefault("joins", Map.of()).forEach((key, joined) -> {
            Map<String, Object> before = state.put(key, joined);
            if (before != null) {
                List<Map<String, Object>> metas = without(joined, before);
                metas.addAll(metas(joined));
                joined.put("metas", metas);
            }
        });
        diff.getOrDefault("leaves", Map.of())
                .forEach((key, left) -> state.computeIfPresent(key, (name, before) -> {
                    List<Map<String, Object>> metas = without(left, before);
                    before.put("metas", metas);
                    return metas.isEmpty() ? null : before;
                }));
    }

    /** The metas of an entry without those of another, compared by their references as in phoenix.js. */
    private static List<Map<String, Object>> without(Map<String, Object> other, Map<String, Object> entry) {
        Set<Object> refs = new HashSet<>();
        metas(other).forEach(meta -> refs.add(ref(meta)));
        List<Map<String, Object>> metas = new ArrayList<>(metas(entry));
        metas.removeIf(meta -> refs.contains(ref(meta)));
        return metas;
    }

    private static Object ref(Map<String, Object> meta) {
        return meta.getOrDefault("phx_ref", "");
    }

    @SuppressWarnings("unchecked") // as the server writes it
    private static List<Map<String, Object>> metas(Map<String, Object> entry) {
        return (List<Map<String, Object>>) entry.getOrDefault("metas", List.of());
    }

    /** Returns a copy of the state. */
    Map<String, Map<String, Object>> now() {
        return read(STATE, ANY.encode(state));
    }

    Map<String, List<Map<String, Object>>> metas() {
        Map<String, List<Map<String, Object>>> metas = new LinkedHashMap<>();
        state.forEach((key, entry) -> metas.put(key, List.copyOf(metas(entry))));
        return metas;
    }

    private static <T> T read(Type<T> type, Payload payload) {
        return switch (ANY.decode(type, payload)) {
            case PayloadOutcome.Valid<T>(var value) -> value;
            case PayloadOutcome.Invalid<T>(var field, var message) ->
                throw new AssertionError("A message of presence does not fit: " + field + " " + message);
        };
    }
}
