/**
 * The server: a bound port, its event loops, and the way from an accepted connection to what serves it.
 *
 * <p>Start at {@link io.heliodor.transport.Server}. Each connection passes {@link
 * io.heliodor.transport.ConnectionAcceptor} and becomes an {@link io.heliodor.transport.http.HttpConnection}, whose
 * requests go to {@link io.heliodor.transport.Router}. An upgrade replaces it by a WebSocket connection. Only this room
 * and those below it use Netty.
 */
package io.heliodor.transport;
