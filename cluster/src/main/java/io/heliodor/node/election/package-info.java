/**
 * The elections of a node and their duties, whether the coordinator decides them or the voters.
 *
 * <p>Read {@link io.heliodor.node.election.Elections} first.
 */
package io.heliodor.node.election;
