package io.heliodor.client.okhttp;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.client.socket.ClientSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A connection by OkHttp 4 or 5. An application brings its OkHttp, with its proxy, TLS and pools.
 *
 * <pre>{@code
 * OkHttpClient http = new OkHttpClient();
 * Client client = Client.to(socket).sockets(() -> new OkHttpSocket(http)).build();
 * }</pre>
 *
 * <p>A message that was not requested holds the reading thread of OkHttp, so a slow client slows the server down. While that thread is held, pings of the server are not answered, so leave the ping interval of a proxy above the time of the
 * slowest callback. OkHttp has read a message whole before its length can be checked, so the bound of a message limits what the client
 * keeps, not what OkHttp reads.
 *
 * <p>A connection takes one of the {@code maxRequests} of the dispatcher of its {@code OkHttpClient}, 64 by default, for as long as it lives.
 */
public final class OkHttpSocket implements ClientSocket {
    private static final int ABNORMAL = 1006;
    private static final int NO_CODE = 1005;
    private static final int NORMAL = 1000;
    private static final int MAX_QUEUED_BYTES = 1 << 20;
    private static final long CLOSE_SECONDS = 1;
    private static final long POLL_MILLIS = 10;

    private final OkHttpClient http;
    private final Semaphore requests = new Semaphore(0);
    private final AtomicBoolean isOver = new AtomicBoolean();
    private volatile @Nullable WebSocket socket;
    private volatile @Nullable Listener listener;

    /**
     * A connection that is not open.
     *
     * @param http the client of its connections
     */
    public OkHttpSocket(OkHttpClient http) {
        this.http = Objects.requireNonNull(http, "http");
    }

    @Override
    public void connect(Handshake handshake, Listener events) {
        Objects.requireNonNull(handshake, "handshake");
        listener = Objects.requireNonNull(events, "events");
        Request.Builder request = new Request.Builder().url(httpUrl(handshake.uri()));
        handshake.headers().forEach(request::header);
        if (!handshake.subprotocols().isEmpty()) {
            request.header("Sec-WebSocket-Protocol", String.join(", ", handshake.subprotocols()));
        }
        socket = http.newWebSocket(request.build(), new Reader(events, handshake.maxMessageBytes()));
    }

    /** OkHttp takes both schemes, but Request.url(String) of version 4 parses that of WebSocket by a rule of its own. */
    private static String httpUrl(URI uri) {
        return uri.toString().replaceFirst("(?i)^ws", "http");
    }

    @Override
    public void send(boolean isBinary, ByteBuffer message) {
        Objects.requireNonNull(message, "message");
        WebSocket open = open();
        ByteString bytes = ByteString.of(message.duplicate());
        boolean accepted = isBinary ? open.send(bytes) : open.send(bytes.string(UTF_8));
        if (accepted) {
            sent(open);
        } else {
            open.cancel();
            end(ABNORMAL, "OkHttp does not accept a message");
        }
    }

    /** OkHttp has a queue, and no notice when it is short again. */
    private void sent(WebSocket open) {
        if (isOver.get()) {
            return;
        }
        if (open.queueSize() > MAX_QUEUED_BYTES) {
            Later.run(POLL_MILLIS, TimeUnit.MILLISECONDS, () -> sent(open));
        } else {
            Listener events = listener;
            if (events != null) {
                events.sent();
            }
        }
    }

    private WebSocket open() {
        WebSocket open = socket;
        if (open == null) {
            throw new IllegalStateException("The socket is used before it is open; wait for opened().");
        }
        return open;
    }

    @Override
    public void request() {
        requests.release();
    }

    @Override
    public void close(int code, String reason) {
        Objects.requireNonNull(reason, "reason");
        boolean wasOver = isOver.getAndSet(true);
        requests.release(); // the reading thread drops the rest
        WebSocket open = socket;
        if (open == null) {
            return;
        }
        if (wasOver || !open.close(code, reason)) {
            open.cancel();
        } else {
            Later.run(CLOSE_SECONDS, TimeUnit.SECONDS, open::cancel);
        }
    }

    private void end(int code, String reason) {
        Listener events = listener;
        if (isOver.compareAndSet(false, true)) {
            requests.release();
            if (events != null) {
                events.closed(code, reason);
            }
        }
    }

    /** Runs on the reading thread of OkHttp, which it holds until a message is requested. */
    private final class Reader extends WebSocketListener {
        private final Listener events;
        private final int maxBytes;

        /** Whether the handshake has succeeded. */
        private volatile boolean isOpen;

        Reader(Listener events, int maxBytes) {
            this.events = events;
            this.maxBytes = maxBytes;
        }

        @Override
        public void onOpen(WebSocket open, Response response) {
            socket = open;
            isOpen = true;
            if (isOver.get()) {
                open.cancel();
            } else {
                events.opened();
            }
        }

        @Override
        public void onMessage(WebSocket open, String text) {
            received(false, text.getBytes(UTF_8));
        }

        @Override
        public void onMessage(WebSocket open, ByteString bytes) {
            received(true, bytes.toByteArray());
        }

        private void received(boolean isBinary, byte[] message) {
            if (!isOver.get()) {
                requests.acquireUninterruptibly();
            }
            if (isOver.get()) {
                return;
            }
            if (message.length > maxBytes) {
                events.oversized(isBinary, Arrays.copyOf(message, Math.min(message.length, Listener.HEAD_BYTES)));
            } else {
                events.received(isBinary, message);
            }
        }

        @Override
        public void onClosing(WebSocket open, int code, String reason) {
            open.close(NORMAL, ""); // else OkHttp leaves the connection half closed
            end(code == NO_CODE ? ABNORMAL : code, reason);
        }

        @Override
        public void onClosed(WebSocket open, int code, String reason) {
            end(code == NO_CODE ? ABNORMAL : code, reason);
        }

        @Override
        public void onFailure(WebSocket open, Throwable failure, @Nullable Response response) {
            if (isOpen) {
                end(ABNORMAL, failure.toString());
            } else if (isOver.compareAndSet(false, true)) {
                events.failed(refusal(failure, response));
            }
        }
    }

    private static Failure refusal(Throwable failure, @Nullable Response response) {
        return response == null
                ? new Failure(0, Optional.empty(), failure.toString())
                : Failure.response(response.code(), Optional.ofNullable(response.header("Retry-After")));
    }
}
