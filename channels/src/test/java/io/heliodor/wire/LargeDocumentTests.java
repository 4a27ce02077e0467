package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.type.Type;
import io.heliodor.wire.PayloadOutcome.Valid;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Documents of up to 1 MiB with as many keys and escapes as there can be. */
class LargeDocumentTests {
    private static final PayloadCodec CODEC = PayloadCodec.strict();

    record Note(String text) {}

    private static <T> T value(PayloadCodec codec, Type<T> type, String json) {
        byte[] bytes = ("[[" + json + "]]").getBytes(UTF_8);
        PayloadOutcome<T> outcome = codec.decode(type, new Payload.Json(bytes, 2, bytes.length - 2));
        assertThat(outcome).isInstanceOf(Valid.class);
        return ((Valid<T>) outcome).value();
    }

    private static String object(List<String> names) {
        return names.stream().map(name -> "\"" + name + "\":1").collect(Collectors.joining(",", "{", "}"));
    }

    /** Names of eight characters that have the same hash in Jackson's table, whatever its seed is. */
    private static List<String> collidingForJackson(int count) {
        int inverse = 1; // of 33, modulo 2^32
        for (int i = 0; i < 5; i++) {
            inverse *= 2 - 33 * inverse;
        }
        List<String> names = new ArrayList<>();
        for (int n = 0; names.size() < count; n++) {
            int first = letters(n);
            int hash = first + (first >>> 15);
            hash ^= hash >>> 9;
            int second = (12_345 - hash) * inverse;
            byte[] bytes = ByteBuffer.allocate(8).putInt(first).putInt(second).array();
            String name = new String(bytes, ISO_8859_1);
            if (name.chars().allMatch(letter -> letter > ' ' && letter < 127 && letter != '"' && letter != '\\')) {
                names.add(name);
            }
        }
        return names;
    }

    private static int letters(int n) {
        int quad = 0;
        int rest = n;
        for (int i = 0; i < 4; i++) {
            quad = (quad << 8) | ('#' + rest % 57);
            rest /= 57;
        }
        return quad;
    }

    /** Names of equal hashes in the maps of Java. */
    private static List<String> collidingForJava(int count) {
        return IntStream.range(0, count)
                .mapToObj(n -> IntStream.range(0, 16)
                        .mapToObj(bit -> ((n >> bit) & 1) == 0 ? "Aa" : "BB")
                        .collect(Collectors.joining()))
                .toList();
    }

    static List<List<String>> names() {
        return List.of(
                collidingForJackson(20_000),
                collidingForJava(20_000),
                IntStream.range(0, 90_000).mapToObj(n -> "k" + n).toList(),
                IntStream.range(0, 1_000).mapToObj(n -> n + "x".repeat(990)).toList());
    }

    @ParameterizedTest
    @MethodSource("names")
    void namesThatCollideAreReadLikeAnyOthers(List<String> names) {
        String json = object(names);
        assertThat(value(CODEC, new Type<Map<String, Integer>>() {}, json)).hasSize(names.size());
        assertThat(value(CODEC, Type.of(JsonNode.class), json).size()).isEqualTo(names.size());
        assertThat(value(PayloadCodec.over(JsonMapper.shared()), new Type<Map<String, Object>>() {}, json))
                .hasSize(names.size());
        String unknown = "{\"text\":\"a\"," + json.substring(1);
        assertThat(value(CODEC, Type.of(Note.class), unknown)).isEqualTo(new Note("a"));
    }

    @Test
    void theLastOfManyEqualKeysCounts() {
        String json = "{" + "\"text\":\"a\",".repeat(50_000) + "\"text\":\"b\"}";
        assertThat(value(CODEC, Type.of(Note.class), json)).isEqualTo(new Note("b"));
        assertThat(value(CODEC, new Type<Map<String, String>>() {}, json)).containsExactly(Map.entry("text", "b"));
    }

    @Test
    void manyEscapesAreRead() {
        assertThat(value(CODEC, Type.of(Note.class), "{\"text\":\"" + "\\u0436".repeat(170_000) + "\"}")
                        .text())
                .isEqualTo("\u0436".repeat(170_000));
        assertThat(value(CODEC, Type.of(Note.class), "{\"text\":\"" + "\\n".repeat(500_000) + "\"}")
                        .text())
                .isEqualTo("\n".repeat(500_000));
    }

    @Test
    void charactersOfAllLengthsAreReadAtEachPlaceOfALargePayload() {
        for (String letter : List.of("a", "\u00e9", "\u0436", "\u20ac", "\ud83d\ude00")) {
            for (int shift = 0; shift < 4; shift++) {
                String text = "x".repeat(shift) + letter.repeat(20_000);
                assertThat(value(CODEC, Type.of(Note.class), "{\"text\":\"" + text + "\"}")
                                .text())
                        .isEqualTo(text);
            }
        }
    }
}
