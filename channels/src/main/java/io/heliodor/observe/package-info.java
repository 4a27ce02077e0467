/**
 * Observation of an endpoint: metrics, events of connections and channels, and the times of handlers.
 *
 * <p>An endpoint has {@link io.heliodor.observe.Metrics metrics}. It notifies {@link io.heliodor.observe.Observer observers} of events of
 * connections and channels, and {@link io.heliodor.observe.HandlerObserver handler observers} of the times of handlers. Without an
 * observer, an event costs one branch. The logger {@code io.heliodor.audit} has a line for each {@link io.heliodor.observe.AuditEvent audit
 * event}.
 */
package io.heliodor.observe;
