/**
 * A load generator for a running server.
 *
 * <p>It is an independent client of the wire protocol without classes of Heliodor, except for the server of {@code crowd} and
 * the nodes of {@code cluster}. Start at {@link io.heliodor.benchmarks.Bench}.
 */
@org.jspecify.annotations.NullMarked
package io.heliodor.benchmarks;
