package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which payloads have the same hash. */
class PayloadDigestTests {
    private static byte[] digest(String topic, String event, String json) {
        byte[] bytes = ("[" + json + "]").getBytes(UTF_8);
        return PayloadDigest.of(topic, event, new Payload.Json(bytes, 1, bytes.length - 1));
    }

    private static byte[] digest(String json) {
        return digest("t", "e", json);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"a":1,"b":[1,{"x":null,"y":"z"}]} | { "b" : [1, {"y":"z", "x":null}], "a":1 }
            {"a":"é"}                          | {"a":"\\u00e9"}
            {"a":2,"a":1}                      | {"a":1}
            """)
    void sameValues(String one, String other) {
        assertThat(digest(one)).isEqualTo(digest(other));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"a":1}            | {"a":2}
            {"a":1}            | {"a":"1"}
            {"a":1}            | {"a":1,"b":1}
            {"a":null}         | {"a":false}
            {"a":null}         | {"a":"null"}
            {"a":[1,2]}        | {"a":[2,1]}
            {"a":[[1],2]}      | {"a":[[1,2]]}
            {"a":{"b":1},"c":2} | {"a":{"b":1,"c":2}}
            {"ab":"c"}         | {"a":"bc"}
            {"a":"\\ud800"}     | {"a":"\\ud801"}
            {"a":"\\ud800"}     | {"a":"?"}
            {"\\ud800":1}       | {"?":1}
            {}                 | []
            """)
    void otherValues(String one, String other) {
        assertThat(digest(one)).isNotEqualTo(digest(other));
    }

    @Test
    void topicNameAndKindOfThePayloadCount() {
        assertThat(digest("t", "e", "{}")).isNotEqualTo(digest("te", "", "{}")).isNotEqualTo(digest("t", "f", "{}"));
        byte[] bytes = {'{', '}'};
        assertThat(PayloadDigest.of("t", "e", new Payload.Binary(bytes, 0, 2))).isNotEqualTo(digest("t", "e", "{}"));
    }

    @Test
    void aPayloadBeyondTheDepthOfTheParserHasAHash() {
        String deep = "[".repeat(2_000) + "]".repeat(2_000);
        assertThat(digest(deep)).hasSize(32).isEqualTo(digest(deep));
    }
}
