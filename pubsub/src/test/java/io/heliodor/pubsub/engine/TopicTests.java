package io.heliodor.pubsub.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.heliodor.pubsub.Topic;
import io.heliodor.type.Type;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopicTests {
    @Test
    void aNameHasOneTo255BytesOfUtf8() {
        List<String> fitting = List.of(
                "a",
                "a".repeat(255),
                "\u00e9".repeat(127) + "a",
                "\u20ac".repeat(85),
                "\ud83d\ude00".repeat(63) + "abc");
        List<String> tooLong =
                List.of("a".repeat(256), "\u00e9".repeat(128), "\u20ac".repeat(85) + "a", "\ud83d\ude00".repeat(64));

        assertThat(fitting).allSatisfy(name -> assertThatCode(() -> topic(name)).doesNotThrowAnyException());
        assertThat(tooLong)
                .allSatisfy(name -> assertThatIllegalArgumentException().isThrownBy(() -> topic(name)));
        assertThatIllegalArgumentException().isThrownBy(() -> topic(""));
    }

    @Test
    void everyCharacterMayBeInANameButControlsAndLoneSurrogates() {
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            boolean allowed = !Character.isISOControl(c)
                    && !isDirectional(c)
                    && (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE);
            assertThat(accepts("a" + Character.toString(c))).as("U+%04X", c).isEqualTo(allowed);
        }
    }

    /** Separators of lines, and controls that change the direction of the text after them. */
    private static boolean isDirectional(int c) {
        return c == 0x061C
                || c == 0x200E
                || c == 0x200F
                || (c >= 0x2028 && c <= 0x202E)
                || (c >= 0x2066 && c <= 0x2069);
    }

    private static boolean accepts(String name) {
        try {
            return topic(name).name().equals(name);
        } catch (IllegalArgumentException refused) {
            return false;
        }
    }

    @Test
    void aRefusalShowsTheValueWithoutItsControlCharacters() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> topic("room:\n42"))
                .withMessage("The name of a topic is 1 to 255 bytes of UTF-8 without control characters,"
                        + " not \"room:\\u000a42\" (8 characters).");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> topic("é\u2028"))
                .withMessageContaining("not \"é\\u2028\" (2 characters)");
    }

    @Test
    void aRefusalShowsOnlyTheBeginningOfALongValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> topic("x".repeat(1_000_000)))
                .withMessageContainingAll("\"" + "x".repeat(80) + "...\"", "(1000000 characters)");
    }

    @Test
    void topicsOfTheSameNameAndTypeAreEqual() {
        assertThat(topic("a")).isEqualTo(topic("a")).hasSameHashCodeAs(topic("a"));
        assertThat(topic("a")).isNotEqualTo(topic("b")).isNotEqualTo(Topic.of("a", Integer.class));
        assertThat(Topic.of("a", new Type<List<String>>() {})).isEqualTo(Topic.of("a", new Type<List<String>>() {}));
    }

    @Test
    void aTopicHasANameAndAType() {
        assertThatNullPointerException().isThrownBy(() -> topic(null));
        assertThatNullPointerException().isThrownBy(() -> Topic.of("a", (Type<String>) null));
        assertThatNullPointerException().isThrownBy(() -> Topic.of("a", (Class<String>) null));
    }

    private static Topic<String> topic(String name) {
        return Topic.of(name, String.class);
    }
}
