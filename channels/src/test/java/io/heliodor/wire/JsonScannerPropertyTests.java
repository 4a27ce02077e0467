package io.heliodor.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.event.json.JsonScanner;
import io.heliodor.event.json.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

class JsonScannerPropertyTests {
    private static final JsonFactory JACKSON = JsonFactory.builder()
            .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
            .build();

    @Property(tries = 5_000)
    void validJsonIsReadToItsEnd(@ForAll long seed) {
        byte[] json = new RandomJson(seed).value(6).getBytes(StandardCharsets.UTF_8);
        assertThat(JsonScanner.at(JsonScanner.text(json, 0, json.length))).isEqualTo(json.length);
    }

    @Property(tries = 20_000)
    void theVerdictOnAlmostJsonIsJacksons(@ForAll long seed) {
        RandomJson random = new RandomJson(seed);
        byte[] json = random.mutated(random.value(5));
        // Jackson does not check all strings for broken UTF-8; the JDK decides that.
        boolean expected = Utf8.valid(json, 0, json.length) && accepts(json);
        assertThat(JsonScanner.text(json, 0, json.length) >= 0)
                .as("%s", new String(json, StandardCharsets.UTF_8))
                .isEqualTo(expected);
    }

    @Property
    void theVerdictDoesNotDependOnSurroundingBytes(@ForAll long seed, @ForAll byte filler) {
        RandomJson random = new RandomJson(seed);
        byte[] json = random.mutated(random.value(4));
        byte[] around = new byte[json.length + 40];
        Arrays.fill(around, filler);
        System.arraycopy(json, 0, around, 20, json.length);
        long alone = JsonScanner.text(json, 0, json.length);
        long inside = JsonScanner.text(around, 20, 20 + json.length);
        assertThat(inside).isEqualTo(alone < 0 ? alone : alone + 20);
    }

    @Property
    void noBytesMakeItThrow(@ForAll byte[] bytes, @ForAll boolean insideAString) {
        if (insideAString && bytes.length > 0) {
            bytes[0] = '"';
        }
        assertThat(JsonScanner.text(bytes, 0, bytes.length)).isGreaterThanOrEqualTo(JsonScanner.NOT_UTF8);
    }

    private static boolean accepts(byte[] json) {
        try (JsonParser parser = JACKSON.createParser(tools.jackson.core.ObjectReadContext.empty(), json)) {
            int open = 0;
            int values = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                values += open == 0 ? 1 : 0;
                open += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                if (token == JsonToken.VALUE_STRING) {
                    parser.getString();
                }
            }
            return values == 1;
        } catch (JacksonException e) {
            return false;
        }
    }
}
