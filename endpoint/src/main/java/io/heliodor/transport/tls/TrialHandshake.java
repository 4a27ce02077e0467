package io.heliodor.transport.tls;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** A handshake in memory, in which a native library of another release than Netty needs fails, and not with the first client. */
final class TrialHandshake {
    private static final int BYTES = 1 << 16;
    private static final int MAX_STEPS = 100;

    private final ByteBuffer fromClient = ByteBuffer.allocate(BYTES);
    private final ByteBuffer fromServer = ByteBuffer.allocate(BYTES);

    private TrialHandshake() {}

    /**
     * Does a handshake with an engine of a server. A client that refuses the certificate ends it without a failure.
     *
     * @throws LinkageError if the native library does not match
     */
    static void with(SSLEngine server) throws GeneralSecurityException {
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        SSLEngine client = trusting.createSSLEngine();
        client.setUseClientMode(true);
        try {
            new TrialHandshake().run(client, server);
        } catch (SSLException e) {
            // The client did not accept the certificate, which is not the matter here.
        }
    }

    private void run(SSLEngine client, SSLEngine server) throws SSLException {
        client.beginHandshake();
        server.beginHandshake();
        for (int i = 0; i < MAX_STEPS && !(isDone(client) && isDone(server)); i++) {
            step(client, fromServer, fromClient);
            step(server, fromClient, fromServer);
        }
    }

    private static boolean isDone(SSLEngine engine) {
        return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
    }

    private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> engine.getDelegatedTask().run();
            case NEED_WRAP -> engine.wrap(ByteBuffer.allocate(0), out);
            case NEED_UNWRAP -> {
                engine.unwrap(in.flip(), ByteBuffer.allocate(BYTES));
                in.compact();
            }
            default -> {}
        }
    }
}
