package io.heliodor.endpoint.hostile;

import static io.heliodor.transport.frame.ClientFrames.binary;
import static io.heliodor.transport.frame.ClientFrames.bytes;
import static io.heliodor.transport.frame.ClientFrames.concat;
import static io.heliodor.transport.frame.ClientFrames.text;
import static io.heliodor.transport.frame.ClientFrames.utf8;

import io.heliodor.endpoint.RawClient;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Violations and abuses of the Phoenix protocol. */
class PhoenixFramesTests extends HostileTest {
    private static final String IGNORED = "5 are ignored, its channels stay open; then close 4400";
    private static final String ENDPOINT = "endpoint/src/test/java/io/heliodor/endpoint/";
    private static final String RAW_SOCKET = "interop/test/raw-socket.test.mjs";

    /** Of one attack; {@code -Dheliodor.topics=1000000} for a million. */
    private static final int TOPICS = Integer.getInteger("heliodor.topics", 10_000);

    private static final Pattern REASON =
            Pattern.compile("\"status\":\"error\",\"response\":\\{\"reason\":\"([^\"]*)\"");

    static List<Row> rows() {
        return List.of(
                malformed(
                        "text that is not JSON",
                        texts(
                                "",
                                "nonsense",
                                "[null,null,\"t\",\"" + Target.SECRET + "\",{}",
                                "[]]",
                                "[null,null,\"t\",\"e\",{},]")),
                malformed(
                        "JSON that is not an array of at least five",
                        texts("{}", "[]", "[1,2,3,4]", "\"" + Target.SECRET + "\"", "null")),
                malformed(
                        "a topic or an event that is not a string",
                        texts("[null,null,1,\"e\",{}]", "[null,null,null,\"e\",{}]", "[null,null,\"t\",{},{}]")),
                malformed(
                        "a ref that is not a scalar, or over 255 bytes",
                        texts(
                                "[{},null,\"room:a\",\"echo\",{}]",
                                "[null,[1],\"room:a\",\"echo\",{}]",
                                "[\"1\",\"" + "x".repeat(256) + "\",\"room:a\",\"echo\",{}]")),
                malformed(
                        "binary with false lengths, or of an unknown kind",
                        binary(bytes()),
                        binary(bytes(0, 255, 255, 255, 255)),
                        binary(concat(bytes(0, 1, 1, 6, 5), utf8("12room:aecho"))),
                        binary(concat(bytes(0, 1, 1, 6, 4), utf8("1"), bytes(0xc3), utf8("room:aecho"))),
                        binary(bytes(1, 0, 0, 0, 0)),
                        binary(bytes(9, 0, 0, 0, 0))),
                beyondALimit(
                        "JSON that is 65 or 100 000 deep",
                        "[".repeat(64) + "]".repeat(64),
                        "[".repeat(100_000) + "]".repeat(100_000)),
                beyondALimit("a number of 101 digits", "9".repeat(101), "{\"n\":0." + "1".repeat(99) + "}"),
                beyondALimit("a key of 1 001 bytes", "{\"" + "k".repeat(1_001) + "\":0}"),
                served(
                        "100 000 keys",
                        IntStream.range(0, 100_000)
                                .mapToObj(key -> "\"" + key + "\":0")
                                .collect(Collectors.joining(",", "{", "}"))),
                served("512 KiB of escapes", "{\"x\":\"" + "\\n".repeat(256 << 10) + "\"}"),
                Row.of(
                                "a topic that is empty, over 255 bytes, or has control characters",
                                "error reply `invalid topic`",
                                target -> reply(
                                        target,
                                        "[\"1\",\"1\",\""
                                                + List.of(
                                                                "",
                                                                "x".repeat(256),
                                                                "room:\\u0000",
                                                                "room:\\n",
                                                                "room:\\u007f")
                                                        .get(target.round() % 5)
                                                + "\",\"phx_join\"," + Target.payload() + "]"))
                        .counts("joins_refused"),
                Row.of(
                                "a join of a topic that no channel serves",
                                "error reply `unmatched topic`",
                                target -> reply(
                                        target, "[\"1\",\"1\",\"unknown\",\"phx_join\"," + Target.payload() + "]"))
                        .counts("joins_refused"),
                Row.of(
                                "a 101st channel on one connection",
                                "error reply `too many channels joined`",
                                PhoenixFramesTests::manyChannels)
                        .times(3)
                        .counts("joins_refused"),
                Row.of(
                                "10 000 joins that are refused, by the handler",
                                "10 000 times error reply `locked`",
                                target -> knocks(target, "locked:"))
                        .times(2)
                        .counts("joins_refused", 10_000),
                Row.of(
                                "10 000 joins that are refused, by the rules",
                                "10 000 times error reply `unmatched topic`",
                                target -> knocks(target, "nowhere"))
                        .times(2)
                        .counts("joins_refused", 10_000),
                Row.of(
                                "10 000 different topics, joined and left",
                                "each is joined and left",
                                PhoenixFramesTests::manyTopics)
                        .times(2),
                Row.of(
                        "an event before the join, or after the leave",
                        "error reply `unmatched topic`",
                        PhoenixFramesTests::notJoined),
                Row.shown(
                        "a second join, a stale `join_ref`, a second leave",
                        "as the protocol has it",
                        RAW_SOCKET,
                        "a second join replaces the first, which gets its close"),
                Row.of(
                                "an event whose handler throws",
                                "`phx_error` on that channel only",
                                target -> fails(target, "crash"))
                        .counts("channels_failed")
                        .logs("room:a"),
                Row.of(
                                "an event whose handler overflows its stack",
                                "`phx_error` on that channel only",
                                target -> fails(target, "overflow"))
                        .counts("channels_failed")
                        .logs("room:a"),
                Row.shown(
                        "joins over the rate",
                        "error reply `rate_limited`, and when to try again; after 1 000 refusals close 4429",
                        ENDPOINT + "RateLimitTests.java",
                        "aClientThatKeepsSendingRefusedJoinsIsClosedWith4429"),
                Row.shown(
                        "messages over the rate of the connection or the channel",
                        "the same",
                        ENDPOINT + "RateLimitTests.java",
                        "aClientThatKeepsSendingAfterRefusalsIsClosedWith4429"),
                Row.shown(
                        "heartbeats over the rate of the connection",
                        "the same",
                        ENDPOINT + "RateLimitTests.java",
                        "heartbeatsOverTheRateAreAnsweredWithAnErrorAndClosedWith4429WhenTheyDoNotEnd"),
                Row.shown(
                        "events for a handler that blocks for ever",
                        "its mailbox fills, its connection is not read any more, then close 1008",
                        ENDPOINT + "CloseTests.java",
                        "aMailboxThatStaysFullIsClosedWith1008"),
                Row.shown(
                        "a reader that stops reading",
                        "close 4408 when `maxConnectionBytes` wait before a new frame, the others get everything",
                        ENDPOINT + "SlowReaderIT.java",
                        "aClientThatDoesNotReadIsClosedAtTheLimitOfBytesAndTheOthersGetEverything"),
                Row.shown(
                        "bursts of 8 MiB, in messages of 1 and of 100 KiB, to 1 to 60 members that read",
                        "complete, and no client is closed",
                        ENDPOINT + "BurstIT.java",
                        "everyMemberThatReadsGetsAllMessages"),
                Row.shown(
                        "a reader that takes nothing for 10 s",
                        "close 4408, even if few bytes wait",
                        ENDPOINT + "SlowReaderIT.java",
                        "aClientThatReadsNothingForATimeIsClosedHoweverFewBytesWait"),
                Row.shown(
                        "one frame larger than the bound, to a slow reader",
                        "the reader gets it",
                        ENDPOINT + "SlowReaderIT.java",
                        "oneLargeFrameClosesNoClientThatReadsIt"),
                Row.shown(
                        "silence for the idle timeout",
                        "close 1001",
                        ENDPOINT + "CloseTests.java",
                        "aSilentClientIsClosedWith1001"));
    }

