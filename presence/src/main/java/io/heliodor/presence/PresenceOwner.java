package io.heliodor.presence;

import io.heliodor.pubsub.PubSub;
import java.util.Optional;

/**
 * What presences belong to: when it ends, they go. A joined channel is one; {@link Owner} is one for everything else.
 *
 * <p>Two owners are the same if they are the same object.
 */
public interface PresenceOwner {
    /**
     * Where it is present unless another topic is named.
     *
     * @return the topic
     */
    String topic();

    /**
     * The pub/sub that carries what its client gets.
     *
     * @return the pub/sub of a channel's endpoint; empty for an owner without a client. A presence over another one refuses the owner
     */
    default Optional<PubSub> pubsub() {
        return Optional.empty();
    }

    /**
     * Runs something when it ends, however that happens; at once if it has ended.
     *
     * @param done what to run, once; it does not block
     */
    void onEnd(Runnable done);
}
