package io.heliodor.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenTests {
    private static final Position TWO = Position.NONE.with(1L << 47, 5).with(7, 1_000_000);

    /** A token, the hash of ended streams in it, and the hash by which nodes compare their logs. */
    private static final String TEXTS = """
            @7-lfls.1dvxwqtyww-5.8c~
            00007921f353a84c
            f353d16d
            """;

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        HexFormat hex = HexFormat.of();
        List<String> texts = List.of(
                new Token(TWO, 300).text() + Token.GAP,
                hex.toHexDigits(Token.hash(TWO)),
                hex.toHexDigits(TopicLog.hash(TWO)));
        assertThat(texts).containsExactlyElementsOf(TEXTS.lines().toList());
    }

    @Test
    void aTokenIsReadAsItWasWritten() {
        Token token = new Token(TWO, Token.hash(0, 9, 3));
        assertThat(Token.of(token.text())).contains(token);
        assertThat(Token.of(token.text() + Token.GAP)).contains(token);
        Token none = new Token(Position.NONE.with(7, 0), 0);
        assertThat(none.text()).isEqualTo("@7-0.0");
        assertThat(Token.of(none.text())).contains(none);
    }

    @Test
    void aTokenOfThreeStreamsIsShort() {
        Position three = TWO.with((1L << 48) - 1, 999_999);
        assertThat(new Token(three, (1L << 48) - 1).text()).hasSizeLessThan(65);
    }

    @Test
    void aTokenThatWouldBeTooLongRecoversNothing() {
        Position many = Position.NONE;
        for (int i = 1; i <= 100; i++) {
            many = many.with((1L << 47) + i, 1_000);
        }
        assertThat(new Token(many, 0).text()).isEqualTo("@");
        assertThat(Token.of("@")).isEmpty();
    }

    @Test
    void positionsThatDifferALittleHaveOtherHashes() {
        Set<Integer> hashes = new HashSet<>();
        Set<Long> ended = new HashSet<>();
        for (int one = 1; one <= 100; one++) {
            for (int two = 1; two <= 100; two++) {
                Position position = Position.NONE.with(7, one).with(9, two);
                hashes.add(TopicLog.hash(position));
                ended.add(Token.hash(position));
            }
        }
        assertThat(ended).hasSize(10_000);
        // Of 32 bits, two may be equal by chance.
        assertThat(hashes).hasSizeGreaterThan(9_990);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "@",
                "~",
                "12",
                "@-",
                "@.",
                "@1",
                "@1-.0",
                "@-1-1.0",
                "@1-+1.0",
                "@1-1.1-2.0",
                "@1-1.0.",
                "@1_1.0",
                "@zzzzzzzzzzzzzz-1.0",
                "@1-1.0~~",
                "@1-1.0 "
            })
    void aTextThatIsNotATokenIsNone(String text) {
        // "@1" has no stream, and is one: of a log in which all streams have ended.
        assertThat(Token.of(text).isPresent()).isEqualTo(text.equals("@1"));
    }

    @Test
    void theHashOfEndedStreamsDoesNotDependOnTheirOrder() {
        assertThat(Token.hash(Token.hash(0, 1, 2), 3, 4)).isEqualTo(Token.hash(Token.hash(0, 3, 4), 1, 2));
        assertThat(Token.hash(0, 1, 2)).isNotEqualTo(Token.hash(0, 2, 1)).isNotEqualTo(0);
    }
}
