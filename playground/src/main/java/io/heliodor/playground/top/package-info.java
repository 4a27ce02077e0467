/**
 * A live view of a server's metrics for the terminal.
 *
 * <p>Start at {@link io.heliodor.playground.top.TopCommand}; what it shows is {@code Dashboard}.
 */
@org.jspecify.annotations.NullMarked
package io.heliodor.playground.top;
