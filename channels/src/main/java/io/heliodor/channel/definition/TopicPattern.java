package io.heliodor.channel.definition;

import io.heliodor.type.text.ControlCharacters;
import java.nio.charset.StandardCharsets;

/**
 * A pattern of topics: one topic, or all topics with a prefix.
 *
 * @param prefix the topic, or the prefix without the {@code *}
 * @param wildcard whether the prefix may be continued
 */
public record TopicPattern(String prefix, boolean wildcard) {
    private static final int MAX_BYTES = 255;

    /**
     * Checks the pattern.
     *
     * @throws IllegalArgumentException if it breaks the rules of {@link #parse}
     */
    public TopicPattern {
        String shown = ControlCharacters.escaped(wildcard ? prefix + "*" : prefix);
        int brace = prefix.indexOf('{');
        if (brace >= 0 && prefix.indexOf('}', brace) > 0) {
            throw new IllegalArgumentException(
                    "Pattern '" + shown + "' has a variable in braces, which clients would have to join as"
                            + " it is written; write '" + ControlCharacters.escaped(prefix.substring(0, brace))
                            + "*', and get the rest by join.subtopic().");
        }
        if (prefix.indexOf('*') >= 0) {
            throw new IllegalArgumentException(
                    "Pattern '" + shown + "' has a * before its end; only a trailing * is a wildcard, as in 'room:*'.");
        }
        if (!(wildcard && prefix.isEmpty()) && !validTopic(prefix)) {
            throw new IllegalArgumentException("Pattern '" + shown
                    + "' is not a topic: 1 to 255 bytes of UTF-8 without control characters, for example 'room:*'.");
        }
        if (prefix.equals("phoenix")) {
            throw new IllegalArgumentException(
                    "Topic 'phoenix' carries the protocol's heartbeats; choose another name than '" + shown + "'.");
        }
    }

    /**
     * Parses a pattern: a topic, or a prefix followed by one {@code *}.
     *
     * <p>A topic has 1 to 255 bytes of UTF-8 and no control characters, which include U+2028, U+2029 and bidirectional controls. {@code *} alone matches every topic; before the end it is refused, as is a variable in braces.
     * {@code phoenix} is refused, alone or with a {@code *}, since it is the topic of the protocol.
     *
     * @param pattern the text
     * @return the pattern
     * @throws IllegalArgumentException if the text is not a pattern
     */
    public static TopicPattern parse(String pattern) {
        boolean wildcard = pattern.endsWith("*");
        return new TopicPattern(wildcard ? pattern.substring(0, pattern.length() - 1) : pattern, wildcard);
    }

    /**
     * Whether a topic is valid.
     *
     * @param topic the topic
     * @return whether it has 1 to 255 bytes of UTF-8, hence no unpaired surrogate, no control character, no U+2028 or U+2029, and no
     *     bidirectional control
     */
    public static boolean validTopic(String topic) {
        if (topic.isEmpty() || topic.length() > MAX_BYTES) {
            return false;
        }
        if (ControlCharacters.isIn(topic)) {
            return false;
        }
        boolean ascii = topic.chars().allMatch(c -> c < 0x80);
        // JSON can represent an unpaired surrogate, UTF-8 cannot.
        return ascii
                || (StandardCharsets.UTF_8.newEncoder().canEncode(topic)
                        && topic.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES);
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
     * Whether a topic can match this pattern and another one.
     *
     * @param other the other pattern
     * @return whether there is such a topic
     */
    public boolean overlaps(TopicPattern other) {
        return matches(other.prefix) || other.matches(prefix);
    }

    /**
     * The part of a matching topic for which the wildcard stands.
     *
     * @param topic the topic
     * @return the rest after the prefix; the whole topic if there is no wildcard
     */
    public String subtopic(String topic) {
        return wildcard ? topic.substring(prefix.length()) : topic;
    }

    /**
     * The topic of a subtopic.
     *
     * @param subtopic what {@link #subtopic} returned
     * @return the topic
     */
    public String topic(String subtopic) {
        return wildcard ? prefix + subtopic : subtopic;
    }

    /** The text of the pattern. */
    @Override
    public String toString() {
        return wildcard ? prefix + "*" : prefix;
    }
}
