package io.heliodor.session.budget;

/**
 * The limits of the histories of an endpoint that have no setting.
 *
 * @param idleTopics the maximum number of topics without members whose histories are kept: copies for other nodes, and those for
 *     clients that come back
 * @param aheadSets the maximum number of sets of members of a topic that have messages which their node lacks
 */
public record ReplicaLimits(int idleTopics, int aheadSets) {
    /** The limits of each endpoint that a test does not change. */
    public static final ReplicaLimits DEFAULTS = new ReplicaLimits(10_000, 16);
}
