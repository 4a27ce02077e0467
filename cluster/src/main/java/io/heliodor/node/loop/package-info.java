/**
 * The thread of a node, and how results and events leave it.
 *
 * <p>Read {@link io.heliodor.node.loop.NodeLoop} first.
 */
package io.heliodor.node.loop;
