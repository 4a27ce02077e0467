/**
 * TLS: the certificates of a server and the handlers of an encrypted connection.
 */
package io.heliodor.transport.tls;
