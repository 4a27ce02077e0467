package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.event.json.JsonScanner;
import io.heliodor.event.json.JsonString;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.databind.json.JsonMapper;

class JsonStringTests {
    private static final JsonMapper JACKSON = new JsonMapper();

    @Example
    void onlyCharactersThatMustBeEscapedAreEscaped() {
        assertThat(quoted("room:42")).isEqualTo("\"room:42\"");
        assertThat(quoted("")).isEqualTo("\"\"");
        assertThat(quoted("é€😀/\u007f\u2028")).isEqualTo("\"é€😀/\u007f\u2028\"");
        assertThat(quoted("\"\\\b\t\n\f\r\u0000\u001f")).isEqualTo("\"\\\"\\\\\\b\\t\\n\\f\\r\\u0000\\u001f\"");
    }

    @Example
    void aLoneSurrogateIsEscapedSinceUtf8CannotEncodeIt() {
        assertThat(quoted("\ud83d")).isEqualTo("\"\\ud83d\"");
        assertThat(quoted("\ude00a")).isEqualTo("\"\\ude00a\"");
        assertThat(quoted("\ude00\ud83d")).isEqualTo("\"\\ude00\\ud83d\"");
        assertThat(quoted("\ud83d\ud83d\ude00")).isEqualTo("\"\\ud83d😀\"");
    }

    @Example
    void eachEscapeHasItsMeaning() {
        assertThat(unescaped("\\\"\\\\\\/\\b\\f\\n\\r\\t")).isEqualTo("\"\\/\b\f\n\r\t");
        assertThat(unescaped("\\u0041\\u00e9\\uABCDx\\u0000")).isEqualTo("A\u00e9\uabcdx\u0000");
        assertThat(unescaped("é\\ud83d\\ude00\\ud800")).isEqualTo("é😀\ud800");
    }

    @Property
    void aWrittenStringHasTheComputedLengthAndReadsTheSame(@ForAll("unicode") String text) {
        byte[] json = JsonString.quoted(text);
        long end = JsonScanner.text(json, 0, json.length);
        assertThat(JsonScanner.at(end)).isEqualTo(json.length).isEqualTo(JsonString.quotedLength(text));
        assertThat(JsonString.unescaped(json, 1, json.length - 1)).isEqualTo(text);
        assertThat(JACKSON.readValue(json, String.class)).isEqualTo(text);
    }

    @Property
    void stringsThatJacksonWritesReadTheSame(@ForAll("unicode") String text) {
        byte[] json = JACKSON.writeValueAsBytes(text);
        assertThat(JsonString.unescaped(json, 1, json.length - 1)).isEqualTo(text);
    }

    @Provide
    Arbitrary<String> unicode() {
        Arbitrary<String> units = Arbitraries.strings().all().ofMaxLength(30);
        Arbitrary<String> odd = Arbitraries.strings()
                .withChars("ab\"\\/\n\t\u0000\u001f\u007fé€\ud83d\ude00")
                .ofMaxLength(30);
        return Arbitraries.oneOf(units, odd);
    }

    private static String quoted(String text) {
        return new String(JsonString.quoted(text), UTF_8);
    }

    private static String unescaped(String json) {
        byte[] bytes = json.getBytes(UTF_8);
        return JsonString.unescaped(bytes, 0, bytes.length);
    }
}
