/**
 * The replicated set of presences: an add-wins observed-remove set with delta states, without clock or thread.
 *
 * <p>Start at {@link io.heliodor.presence.crdt.State}. Each operation returns a
 * {@link io.heliodor.presence.crdt.Transition}: the next state, and the changes of the visible entries.
 */
package io.heliodor.presence.crdt;
