/**
 * WebSocket frames and their compression (RFC 6455 and RFC 7692): buffers, no socket.
 */
package io.heliodor.transport.frame;
