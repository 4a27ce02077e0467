package io.heliodor.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.testkit.ClientFrames.Heard;
import io.heliodor.wire.Payload;
import java.util.ArrayDeque;

/** The last frames of one client, for people. Guarded by its client's monitor. */
final class Transcript {
    private static final int MOST_LINES = 40;
    private static final int MOST_CHARACTERS = 200;

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

    /** A frame that came. */
    static final class Got implements Line {
        final Heard heard;

        /** Whether it waits for a test that expects it. */
        boolean waits;

        private Got(Heard heard) {
            this.heard = heard;
        }

        @Override
        public String toString() {
            String event = heard.status().orElse(heard.event());
            String ref = heard.joinRef().equals(heard.ref())
                    ? ""
                    : heard.ref().map(text -> " (" + text + ")").orElse("");
            return "<- " + heard.topic() + " " + event + " " + text(heard.payload()) + ref
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

    Got got(Heard heard) {
        Got line = new Got(heard);
        add(line);
        return line;
    }

    void note(String text) {
        add(new Note(text));
    }

    private void add(Line line) {
        lines.add(line);
        if (lines.size() > MOST_LINES) {
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
        return text.length() <= MOST_CHARACTERS
                ? text
                : text.substring(0, MOST_CHARACTERS) + "... (" + text.length() + " characters)";
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
