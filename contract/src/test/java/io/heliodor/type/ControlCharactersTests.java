package io.heliodor.type;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.type.text.ControlCharacters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ControlCharactersTests {
    @ParameterizedTest
    @ValueSource(
            ints = {0, 0x1B, 0x7F, 0x85, 0x9F, 0x61C, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A, 0x202E, 0x2066, 0x2069})
    void controlsAreFoundAndEscaped(int c) {
        String text = "a" + Character.toString(c) + "b";
        assertThat(ControlCharacters.isIn(text)).isTrue();
        assertThat(ControlCharacters.escaped(text)).isEqualTo("a\\u%04xb".formatted(c));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xAD})
    void invisibleCharactersAreValidAndEscaped(int c) {
        String text = "a" + Character.toString(c) + "b";
        assertThat(ControlCharacters.isIn(text)).isFalse();
        assertThat(ControlCharacters.escaped(text)).isEqualTo("a\\u%04xb".formatted(c));
    }

    @Test
    void otherTextsStayAsTheyAre() {
        String text = "room:Zürich 東京 \uD83D\uDE00 \u2026";
        assertThat(ControlCharacters.isIn(text)).isFalse();
        assertThat(ControlCharacters.escaped(text)).isSameAs(text);
    }

    @Test
    void charactersOutsideOfTheFirstPlaneAreEscapedInTwoUnits() {
        assertThat(ControlCharacters.escaped(Character.toString(0xE0001))).isEqualTo("\\udb40\\udc01");
    }
}
