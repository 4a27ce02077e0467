package io.heliodor.node;

/**
 * The behavior of a node in a minority: half or fewer of the nodes that it knows are in its view, without those that left.
 * With voters it is in a minority when half or fewer of the voters are. A node that was never in a majority, and one that was
 * {@linkplain Node#disconnect disconnected}, is in none.
 *
 * <p>A node that died counts for an hour, and during a minority until it ends. So a minority does not become a majority by
 * waiting: it ends when lost nodes return, or when the nodes of it are started again. A cluster of two is in a minority
 * when one of them dies; have three or more.
 *
 * <p>Each node judges by itself, so use the same value on all nodes. Without voters two sides may each be in a majority if
 * nodes start during the split, since a node counts those that it knows.
 */
public enum Minority {
    /** The node continues: each side of a split has its own leaders and names. The default. */
    CONTINUE,

    /**
     * Its duties end, and it is a candidate of no election, until it is in a majority again. Names, messages, channels and
     * presence continue. With voters this applies to every setting.
     */
    STOP_DUTIES,

    /** The node closes itself: {@link Node#ended} completes with {@link Ending.InMinority}. */
    CLOSE
}
