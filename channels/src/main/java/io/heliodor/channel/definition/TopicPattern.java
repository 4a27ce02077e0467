package io.heliodor.channel.definition;

import java.nio.charset.StandardCharsets;

/**
 * A topic, or all topics with one beginning.
 *
 * @param prefix the topic, or its beginning, without the {@code *}
 * @param wildcard whether anything may follow
 */
public record TopicPattern(String prefix, boolean wildcard) {
    private static final int MOST_BYTES = 255;

    /**
     * Checks the pattern.
     *
     * @throws IllegalArgumentException if it breaks the rules of {@link #parse}, saying which
     */
    public TopicPattern {
        String shown = (wildcard ? prefix + "*" : prefix).replaceAll("[\\p{Cc}\\p{Cs}]", "?");
        if (prefix.indexOf('*') >= 0) {
            throw new IllegalArgumentException(
                    "Pattern '" + shown + "' has a * before its end; only a trailing * is a wildcard, as in 'room:*'.");
        }
        if (!(wildcard && prefix.isEmpty()) && !validTopic(prefix)) {
            throw new IllegalArgumentException("Pattern '" + shown
                    + "' is no topic: 1 to 255 bytes of UTF-8 without control characters, for example 'room:*'.");
        }
        if (prefix.equals("phoenix")) {
            throw new IllegalArgumentException(
                    "Topic 'phoenix' carries the protocol's heartbeats; choose another name than '" + shown + "'.");
        }
    }

    /**
     * Reads a pattern: a topic, or the beginning of topics followed by one {@code *}.
     *
     * <p>A topic has 1 to 255 bytes of UTF-8 and no control character. {@code *} alone matches every topic; before the
     * end it is refused. So is {@code phoenix}, alone or with a {@code *}: that topic is the protocol's own.
     *
     * @param pattern the text
     * @return the pattern
     * @throws IllegalArgumentException if the text is no pattern, saying why
     */
    public static TopicPattern parse(String pattern) {
        boolean wildcard = pattern.endsWith("*");
        return new TopicPattern(wildcard ? pattern.substring(0, pattern.length() - 1) : pattern, wildcard);
    }

    /**
     * Whether a topic is valid.
     *
     * @param topic the topic
     * @return whether it has 1 to 255 bytes of UTF-8, hence no half of a surrogate pair, and no control character
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
