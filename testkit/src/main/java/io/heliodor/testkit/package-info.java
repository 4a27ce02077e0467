/**
 * Test kits for channels and clusters in one JVM, with a clock that tests advance, and faults.
 *
 * <p>Read {@link io.heliodor.testkit.ChannelKit} or {@link io.heliodor.testkit.ClusterKit} first.
 */
package io.heliodor.testkit;
