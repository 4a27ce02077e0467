package io.heliodor.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.testkit.ClientCodec.ServerFrame;
import io.heliodor.wire.Payload;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The last frames of one client, for the messages of failures. Guarded by the client's monitor. */
final class Transcript {
    private static final int MAX_LINES = 40;
    private static final int MAX_CHARACTERS = 200;

    private final ArrayDeque<Line> lines = new ArrayDeque<>();
    private int dropped;

    interface Line {
        @Override
        String toString();
    }

    private record Sent(String topic, String event, String ref, Payload payload) implements Line {
        @Override
        public String toString() {
            return "-> " + topic + " " + event + " " + text(payload) + " (" + ref + ")";
        }
    }

    /** A frame that was received. */
    static final class Received implements Line {
        final ServerFrame received;

        /** Whether no test has expected it yet. */
        boolean waits;

        private Received(ServerFrame received) {
            this.received = received;
        }

        /** Removes the first line of an inbox with a wanted frame; returns the frame, or null if there is none. */
        static @Nullable ServerFrame take(List<Received> inbox, Predicate<ServerFrame> wanted) {
            for (Received line : inbox) {
                if (wanted.test(line.received)) {
                    inbox.remove(line);
                    line.waits = false;
                    return line.received;
                }
            }
            return null;
        }

        @Override
        public String toString() {
            String event = received.status().orElse(received.event());
            String ref = received.joinRef().equals(received.ref())
                    ? ""
                    : received.ref().map(text -> " (" + text + ")").orElse("");
            return "<- " + received.topic() + " " + event + " " + text(received.payload()) + ref
                    + (waits ? "  not expected yet" : "");
        }
    }

    private record Note(String text) implements Line {
        @Override
        public String toString() {
            return text;
        }
    }

    void sent(String topic, String event, String ref, Payload payload) {
        add(new Sent(topic, event, ref, payload));
    }

    Received line(ServerFrame received) {
        Received line = new Received(received);
        add(line);
        return line;
    }

    void note(String text) {
        add(new Note(text));
    }

    private void add(Line line) {
        lines.add(line);
        if (lines.size() > MAX_LINES) {
            lines.remove();
            dropped++;
        }
    }

    static String text(Payload payload) {
        return switch (payload) {
            case Payload.Json json -> shortened(new String(json.bytes(), json.from(), json.length(), UTF_8));
            case Payload.Binary binary -> binary.length() + " bytes";
        };
    }

    private static String shortened(String text) {
        return text.length() <= MAX_CHARACTERS
                ? text
                : text.substring(0, MAX_CHARACTERS) + "... (" + text.length() + " characters)";
    }

    @Override
    public String toString() {
        if (lines.isEmpty()) {
            return "This client has sent nothing and got nothing.";
        }
        StringBuilder all = new StringBuilder("What this client sent (->) and got (<-), in order:");
        if (dropped > 0) {
            all.append("\n  ... ").append(dropped).append(" before");
        }
        lines.forEach(line -> all.append("\n  ").append(line));
        return all.toString();
    }
}
