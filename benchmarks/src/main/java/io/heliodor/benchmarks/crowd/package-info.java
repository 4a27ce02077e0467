/** A server with many presences, for {@code bench presence}. */
@org.jspecify.annotations.NullMarked
package io.heliodor.benchmarks.crowd;
