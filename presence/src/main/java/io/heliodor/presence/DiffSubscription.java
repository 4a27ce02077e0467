package io.heliodor.presence;

import io.heliodor.presence.crdt.Changes;
import io.heliodor.presence.crdt.Entry;
import io.heliodor.presence.crdt.State;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Tells a subscriber on the server side: first who is there, then who came and went. */
final class DiffSubscription<M> extends PacedPublisher<M> {
    private final Consumer<? super Diff<M>> subscriber;
    private volatile boolean closed;

    /** Guarded by the shard's lock: the first call comes also when the topic is empty. */
    private boolean began;

    /** Whether the next call is the first. Used by the thread that calls. */
    private boolean first;

    DiffSubscription(Presence<M> presence, Shard<M> shard, String topic, Consumer<? super Diff<M>> subscriber) {
        super(presence, shard, topic);
        this.subscriber = subscriber;
    }

    void close() {
        closed = true;
    }

    /** The first call has the state of its moment, so nothing is gathered before, and nothing is copied under the lock. */
    @Override
    void gather(Changes<M> changes) {
        if (began) {
            super.gather(changes);
        }
    }

    @Override
    boolean due() {
        return !began || super.due();
    }

    @Override
    void taken() {
        first = !began;
        began = true;
    }

    @Override
    void speak(State<M> state, PendingDiff<M> gathered) {
        if (!closed) {
            Iterable<Entry<M>> joins = first ? state.topic(topic) : gathered.joins();
            Map<String, List<M>> present = new PresentMap<>(state.topic(topic));
            subscriber.accept(new Diff<>(byKey(joins), byKey(gathered.leaves()), present));
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
