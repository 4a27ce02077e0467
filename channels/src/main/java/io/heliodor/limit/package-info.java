/**
 * Limits and rates of an endpoint for its clients.
 *
 * <p>{@link io.heliodor.limit.Limits} contains the limits of an endpoint by concern; {@link io.heliodor.limit.Rate} is a
 * number of events in a time.
 */
package io.heliodor.limit;
