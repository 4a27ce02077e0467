/**
 * The node shell: a cluster node that reads commands line by line, with JSON output for programs.
 *
 * <p>Start at {@link io.heliodor.playground.node.NodeCommand}; {@code CommandParser} parses lines, and {@code Shell} executes
 * commands.
 */
@org.jspecify.annotations.NullMarked
package io.heliodor.playground.node;
