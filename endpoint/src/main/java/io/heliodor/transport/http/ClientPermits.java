package io.heliodor.transport.http;

import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.util.Optional;

/**
 * The client of a connection, and the permit of its address that it holds until it is a WebSocket, except while it is parked;
 * behind a trusted peer it holds one for each request. On the loop of the connection.
 */
final class ClientPermits {
    private final HttpContext context;

    /** The address that opened the connection, or that the PROXY header names. */
    private InetAddress peer;

    /** The client of the current request. */
    private TrustedProxies.Client client;

    private ConnectionPermits.Permit handshake = ConnectionPermits.Unlimited.UNLIMITED;

    ClientPermits(HttpContext context, InetAddress peer) {
        this.context = context;
        this.peer = peer;
        this.client = new TrustedProxies.Client(peer, Optional.empty());
    }

    TrustedProxies.Client client() {
        return client;
    }

    /** Sets the peer, when it is known, and its handshake permit. */
    void peer(InetAddress named, ConnectionPermits.Permit permit) {
        peer = named;
        handshake = permit;
    }

    /** Whether a trusted proxy sent the request. */
    boolean isProxied() {
        return context.proxies().trusts(peer);
    }

    /** Begins a request. Behind a trusted peer its client needs a handshake permit now; false if there is none. */
    boolean begin(HttpHeaders headers) {
        client = context.proxies().client(peer, context.tls() ? Optional.of("https") : Optional.empty(), headers);
        return !isProxied() || take(context.permits().handshake(client.address()));
    }

    private boolean take(ConnectionPermits.Outcome outcome) {
        if (outcome instanceof ConnectionPermits.Outcome.Granted(var permit)) {
            handshake = permit;
            return true;
        }
        return false;
    }

    /** Acquires a permit for a connection of the current client. */
    ConnectionPermits.Outcome acquire() {
        return context.permits().connection(client.address());
    }

    /** Whether the connection may wait for another request: without a permit of its address it ends after this response. */
    boolean mayWait() {
        if (isProxied()) {
            return true;
        }
        return handshake == ConnectionPermits.Unlimited.UNLIMITED
                ? take(context.permits().waiting(peer))
                : context.permits().mayWait(peer);
    }

    /** Ends a request after which the connection stays: behind a trusted peer the next client may be another one. */
    void requestEnded() {
        if (isProxied()) {
            release();
        }
    }

    /** Releases the handshake permit: the connection is a WebSocket, or a session that polls has it. */
    void release() {
        handshake.release();
        handshake = ConnectionPermits.Unlimited.UNLIMITED;
    }
}
