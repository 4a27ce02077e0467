package io.heliodor.presence;

import io.heliodor.presence.crdt.Entry;
import io.heliodor.presence.crdt.State;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Tells a subscriber on the server side: first who is there, then who came and went. */
final class Follower<M> extends Speaker<M> {
    private final Consumer<? super Diff<M>> subscriber;
    private volatile boolean closed;

    /** Guarded by the presence's lock: the first call comes also when nobody is there. */
    private boolean began;

    Follower(Presence<M> presence, String topic, Consumer<? super Diff<M>> subscriber) {
        super(presence, topic);
        this.subscriber = subscriber;
    }

    void close() {
        closed = true;
    }

    @Override
    boolean due() {
        return !began || super.due();
    }

    @Override
    void taken() {
        began = true;
    }

    @Override
    void speak(State<M> state, Gathering<M> gathered) {
        if (!closed) {
            subscriber.accept(new Diff<>(byKey(gathered.joins()), byKey(gathered.leaves())));
        }
    }

    static <M> Map<String, List<M>> byKey(Iterable<Entry<M>> entries) {
        Map<String, List<M>> byKey = new LinkedHashMap<>();
        for (Entry<M> entry : entries) {
            byKey.computeIfAbsent(entry.key(), key -> new ArrayList<>(1)).add(entry.meta());
        }
        return byKey;
    }
}
