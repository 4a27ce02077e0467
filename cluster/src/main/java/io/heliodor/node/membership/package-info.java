/**
 * Members, metadata, health and pings of a node.
 *
 * <p>Read {@link io.heliodor.node.membership.ClusterMembership} first.
 */
package io.heliodor.node.membership;