    private static byte[][] texts(String... messages) {
        return Stream.of(messages).map(message -> text(message)).toArray(byte[][]::new);
    }

    private static String echo(String payload) {
        return "[\"1\",\"2\",\"room:a\",\"echo\"," + payload + "]";
    }

    /** Invalid frames. One permit a second is refilled, so a few more than five frames may pass. */
    private static Row malformed(String input, byte[]... variants) {
        return Row.of(input, IGNORED, target -> {
                    byte[] message = variants[target.round() % variants.length];
                    RawClient client = target.member().joins("room:b");
                    for (int i = 0; i < 5; i++) {
                        client.send(message);
                    }
                    client.echoes("room:a", "2").echoes("room:b", "3");
                    for (int i = 0; i < 20; i++) {
                        client.trySend(message);
                    }
                    return "5 are ignored, its channels stay open; then " + target.end(client);
                })
                .times(Math.max(4, variants.length))
                .countsAtLeast("frames_malformed", 6)
                .counts("closed_malformed");
    }

    /** Payloads that are valid JSON beyond a limit. */
    private static Row beyondALimit(String input, String... payloads) {
        return Row.of(
                        input,
                        "error reply `invalid_payload`",
                        target -> reply(target, echo(payloads[target.round() % payloads.length])))
                .counts("payloads_invalid");
    }

