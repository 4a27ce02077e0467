package io.heliodor.transport.tls;

/**
 * The TLS of a server.
 *
 * @param certificates the certificates of new connections
 * @param requestsClientCertificates whether clients are requested to send a certificate
 */
public record ServerTls(Certificates certificates, boolean requestsClientCertificates) {}
