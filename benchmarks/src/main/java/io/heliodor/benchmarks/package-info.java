/**
 * Loads a running server from outside and says what it managed.
 *
 * <p>An independent client: it knows the wire, not Heliodor's classes; only the server of {@code crowd} and the nodes of
 * {@code cluster} do. Start at {@link io.heliodor.benchmarks.Bench}.
 */
@org.jspecify.annotations.NullMarked
package io.heliodor.benchmarks;
