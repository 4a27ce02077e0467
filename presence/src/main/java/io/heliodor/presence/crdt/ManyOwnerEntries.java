package io.heliodor.presence.crdt;

/** Several entries of one owner: by topic and key, so that each is found without looking at the others. */
record ManyOwnerEntries<M>(long owner, Topics<M> topics) implements OwnerEntries<M> {}
