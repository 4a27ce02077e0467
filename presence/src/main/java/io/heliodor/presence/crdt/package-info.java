/**
 * The add-wins set behind presence: values and merges, no clock, no thread.
 *
 * <p>Start at {@link io.heliodor.presence.crdt.State}. Each operation returns a
 * {@link io.heliodor.presence.crdt.Transition}: the next state, what to send to other replicas, and what came and went.
 */
package io.heliodor.presence.crdt;
