/**
 * The members of the cluster: agreed views, suspicion, health, metadata, voters.
 *
 * <p>Read {@link io.heliodor.membership.Membership} first.
 */
package io.heliodor.membership;
