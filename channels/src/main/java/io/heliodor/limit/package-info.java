/**
 * Limits and rates: what an endpoint allows its clients.
 *
 * <p>{@link io.heliodor.limit.Limits} has the limits of an endpoint by concern, {@link io.heliodor.limit.Rate} how
 * often something may happen.
 */
package io.heliodor.limit;
