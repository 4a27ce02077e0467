package io.heliodor.node.consensus;

import io.heliodor.raft.Storage;
import io.heliodor.raft.Voters;

/**
 * The settings of a node that takes part in consensus.
 *
 * @param configured the voters of a cluster that begins
 * @param storage its open storage; one that keeps nothing if the node does not vote
 */
public record ConsensusConfig(Voters configured, Storage storage) {}
