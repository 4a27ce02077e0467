package io.heliodor.transport;

import io.heliodor.session.Hub;
import io.heliodor.transport.handshake.Mount;
import io.heliodor.transport.handshake.Origins;
import io.heliodor.transport.http.Readiness;
import io.heliodor.transport.http.StaticFiles;
import io.heliodor.transport.http.TextEndpoint;
import io.heliodor.transport.http.TrustedProxies;
import io.heliodor.transport.io.DirectMemory;
import io.heliodor.transport.io.IoBackend;
import io.heliodor.transport.longpoll.PollLimits;
import io.heliodor.transport.tls.Certificates;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a server is made from.
 *
 * @param host the address to bind
 * @param port the port to bind; 0 for a free one
 * @param io how to do I/O
 * @param loops how many event loops, each a lane
 * @param memory the memory of its buffers, and their allocator
 * @param hub what its sessions share
 * @param mounts the sockets
 * @param files the folders
 * @param origins which pages may connect
 * @param compression whether clients may have messages compressed
 * @param polls the bounds of long polling
 * @param texts what is computed for a request, by path
 * @param readiness whether the application is ready
 * @param proxies who may say who the client is
 * @param proxyProtocol whether each connection begins with a header of the PROXY protocol
 * @param tls with what to encrypt, if so
 */
public record Settings(
        String host,
        int port,
        IoBackend io,
        int loops,
        DirectMemory memory,
        Hub hub,
        List<Mount<?>> mounts,
        List<StaticFiles> files,
        Origins origins,
        boolean compression,
        PollLimits polls,
        Map<String, TextEndpoint> texts,
        Readiness readiness,
        TrustedProxies proxies,
        boolean proxyProtocol,
        Optional<Certificates> tls) {}
