/**
 * Consensus: a log that a majority of voters agrees on, by Raft.
 *
 * <p>{@link io.heliodor.raft.Raft} is the protocol, a pure state; {@link io.heliodor.raft.Storage} is its disk.
 */
package io.heliodor.raft;
