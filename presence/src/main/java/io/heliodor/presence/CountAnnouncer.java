package io.heliodor.presence;

import io.heliodor.presence.CountFollower.Count;
import io.heliodor.presence.crdt.Changes;
import io.heliodor.presence.crdt.State;
import java.util.List;

/** Sends the number of keys of a topic to the followers of its count, once in each of its windows while it changes. */
final class CountAnnouncer<M> extends PacedPublisher<M> {
    /** Whether there were changes since the last round. Guarded by the shard's lock. */
    private boolean changed;

    /** Those of the present round. Used by the thread of this publisher, apart from {@link #taken}. */
    private List<CountFollower> followers = List.of();

    private long version;

    CountAnnouncer(Shard<M> shard, String topic) {
        super(shard, topic);
    }

    /** The entries are not kept. */
    @Override
    void add(Changes<M> changes) {
        changed = true;
    }

    @Override
    boolean isDue() {
        return changed;
    }

    @Override
    void taken() {
        changed = false;
        followers = shard.countFollowers().of(topic);
        version = shard.nextCountVersion();
    }

    @Override
    void idle() {
        shard.remove(this);
    }

    @Override
    void publish(State<M> state, PendingDiff<M> diff) {
        Count count = new Count(version, state.topic(topic).keys());
        followers.forEach(follower -> follower.receive(count));
    }

    @Override
    void pause() {
        shard.pauseCount();
    }
}
