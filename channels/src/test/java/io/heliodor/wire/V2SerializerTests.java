package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.heliodor.event.json.JsonLimit;
import io.heliodor.wire.Malformed.Fault;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class V2SerializerTests {
    private static final V2Serializer V2 = new V2Serializer();

    @Test
    void aPushOfAClientIsRead() {
        Frame frame = frame("[\"3\",\"8\",\"room:42\",\"save\",{\"a\":1}]");
        assertThat(frame.joinRef()).isEqualTo(ref("\"3\""));
        assertThat(frame.ref()).isEqualTo(ref("\"8\""));
        assertThat(frame.topic()).isEqualTo("room:42");
        assertThat(frame.event()).isEqualTo("save");
        assertThat(json(frame)).isEqualTo("{\"a\":1}");
    }

    @Test
    void aHeartbeatIsRead() {
        Frame frame = frame("[null,\"12\",\"phoenix\",\"heartbeat\",{}]");
        assertThat(frame.joinRef().isNull()).isTrue();
        assertThat(frame.ref()).isEqualTo(ref("\"12\""));
        assertThat(frame.topic()).isEqualTo("phoenix");
        assertThat(frame.event()).isEqualTo("heartbeat");
        assertThat(json(frame)).isEqualTo("{}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"null", "true", "-1.5e3", "\"text\"", "[]", "[1, {\"a\": [ ]}]", "{ \"a\" : 1 }", "\"\\ud800\""})
    void aPayloadIsAnyJsonValueWithoutTheSpaceAroundIt(String payload) {
        Frame frame = frame(" [ null , null\n,\t\"t\" , \"e\"\r, " + payload + " \n] ");
        assertThat(json(frame)).isEqualTo(payload);
        assertThat(json(frame("[1,2,\"t\",\"e\"," + payload + "]"))).isEqualTo(payload);
    }

    @Test
    void onlyAJsonObjectIsReportedAsAnObject() {
        assertThat(((Payload.Json) frame("[1,2,\"t\",\"e\", {}]").payload()).isObject())
                .isTrue();
        assertThat(((Payload.Json) frame("[1,2,\"t\",\"e\", []]").payload()).isObject())
                .isFalse();
    }

    @Test
    void topicAndEventAreDecoded() {
        Frame frame = frame("[1,2,\"r\\u00f6om:\\\"é\\\"\",\"a\\/b\\n\\ud83d\\ude00\",{}]");
        assertThat(frame.topic()).isEqualTo("röom:\"é\"");
        assertThat(frame.event()).isEqualTo("a/b\n😀");
        assertThat(frame("[1,2,\"\",\"\\ud800\",{}]").event()).isEqualTo("\ud800");
        assertThat(frame("[1,2,\"\",\"e\",{}]").topic()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"1\"", "1", "1.0", "true", "false", "\"\"", "\"é\"", "-0", "\"null\""})
    void aRefIsAnyScalarAndEchoedAsItCame(String text) {
        Frame frame = frame("[" + text + "," + text + ",\"t\",\"e\",{}]");
        assertThat(frame.joinRef()).isEqualTo(frame.ref()).hasToString(text);
        assertThat(frame.ref().isNull()).isFalse();
        assertThat(text(V2.reply(frame.joinRef(), frame.ref(), "t", "ok", payload("{}"))))
                .startsWith("[" + text + "," + text + ",\"t\"");
    }

    @Test
    void refsAreComparedByTypeAndMeaning() {
        assertThat(frame("[\"1\",1,\"t\",\"e\",{}]"))
                .satisfies(frame -> assertThat(frame.joinRef()).isNotEqualTo(frame.ref()));
        Frame escaped = frame("[\"\\u0031\\/\\u00E9\\n\",\"1/é\\u000a\",\"t\",\"e\",{}]");
        assertThat(escaped.joinRef()).isEqualTo(escaped.ref()).isEqualTo(ref("\"1/é\\n\""));
        assertThat(frame("[\"\\u0031\",\"1\",\"t\",\"e\",{}]"))
                .satisfies(frame -> assertThat(frame.joinRef()).isEqualTo(frame.ref()));
    }

    @Test
    void aRefOf255BytesIsTheLongest() {
        for (int length = 250; length < 255; length += 2) {
            String longest = '"' + "é".repeat(length / 2) + "x\"";
            assertThat(frame("[" + longest + "," + longest + ",\"t\",\"e\",{}]").ref())
                    .hasToString(longest);
        }
        String escaped = '"' + "\\u00e9".repeat(127) + "\\n\"";
        assertThat(frame("[" + escaped + "," + escaped + ",\"t\",\"e\",{}]").ref())
                .isEqualTo(Ref.of("é".repeat(127) + "\n"));
        assertThat(fault("[null,\"" + "\\u00e9".repeat(128) + "\",\"t\",\"e\",{}]"))
                .isEqualTo(Fault.BAD_REF);
        assertThat(fault("[null,\"" + "\\u0041".repeat(100_000) + "\",\"t\",\"e\",{}]"))
                .isEqualTo(Fault.BAD_REF);
        String more = '"' + "é".repeat(128) + '"';
        assertThat(fault("[" + more + ",null,\"t\",\"e\",{}]")).isEqualTo(Fault.BAD_REF);
        assertThat(fault("[null," + more + ",\"t\",\"e\",{}]")).isEqualTo(Fault.BAD_REF);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "{}", "[1]", "{\"a\":1}"})
    void aRefThatIsNotAScalarIsBad(String text) {
        assertThat(fault("[" + text + ",null,\"t\",\"e\",{}]")).isEqualTo(Fault.BAD_REF);
        assertThat(fault("[null," + text + ",\"t\",\"e\",{}]")).isEqualTo(Fault.BAD_REF);
    }

    @Test
    void elementsAfterTheFifthAreCheckedAndIgnored() {
        assertThat(json(frame("[1,2,\"t\",\"e\",{},6]"))).isEqualTo("{}");
        assertThat(json(frame("[1,2,\"t\",\"e\",[], {\"a\":[]} , \"7\",null ]")))
                .isEqualTo("[]");
        assertThat(fault("[1,2,\"t\",\"e\",{},]")).isEqualTo(Fault.NOT_JSON);
        assertThat(fault("[1,2,\"t\",\"e\",{},six]")).isEqualTo(Fault.NOT_JSON);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"topic\":\"t\",\"event\":\"e\",\"payload\":{},\"ref\":\"1\"}",
                "null",
                "\"text\"",
                "1",
                "[]",
                "[1]",
                "[1,2,\"t\",\"e\"]",
                " [ ] ",
                "[1,2,3,\"e\",{}]",
                "[1,2,\"t\",null,{}]",
                "[1,2,[],\"e\",{}]",
                "[[1,2,\"t\",\"e\",{}]]"
            })
    void jsonThatIsNotAFrameIsReportedAsSuch(String text) {
        assertThat(fault(text)).isEqualTo(Fault.NOT_A_FRAME);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "[",
                "hello",
                "[1,2,\"t\",\"e\",{}",
                "[1,2,\"t\",\"e\",{}]]",
                "[1,2,\"t\",\"e\",{}] x",
                "[1,2,\"t\",\"e\",{}}",
                "[1 2,\"t\",\"e\",{}]",
                "[1,2,\"t\"\"e\",{}]",
                "[,2,\"t\",\"e\",{}]",
                "{\"a\"}",
                "\ufeff[1,2,\"t\",\"e\",{}]",
                "[01,2,\"t\",\"e\",{}]",
                "[1,2,'t','e',{}]",
                "[1,2,\"t\n\",\"e\",{}]"
            })
    void textThatIsNotJsonIsReportedAsSuch(String text) {
        assertThat(fault(text)).isEqualTo(Fault.NOT_JSON);
    }

    @Test
    void theArrayOfTheFrameCountsForTheDepth() {
        assertThat(json(frame("[1,2,\"t\",\"e\"," + "[".repeat(63) + "]".repeat(63) + "]")))
                .hasSize(126);
        assertThat(limit("[1,2,\"t\",\"e\"," + "[".repeat(64) + "]".repeat(64) + "]"))
                .isEqualTo(JsonLimit.DEPTH);
    }

    @Test
    void aFrameBeyondALimitHasItsRefsItsTopicAndItsEvent() {
        byte[] message = ("[1,2,\"t\",\"e\",{\"a\":" + "9".repeat(101) + "},7]").getBytes(UTF_8);
        OverLimit outcome = (OverLimit) V2.decodeText(message, 0, message.length);
        assertThat(outcome.limit()).isEqualTo(JsonLimit.NUMBER);
        assertThat(outcome.frame().joinRef()).isEqualTo(ref("1"));
        assertThat(outcome.frame().ref()).isEqualTo(ref("2"));
        assertThat(outcome.frame().topic()).isEqualTo("t");
        assertThat(outcome.frame().event()).isEqualTo("e");
        assertThat(limit("[1,2,\"t\",\"e\",{\"" + "k".repeat(1_001) + "\":1}]")).isEqualTo(JsonLimit.KEY);
    }

    @Test
    void elementsAfterTheFifthHaveNoLimits() {
        assertThat(json(frame("[1,2,\"t\",\"e\",{}," + "9".repeat(101) + "]"))).isEqualTo("{}");
        assertThat(json(frame("[1,2,\"t\",\"e\",{}," + "[".repeat(64) + "]".repeat(64) + "]")))
                .isEqualTo("{}");
        assertThat(fault("[1,2,\"t\",\"e\",{}," + "[".repeat(64) + "]".repeat(63) + "}]"))
                .isEqualTo(Fault.NOT_JSON);
    }

    @Test
    void jsonBeyondALimitThatIsNoFrameIsMalformed() {
        String deep = "[".repeat(64) + "]".repeat(64);
        assertThat(fault("[1,2,3,\"e\"," + deep + "]")).isEqualTo(Fault.NOT_A_FRAME);
        assertThat(fault("[1," + deep + ",\"t\",\"e\",{}]")).isEqualTo(Fault.BAD_REF);
        assertThat(fault("[1,2,\"t\"," + deep + "]")).isEqualTo(Fault.NOT_A_FRAME);
        assertThat(fault("[1,2,\"t\",\"e\"," + deep)).isEqualTo(Fault.NOT_JSON);
    }

    @ParameterizedTest
    @CsvSource({
        "'[1,2,\"t\",\"e\",\"\u00ff\"]'",
        "'[1,2,\"\u00c0\u0080\",\"e\",{}]'",
        "'[\"\u00ed\u00a0\u0080\",2,\"t\",\"e\",{}]'",
        "'[1,2,\"t\",\"e\",{}]\u00c3'",
        "'not json at all \u00e2\u0082'",
        "'[1,2,\"t\",\"e\",{},\u0080]'",
        "'{\"no\":\"frame\",\"\u00f5\":1}'",
    })
    void brokenUtf8IsReportedAsSuchAlsoInBrokenJson(String bytes) {
        byte[] message = bytes.getBytes(ISO_8859_1);
        assertThat(V2.decodeText(message, 0, message.length)).isEqualTo(new Malformed(Fault.NOT_UTF8));
    }

    @Test
    void aMessageMayLieInsideALargerArray() {
        byte[] bytes = "]]][\"1\",\"2\",\"t\",\"e\",{}]]]".getBytes(UTF_8);
        Frame frame = (Frame) V2.decodeText(bytes, 3, bytes.length - 2);
        assertThat(json(frame)).isEqualTo("{}");
        assertThat(V2.decodeText(bytes, 3, bytes.length)).isEqualTo(new Malformed(Fault.NOT_JSON));
    }

    @Test
    void aReplyIsCompact() {
        assertThat(text(V2.reply(ref("\"3\""), ref("\"8\""), "room:42", "ok", payload("{\"id\":9}"))))
                .isEqualTo("[\"3\",\"8\",\"room:42\",\"phx_reply\",{\"status\":\"ok\",\"response\":{\"id\":9}}]");
        assertThat(text(V2.reply(
                        Ref.NULL, ref("\"3\""), "nowhere", "error", payload("{\"reason\":\"unmatched topic\"}"))))
                .isEqualTo("[null,\"3\",\"nowhere\",\"phx_reply\","
                        + "{\"status\":\"error\",\"response\":{\"reason\":\"unmatched topic\"}}]");
    }

    @Test
    void aReplyMayHoldAnyValue() {
        assertThat(text(V2.reply(Ref.NULL, Ref.NULL, "t", "ok", payload("[1,2]"))))
                .isEqualTo("[null,null,\"t\",\"phx_reply\",{\"status\":\"ok\",\"response\":[1,2]}]");
    }

    @Test
    void aPushAndABroadcastAreCompact() {
        assertThat(text(V2.push(ref("\"3\""), Ref.NULL, "room:42", "tick", payload("{\"n\":5}"))))
                .isEqualTo("[\"3\",null,\"room:42\",\"tick\",{\"n\":5}]");
        assertThat(text(V2.push(ref("\"3\""), ref("\"3\""), "room:42", "phx_close", payload("{}"))))
                .isEqualTo("[\"3\",\"3\",\"room:42\",\"phx_close\",{}]");
        assertThat(text(V2.broadcast(Ref.NULL, "room:42", "shout", payload("{\"t\":\"hey\"}"))))
                .isEqualTo("[null,null,\"room:42\",\"shout\",{\"t\":\"hey\"}]");
    }

    @Test
    void textGoesOutAsUtf8() {
        assertThat(text(V2.broadcast(Ref.NULL, "röom:😀", "é", payload("{\"t\":\"ü\"}"))))
                .isEqualTo("[null,null,\"röom:😀\",\"é\",{\"t\":\"ü\"}]");
        assertThat(text(V2.push(Ref.NULL, Ref.NULL, "a\"b\\", "\u0001\ud800", payload("{}"))))
                .isEqualTo("[null,null,\"a\\\"b\\\\\",\"\\u0001\\ud800\",{}]");
    }

    @Test
    void aSliceGoesOutWithoutSurroundingBytes() {
        byte[] bytes = "xx{\"a\":1}yy".getBytes(UTF_8);
        assertThat(text(V2.broadcast(Ref.NULL, "t", "e", new Payload.Json(bytes, 2, 9))))
                .isEqualTo("[null,null,\"t\",\"e\",{\"a\":1}]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "null", "\"text\"", "1"})
    void aPayloadThatIsNotAnObjectIsRefused(String payload) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> V2.push(Ref.NULL, Ref.NULL, "t", "tick", payload(payload)))
                .withMessageContaining("'tick'")
                .withMessageContaining("not a JSON object");
        assertThatIllegalArgumentException().isThrownBy(() -> V2.broadcast(Ref.NULL, "t", "tick", payload(payload)));
    }

    @Test
    void aBinaryPushIsRead() {
        Frame frame = binaryFrame("00 01 01 07 06 33 37 72 6f 6f 6d 3a c3 a9 75 70 6c 6f 61 64 de ad");
        assertThat(frame.joinRef()).isEqualTo(ref("\"3\""));
        assertThat(frame.ref()).isEqualTo(ref("\"7\""));
        assertThat(frame.topic()).isEqualTo("room:é");
        assertThat(frame.event()).isEqualTo("upload");
        Payload.Binary payload = (Payload.Binary) frame.payload();
        assertThat(HexFormat.of().formatHex(payload.bytes(), payload.from(), payload.to()))
                .isEqualTo("dead");
        assertThat(payload.length()).isEqualTo(2);
    }

    @Test
    void emptyRefsOfABinaryPushAreNone() {
        Frame frame = binaryFrame("00 00 00 01 01 74 65");
        assertThat(frame.joinRef().isNull()).isTrue();
        assertThat(frame.ref().isNull()).isTrue();
        assertThat(frame.topic()).isEqualTo("t");
        assertThat(frame.event()).isEqualTo("e");
        assertThat(frame.payload().length()).isZero();
    }

    @Test
    void aBinaryRefIsTheRefOfTheSameText() {
        assertThat(binaryFrame("00 02 02 00 00 22 0a c3 a9"))
                .satisfies(frame -> assertThat(frame.joinRef()).isEqualTo(ref("\"\\\"\\n\"")))
                .satisfies(frame -> assertThat(frame.ref()).isEqualTo(ref("\"é\"")));
        Ref ofText = frame("[\"\\\"\\u000a\",null,\"t\",\"e\",{}]").joinRef();
        assertThat(binaryFrame("00 02 00 00 00 22 0a").joinRef()).isEqualTo(ofText);
        assertThat(binaryFrame("00 04 00 00 00 6e756c6c").joinRef().isNull()).isFalse();
    }

    @Test
    void theLongestHeaderOfABinaryPushIsRead() {
        String name = "ff".repeat(4) + "61".repeat(4 * 255);
        Frame frame = binaryFrame("00" + name + "01");
        assertThat(frame.topic()).hasSize(255).isEqualTo(frame.event());
        assertThat(frame.payload().length()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "00 00 00 00",
                "00 00 00 01 01 74",
                "00 ff 00 00 00 33",
                "00 ff ff ff ff",
                "01 00 00 01 01 74 65",
                "02 01 01 74 65",
                "03 01 01 0e 06 00 01 31 34 72 65 61 6c 74 69 6d 65 3a 6c 6f 62 62 79 63 75 72 73 6f 72 7b 22 78 22 3a"
                        + " 31 7d",
                "ff 00 00 01 01 74 65",
                "00 00 00 01 01 ff 65",
                "00 00 00 01 01 74 80",
                "00 01 00 01 01 c3 74 65",
                "00 00 01 01 01 c3 74 65",
                "00 00 00 01 01 c3 a9" // one character across two names
            })
    void anyOtherBinaryIsBad(String hex) {
        assertThat(binary(hex)).isEqualTo(new Malformed(Fault.BAD_BINARY));
    }

    private static Frame frame(String text) {
        assertThat(decode(text)).as(text).isInstanceOf(Frame.class);
        return (Frame) decode(text);
    }

    private static JsonLimit limit(String text) {
        return Messages.limit(decode(text));
    }

    private static Fault fault(String text) {
        assertThat(decode(text)).as(text).isInstanceOf(Malformed.class);
        return ((Malformed) decode(text)).fault();
    }

    private static FrameOutcome decode(String text) {
        byte[] message = text.getBytes(UTF_8);
        return V2.decodeText(message, 0, message.length);
    }

    private static Frame binaryFrame(String hex) {
        assertThat(binary(hex)).isInstanceOf(Frame.class);
        return (Frame) binary(hex);
    }

    /** Decodes from the middle of an array, so that positions count from the message. */
    private static FrameOutcome binary(String hex) {
        byte[] message = HexFormat.of().parseHex("0000" + hex.replace(" ", "") + "000000");
        return V2.decodeBinary(message, 2, message.length - 3);
    }

    private static Ref ref(String json) {
        byte[] bytes = json.getBytes(UTF_8);
        return Ref.of(bytes, 0, bytes.length);
    }

    private static Payload.Json payload(String json) {
        byte[] bytes = json.getBytes(UTF_8);
        return new Payload.Json(bytes, 0, bytes.length);
    }

    private static String json(Frame frame) {
        Payload.Json json = (Payload.Json) frame.payload();
        return new String(json.bytes(), json.from(), json.length(), UTF_8);
    }

    private static String text(byte[] message) {
        return new String(message, UTF_8);
    }

    @Test
    void anEnvelopeAroundAPayloadIsAPush() {
        Serializer.Envelope envelope = V2.envelope(Ref.of("3"), Ref.NULL, "room:\"é", "presence_state");
        String push = text(V2.push(Ref.of("3"), Ref.NULL, "room:\"é", "presence_state", payload("{\"a\":1}")));
        assertThat(text(envelope.head()) + "{\"a\":1}" + text(envelope.tail())).isEqualTo(push);
    }
}
