package io.heliodor.channel;

import java.nio.charset.StandardCharsets;

/**
 * A topic, or all topics with one beginning.
 *
 * @param prefix the topic, or its beginning
 * @param wildcard whether anything may follow
 */
public record TopicPattern(String prefix, boolean wildcard) {
    private static final int MOST_BYTES = 255;

    /**
     * Reads a pattern: a topic, or the beginning of topics followed by one {@code *}.
     *
     * <p>A topic has 1 to 255 bytes of UTF-8 and no control character. {@code *} alone matches every topic; a
     * {@code *} in any other place than the end is refused, as are the topic {@code phoenix} and patterns that would
     * match nothing else, because it is the protocol's own.
     *
     * @param pattern the text
     * @return the pattern
     * @throws IllegalArgumentException if the text is no pattern, saying why
     */
    public static TopicPattern parse(String pattern) {
        int star = pattern.indexOf('*');
        if (star >= 0 && star != pattern.length() - 1) {
            throw new IllegalArgumentException("Pattern '" + pattern
                    + "' has a * before its end; only a trailing * is a wildcard, as in 'room:*'.");
        }
        boolean wildcard = star >= 0;
        String prefix = wildcard ? pattern.substring(0, star) : pattern;
        if (!(wildcard && prefix.isEmpty()) && !validTopic(prefix)) {
            throw new IllegalArgumentException("Pattern '" + pattern.replaceAll("\\p{Cc}", "?")
                    + "' is no topic: 1 to 255 bytes of UTF-8 without control characters, for example 'room:*'.");
        }
        if (prefix.equals("phoenix")) {
            throw new IllegalArgumentException(
                    "Topic 'phoenix' carries the protocol's heartbeats; choose another name than '" + pattern + "'.");
        }
        return new TopicPattern(prefix, wildcard);
    }

    /**
     * Whether a topic is valid.
     *
     * @param topic the topic
     * @return whether it has 1 to 255 bytes of UTF-8 and no control character
     */
    public static boolean validTopic(String topic) {
        if (topic.isEmpty() || topic.length() > MOST_BYTES) {
            return false;
        }
        boolean ascii = true;
        for (int i = 0; i < topic.length(); i++) {
            char c = topic.charAt(i);
            if (Character.isISOControl(c)) {
                return false;
            }
            ascii &= c < 0x80;
        }
        // Half a surrogate pair can be written in JSON, but not in UTF-8.
        return ascii
                || (StandardCharsets.UTF_8.newEncoder().canEncode(topic)
                        && topic.getBytes(StandardCharsets.UTF_8).length <= MOST_BYTES);
    }

    /**
     * Whether a topic matches.
     *
     * @param topic the topic
     * @return whether it is the prefix, or begins with it under a wildcard
     */
    public boolean matches(String topic) {
        return wildcard ? topic.startsWith(prefix) : topic.equals(prefix);
    }

    /**
     * What the wildcard stands for in a topic that matches.
     *
     * @param topic the topic
     * @return the rest after the prefix; the whole topic where there is no wildcard
     */
    public String subtopic(String topic) {
        return wildcard ? topic.substring(prefix.length()) : topic;
    }

    /** The pattern as it was written. */
    @Override
    public String toString() {
        return wildcard ? prefix + "*" : prefix;
    }
}
