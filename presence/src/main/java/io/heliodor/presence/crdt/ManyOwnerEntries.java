package io.heliodor.presence.crdt;

/** Several entries of one owner, indexed by topic and key. */
record ManyOwnerEntries<M>(long owner, EntriesByTopic<M> topics) implements OwnerEntries<M> {}
