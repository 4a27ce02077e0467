/**
 * Says what an endpoint does: numbers to read, events to hear, the times of handlers.
 *
 * <p>An endpoint gives {@link io.heliodor.observe.Metric metrics}, takes {@link io.heliodor.observe.Observer observers} of
 * what happens to connections and channels, and {@link io.heliodor.observe.HandlerObserver observers} of its handlers. What
 * nobody asks for costs a branch.
 */
package io.heliodor.observe;
