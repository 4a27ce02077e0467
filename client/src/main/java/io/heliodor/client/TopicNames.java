package io.heliodor.client;

import static java.nio.charset.StandardCharsets.UTF_8;

/** The rule for topics. */
final class TopicNames {
    private static final int MAX_BYTES = 255;

    private TopicNames() {}

    static void checkTopic(String topic) {
        if (topic.isEmpty()) {
            throw new IllegalArgumentException("The topic is empty; give it 1 to 255 bytes, such as \"room:42\".");
        }
        if (topic.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "The topic of " + topic.length() + " characters has a control character; take it out.");
        }
        if (!UTF_8.newEncoder().canEncode(topic)) {
            throw new IllegalArgumentException("The topic of " + topic.length()
                    + " characters has half of a surrogate pair, which UTF-8 cannot represent; take it out.");
        }
        int bytes = topic.getBytes(UTF_8).length;
        if (bytes > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "Topic '" + topic + "' has " + bytes + " bytes of UTF-8; at most 255 fit into a frame.");
        }
        if (topic.equals("phoenix")) {
            throw new IllegalArgumentException(
                    "Topic 'phoenix' is that of the connection itself; use on(event, callback) of the client.");
        }
    }
}
