package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.event.json.JsonLimit;
import io.heliodor.event.json.JsonScanner;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
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
        assertThat(exceeded("[".repeat(64) + "]".repeat(64))).isNull();
        assertThat(exceeded("[".repeat(65) + "]".repeat(65))).isEqualTo(JsonLimit.DEPTH);
        assertThat(scan("{\"a\":".repeat(63) + "{}" + "}".repeat(63))).isPositive();
        assertThat(exceeded("{\"a\":".repeat(64) + "{}" + "}".repeat(64))).isEqualTo(JsonLimit.DEPTH);
        assertThat(scan("[{\"a\":".repeat(32) + "1" + "}]".repeat(32))).isPositive();
        assertThat(exceeded("[{\"a\":".repeat(32) + "[]" + "}]".repeat(32))).isEqualTo(JsonLimit.DEPTH);
        assertThat(exceeded("[" + "[],".repeat(1000) + "[]]")).isNull();
        assertThat(scan("[".repeat(1_000_000))).isEqualTo(JsonScanner.NOT_JSON);
    }

    @ParameterizedTest
    @ValueSource(ints = {63, 64, 65, 127, 128, 129, 130, 1_000, 1_024, 1_025, 300_000})
    void theBracketsOfAnyDepthMustMatch(int levels) {
        // The kinds of brackets repeat after three levels, so that no two groups of 64 have the same.
        String open = "[{\"a\":[".repeat(levels / 3 + 1);
        String close = "]}]".repeat(levels / 3 + 1);
        assertThat(scan(open + close)).isEqualTo(open.length() + close.length());
        assertThat(scan(open + "[1],{},2" + close)).isPositive();
        for (int wrong : new int[] {0, close.length() / 2, close.length() - 1, Math.min(64, close.length() - 1)}) {
            char other = close.charAt(wrong) == ']' ? '}' : ']';
            assertThat(scan(open + close.substring(0, wrong) + other + close.substring(wrong + 1)))
                    .isEqualTo(JsonScanner.NOT_JSON);
        }
        assertThat(scan(open + close.substring(1))).isEqualTo(JsonScanner.NOT_JSON);
        assertThat(scan(open + close + "]")).isEqualTo(JsonScanner.NOT_JSON);
    }

    @Test
    void openBracketsAroundAValueCount() {
        byte[] json = ("[".repeat(63) + "]".repeat(63)).getBytes(UTF_8);
        assertThat(JsonScanner.value(json, 0, json.length, 1)).isEqualTo(json.length);
        long deeper = JsonScanner.value(json, 0, json.length, 2);
        assertThat(JsonScanner.at(deeper)).isEqualTo(json.length);
        assertThat(JsonScanner.exceeded(deeper)).isEqualTo(JsonLimit.DEPTH);
    }

    @Test
    void numbersAreBounded() {
        for (String begin : new String[] {"", "-", "0.", "1e", "1E-", "-1.5e+"}) {
            String longest = begin + "1".repeat(100 - begin.length());
            assertThat(scan(longest)).isEqualTo(100);
            assertThat(exceeded(longest)).isNull();
            assertThat(exceeded(longest + "1")).isEqualTo(JsonLimit.NUMBER);
            assertThat(exceeded("[" + longest + "1]")).isEqualTo(JsonLimit.NUMBER);
            assertThat(scan("[" + longest + "1x]")).isEqualTo(JsonScanner.NOT_JSON);
        }
    }

    @Test
    void eachKeyIsBounded() {
        assertThat(scan("{\"" + "k".repeat(1_000) + "\":1}")).isPositive();
        assertThat(exceeded("{\"" + "k".repeat(1_000) + "\":1}")).isNull();
        assertThat(exceeded("{\"" + "k".repeat(1_001) + "\":1}")).isEqualTo(JsonLimit.KEY);
        assertThat(scan("{\"" + "k".repeat(1_001) + "\"}")).isEqualTo(JsonScanner.NOT_JSON);
        assertThat(scan("[{\"a\":{\"" + "é".repeat(500) + "\":1}}]")).isPositive();
        assertThat(exceeded("[{\"a\":{\"" + "é".repeat(500) + "\":1}}]")).isNull();
        assertThat(exceeded("[{\"a\":{\"" + "é".repeat(500) + "k\":1}}]")).isEqualTo(JsonLimit.KEY);
    }

    @Test
    void oneLimitIsReportedIfSeveralAreExceeded() {
        String number = "1".repeat(101);
        assertThat(exceeded("[" + number + ",{\"" + "k".repeat(1_001) + "\":1}]"))
                .isEqualTo(JsonLimit.NUMBER);
        assertThat(exceeded("[" + number + "," + "[".repeat(64) + "]".repeat(64) + "]"))
                .isEqualTo(JsonLimit.DEPTH);
    }

    @Test
    void keysEscapesTextAndWhiteSpaceAreNotBounded() {
        assertThat(scan("[" + "{\"a\":1},".repeat(1_000_000) + "1]")).isPositive();
        assertThat(exceeded('"' + "\\n".repeat(1_000_000) + '"')).isNull();
        assertThat(exceeded('"' + "\\u0041".repeat(1_000_000) + '"')).isNull();
        assertThat(scan('"' + "x".repeat(2_000_000) + '"')).isPositive();
        assertThat(scan(" ".repeat(1_000_000) + "1" + " ".repeat(1_000_000))).isPositive();
    }

    /** Returns the limit that a valid text exceeds; null for none. */
    private static @Nullable JsonLimit exceeded(String text) {
        byte[] json = text.getBytes(UTF_8);
        return JsonScanner.exceeded(JsonScanner.text(json, 0, json.length));
    }

    /** Returns the end of a text, or the fault. */
    private static long scan(String text) {
        byte[] json = text.getBytes(UTF_8);
        long end = JsonScanner.text(json, 0, json.length);
        return end < 0 ? end : JsonScanner.at(end);
    }
}
