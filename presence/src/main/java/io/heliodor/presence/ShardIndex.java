package io.heliodor.presence;

/** The distribution of topics over the shards of a presence. */
final class ShardIndex {
    /** The number of shards of a presence, a power of two. The shard of a topic is part of the messages between nodes. */
    static final int COUNT = 64;

    private ShardIndex() {}

    /** The number of the shard of a topic. */
    static int of(String topic) {
        int hash = topic.hashCode();
        return (hash ^ hash >>> 16) & (COUNT - 1);
    }
}
