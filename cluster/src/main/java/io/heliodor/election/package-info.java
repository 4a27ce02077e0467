/**
 * Leader election with terms.
 *
 * <p>Read {@link io.heliodor.election.Election} first.
 */
package io.heliodor.election;
