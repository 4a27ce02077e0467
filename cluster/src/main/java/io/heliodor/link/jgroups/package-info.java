/**
 * A wire over JGroups: views, suspicion and packets. No other package uses JGroups.
 *
 * <p>Read {@link io.heliodor.link.jgroups.JGroupsWire} first. {@code FailureDetector} suspects silent members, and
 * {@code GroupMembership} agrees on views without them.
 */
package io.heliodor.link.jgroups;
