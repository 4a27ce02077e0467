package io.heliodor.dashboard;

import java.util.Optional;

/**
 * A frame of a trace.
 *
 * @param number its number in the trace on its node, from 1
 * @param atMillis the time of the wall clock, in milliseconds since the epoch
 * @param connection the correlation id of its connection; empty for a broadcast to the members of a topic
 * @param user the id of its connection; empty without one
 * @param topic the topic; empty for bytes that are not a frame
 * @param event the event; for a reply that of its request
 * @param direction {@code in} from a client, {@code out} to clients
 * @param kind the kind, in lower case
 * @param bytes its size
 * @param status {@code ok} or {@code error} for a reply; else empty
 * @param count the number of members of a broadcast or of replayed messages; else 1
 * @param payload the beginning of its payload, if the application lets traces show it
 */
record LoggedFrame(
        int number,
        long atMillis,
        String connection,
        String user,
        String topic,
        String event,
        String direction,
        String kind,
        long bytes,
        String status,
        int count,
        Optional<String> payload) {
    /** The heap of a frame in addition to its texts, about. */
    private static final int OVERHEAD = 200;

    LoggedFrame {
        payload = Absent.orEmpty(payload);
    }

    /** Its heap, about; no less than its bytes in an answer. Reads its texts. */
    int cost() {
        return OVERHEAD
                + cost(connection)
                + cost(user)
                + cost(topic)
                + cost(event)
                + payload.map(LoggedFrame::cost).orElse(0);
    }

    /** The bytes of a text in an answer at most: a client may send texts of control characters, which are escaped. */
    private static int cost(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            bytes += c < ' ' ? 6 : c == '"' || c == '\\' ? 2 : c < 0x80 ? 1 : 3;
        }
        return bytes;
    }
}
