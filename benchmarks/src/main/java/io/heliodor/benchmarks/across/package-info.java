/** A program that counts the bytes between nodes, for {@code bench across}. */
@org.jspecify.annotations.NullMarked
package io.heliodor.benchmarks.across;
