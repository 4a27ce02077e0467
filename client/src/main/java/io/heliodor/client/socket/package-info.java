/**
 * The socket of a client: an interface for other libraries, and the WebSocket of the JDK.
 *
 * @incubating this package may change in any release of Heliodor
 */
package io.heliodor.client.socket;
