package io.heliodor.client;

import io.heliodor.client.socket.ClientSocket;
import io.heliodor.client.socket.JdkSocket;
import io.heliodor.client.wire.Decoded;
import io.heliodor.client.wire.FrameDecoder;
import io.heliodor.client.wire.Message;
import java.net.http.HttpClient;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The socket of the present connection. Only the loop uses it; the events of sockets become inputs with the number of theirs. */
final class Connections {
    /** The code of a connection that broke. */
    private static final int ABNORMAL = 1006;

    private final Settings settings;
    private final Loop loop;

    /** Null before the first connection, and after the end. */
    private @Nullable Supplier<ClientSocket> sockets;

    private @Nullable ClientSocket socket;

    Connections(Settings settings, Loop loop) {
        this.settings = settings;
        this.loop = loop;
    }

    void open(long number, @Nullable String token) {
        List<String> subprotocols = ConnectAddress.subprotocols(token);
        try {
            ClientSocket opening = sockets().get();
            socket = opening;
            opening.connect(
                    new ClientSocket.Handshake(
                            settings.uri(), settings.headers(), subprotocols, settings.maxMessageBytes()),
                    new Events(number));
        } catch (RuntimeException e) {
            loop.submit((state, now) -> state.failed(now, number, 0, 0, e.toString()));
        }
    }

    void send(long number, Message frame) {
        ClientSocket open = socket;
        if (open != null) {
            try {
                open.send(frame.isBinary(), frame.payload().content());
            } catch (RuntimeException e) {
                fail(number, e);
            }
        }
    }

    void request(long number) {
        ClientSocket open = socket;
        if (open != null) {
            try {
                open.request();
            } catch (RuntimeException e) {
                fail(number, e);
            }
        }
    }

    private Supplier<ClientSocket> sockets() {
        Supplier<ClientSocket> used = sockets;
        if (used == null) {
            Supplier<ClientSocket> given = settings.sockets();
            if (given == null) {
                HttpClient http = SharedHttpClient.acquire();
                used = () -> new JdkSocket(http);
            } else {
                used = given;
            }
            sockets = used;
        }
        return used;
    }

    /** After the last use. */
    void end() {
        if (sockets != null && settings.sockets() == null) {
            SharedHttpClient.release();
        }
        sockets = null;
    }

    private void fail(long number, RuntimeException failure) {
        loop.submit((state, now) -> state.closed(now, number, ABNORMAL, failure.toString()));
    }

    void close(int code, String reason, Diagnostics diagnostics) {
        ClientSocket open = socket;
        socket = null;
        if (open != null) {
            try {
                open.close(code, reason);
            } catch (RuntimeException e) {
                diagnostics.warn("A socket failed to close.", e);
            }
        }
    }

    /** The events of one connection. Messages are decoded on the thread of the socket. */
    private final class Events implements ClientSocket.Listener {
        private final long number;

        Events(long number) {
            this.number = number;
        }

        @Override
        public void opened() {
            loop.submit((state, now) -> state.opened(now, number));
        }

        @Override
        public void failed(ClientSocket.Failure failure) {
            long retryAfter = failure.retryAfter()
                    .map(after -> Math.min(after.toSeconds(), 86_400) * 1_000_000_000L)
                    .orElse(0L);
            loop.submit((state, now) -> state.failed(now, number, failure.status(), retryAfter, failure.cause()));
        }

        @Override
        public void received(boolean isBinary, byte[] message) {
            Decoded decoded = isBinary ? FrameDecoder.binary(message) : FrameDecoder.text(message);
            loop.submit((state, now) -> state.received(now, number, decoded));
        }

        @Override
        public void oversized(boolean isBinary, byte[] head) {
            Decoded decoded = FrameDecoder.head(isBinary, head);
            loop.submit((state, now) -> state.received(now, number, decoded));
        }

        @Override
        public void sent() {
            loop.submit((state, now) -> state.sent(now, number));
        }

        @Override
        public void closed(int code, String reason) {
            loop.submit((state, now) -> state.closed(now, number, code, reason));
        }
    }
}
