/**
 * Shows in a terminal what a server does, from its metrics.
 *
 * <p>Start at {@link io.heliodor.playground.top.TopCommand}; what it shows is {@code Picture}.
 */
@org.jspecify.annotations.NullMarked
package io.heliodor.playground.top;
