/**
 * Which members are alive: agreed views, suspicion, health, metadata.
 *
 * <p>Read {@link io.heliodor.membership.Membership} first.
 */
package io.heliodor.membership;
