/**
 * Counts and refuses.
 *
 * <p>{@link io.heliodor.limit.Limits} holds every bound of an endpoint.
 */
package io.heliodor.limit;
