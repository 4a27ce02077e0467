package io.heliodor.event;

import io.heliodor.type.text.ControlCharacters;
import java.nio.charset.StandardCharsets;

/** The rule for names of events and calls. */
final class EventName {
    private static final int MAX_BYTES = 255;

    private EventName() {}

    static void check(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("The name of an event is empty; give it 1 to 255 bytes.");
        }
        if (name.startsWith("phx_")) {
            throw new IllegalArgumentException("Event '" + ControlCharacters.escaped(name)
                    + "' begins with phx_, which is the protocol's own; choose another name.");
        }
        if (ControlCharacters.isIn(name)) {
            throw new IllegalArgumentException(
                    "Event '" + ControlCharacters.escaped(name) + "' has a control character; take it out.");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            throw new IllegalArgumentException(
                    "Event '" + ControlCharacters.escaped(name) + "' has half of a surrogate pair; take it out.");
        }
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "Event '" + name + "' has " + bytes + " bytes of UTF-8; at most 255 fit into a frame.");
        }
    }
}
