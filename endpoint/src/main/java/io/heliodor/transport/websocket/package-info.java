/**
 * WebSocket connections: the upgrade, and frames to and from a session.
 */
package io.heliodor.transport.websocket;
