/**
 * Moves bytes between a network client and its session.
 *
 * <p>Start at {@link io.heliodor.transport.Server}: it binds a port and gives each connection a
 * {@link io.heliodor.transport.HttpConnection}, which answers requests and, for an upgrade, hands the connection to a
 * {@link io.heliodor.transport.WebSocketConnection}. The only room that sees Netty.
 */
package io.heliodor.transport;
