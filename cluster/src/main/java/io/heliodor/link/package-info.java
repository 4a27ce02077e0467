/**
 * Links between nodes: views of the members, sessions that deliver messages in order, and the time of a node.
 *
 * <p>Read {@link io.heliodor.link.Link} first.
 */
package io.heliodor.link;
