/**
 * The states of a connection and of a channel, as values.
 *
 * @incubating this package may change in any release of Heliodor
 */
package io.heliodor.client.status;
