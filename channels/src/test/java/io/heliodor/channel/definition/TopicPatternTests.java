package io.heliodor.channel.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.heliodor.type.text.ControlCharacters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicPatternTests {
    @Test
    void aTopicMatchesItselfAlone() {
        TopicPattern pattern = TopicPattern.parse("room:lobby");
        assertThat(pattern.wildcard()).isFalse();
        assertThat(pattern.matches("room:lobby")).isTrue();
        assertThat(pattern.matches("room:lobby2")).isFalse();
        assertThat(pattern.matches("room:")).isFalse();
        assertThat(pattern.subtopic("room:lobby")).isEqualTo("room:lobby");
        assertThat(pattern).hasToString("room:lobby");
    }

    @Test
    void aWildcardMatchesTopicsWithItsPrefix() {
        TopicPattern pattern = TopicPattern.parse("room:*");
        assertThat(pattern.wildcard()).isTrue();
        assertThat(pattern.prefix()).isEqualTo("room:");
        assertThat(pattern.matches("room:42")).isTrue();
        assertThat(pattern.matches("room:")).isTrue();
        assertThat(pattern.matches("room")).isFalse();
        assertThat(pattern.matches("a room:42")).isFalse();
        assertThat(pattern.subtopic("room:42")).isEqualTo("42");
        assertThat(pattern.subtopic("room:")).isEmpty();
        assertThat(pattern).hasToString("room:*");
    }

    @Test
    void aStarAloneMatchesEverything() {
        TopicPattern pattern = TopicPattern.parse("*");
        assertThat(pattern.matches("anything")).isTrue();
        assertThat(pattern.subtopic("anything")).isEqualTo("anything");
    }

    @ParameterizedTest
    @ValueSource(strings = {"**", "*a", "room:*:chat", "room:*:*"})
    void aStarBeforeTheEndIsRefused(String pattern) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TopicPattern.parse(pattern))
                .withMessage(
                        "Pattern '%s' has a * before its end; only a trailing * is a wildcard, as in 'room:*'.",
                        pattern);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a\nb",
                "a\u0000*",
                "a\u0085",
                "a\ud800",
                "\udc00*",
                "a\u2028b",
                "a\u2029",
                "\u202eroom:*",
                "a\u2066"
            })
    void anInvalidTopicIsRefused(String pattern) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TopicPattern.parse(pattern))
                .withMessageMatching("Pattern '[ -~]*' is not a topic:"
                        + " 1 to 255 bytes of UTF-8 without control characters, for example 'room:\\*'\\.");
    }

    @Test
    void aPatternHas255BytesAtTheMost() {
        assertThat(TopicPattern.parse("é".repeat(127) + "x*").prefix()).hasSize(128);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TopicPattern.parse("é".repeat(128)))
                .withMessageContaining("1 to 255 bytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TopicPattern.parse("x".repeat(256) + "*"))
                .withMessageContaining("1 to 255 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"phoenix", "phoenix*"})
    void theTopicOfTheProtocolIsRefused(String pattern) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TopicPattern.parse(pattern))
                .withMessage(
                        "Topic 'phoenix' carries the protocol's heartbeats; choose another name than '%s'.", pattern);
        assertThat(TopicPattern.parse("phoenix:*").matches("phoenix")).isFalse();
    }

    @Test
    void theConstructorChecksAsWell() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TopicPattern("room:*", false))
                .withMessageContaining("has a * before its end");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TopicPattern("", false))
                .withMessageContaining("is not a topic");
        assertThat(new TopicPattern("room:", true)).isEqualTo(TopicPattern.parse("room:*"));
    }

    @Test
    void aTopicIsValidUpToItsLastByte() {
        assertThat(TopicPattern.validTopic("x")).isTrue();
        assertThat(TopicPattern.validTopic("x".repeat(255))).isTrue();
        assertThat(TopicPattern.validTopic("x".repeat(256))).isFalse();
        assertThat(TopicPattern.validTopic("😀".repeat(63) + "xyz")).isTrue();
        assertThat(TopicPattern.validTopic("😀".repeat(64))).isFalse();
        assertThat(TopicPattern.validTopic("")).isFalse();
        assertThat(TopicPattern.validTopic("a b,\"\\/é")).isTrue();
    }

    @Test
    void aTopicWithAControlCharacterOrALoneSurrogateIsInvalid() {
        for (char c = 0; c < 0x3000; c++) {
            assertThat(TopicPattern.validTopic("a" + c))
                    .as("U+%04X", (int) c)
                    .isEqualTo(!ControlCharacters.isIn("" + c));
        }
        for (char c = 0xd7ff; c < 0xe001; c++) {
            assertThat(TopicPattern.validTopic("a" + c + "b"))
                    .as("U+%04X", (int) c)
                    .isEqualTo(!Character.isSurrogate(c));
        }
    }
}
