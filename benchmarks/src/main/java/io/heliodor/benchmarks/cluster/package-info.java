/**
 * Programs for {@code bench cluster}: a node of Heliodor, and a bare channel of JGroups that plays the same part. Start at
 * {@link io.heliodor.benchmarks.cluster.BenchNode}.
 */
@org.jspecify.annotations.NullMarked
package io.heliodor.benchmarks.cluster;
