/**
 * The server as applications use it: port, paths, sockets, start and close.
 *
 * <p>Start at {@link io.heliodor.endpoint.Endpoint}.
 */
package io.heliodor.endpoint;
