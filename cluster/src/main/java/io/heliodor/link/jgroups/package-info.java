/**
 * Peers, views, suspicion and packets over JGroups. The only room that sees it.
 *
 * <p>Read {@link io.heliodor.link.jgroups.JGroupsWire} first.
 */
package io.heliodor.link.jgroups;
