package io.heliodor.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResumeTokenTests {
    private static final VersionVector TWO =
            VersionVector.NONE.with(1L << 47, 5).with(7, 1_000_000);

    /** A token, and the hash by which nodes compare their logs. */
    private static final String TEXTS = """
            @7-lfls.1dvxwqtyww-5.0~
            f353d16d
            """;

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        HexFormat hex = HexFormat.of();
        List<String> texts = List.of(new ResumeToken(TWO).text() + ResumeToken.GAP, hex.toHexDigits(TWO.digest()));
        assertThat(texts).containsExactlyElementsOf(TEXTS.lines().toList());
    }

    @Test
    void aTokenIsReadAsItWasWritten() {
        ResumeToken token = new ResumeToken(TWO);
        assertThat(ResumeToken.of(token.text())).contains(token);
        assertThat(ResumeToken.of(token.text() + ResumeToken.GAP)).contains(token);
        ResumeToken none = new ResumeToken(VersionVector.NONE.with(7, 0));
        assertThat(none.text()).isEqualTo("@7-0.0");
        assertThat(ResumeToken.of(none.text())).contains(none);
    }

    @Test
    void aTokenOfThreeStreamsIsShort() {
        VersionVector three = TWO.with((1L << 48) - 1, 999_999);
        assertThat(new ResumeToken(three).text()).hasSizeLessThan(55);
    }

    @Test
    void aTokenThatWouldBeTooLongRecoversNothing() {
        VersionVector many = VersionVector.NONE;
        for (int i = 1; i <= 100; i++) {
            many = many.with((1L << 47) + i, 1_000);
        }
        assertThat(new ResumeToken(many).text()).isEqualTo("@");
        assertThat(ResumeToken.of("@")).isEmpty();
    }

    @Test
    void positionsThatDifferALittleHaveOtherHashes() {
        Set<Integer> hashes = new HashSet<>();
        for (int one = 1; one <= 100; one++) {
            for (int two = 1; two <= 100; two++) {
                VersionVector position = VersionVector.NONE.with(7, one).with(9, two);
                hashes.add(position.digest());
            }
        }
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
                "@1-1.1",
                "@1-1.00",
                "@1-1.1-2.0",
                "@1-1.0.",
                "@1_1.0",
                "@zzzzzzzzzzzzzz-1.0",
                "@1-1.0~~",
                "@1-1.0 "
            })
    void aTextThatIsNotATokenIsRefused(String text) {
        assertThat(ResumeToken.of(text)).isEmpty();
    }
}
