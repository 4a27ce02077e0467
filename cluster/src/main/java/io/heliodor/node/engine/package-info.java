/**
 * Builds the parts of a node, and connects them with the link.
 *
 * <p>Read {@link io.heliodor.node.engine.NodeEngine} first.
 */
package io.heliodor.node.engine;
