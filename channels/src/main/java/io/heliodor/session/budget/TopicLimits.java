package io.heliodor.session.budget;

/**
 * The limits of the topics of an endpoint that have no setting.
 *
 * @param idleTopics the maximum number of topics without members whose histories are kept: copies for other nodes, and those for
 *     clients that come back
 * @param aheadSets the maximum number of further sets of members of a topic, which have messages that others of their lane lack
 * @param topicsOfRequest the maximum number of topics of a request to another node. A hand-over has them with their positions, of
 *     eight kilobytes at most, and a request has 4 MiB at most
 * @param joinBytes the maximum size of the broadcasts that wait for a join handler
 * @param replayBytes the maximum size of the kept messages that wait for one client, beyond those of its first join. They stay in
 *     memory though the histories have dropped them, and a client that joins without reading could request any number
 */
public record TopicLimits(int idleTopics, int aheadSets, int topicsOfRequest, long joinBytes, long replayBytes) {
    /** The limits of each endpoint that a test does not change. */
    public static final TopicLimits DEFAULTS = new TopicLimits(10_000, 16, 400, 4 << 20, 12 << 20);
}
