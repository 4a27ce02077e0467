package io.heliodor.inspect;

import java.util.Optional;
import java.util.function.IntFunction;

/**
 * A frame of a trace.
 *
 * @param connection the correlation id of its connection; empty for a broadcast to the members of a topic
 * @param id the id of its connection
 * @param topic the topic, unchecked; empty for bytes that are not a frame
 * @param event the event; for a reply that of its request, or {@code phx_reply} if the trace has not seen the request
 * @param kind its kind
 * @param bytes its size
 * @param status {@code ok} or {@code error} for a reply; else empty
 * @param count the number of members of a broadcast or of replayed messages; else 1
 * @param payload the beginning of the payload as text, up to a number of bytes; empty for bytes, and for payloads of the protocol
 */
public record TracedFrame(
        String connection,
        Optional<String> id,
        String topic,
        String event,
        Kind kind,
        long bytes,
        String status,
        int count,
        IntFunction<Optional<String>> payload) {
    /** The kinds of frames. */
    public enum Kind {
        /** An event or a call of a client, or a message of the protocol such as a heartbeat. */
        MESSAGE,
        /** A request to join. */
        JOIN,
        /** A request to leave. */
        LEAVE,
        /** Bytes of a client that are not a frame. */
        MALFORMED,
        /** A reply. */
        REPLY,
        /** A message for one client. */
        PUSH,
        /** A message for the members of a topic. */
        BROADCAST,
        /** Messages of a history that a client missed. */
        REPLAY,
        /** The end of a channel. */
        CLOSE;

        /**
         * Whether a client sent it.
         *
         * @return false if the server did
         */
        public boolean isReceived() {
            return switch (this) {
                case MESSAGE, JOIN, LEAVE, MALFORMED -> true;
                case REPLY, PUSH, BROADCAST, REPLAY, CLOSE -> false;
            };
        }
    }
}
