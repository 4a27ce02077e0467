/** A server whose channels have each kind of event that is measured against a plain broadcast or an echo. */
@org.jspecify.annotations.NullMarked
package io.heliodor.benchmarks.traffic;
