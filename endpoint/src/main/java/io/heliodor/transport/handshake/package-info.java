/**
 * Checks of a request to connect to a socket, shared by all transports.
 */
package io.heliodor.transport.handshake;
