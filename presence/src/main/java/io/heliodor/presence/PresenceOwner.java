package io.heliodor.presence;

import io.heliodor.pubsub.PubSub;
import java.util.Optional;

/**
 * An owner of presences: they are removed when it ends. A joined channel is an owner; {@link Owner} is for everything else.
 *
 * <p>Two owners are the same if they are the same object.
 */
public interface PresenceOwner {
    /**
     * The topic of its presences, unless another one is given.
     *
     * @return the topic
     */
    String topic();

    /**
     * The pub/sub of its client's endpoint. A presence over another one refuses the owner.
     *
     * @return the pub/sub; empty for an owner without a client
     */
    default Optional<PubSub> pubsub() {
        return Optional.empty();
    }

    /**
     * Runs a task when the owner ends, for whatever reason; at once if it has ended.
     *
     * @param done the task, which runs once and does not block
     */
    void onEnd(Runnable done);
}
