/** The socket of a client: an interface for other libraries, and the WebSocket of the JDK. */
package io.heliodor.client.socket;
