package io.heliodor.presence;

/**
 * What presences belong to: when it ends, they go. A joined channel is one; {@link Owner} is one for everything else.
 *
 * <p>Two owners are the same if they are the same object.
 */
public interface Tracked {
    /**
     * Where it is present unless another topic is named.
     *
     * @return the topic
     */
    String topic();

    /**
     * Runs something when it ends, however that happens; at once if it has ended.
     *
     * @param done what to run, once; it does not block
     */
    void onEnd(Runnable done);
}
