/**
 * Names and elections that the voters decide: a Raft node, its client, and the state machine of its log.
 *
 * <p>Read {@link io.heliodor.node.consensus.ConsensusService} first.
 */
package io.heliodor.node.consensus;
