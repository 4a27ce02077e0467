package io.heliodor.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RawTests {
    @Test
    void bytesAndTextsAreTheSameValue() {
        byte[] bytes = " {\"t\": \"é😀\"}\n".getBytes(UTF_8);
        Raw raw = Raw.of(bytes);
        assertThat(raw).isEqualTo(Raw.of("{\"t\": \"é😀\"}")).hasSameHashCodeAs(Raw.of("\t{\"t\": \"é😀\"}"));
        assertThat(raw).isNotEqualTo(Raw.of("{\"t\":\"é😀\"}")).hasToString("Raw[15 bytes]");
        assertThat(raw.length()).isEqualTo(15);
        bytes[1] = '[';
        raw.json()[0] = '[';
        assertThat(new String(raw.json(), UTF_8)).as("a copy").isEqualTo("{\"t\": \"é😀\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[1]", "null", "true", "-0.5e3", "\"a\""})
    void anyValueIsAccepted(String json) {
        assertThat(new String(Raw.of(json).json(), UTF_8)).isEqualTo(json);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "{", "{}{}", "text", "{'a':1}", "[1,]", "01", "NaN", "{} //", "\uFEFF{}", "\"\t\""})
    void aTextThatIsNotJsonIsRefused(String json) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Raw.of(json))
                .withMessageContaining("%s bytes is not one JSON value", json.getBytes(UTF_8).length);
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Raw.of(new byte[] {'"', (byte) 0xc3, '"'}))
                .withMessageContaining("is not UTF-8");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Raw.of("\"\ud800\""))
                .withMessageContaining("half of a surrogate pair");
    }

    @Test
    void theLimitsForClientsHold() {
        assertThat(Raw.of("[".repeat(63) + "]".repeat(63)).length()).isEqualTo(126);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Raw.of("[".repeat(64) + "]".repeat(64)))
                .withMessageContaining("nested deeper");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Raw.of("1".repeat(101)))
                .withMessageContaining("a number of more than 100 characters");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Raw.of("{\"" + "k".repeat(1_001) + "\":1}"))
                .withMessageContaining("a key of more than 1000 bytes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":\"\\ud800\"}|half of a surrogate pair",
                "[\"\\udc00\\ud800\"]|half of a surrogate pair",
                "[\"\\ud83d\\\\ude00\"]|half of a surrogate pair",
                "{\"\\uDFFF\":1}|half of a surrogate pair",
                "[1,-1e400]|beyond the range of a double",
                "1E+309|beyond the range of a double",
                "{\"a\":1,\"b\":{},\"a\":2}|the same key twice",
                "[{\"a\":{\"b\":1,\"\\u0062\" : 2}}]|the same key twice",
            })
    void aValueThatNotAllClientsReadAlikeIsRefusedOnRequestOnly(String json, String problem) {
        assertThat(new String(Raw.of(json).json(), UTF_8)).isEqualTo(json);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Raw.of(json, JsonProfile.I_JSON))
                .withMessageContainingAll(json.getBytes(UTF_8).length + " bytes contains", problem, "I_JSON");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Raw.of(json.getBytes(UTF_8), JsonProfile.I_JSON))
                .withMessageContaining(problem);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":{\"a\":[{\"a\":1},{\"a\":\"a\"}]},\"b\":\"a\"}",
                "[\"\\ud83d\\ude00\",\"\\\\ud800\",\"a:\\\"\",\"a\",\"a\"]",
                "[1e308,-1E-400,0.1e+2,12345678901234567890123,true,false,null]",
                "{\"e\":\":\",\"-\":\"1e400\",\"}\":\"{\"}",
                "{ \"a\" \t:\n1 , \"A\" : [ ] }",
            })
    void aValueThatAllClientsReadIsAcceptedByBothProfiles(String json) {
        assertThat(Raw.of(json, JsonProfile.I_JSON)).isEqualTo(Raw.of(json));
    }
}