    private static Row served(String input, String payload) {
        return Row.of(input, "echoed", target -> {
                    RawClient client = target.member().sends(echo(payload));
                    String reply = client.next().toString();
                    client.echoes("room:a", "3");
                    return reply.contains(payload) ? "echoed" : reply;
                })
                .times(2);
    }

    private static String reply(Target target, String message) {
        RawClient client = target.member().sends(message);
        String reason = reason(client);
        client.echoes("room:a", "2");
        return reason;
    }

    private static String reason(RawClient client) {
        String reply = client.next().toString();
        Matcher reason = REASON.matcher(reply);
        return reason.find() ? "error reply `" + reason.group(1) + "`" : reply;
    }

    private static String manyChannels(Target target) {
        RawClient client = target.open();
        for (int i = 0; i < 100; i++) {
            client.joins("room:" + i);
        }
        String reason = reason(client.sends("[\"1\",\"1\",\"room:100\",\"phx_join\"," + Target.payload() + "]"));
        client.echoes("room:0", "2").echoes("room:99", "3");
        return reason;
    }

    /** Joins of 50 topics, again and again. */
    private static String knocks(Target target, String topic) {
        RawClient client = target.member();
        Set<String> reasons = new TreeSet<>();
        for (int batch = 0; batch < 10_000 / 50; batch++) {
            client.send(joins(topic, 0, 50));
            for (int i = 0; i < 50; i++) {
                reasons.add(reason(client));
            }
        }
        client.echoes("room:a", "2");
        return "10 000 times " + String.join(", ", reasons);
    }

    private static byte[] joins(String topic, int from, int to) {
        return concat(texts(IntStream.range(from, to)
                .mapToObj(n -> "[\"1\",\"1\",\"" + topic + n + "\",\"phx_join\"," + Target.payload() + "]")
                .toArray(String[]::new)));
    }

    private static String manyTopics(Target target) {
        RawClient client = target.open();
        for (int n = 0; n < TOPICS; n += 50) {
            client.send(joins("room:", n, n + 50));
            receives(client, 50);
            client.send(concat(texts(IntStream.range(n, n + 50)
                    .mapToObj(topic -> "[\"1\",\"2\",\"room:" + topic + "\",\"phx_leave\",{}]")
                    .toArray(String[]::new))));
            receives(client, 100);
        }
        return "each is joined and left";
    }

    /** Receives this number of ok replies and closes. */
    private static void receives(RawClient client, int count) {
        for (int i = 0; i < count; i++) {
            String frame = client.next().toString();
            if (!frame.contains("\"status\":\"ok\"") && !frame.contains("\"phx_close\"")) {
                throw new AssertionError(frame);
            }
        }
    }

    private static String notJoined(Target target) {
        RawClient client = target.open();
        String before = reason(client.sends(echo(Target.payload())));
        client.joins("room:a").sends("[\"1\",\"3\",\"room:a\",\"phx_leave\",{}]");
        receives(client, 2);
        String after = reason(client.sends(echo(Target.payload())));
        return before.equals(after) ? before : before + ", then " + after;
    }

    private static String fails(Target target, String event) {
        RawClient client = target.member().joins("room:b");
        client.sends("[\"1\",\"2\",\"room:a\",\"" + event + "\",{}]");
        String end = client.next().toString();
        client.echoes("room:b", "3").joins("room:a").echoes("room:a", "4");
        return end.startsWith("[\"1\",\"1\",\"room:a\",\"phx_error\"") ? "`phx_error` on that channel only" : end;
    }
}
