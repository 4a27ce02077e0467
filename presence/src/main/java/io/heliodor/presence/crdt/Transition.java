package io.heliodor.presence.crdt;

/**
 * The result of an operation on a {@link State}.
 *
 * @param state the next state; the same object if nothing changed
 * @param changes the changes of the visible entries
 * @param <M> the type of the metas
 */
public record Transition<M>(State<M> state, Changes<M> changes) {}
