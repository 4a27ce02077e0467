/**
 * A wire over JGroups: views, suspicion and packets. No other package uses JGroups.
 *
 * <p>Read {@link io.heliodor.link.jgroups.JGroupsWire} first.
 */
package io.heliodor.link.jgroups;
