package io.heliodor.transport.longpoll;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PollBodyTests {
    private static final String LINES = "application/x-ndjson";
    private static final int LIMIT = 100;

    @ParameterizedTest
    @ValueSource(strings = {LINES, "Application/X-NDJSON", LINES + "; charset=utf-8", " " + LINES + " ;x"})
    void linesAreMessages(String type) {
        assertThat(read(type, "[1]\n[2]\r\n[3]")).containsExactly("[1]", "[2]", "[3]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "text/plain", "", LINES + "x"})
    void ofAnotherTypeTheWholeBodyIsOneText(String type) {
        assertThat(read(type, "{\n}\n")).containsExactly("{\n}\n");
        assertThat(read(type, "")).containsExactly("");
    }

    @Test
    void withoutATypeTheWholeBodyIsOneText() {
        assertThat(read(null, "[1]\n[2]")).containsExactly("[1]\n[2]");
    }

    @Test
    void emptyLinesAreSkipped() {
        assertThat(read(LINES, "")).isEmpty();
        assertThat(read(LINES, "\n\r\n\n[1]\n\r\n[2]\n\n")).containsExactly("[1]", "[2]");
    }

    @Test
    void aReturnWithinALineBelongsToIt() {
        assertThat(read(LINES, "[1]\r[2]")).containsExactly("[1]\r[2]");
    }

    @Test
    void aLineWithoutABracketIsBase64() {
        assertThat(read(LINES, "AAECAw==\n[1]\nZm9v\r\nZg"))
                .containsExactly("bin 00010203", "[1]", "bin 666f6f", "bin 66");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", " [1]", "A", "AAA=A", "AA-_", "\u00e9", "\r\r\n"})
    void aLineThatIsNeitherJsonNorBase64IsRefused(String line) {
        assertThat(read(LINES, "[1]\n" + line)).isNull();
    }

    @Test
    void onlyTheFirstHundredAreRead() {
        assertThat(read(LINES, "[1]\n\n".repeat(100) + "{}\n" + "[2]\n".repeat(50)))
                .hasSize(100)
                .containsOnly("[1]");
    }

    @Test
    void aMessageHasALimit() {
        String text = "[" + "x".repeat(LIMIT - 1);
        assertThat(read(LINES, text)).containsExactly(text);
        assertThat(read(LINES, text + "x")).isNull();
        assertThat(read("", text)).containsExactly(text);
        assertThat(read("", text + "x")).isNull();
        assertThat(read(LINES, base64(new byte[99]))).hasSize(1);
        assertThat(read(LINES, base64(new byte[150]))).isNull();
    }

    @Property
    void binaryMessagesAreReadAsTheyWere(@ForAll @Size(max = 20) List<@Size(max = 50) byte[]> frames) {
        StringBuilder body = new StringBuilder();
        List<String> expected = new ArrayList<>();
        for (byte[] frame : frames) {
            body.append(base64(frame)).append('\n');
            if (frame.length > 0) {
                expected.add("bin " + java.util.HexFormat.of().formatHex(frame));
            }
        }
        assertThat(read(LINES, body.toString())).isEqualTo(expected);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** The messages of a body; null if it is refused. */
    private static List<String> read(String type, String body) {
        return switch (PollBody.read(type, body.getBytes(ISO_8859_1), LIMIT)) {
            case PollBody.Messages(var messages) ->
                messages.stream()
                        .map(each -> each.binary()
                                ? "bin " + java.util.HexFormat.of().formatHex(each.bytes())
                                : new String(each.bytes(), UTF_8))
                        .toList();
            case PollBody.Refused refused -> null;
        };
    }
}
