package io.heliodor.client.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The frames of the protocol, and messages that are none. */
class FrameDecoderTests {
    static Stream<Arguments> texts() {
        return Stream.of(
                text(
                        "[null,\"12\",\"phoenix\",\"phx_reply\",{\"status\":\"ok\",\"response\":{}}]",
                        null,
                        "12",
                        "phoenix",
                        "phx_reply",
                        "ok",
                        "{}"),
                text(
                        "[\"3\",\"3\",\"room:42\",\"phx_reply\",{\"status\":\"ok\",\"response\":{\"motd\":\"hi\"}}]",
                        "3",
                        "3",
                        "room:42",
                        "phx_reply",
                        "ok",
                        "{\"motd\":\"hi\"}"),
                text(
                        "[\"3\",\"3\",\"room:42\",\"phx_reply\",{\"status\":\"error\",\"response\":{\"reason\":\"unauthorized\"}}]",
                        "3",
                        "3",
                        "room:42",
                        "phx_reply",
                        "error",
                        "{\"reason\":\"unauthorized\"}"),
                text(
                        "[null,\"3\",\"nowhere\",\"phx_reply\",{\"status\":\"error\",\"response\":{\"reason\":\"unmatched topic\"}}]",
                        null,
                        "3",
                        "nowhere",
                        "phx_reply",
                        "error",
                        "{\"reason\":\"unmatched topic\"}"),
                text("[\"3\",null,\"room:42\",\"tick\",{\"n\":5}]", "3", null, "room:42", "tick", null, "{\"n\":5}"),
                text(
                        "[null,null,\"room:42\",\"shout\",{\"t\":\"hey\"}]",
                        null,
                        null,
                        "room:42",
                        "shout",
                        null,
                        "{\"t\":\"hey\"}"),
                text("[\"3\",\"3\",\"room:42\",\"phx_close\",{}]", "3", "3", "room:42", "phx_close", null, "{}"),
                text(
                        "[\"3\",\"3\",\"room:42\",\"phx_error\",{\"reason\":\"channel_crash\"}]",
                        "3",
                        "3",
                        "room:42",
                        "phx_error",
                        null,
                        "{\"reason\":\"channel_crash\"}"),
                text(
                        "[null,\"@q8zk3ft1a-h.0\",\"room:lobby\",\"message\",{\"a\":[1,{}]}]",
                        null,
                        "@q8zk3ft1a-h.0",
                        "room:lobby",
                        "message",
                        null,
                        "{\"a\":[1,{}]}"),
                // Order of fields, white space, escapes, other fields, responses of all kinds
                text(
                        " [ null , \"1\" , \"t\" , \"phx_reply\" , { \"x\" : [1] , \"response\" : 5 , \"status\" : \"ok\" } ] ",
                        null,
                        "1",
                        "t",
                        "phx_reply",
                        "ok",
                        "5"),
                text(
                        "[null,\"1\",\"t\",\"phx_reply\",{\"response\":\"a\\\"}\",\"status\":\"ok\"}]",
                        null,
                        "1",
                        "t",
                        "phx_reply",
                        "ok",
                        "\"a\\\"}\""),
                text(
                        "[null,\"1\",\"t\",\"phx_reply\",{\"status\":\"ok\",\"response\":[1,2]}]",
                        null,
                        "1",
                        "t",
                        "phx_reply",
                        "ok",
                        "[1,2]"),
                text(
                        "[null,\"1\",\"t\",\"phx_reply\",{\"status\":\"ok\",\"response\":-1.5e3}]",
                        null,
                        "1",
                        "t",
                        "phx_reply",
                        "ok",
                        "-1.5e3"),
                text(
                        "[null,\"1\",\"t\",\"phx_reply\",{\"status\":\"ok\",\"response\":null}]",
                        null,
                        "1",
                        "t",
                        "phx_reply",
                        "ok",
                        "null"),
                text(
                        "[null,null,\"r\\u00e9\",\"\\\"\",{ \"é\" : \"😀\" }]",
                        null,
                        null,
                        "ré",
                        "\"",
                        null,
                        "{ \"é\" : \"😀\" }"));
    }

