package io.heliodor.presence;

import io.heliodor.presence.announce.Announcement;
import io.heliodor.presence.announce.StateRecipient;
import io.heliodor.pubsub.Subscription;

/** A channel that follows the presences of a topic under a name, until it ends or the follower is closed. Any thread may use it. */
class Follower implements Subscription {
    private final String topic;
    private final String name;
    private final OwnerRegistration owner;
    private final TopicFollowers<?> followers;
    final StateRecipient recipient;

    private volatile boolean closed;

    /** Whether it was sent the state. Used by the rounds of the topic. */
    private volatile boolean begun;

    Follower(
            String topic, String name, OwnerRegistration owner, StateRecipient recipient, TopicFollowers<?> followers) {
        this.topic = topic;
        this.name = name;
        this.owner = owner;
        this.recipient = recipient;
        this.followers = followers;
    }

    String topic() {
        return topic;
    }

    String name() {
        return name;
    }

    OwnerRegistration owner() {
        return owner;
    }

    boolean isClosed() {
        return closed;
    }

    /** Whether it gets diffs: it was sent the state in an earlier round. */
    boolean hasBegun() {
        return begun;
    }

    void receiveState(Announcement state) {
        if (!closed) {
            begun = true;
            recipient.receiveState(name + "_state", state);
        }
    }

    void receiveDiff(Announcement diff) {
        if (!closed) {
            recipient.receiveDiff(name + "_diff", diff);
        }
    }

    /** Event loops call it. */
    @Override
    public void close() {
        closed = true;
        followers.remove(this);
        owner.remove(this);
    }
}
