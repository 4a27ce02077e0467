package io.heliodor.presence.crdt;

/**
 * What is known of the current life of a name: whether it is hidden, and its entries by counter. A replica that is shown
 * and has no entries is not kept.
 */
record Replica<M>(ReplicaId id, boolean down, Radix<Entry<M>> entries) {}
