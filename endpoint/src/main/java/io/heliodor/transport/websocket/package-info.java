/**
 * WebSocket connections: the upgrade, and frames to and from a session. Start at {@code WebSocketConnection}; {@code
 * transport.frame} decodes.
 */
package io.heliodor.transport.websocket;
