package io.heliodor.transport.http;

import io.heliodor.log.BoundedLog;
import io.heliodor.session.Hub;

/**
 * The state that all HTTP connections of a server share.
 *
 * @param hub the sessions, limits and counters
 * @param permits for connections and handshakes, by address
 * @param proxies whose headers name the client
 * @param hosts the hosts that are served
 * @param tls whether connections are encrypted
 * @param faults the log of unexpected exceptions
 * @param handler serves the requests
 */
public record HttpContext(
        Hub hub,
        ConnectionPermits permits,
        TrustedProxies proxies,
        ServedHosts hosts,
        boolean tls,
        BoundedLog faults,
        HttpConnection.RequestHandler handler) {}
