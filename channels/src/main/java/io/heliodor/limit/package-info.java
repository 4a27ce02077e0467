/**
 * Counts and refuses.
 *
 * <p>{@link io.heliodor.limit.Limits} holds every bound of an endpoint. {@link io.heliodor.limit.Rate} says how
 * often something may happen.
 */
package io.heliodor.limit;
