/** A server with many present, for {@code bench presence}. */
@org.jspecify.annotations.NullMarked
package io.heliodor.benchmarks.crowd;
