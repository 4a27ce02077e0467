package io.heliodor.presence;

import io.heliodor.presence.announce.Announcement;
import io.heliodor.presence.crdt.State;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Sends a topic's state to the clients that requested it, then its diff to its followers and to all members. */
final class TopicAnnouncer<M> extends PacedPublisher<M> {
    private final Announcer<M> announcer;

    /** Guarded by the shard's lock. */
    private List<Consumer<Announcement>> requests = new ArrayList<>();

    /** Those of the present round. Used by the thread of this publisher, apart from {@link #taken}. */
    private List<Consumer<Announcement>> recipients = List.of();

    /** The followers that were sent the state in an earlier round; likewise. */
    private List<Follower> followers = List.of();

    TopicAnnouncer(Shard<M> shard, String topic, Announcer<M> announcer) {
        super(shard, topic);
        this.announcer = announcer;
    }

    /** Under the shard's lock. */
    void requestState(Consumer<Announcement> recipient) {
        requests.add(recipient);
    }

    @Override
    boolean isDue() {
        return !requests.isEmpty() || super.isDue();
    }

    @Override
    void taken() {
        followers =
                shard.followers().of(topic).stream().filter(Follower::hasBegun).toList();
        recipients = requests;
        requests = new ArrayList<>();
    }

    @Override
    void idle() {
        shard.remove(this);
    }

    @Override
    void publish(State<M> state, PendingDiff<M> diff) {
        if (!recipients.isEmpty()) {
            Announcement announcement = announcer.state(topic, state.topic(topic));
            recipients.forEach(recipient -> recipient.accept(announcement));
            recipients = List.of();
        }
        if (!diff.isEmpty()) {
            Announcement announcement = announcer.diff(topic, diff);
            followers.forEach(follower -> follower.receiveDiff(announcement));
            announcer.publish(announcement);
        }
    }
}
