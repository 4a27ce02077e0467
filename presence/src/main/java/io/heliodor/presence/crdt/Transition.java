package io.heliodor.presence.crdt;

/**
 * What an operation on a {@link State} comes to.
 *
 * @param state the next state; the same object when nothing changed
 * @param changes what became visible and what ceased to be
 * @param <M> type of what is said about an entry
 */
public record Transition<M>(State<M> state, Changes<M> changes) {}
