package io.heliodor.node;

/** The owned sets of a node, by the number that stands for each on the wire. */
final class Kinds {
    /** Topics that have subscriptions. */
    static final int INTEREST = 0;

    /** Members of process groups. */
    static final int GROUPS = 1;

    /** What a node says of itself. */
    static final int METADATA = 2;

    /** How many topics are listed one by one; beyond that a node gets the messages of all topics. */
    static final int MAX_TOPICS = 100_000;

    static final int MAX_GROUP_ENTRIES = 100_000;

    static final int MAX_METADATA = 1_000;

    private Kinds() {}
}
