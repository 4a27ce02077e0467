package io.heliodor.transport;

import io.heliodor.session.Hub;
import io.heliodor.transport.handshake.Mount;
import io.heliodor.transport.handshake.Origins;
import io.heliodor.transport.http.Readiness;
import io.heliodor.transport.http.ServedHosts;
import io.heliodor.transport.http.StaticFiles;
import io.heliodor.transport.http.TextEndpoint;
import io.heliodor.transport.http.TrustedProxies;
import io.heliodor.transport.io.DirectMemory;
import io.heliodor.transport.io.IoBackend;
import io.heliodor.transport.longpoll.PollLimits;
import io.heliodor.transport.tls.ServerTls;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of a server.
 *
 * @param host the address to bind
 * @param port the port to bind; 0 for a free one
 * @param io the I/O backend
 * @param loops the number of event loops, each with a lane
 * @param memory the direct memory of its buffers
 * @param hub the state that its sessions share
 * @param mounts the sockets
 * @param managementMounts the sockets at the address of texts
 * @param files the folders of static files
 * @param hosts the hosts that are served
 * @param origins the origins of pages that may connect
 * @param compression whether permessage-deflate is accepted
 * @param polls the limits of long polling
 * @param texts the computed texts by path
 * @param readiness the readiness checks of the application
 * @param proxies the proxies whose headers name the client
 * @param proxyProtocol whether each connection begins with a PROXY header
 * @param management the address of texts and details of health, if they have one of their own
 * @param managementHosts the hosts that are served there
 * @param tls certificates and client authentication, if connections are encrypted
 * @param stop the deadlines of its stop
 */
public record Settings(
        String host,
        int port,
        IoBackend io,
        int loops,
        DirectMemory memory,
        Hub hub,
        List<Mount<?>> mounts,
        List<Mount<?>> managementMounts,
        List<StaticFiles> files,
        ServedHosts hosts,
        Origins origins,
        boolean compression,
        PollLimits polls,
        Map<String, TextEndpoint> texts,
        Readiness readiness,
        TrustedProxies proxies,
        boolean proxyProtocol,
        Optional<Address> management,
        ServedHosts managementHosts,
        Optional<ServerTls> tls,
        StopTimeouts stop) {
    /**
     * An address to bind.
     *
     * @param host a name or an IP address
     * @param port the port; 0 for a free one
     */
    public record Address(String host, int port) {
        /** As in a URL. */
        @Override
        public String toString() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /**
     * The address of the sockets.
     *
     * @return the host and the port to bind
     */
    public Address address() {
        return new Address(host, port);
    }
}