    private static Arguments text(
            String message,
            @Nullable String joinRef,
            @Nullable String ref,
            String topic,
            String event,
            @Nullable String status,
            String payload) {
        return Arguments.of(message, new Frame(joinRef, ref, topic, event, status, Payload.json(payload)));
    }

    @Test
    void theBeginningOfAMessageHasItsNames() {
        Payload empty = Payload.json("{}");
        assertThat(FrameDecoder.head(false, "[null,\"@s.1\",\"t\",\"big\",{\"a\":\"bb".getBytes(UTF_8)))
                .isEqualTo(new Oversized(new Frame(null, "@s.1", "t", "big", null, empty)));
        assertThat(FrameDecoder.head(false, "[\"1\",\"2\",\"t\",\"phx_reply\",{\"response\":{".getBytes(UTF_8)))
                .isEqualTo(new Oversized(new Frame(
                        "1", "2", "t", "phx_reply", "error", Payload.json("{\"reason\":\"reply_too_large\"}"))));
        assertThat(FrameDecoder.head(true, new byte[] {2, 1, 1, 't', 'e', 0, 0}))
                .isEqualTo(new Oversized(new Frame(null, null, "t", "e", null, empty)));
        assertThat(FrameDecoder.head(true, new byte[] {1, 1, 1, 1, 2, '1', '2', 't', 'o', 'k', 0}))
                .isEqualTo(new Oversized(new Frame(
                        "1", "2", "t", "phx_reply", "error", Payload.json("{\"reason\":\"reply_too_large\"}"))));
        assertThat(FrameDecoder.head(false, "[null,\"@s".getBytes(UTF_8))).isInstanceOf(Malformed.class);
        assertThat(FrameDecoder.head(true, new byte[] {9})).isInstanceOf(Malformed.class);
    }

    @ParameterizedTest
    @MethodSource("texts")
    void aTextFrameIsRead(String message, Frame expected) {
        assertThat(FrameDecoder.text(message.getBytes(UTF_8))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "{}",
                "[]",
                "[null]",
                "[null,null]",
                "[null,null,\"t\"]",
                "[null,null,\"t\",\"e\"]",
                "[null,null,\"t\",\"e\",{}",
                "[null,null,\"t\",\"e\",{},1]",
                "[null,null,\"t\",\"e\",{}]]",
                "[null,null,\"t\",\"e\",{}] x",
                "[null,null,\"t\",\"e\",{}][]",
                "[1,null,\"t\",\"e\",{}]",
                "[null,1,\"t\",\"e\",{}]",
                "[{},null,\"t\",\"e\",{}]",
                "[null,null,null,\"e\",{}]",
                "[null,null,5,\"e\",{}]",
                "[null,null,\"t\",null,{}]",
                "[null,null,\"t\",\"e\",null]",
                "[null,null,\"t\",\"e\",[]]",
                "[null,null,\"t\",\"e\",5]",
                "[null,null,\"t\",\"e\",{\"a\"}]",
                "[null,null,\"t\",\"e\",{\"a\":1,}]",
                "[null,\"1\",\"t\",\"phx_reply\",{}]",
                "[null,\"1\",\"t\",\"phx_reply\",{\"status\":\"ok\"}]",
                "[null,\"1\",\"t\",\"phx_reply\",{\"response\":{}}]",
                "[null,\"1\",\"t\",\"phx_reply\",{\"status\":1,\"response\":{}}]",
                "[null,\"1\",\"t\",\"phx_reply\",{\"status\":\"ok\",\"response\":}]",
                "[null,null,\"t\",\"e\",{\"a\":\"\u0001\"}]",
                "\uFEFF\uFEFF[null,null,\"t\",\"e\",{}]"
            })
    void anotherTextIsMalformed(String message) {
        assertThat(FrameDecoder.text(message.getBytes(UTF_8))).isInstanceOf(Malformed.class);
    }

