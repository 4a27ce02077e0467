package io.heliodor.transport.longpoll;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.Fuzz;
import io.heliodor.transport.frame.ClientFrames;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The lines of any body are those that a plain reader finds. */
class PollBodyFuzzTests {
    private static final int LIMIT = 200;

    private static final List<byte[]> CORPUS = Stream.of(
                    "[\"1\",\"2\",\"room:a\",\"echo\",{}]\n[null,\"3\",\"phoenix\",\"heartbeat\",{}]",
                    "[]\r\n[]\n\n\r\n[]",
                    "AAEBBgQxMnJvb206YWVjaG8h\n[1]",
                    "AA==\nAAA=\nAAAA\nAA",
                    "\n".repeat(300),
                    "[]\n".repeat(120),
                    "[" + "x".repeat(LIMIT) + "]",
                    "A".repeat(4 * LIMIT),
                    "{}",
                    "")
            .map(ClientFrames::utf8)
            .toList();

    @Test
    void linesAreThoseOfAPlainReader() {
        new Fuzz(CORPUS).run((input, random) -> {
            Fuzz.allocating(8_192 + 16L * input.length, () -> PollBody.read("application/x-ndjson", input, LIMIT));
            assertThat(described(PollBody.read("application/x-ndjson", input, LIMIT)))
                    .isEqualTo(expected(input));
        });
    }

    @Test
    void aBodyOfAnotherTypeIsOneTextOrTooLarge() {
        new Fuzz(CORPUS, 10)
                .run((input, random) -> assertThat(described(PollBody.read(null, input, LIMIT)))
                        .isEqualTo(input.length > LIMIT ? List.of("refused") : List.of("text " + characters(input))));
    }

    private static List<String> described(PollBody body) {
        return switch (body) {
            case PollBody.Refused refused -> List.of("refused");
            case PollBody.Messages(List<PollBody.Message> messages) ->
                messages.stream()
                        .map(message -> (message.binary() ? "binary " : "text ") + characters(message.bytes()))
                        .toList();
        };
    }

    private static List<String> expected(byte[] input) {
        List<String> messages = new ArrayList<>();
        for (String untrimmed : characters(input).split("\n", -1)) {
            String line = untrimmed.endsWith("\r") ? untrimmed.substring(0, untrimmed.length() - 1) : untrimmed;
            if (line.isEmpty() || messages.size() == PollBody.MAX_MESSAGES) {
                continue;
            }
            boolean text = line.startsWith("[");
            if ((text ? line.length() : line.length() / 4 * 3) > LIMIT) {
                return List.of("refused");
            }
            try {
                messages.add(
                        text
                                ? "text " + line
                                : "binary " + characters(Base64.getDecoder().decode(line)));
            } catch (IllegalArgumentException e) {
                return List.of("refused");
            }
        }
        return messages;
    }

    /** One character for each byte. */
    private static String characters(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }
}
