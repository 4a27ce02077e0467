/**
 * One member of the cluster: start, connect, close.
 *
 * <p>Read {@link io.heliodor.node.Node} first.
 */
package io.heliodor.node;
