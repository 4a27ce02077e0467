package io.heliodor.presence;

import io.heliodor.presence.announce.Announcement;
import io.heliodor.presence.announce.StateRecipient;
import io.heliodor.presence.crdt.State;
import java.util.ArrayList;
import java.util.List;

/** Sends a topic's state to the clients that requested it, then publishes its diff to all clients. */
final class TopicAnnouncer<M> extends PacedPublisher<M> {
    private final Announcer<M> announcer;

    /** Guarded by the shard's lock. */
    private List<StateRecipient> requests = new ArrayList<>();

    /** Those of the present round. Used by the thread of this publisher, apart from {@link #taken}. */
    private List<StateRecipient> recipients = List.of();

    TopicAnnouncer(Shard<M> shard, String topic, Announcer<M> announcer) {
        super(shard, topic);
        this.announcer = announcer;
    }

    /** Under the shard's lock. */
    void requestState(StateRecipient recipient) {
        requests.add(recipient);
    }

    @Override
    boolean isDue() {
        return !requests.isEmpty() || super.isDue();
    }

    @Override
    void taken() {
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
            recipients.forEach(recipient -> recipient.receiveState(announcement));
            recipients = List.of();
        }
        if (!diff.isEmpty()) {
            announcer.publish(topic, diff);
        }
    }
}
