/**
 * Consensus: a log that a majority of voters agrees on, by Raft. A pure state machine.
 *
 * <p>{@link io.heliodor.raft.Raft} is the protocol, {@link io.heliodor.raft.Storage} its disk.
 */
package io.heliodor.raft;
