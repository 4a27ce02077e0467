/**
 * Channels and clusters for tests: real parts in one JVM, a clock that is turned, and faults.
 *
 * <p>Read {@link io.heliodor.testkit.ChannelKit} or {@link io.heliodor.testkit.ClusterKit} first.
 */
package io.heliodor.testkit;
