package io.heliodor.group;

import io.heliodor.channel.definition.TopicPattern;
import io.heliodor.type.text.ControlCharacters;

/** The rules for names of groups and for their topics. */
final class NameChecks {
    private NameChecks() {}

    static void checkGroup(String name) {
        if (!TopicPattern.validTopic(name)) {
            throw new IllegalArgumentException("A group cannot be called '" + shown(name)
                    + "'; its name has 1 to 255 bytes of UTF-8 without control characters, for example 'staff'.");
        }
    }

    static void checkTopic(String topic) {
        if (!TopicPattern.validTopic(topic)) {
            throw new IllegalArgumentException("'" + shown(topic)
                    + "' is not a topic: 1 to 255 bytes of UTF-8 without control characters, for example 'room:42'.");
        }
        if (topic.endsWith("*")) {
            throw new IllegalArgumentException("'" + shown(topic)
                    + "' is a pattern; a group holds topics, for example 'room:42': add each of them.");
        }
        if (topic.equals("phoenix")) {
            throw new IllegalArgumentException(
                    "Topic 'phoenix' carries the protocol's heartbeats and has no members; choose another one.");
        }
    }

    /** The text without control characters, and of limited length, for the text of an exception. */
    private static String shown(String text) {
        String printable = ControlCharacters.escaped(text);
        return printable.length() <= 300 ? printable : printable.substring(0, 300) + "...";
    }
}
