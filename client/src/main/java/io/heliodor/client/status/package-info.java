/** The states of a connection and of a channel, as values. */
package io.heliodor.client.status;
