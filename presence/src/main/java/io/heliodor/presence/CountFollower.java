package io.heliodor.presence;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.presence.announce.StateRecipient;

/** A follower that gets the number of keys. */
final class CountFollower extends Follower {
    /** The version of the state of the last count. */
    @GuardedBy("this")
    private long version = -1;

    /** The last count that was sent. */
    @GuardedBy("this")
    private int sent = -1;

    /**
     * A number of keys.
     *
     * @param version greater for each count of the shard
     * @param keys 0 or more
     */
    record Count(long version, int keys) {}

    CountFollower(
            String topic,
            String name,
            OwnerRegistration owner,
            StateRecipient recipient,
            TopicFollowers<CountFollower> followers) {
        super(topic, name, owner, recipient, followers);
    }

    /** Sends a count, unless it was sent last, or one of a newer state was. May block as a push does. */
    synchronized void receive(Count count) {
        if (isClosed() || count.version() <= version) {
            return;
        }
        version = count.version();
        if (count.keys() != sent) {
            sent = count.keys();
            recipient.receiveCount(name() + "_count", sent);
        }
    }
}
