package io.heliodor.transport;

import io.heliodor.session.LaneSessions;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.transport.http.ConnectionPermits;
import io.heliodor.transport.http.DiscardedTrailers;
import io.heliodor.transport.http.HttpConnection;
import io.heliodor.transport.http.HttpContext;
import io.heliodor.transport.http.ProxyHeader;
import io.heliodor.transport.http.RequestGate;
import io.heliodor.transport.tls.TlsHandler;
import io.heliodor.transport.tls.TlsRecords;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets up an accepted connection: the handshake permit of its address, its PROXY header, TLS, and the HTTP handlers.
 *
 * @param settings the settings of the server
 * @param http the state of its HTTP connections
 * @param connections gets the connection
 * @param management whether it is a connection of the management address: without TLS and PROXY header, also if memory
 *     is short
 * @param lane the lane that owns the connection
 * @param channel the connection
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the connection, which is noticed there
record ConnectionAcceptor(
        Settings settings,
        HttpContext http,
        OpenConnections connections,
        boolean management,
        LaneSessions lane,
        Channel channel) {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    private static final int MAX_LINE_BYTES = 8 << 10;
    private static final int MAX_HEADER_BYTES = 16 << 10;
    private static final int MAX_CHUNK_BYTES = 8 << 10;

    /** The maximum of a PROXY header with its extensions. */
    private static final int MAX_PROXY_BYTES = 4 << 10;

    /** The heap of a connection in Netty, without the handlers of a protocol. */
    private static final int CHANNEL_BYTES = 1 << 10;

    /** The heap of a TLS connection in addition: the engine of the JDK with its keys. */
    private static final int TLS_BYTES = 7 << 10;

    /** Sets up the connection, or closes it. */
    void open() {
        if (!(channel.remoteAddress() instanceof InetSocketAddress remote)) {
            // The client has disconnected already.
            channel.close();
            return;
        }
        InetAddress peer = remote.getAddress();
        if (!management && (http.hub().memory().exhausted() || settings.memory().excess() > 0)) {
            refuse(Counter.REFUSED_OVERLOADED, peer);
            return;
        }
        if (!management && settings.proxyProtocol()) {
            if (http.proxies().trusts(peer)) {
                setUp(peer, Optional.empty());
            } else {
                refuse(Counter.REFUSED_PROXY_HEADER, peer);
            }
            return;
        }
        Optional<ConnectionPermits.Permit> permit = handshake(peer);
        if (permit.isPresent()) {
            setUp(peer, permit);
        }
    }

    /** Acquires a handshake permit. A trusted proxy needs none: it connects on behalf of clients that are not known yet. */
    private Optional<ConnectionPermits.Permit> handshake(InetAddress peer) {
        if (http.proxies().trusts(peer)) {
            return Optional.of(ConnectionPermits.Unlimited.UNLIMITED);
        }
        if (http.permits().handshake(peer) instanceof ConnectionPermits.Outcome.Granted(var permit)) {
            return Optional.of(permit);
        }
        refuse(Counter.REFUSED_HANDSHAKES, peer);
        return Optional.empty();
    }

    private void refuse(Counter why, InetAddress peer) {
        http.hub().counters().increment(why);
        LOG.debug("A connection of {} is closed at once: {}", peer, why);
        channel.close();
    }

    private void setUp(InetAddress peer, Optional<ConnectionPermits.Permit> permit) {
        RequestGate gate = new RequestGate(http.hub().memory());
        HttpConnection connection = new HttpConnection(http, lane, channel, gate, peer);
        ChannelPipeline pipeline = channel.pipeline();
        if (permit.isPresent()) {
            connection.setPeer(peer, permit.get());
        } else {
            pipeline.addLast(
                    new HAProxyMessageDecoder(MAX_PROXY_BYTES),
                    new ProxyHeader(http.hub().counters(), client -> {
                        InetAddress named = client.orElse(peer);
                        handshake(named).ifPresent(taken -> connection.setPeer(named, taken));
                    }));
        }
        settings.tls().filter(_ -> http.tls()).ifPresent(tls -> {
            TlsRecords records = new TlsRecords();
            pipeline.addLast(records, new TlsHandler(tls, records, channel.alloc()));
        });
        HttpDecoderConfig config = new HttpDecoderConfig()
                .setMaxInitialLineLength(MAX_LINE_BYTES)
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setMaxChunkSize(MAX_CHUNK_BYTES)
                .setTrailersFactory(DiscardedTrailers.FACTORY);
        pipeline.addLast(gate, new HttpServerCodec(config), connection);
        connections.add(channel);
    }

    /** The heap that each connection is counted with, without the handlers of its protocol. */
    static int heldBytes(HttpContext http) {
        return CHANNEL_BYTES + (http.tls() ? TLS_BYTES : 0);
    }
}
