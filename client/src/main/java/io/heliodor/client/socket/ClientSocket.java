package io.heliodor.client.socket;

import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One WebSocket connection of a client, from its handshake to its end. An implementation adapts a library; {@link JdkSocket} is that of the
 * JDK.
 *
 * <p>A client creates one object for each attempt. It calls {@link #connect} first and once, {@link #send} and {@link #request} between
 * {@code opened} and the end, and {@link #close} at most once. All calls come from one thread and must not block.
 */
public interface ClientSocket {
    /**
     * Begins the handshake. Afterwards the listener is called: {@code opened} or {@code failed}, once.
     *
     * @param handshake the request
     * @param listener receives all events of this connection, from any thread, one at a time
     */
    void connect(Handshake handshake, Listener listener);

    /**
     * Sends one message. The next one follows after {@code sent} only.
     *
     * @param isBinary whether it is a binary message, and not text
     * @param message the whole message; UTF-8 for text. Its bytes are not modified
     */
    void send(boolean isBinary, ByteBuffer message);

    /**
     * Requests one more message. The socket gives its listener no message without a request, and stops reading the connection when it
     * holds one: so the server notices a client that does not keep up. Pings need not be answered meanwhile.
     */
    void request();

    /**
     * Closes the connection, or ends the handshake. The listener need not be called any more. An implementation waits for the close frame
     * of the server for a limited time, then cuts the connection.
     *
     * @param code the close code: 1000, 1002 or 1009. An implementation that cannot send it sends 1000
     * @param reason the text of the close frame, ASCII of 123 characters at most; may be empty
     */
    void close(int code, String reason);

    /**
     * A request to connect.
     *
     * @param uri the whole address, with {@code /websocket} and parameters; its scheme is {@code ws} or {@code wss}
     * @param headers the headers in addition to those of the handshake
     * @param subprotocols the subprotocols that are offered, the preferred one first; empty for none
     * @param maxMessageBytes the maximum size of a message of the server, in bytes. Of a longer one the socket keeps the first
     *     {@value Listener#HEAD_BYTES} bytes only, and gives them to {@code oversized}
     */
    record Handshake(URI uri, Map<String, String> headers, List<String> subprotocols, int maxMessageBytes) {
        /** Copies the collections. */
        public Handshake {
            Objects.requireNonNull(uri, "uri");
            headers = Map.copyOf(Objects.requireNonNull(headers, "headers"));
            subprotocols = List.copyOf(Objects.requireNonNull(subprotocols, "subprotocols"));
        }

        /** The address without its query and headers, which may have tokens. */
        @Override
        public String toString() {
            return "Handshake[" + uri.getScheme() + "://" + uri.getAuthority() + uri.getPath() + "]";
        }
    }

    /**
     * A handshake without success.
     *
     * @param status the status of the response; 0 if there was none
     * @param retryAfter the time after which the server accepts the next attempt; empty if it has not sent one
     * @param cause a text for logs
     */
    record Failure(int status, Optional<Duration> retryAfter, String cause) {
        /** Checks that no value is null. */
        public Failure {
            Objects.requireNonNull(retryAfter, "retryAfter");
            Objects.requireNonNull(cause, "cause");
        }

        /**
         * That of a response.
         *
         * @param status its status
         * @param retryAfter its header {@code Retry-After}; taken as a number of seconds only
         * @return the failure
         */
        public static Failure response(int status, Optional<String> retryAfter) {
            Objects.requireNonNull(retryAfter, "retryAfter");
            Optional<Duration> after = retryAfter
                    .filter(value -> value.matches("[0-9]{1,6}"))
                    .map(value -> Duration.ofSeconds(Long.parseLong(value)));
            return new Failure(status, after, "status " + status);
        }
    }

    /** The client's end of a socket. Its methods do not block, and any thread may call them, one at a time. */
    interface Listener {
        /** The first bytes of a message that tell the client what it is. */
        int HEAD_BYTES = 4_096;

        /** The connection is established. */
        void opened();

        /**
         * The handshake failed. No other call follows.
         *
         * @param failure the cause
         */
        void failed(Failure failure);

        /**
         * A message of the server, after {@link ClientSocket#request}.
         *
         * @param isBinary whether it is a binary message, and not text
         * @param message the whole message; UTF-8 for text. The array belongs to the listener from now on
         */
        void received(boolean isBinary, byte[] message);

        /**
         * A message of the server that is longer than {@code maxMessageBytes}, after {@link ClientSocket#request}. All of it has been read, and
         * all but its beginning was dropped.
         *
         * @param isBinary whether it is a binary message, and not text
         * @param head its first {@value #HEAD_BYTES} bytes or more, or all. The array belongs to the listener from now on
         */
        void oversized(boolean isBinary, byte[] head);

        /** The last message was handed to the network: the next one may be sent. */
        void sent();

        /**
         * The connection has ended. No other call follows.
         *
         * @param code the close code of the server; 1006 if there was none
         * @param reason the text of the close frame, or the cause for logs
         */
        void closed(int code, String reason);
    }
}
