package io.heliodor.presence;

import io.heliodor.presence.crdt.Changes;
import io.heliodor.presence.crdt.Entry;
import io.heliodor.presence.crdt.State;
import io.heliodor.pubsub.Subscription;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The subscription of server code to a topic: it calls the subscriber with the state of the topic, then with each diff. */
final class DiffSubscription<M> extends PacedPublisher<M> implements Subscription {
    private final Consumer<? super Diff<M>> subscriber;
    private volatile boolean closed;

    /** Whether the first call was taken. Guarded by the shard's lock. */
    private boolean begun;

    /** Whether the present call is the first. Used by the thread of this publisher, apart from {@link #taken}. */
    private boolean first;

    DiffSubscription(Shard<M> shard, String topic, Consumer<? super Diff<M>> subscriber) {
        super(shard, topic);
        this.subscriber = subscriber;
    }

    @Override
    public void close() {
        cancel();
        shard.remove(this);
    }

    /** Ends the calls. */
    void cancel() {
        closed = true;
    }

    /** The first call has the state as of its time. So earlier changes are not kept, and nothing is copied under the lock. */
    @Override
    void add(Changes<M> changes) {
        if (begun) {
            super.add(changes);
        }
    }

    /** The first call is due even if the topic is empty. */
    @Override
    boolean isDue() {
        return !begun || super.isDue();
    }

    @Override
    void taken() {
        first = !begun;
        begun = true;
    }

    @Override
    void publish(State<M> state, PendingDiff<M> diff) {
        if (!closed) {
            Iterable<Entry<M>> joins = first ? state.topic(topic) : diff.joins();
            Map<String, List<M>> present = new EntriesView<>(
                    state.topic(topic), ofKey -> ofKey.stream().map(Entry::meta).toList());
            subscriber.accept(new Diff<>(
                    EntriesByKey.of(joins, Entry::meta), EntriesByKey.of(diff.leaves(), Entry::meta), present));
        }
    }
}
