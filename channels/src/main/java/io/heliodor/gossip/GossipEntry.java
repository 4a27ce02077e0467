package io.heliodor.gossip;

/**
 * An entry of a {@link Replica}.
 *
 * @param key its key
 * @param number its value
 */
public record GossipEntry(String key, long number) {}
