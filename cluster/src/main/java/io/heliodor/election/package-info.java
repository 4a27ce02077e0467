/**
 * Who leads, in which term.
 *
 * <p>Read {@link io.heliodor.election.Election} first.
 */
package io.heliodor.election;