    @Test
    void textThatIsNotUtf8IsMalformed() {
        byte[] message = "[null,null,\"t\",\"e\",{\"a\":\"xx\"}]".getBytes(UTF_8);
        message[message.length - 5] = (byte) 0xc3;

        assertThat(FrameDecoder.text(message)).isInstanceOf(Malformed.class);
    }

    @Test
    void aDeepPayloadIsMalformedAndOverflowsNoStack() {
        String deep = "{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000);

        assertThat(FrameDecoder.text(("[null,null,\"t\",\"e\"," + deep + "]").getBytes(UTF_8)))
                .isInstanceOf(Malformed.class);
    }

    static Stream<Arguments> binaries() {
        byte[] reply = hex("01 01 01 07 02 33 37 72 6f 6f 6d 3a c3 a9 6f 6b 01 02 03");
        byte[] push = hex("00 01 07 06 33 72 6f 6f 6d 3a c3 a9 75 70 6c 6f 61 64 be ef");
        byte[] broadcast = hex("02 07 06 72 6f 6f 6d 3a c3 a9 75 70 6c 6f 61 64 ff");
        return Stream.of(
                Arguments.of(reply, new Frame("3", "7", "room:é", "phx_reply", "ok", bytes("01 02 03"))),
                Arguments.of(push, new Frame("3", null, "room:é", "upload", null, bytes("be ef"))),
                Arguments.of(broadcast, new Frame(null, null, "room:é", "upload", null, bytes("ff"))),
                Arguments.of(hex("00 00 01 01 74 65"), new Frame(null, null, "t", "e", null, bytes(""))));
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void aBinaryFrameIsRead(byte[] message, Frame expected) {
        assertThat(FrameDecoder.binary(message)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "00 01",
                "00 01 01",
                "00 ff 01 01 33",
                "01 00 00 00",
                "01 00 00 00 01",
                "02 01",
                "02 01 02 74 65",
                "03 01 01 01 74 65",
                "04 01 01 74 65",
                "ff",
                "02 01 01 ff 65",
                "02 02 01 c3 65 65"
            })
    void anotherBinaryMessageIsMalformed(String message) {
        assertThat(FrameDecoder.binary(hex(message))).isInstanceOf(Malformed.class);
    }

    @Test
    void everyPrefixOfABinaryFrameHasAnOutcome() {
        binaries().map(each -> (byte[]) each.get()[0]).forEach(message -> {
            for (int length = 0; length <= message.length; length++) {
                assertThat(FrameDecoder.binary(Arrays.copyOf(message, length))).isNotNull();
            }
        });
    }

    /** A frame that is changed at random is read within its bounds, and gives slices that are JSON. */
    @Test
    void changedFramesHaveAnOutcome() {
        List<byte[]> examples = Stream.concat(
                        texts().map(each -> ((String) each.get()[0]).getBytes(UTF_8)),
                        binaries().map(each -> (byte[]) each.get()[0]))
                .toList();
        for (long seed = 0; seed < Integer.getInteger("heliodor.fuzz", 200_000) / 10; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] message = examples.get(random.nextInt(examples.size())).clone();
            for (int changes = random.nextInt(4); changes > 0; changes--) {
                message[random.nextInt(message.length)] = (byte) random.nextInt(256);
            }
            Decoded text = FrameDecoder.text(message);
            if (text instanceof Frame frame) {
                assertThat(frame.payload().tree().isMissingNode())
                        .as("seed %d", seed)
                        .isFalse();
            }
            assertThat(FrameDecoder.binary(message)).isNotNull();
        }
    }

    private static Payload bytes(String hex) {
        byte[] bytes = hex(hex);
        return Payload.binary(bytes, 0, bytes.length);
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }
}
