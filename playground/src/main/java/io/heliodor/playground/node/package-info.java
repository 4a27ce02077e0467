/**
 * The node shell: a cluster node that is driven by lines of text, one command a line, with JSON for programs.
 *
 * <p>Start at {@link io.heliodor.playground.node.NodeCommand}; what a line means is in {@code CommandParser}, what is done
 * for it in {@code Shell}.
 */
@org.jspecify.annotations.NullMarked
package io.heliodor.playground.node;
