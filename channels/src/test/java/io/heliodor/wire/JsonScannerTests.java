package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonScannerTests {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "true",
                "false",
                "0",
                "-0",
                "7",
                "-7",
                "10",
                "1234567890",
                "0.5",
                "-0.5",
                "0.0",
                "1e5",
                "1E5",
                "1e+5",
                "1e-5",
                "0e0",
                "1.25e-10",
                "\"\"",
                "\"a\"",
                "\"abcdefg\"",
                "\"abcdefgh\"",
                "\"abcdefghi\"",
                "\"/\"",
                "\"\\\"\"",
                "\"\\\\\"",
                "\"\\/\\b\\f\\n\\r\\t\"",
                "\"\\u0000\"",
                "\"\\uABCD\\uabcd\\u09af\"",
                "\"\\ud800\"",
                "\"\\udc00\\ud800\"",
                "\"\u007f\"",
                "\"é\"",
                "\"ééééééééé\"",
                "\"a€b\"",
                "\"a😀b\"",
                "\"\u2028\"",
                "\"\uffff\"",
                "[]",
                "[ ]",
                "[1]",
                "[1,2]",
                "[[],[[]],{}]",
                " [ 1 , 2 ] ",
                "{}",
                "{ }",
                "{\"a\":1}",
                "{\"\":1}",
                "{\"a\":1,\"a\":2}",
                "{\"a\":{\"b\":[{\"c\":null}]}}",
                "\t\r\n {\t\"a\"\r:\n1 , \"b\" : [ ] }\n",
                " 1",
                "1 ",
                " \"a\" "
            })
    void jsonIsReadToItsEnd(String json) {
        assertThat(scan(json)).isEqualTo(json.getBytes(UTF_8).length);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "nul",
                "nulll",
                "Null",
                "TRUE",
                "tru",
                "truE",
                "fals",
                "falsE",
                "NaN",
                "Infinity",
                "-Infinity",
                "undefined",
                "-",
                "+1",
                "01",
                "-01",
                "00",
                "1.",
                ".5",
                "1.e5",
                "1e",
                "1e+",
                "1e-",
                "1E.5",
                "0x10",
                "1_000",
                "--1",
                "1-",
                "1 2",
                "\"",
                "\"a",
                "'a'",
                "a",
                "\"\\",
                "\"\\\"",
                "\"\\x\"",
                "\"\\u\"",
                "\"\\u12\"",
                "\"\\u12g4\"",
                "\"\\u123",
                "\"\\U0041\"",
                "\"\n\"",
                "\"\t\"",
                "\"\u0000\"",
                "\"\u001f\"",
                "\"abcdefg\u001f\"",
                "[",
                "]",
                "[1",
                "[1,",
                "[1,]",
                "[,1]",
                "[,]",
                "[1 2]",
                "[1}",
                "[}",
                "[\"a\":1]",
                "{",
                "}",
                "{]",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":}",
                "{\"a\":1",
                "{\"a\":1,",
                "{\"a\":1,}",
                "{,}",
                "{\"a\" 1}",
                "{\"a\",1}",
                "{a:1}",
                "{1:1}",
                "{\"a\":1 \"b\":2}",
                "{\"a\":1]",
                "{\"a\":[1}",
                "[{\"a\":1]}",
                "{null:1}",
                "[]]",
                "{}}",
                "[][]",
                "\"a\"\"b\"",
                "1,",
                "/**/1",
                "//1\n1",
                "\u00a01",
                "\ufeff1",
                "\f1",
                "\u000b1",
                "é"
            })
    void textThatIsNotJsonIsAFault(String text) {
        assertThat(scan(text)).isEqualTo(JsonScanner.NOT_JSON);
    }

    static String[] brokenUtf8() {
        return new String[] {
            "\u0080", // a tail without a lead
            "\u00bf",
            "\u00c0\u0080", // overlong
            "\u00c1\u00bf",
            "\u00e0\u009f\u00bf",
            "\u00f0\u008f\u00bf\u00bf",
            "\u00ed\u00a0\u0080", // a surrogate
            "\u00ed\u00bf\u00bf",
            "\u00f4\u0090\u0080\u0080", // beyond U+10FFFF
            "\u00f5\u0080\u0080\u0080",
            "\u00ff",
            "\u00c3", // cut off
            "\u00e2\u0082",
            "\u00f0\u009f\u0098",
            "\u00c3(", // no tail
            "\u00e2(\u0080",
            "\u00e2\u0082(",
            "\u00f0\u009f\u0098(",
        };
    }

    @ParameterizedTest
    @MethodSource("brokenUtf8")
    void brokenUtf8InAStringIsAFaultOfItsOwn(String bytes) {
        for (String text : new String[] {'"' + bytes + '"', "[\"abcdefgh" + bytes + "\"]", "{\"é" + bytes}) {
            byte[] json = text.replace("é", "\u00c3\u00a9").getBytes(ISO_8859_1);
            assertThat(JsonScanner.text(json, 0, json.length)).isEqualTo(JsonScanner.NOT_UTF8);
        }
    }

    @Test
    void aSpecialByteIsFoundAtEachPlaceOfAWord() {
        for (int length = 0; length < 24; length++) {
            for (int place = 0; place < length; place++) {
                byte[] json = ('"' + "x".repeat(length) + '"').getBytes(UTF_8);
                for (int value = -128; value < 128; value++) {
                    json[place + 1] = (byte) value;
                    boolean stands = value >= ' ' && value != '"' && value != '\\';
                    assertThat(JsonScanner.text(json, 0, json.length) == json.length)
                            .as("byte %d at %d of %d", value, place, length)
                            .isEqualTo(stands);
                }
            }
        }
    }

    @Test
    void nothingBeyondTheRangeIsRead() {
        byte[] json = "[1,\"a\\u0041é\",{\"k\":true}]".getBytes(UTF_8);
        for (int end = 0; end < json.length; end++) {
            assertThat(JsonScanner.text(json, 0, end)).as("cut at %d", end).isNegative();
            byte[] exact = Arrays.copyOf(json, end);
            assertThat(JsonScanner.text(exact, 0, end)).as("ends at %d", end).isNegative();
        }
        byte[] inside = ("]]" + new String(json, UTF_8) + "]]").getBytes(UTF_8);
        assertThat(JsonScanner.text(inside, 2, inside.length - 2)).isPositive();
        assertThat(JsonScanner.text("123".getBytes(UTF_8), 1, 2)).isEqualTo(2);
        assertThat(JsonScanner.text("tru".getBytes(UTF_8), 0, 3)).isNegative();
    }

    @Test
    void depthIsBounded() {
        assertThat(scan("[".repeat(64) + "]".repeat(64))).isPositive();
        assertThat(scan("[".repeat(65) + "]".repeat(65))).isEqualTo(JsonScanner.NOT_JSON);
        assertThat(scan("{\"a\":".repeat(63) + "{}" + "}".repeat(63))).isPositive();
        assertThat(scan("{\"a\":".repeat(64) + "{}" + "}".repeat(64))).isEqualTo(JsonScanner.NOT_JSON);
        assertThat(scan("[{\"a\":".repeat(32) + "1" + "}]".repeat(32))).isPositive();
        assertThat(scan("[{\"a\":".repeat(32) + "[]" + "}]".repeat(32))).isEqualTo(JsonScanner.NOT_JSON);
        assertThat(scan("[" + "[],".repeat(1000) + "[]]")).isPositive();
        assertThat(scan("[".repeat(1_000_000))).isEqualTo(JsonScanner.NOT_JSON);
    }

    @Test
    void openBracketsAroundAValueCount() {
        byte[] json = ("[".repeat(63) + "]".repeat(63)).getBytes(UTF_8);
        assertThat(JsonScanner.value(json, 0, json.length, 1)).isEqualTo(json.length);
        assertThat(JsonScanner.value(json, 0, json.length, 2)).isEqualTo(JsonScanner.NOT_JSON);
    }

    @Test
    void numbersAreBounded() {
        for (String begin : new String[] {"", "-", "0.", "1e", "1E-", "-1.5e+"}) {
            String longest = begin + "1".repeat(100 - begin.length());
            assertThat(scan(longest)).isEqualTo(100);
            assertThat(scan(longest + "1")).isEqualTo(JsonScanner.NOT_JSON);
            assertThat(scan("[" + longest + "1]")).isEqualTo(JsonScanner.NOT_JSON);
        }
    }

    @Test
    void keysAreBoundedInAllObjectsTogether() {
        assertThat(scan(object(10_000))).isPositive();
        assertThat(scan(object(10_001))).isEqualTo(JsonScanner.NOT_JSON);
        assertThat(scan("[" + object(6_000) + "," + object(4_000) + "]")).isPositive();
        assertThat(scan("[" + object(6_000) + "," + object(4_001) + "]")).isEqualTo(JsonScanner.NOT_JSON);
        assertThat(scan("{\"a\":" + object(9_999) + "}")).isPositive();
        assertThat(scan("{\"a\":" + object(10_000) + "}")).isEqualTo(JsonScanner.NOT_JSON);
    }

    @Test
    void eachKeyIsBounded() {
        assertThat(scan("{\"" + "k".repeat(1_000) + "\":1}")).isPositive();
        assertThat(scan("{\"" + "k".repeat(1_001) + "\":1}")).isEqualTo(JsonScanner.NOT_JSON);
        assertThat(scan("[{\"a\":{\"" + "é".repeat(500) + "\":1}}]")).isPositive();
        assertThat(scan("[{\"a\":{\"" + "é".repeat(500) + "k\":1}}]")).isEqualTo(JsonScanner.NOT_JSON);
    }

    @Test
    void escapesAreBoundedInAllStringsTogether() {
        assertThat(scan('"' + "\\n".repeat(30_000) + '"')).isPositive();
        assertThat(scan('"' + "\\n".repeat(30_001) + '"')).isEqualTo(JsonScanner.NOT_JSON);
        assertThat(scan('"' + "\\u0041".repeat(10_000) + '"')).isPositive();
        assertThat(scan('"' + "\\u0041".repeat(10_001) + '"')).isEqualTo(JsonScanner.NOT_JSON);
        String half = '"' + "x\\t".repeat(15_000) + '"';
        assertThat(scan("{\"a\":" + half + ",\"b\":" + half + "}")).isPositive();
        assertThat(scan("{\"\\n\":" + half + ",\"b\":" + half + "}")).isEqualTo(JsonScanner.NOT_JSON);
        assertThat(scan("[" + half + "," + half + ",\"\\n\"]")).isEqualTo(JsonScanner.NOT_JSON);
    }

    @Test
    void textAndWhiteSpaceAreNotBounded() {
        assertThat(scan('"' + "x".repeat(2_000_000) + '"')).isPositive();
        assertThat(scan(" ".repeat(1_000_000) + "1" + " ".repeat(1_000_000))).isPositive();
    }

    private static String object(int keys) {
        StringBuilder json = new StringBuilder("{");
        for (int key = 0; key < keys; key++) {
            json.append(key == 0 ? "\"\":0" : ",\"\":0");
        }
        return json.append('}').toString();
    }

    /** Returns the end without the spent bounds, or the fault. */
    private static long scan(String text) {
        byte[] json = text.getBytes(UTF_8);
        long end = JsonScanner.text(json, 0, json.length);
        return end < 0 ? end : JsonScanner.at(end);
    }
}
