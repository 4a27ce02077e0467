package io.heliodor.client.socket;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A connection by {@code java.net.http}. It reads the connection only after a request, so a slow client slows the server down.
 *
 * <p>The JDK does not send the close codes 1002 and 1009: the server gets 1000 in their place. While no message is requested, pings of the
 * server are not answered. A handshake ends after 10 s.
 */
public final class JdkSocket implements ClientSocket {
    private static final int NORMAL = 1000;
    private static final int ABNORMAL = 1006;
    private static final long CLOSE_SECONDS = 1;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private final HttpClient http;
    private final Duration connectTimeout;
    private final AtomicBoolean isOver = new AtomicBoolean();
    private final AtomicBoolean isClosing = new AtomicBoolean();
    private volatile @Nullable WebSocket socket;
    private volatile @Nullable Reader reader;

    /**
     * A connection that is not open.
     *
     * @param http the client of its connections, with their proxy, TLS context and threads
     */
    public JdkSocket(HttpClient http) {
        this(http, CONNECT_TIMEOUT);
    }

    JdkSocket(HttpClient http, Duration connectTimeout) {
        this.http = Objects.requireNonNull(http, "http");
        this.connectTimeout = connectTimeout;
    }

    @Override
    public void connect(Handshake handshake, Listener listener) {
        Objects.requireNonNull(handshake, "handshake");
        Objects.requireNonNull(listener, "listener");
        // The request of a handshake that hangs ends by itself; there is no other way to end one.
        WebSocket.Builder builder = http.newWebSocketBuilder().connectTimeout(connectTimeout);
        handshake.headers().forEach(builder::header);
        if (!handshake.subprotocols().isEmpty()) {
            String[] others = handshake.subprotocols().stream().skip(1).toArray(String[]::new);
            builder.subprotocols(handshake.subprotocols().get(0), others);
        }
        Reader reading = new Reader(listener, handshake.maxMessageBytes());
        reader = reading;
        CompletableFuture<WebSocket> unused = builder.buildAsync(handshake.uri(), reading)
                .whenComplete((opened, failure) -> {
                    if (failure != null && isOver.compareAndSet(false, true)) {
                        listener.failed(failure(failure));
                    }
                });
    }

    private static Failure failure(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof WebSocketHandshakeException refused && refused.getResponse() != null) {
            HttpResponse<?> response = refused.getResponse();
            return Failure.response(response.statusCode(), response.headers().firstValue("Retry-After"));
        }
        return new Failure(0, Optional.empty(), cause.toString());
    }

    @Override
    public void send(boolean isBinary, ByteBuffer message) {
        Objects.requireNonNull(message, "message");
        WebSocket open = open();
        Reader reading = Objects.requireNonNull(reader, "reader");
        CompletableFuture<WebSocket> sending =
                isBinary ? open.sendBinary(message, true) : open.sendText(UTF_8.decode(message), true);
        CompletableFuture<WebSocket> unused = sending.whenComplete((sent, failure) -> {
            if (failure == null) {
                reading.sent();
            } else {
                open.abort();
                reading.end(ABNORMAL, failure.toString());
            }
        });
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
        open().request(1);
    }

    @Override
    public void close(int code, String reason) {
        Objects.requireNonNull(reason, "reason");
        isOver.set(true);
        isClosing.set(true);
        WebSocket open = socket;
        if (open != null) {
            closeNow(open, code, reason);
        }
    }

    /** The close frame of the server is read among what it sent before, which is dropped. */
    private static void closeNow(WebSocket open, int code, String reason) {
        sendClose(open, code, reason);
        open.request(1);
        CompletableFuture.delayedExecutor(CLOSE_SECONDS, TimeUnit.SECONDS).execute(open::abort);
    }

    private static void sendClose(WebSocket open, int code, String reason) {
        CompletableFuture<WebSocket> closing = open.sendClose(code, reason);
        if (closing.isCompletedExceptionally() && code != NORMAL) {
            closing = open.sendClose(NORMAL, reason);
        }
        CompletableFuture<WebSocket> unused = closing.whenComplete((sent, failure) -> {
            if (failure != null) {
                open.abort();
            }
        });
    }

    /** Joins fragments. Of a message beyond the bound it keeps the beginning. */
    private final class Reader implements WebSocket.Listener {
        private final Listener listener;
        private final int maxBytes;
        private StringBuilder text = new StringBuilder();
        private ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        /** Whether the message that is read is beyond the bound. */
        private boolean isTooLong;

        Reader(Listener listener, int maxBytes) {
            this.listener = listener;
            this.maxBytes = maxBytes;
        }

        void sent() {
            if (!isOver.get()) {
                listener.sent();
            }
        }

        void end(int code, String reason) {
            if (isOver.compareAndSet(false, true)) {
                listener.closed(code, reason);
            }
        }

        @Override
        public void onOpen(WebSocket open) {
            socket = open;
            if (isClosing.get()) {
                open.abort();
            } else {
                listener.opened();
            }
        }

        @Override
        public @Nullable CompletableFuture<?> onText(WebSocket open, CharSequence part, boolean last) {
            if (isOver.get()) {
                open.request(1);
                return null;
            }
            if (!isTooLong && part.length() > maxBytes - text.length()) {
                isTooLong = true;
                text = new StringBuilder(text.substring(0, Math.min(text.length(), Listener.HEAD_BYTES)));
            }
            int room = isTooLong ? Math.max(0, Listener.HEAD_BYTES - text.length()) : part.length();
            text.append(part, 0, Math.min(room, part.length()));
            if (!last) {
                open.request(1);
                return null;
            }
            byte[] message = text.toString().getBytes(UTF_8);
            text = new StringBuilder();
            deliver(false, message);
            return null;
        }

        @Override
        public @Nullable CompletableFuture<?> onBinary(WebSocket open, ByteBuffer part, boolean last) {
            if (isOver.get()) {
                open.request(1);
                return null;
            }
            if (!isTooLong && part.remaining() > maxBytes - bytes.size()) {
                isTooLong = true;
                byte[] head = bytes.toByteArray();
                bytes = new ByteArrayOutputStream();
                bytes.write(head, 0, Math.min(head.length, Listener.HEAD_BYTES));
            }
            int room = isTooLong ? Math.max(0, Listener.HEAD_BYTES - bytes.size()) : part.remaining();
            byte[] copy = new byte[Math.min(room, part.remaining())];
            part.get(copy);
            bytes.writeBytes(copy);
            if (last) {
                byte[] message = bytes.toByteArray();
                bytes = new ByteArrayOutputStream();
                deliver(true, message);
            } else {
                open.request(1);
            }
            return null;
        }

        private void deliver(boolean isBinary, byte[] message) {
            if (isTooLong || message.length > maxBytes) {
                isTooLong = false;
                listener.oversized(isBinary, message);
            } else {
                listener.received(isBinary, message);
            }
        }

        @Override
        public @Nullable CompletableFuture<?> onClose(WebSocket open, int code, String reason) {
            end(code, reason);
            return null;
        }

        @Override
        public void onError(WebSocket open, Throwable error) {
            end(ABNORMAL, error.toString());
        }
    }
}
