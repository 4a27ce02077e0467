/** A server with many present, for {@code bench presence}. The only part of this module that knows the others. */
@org.jspecify.annotations.NullMarked
package io.heliodor.benchmarks.crowd;
