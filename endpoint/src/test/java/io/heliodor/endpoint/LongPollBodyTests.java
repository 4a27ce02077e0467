package io.heliodor.endpoint;

import static io.heliodor.endpoint.PollClient.batch;
import static io.heliodor.endpoint.PollClient.echo;
import static io.heliodor.endpoint.PollClient.echoed;
import static io.heliodor.endpoint.PollClient.post;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.endpoint.PollClient.Answer;
import io.heliodor.limit.Limits;
import io.heliodor.transport.longpoll.PollLimits;
import java.time.Duration;
import java.util.Base64;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies of posts, valid and invalid ones. */
class LongPollBodyTests extends LiveTest {
    private static final String LINES = "Content-Type: application/x-ndjson\r\n";
    private static final int LIMIT = PollLimits.defaults().bodyBytes();

    private PollClient poller(Live live) {
        return closing(PollClient.open(live)).joins("room:a");
    }

    private static void isAccepted(RawClient client) {
        RawClient.Response response = client.response();
        assertThat(response.body()).as("the answer %s", response).isEqualTo("{\"status\":200}");
    }

    private static void isRefused(RawClient client, int status) {
        assertThat(client.response().status()).isEqualTo(status);
        assertThat(client.restInOrder()).isEmpty();
    }

    @Test
    void aHundredLinesOfABatchAreHandled() {
        Live live = start();
        PollClient client = poller(live);
        client.sends(
                IntStream.range(1000, 1150).mapToObj(n -> echo("room:a", n)).toArray(String[]::new));
        client.sends(echo("room:a", 2));
        String[] replies = IntStream.range(1000, 1101)
                .mapToObj(n -> echoed("room:a", n == 1100 ? 2 : n))
                .toArray(String[]::new);
        assertThat(client.receives(101)).containsExactly(replies);
    }

    @Test
    void linesMayHaveAnyEndingAndEmptyOnesAreSkipped() {
        Live live = start();
        PollClient client = poller(live);
        client.sends("", echo("room:a", 2) + "\r", "\r", "", echo("room:a", 3), "");
        assertThat(client.receives(2)).containsExactly(echoed("room:a", 2), echoed("room:a", 3));
    }

    @Test
    void aLineThatIsNotAnArrayIsABinaryFrameInBase64() {
        Live live = start();
        PollClient client = poller(live);
        byte[] push = "\0\1\1\6\4".concat("12room:aecho!").getBytes(ISO_8859_1);
        client.sends(Base64.getEncoder().encodeToString(push), echo("room:a", 3));
        assertThat(client.receives(2))
                .satisfies(all -> assertThat(all.getFirst()).contains("[\"1\",\"2\",\"room:a\"", "invalid_payload"))
                .last()
                .isEqualTo(echoed("room:a", 3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Content-Type: application/json\r\n", "Content-Type: text/plain\r\n"})
    void aBodyOfAnotherTypeIsOneText(String type) {
        Live live = start();
        PollClient client = poller(live);
        byte[] frame = "[\"1\",\"2\",\"room:a\",\n\"echo\",{\"n\":2}]".getBytes(UTF_8);
        isAccepted(client.posts().send(post(client.token(), type, frame)));
        assertThat(client.receives(1)).containsExactly(echoed("room:a", 2));
    }

    @Test
    void anInvalidFrameIsIgnoredAndCounted() {
        Live live = start();
        PollClient client = poller(live);
        assertThat(client.sends("[1,2]", echo("room:a", 2))).isEqualTo(200);
        assertThat(client.receives(1)).containsExactly(echoed("room:a", 2));
        assertThat(live.count("frames_malformed")).isEqualTo(1);
    }

    @Test
    void manyInvalidFramesEndTheSession() {
        Live live = start();
        PollClient client = poller(live);
        assertThat(client.sends("[]\n".repeat(10))).isEqualTo(200); // the polls get the replies that are due
        live.awaitCount("closed_malformed", 1);
        client.isGone();
    }

    @Test
    void aBadLineRefusesTheWholeBatch() {
        Live live = start();
        PollClient client = poller(live);
        isRefused(connect(live).send(batch(client.token(), echo("room:a", 2), "{\"not\":\"base64\"}")), 400);
        client.echoes("room:a", 3);
    }

    @Test
    void aMessageOverTheLimitIsRefused() {
        Live live = start(builder -> builder.limits(Limits.openInternet().sessions(s -> s.maxMessageBytes(1 << 10))));
        PollClient client = poller(live);
        String text = "[\"1\",\"2\",\"room:a\",\"echo\",{\"x\":\"" + "x".repeat(1 << 10) + "\"}]";
        isRefused(connect(live).send(batch(client.token(), text)), 400);
        isRefused(connect(live).send(post(client.token(), "", text.getBytes(UTF_8))), 400);
        client.echoes("room:a", 3);
    }

    @Test
    void theLargestBodyIsAccepted() {
        Live live = start();
        PollClient client = poller(live);
        byte[] body = (echo("room:a", 2) + "\n".repeat(LIMIT - echo("room:a", 2).length())).getBytes(UTF_8);
        isAccepted(client.posts().send(post(client.token(), LINES, body)));
        assertThat(client.receives(1)).containsExactly(echoed("room:a", 2));
    }

    @Test
    void aLargerBodyIsRefusedBeforeItIsSent() {
        Live live = start();
        withHealthyClient(live);
        PollClient client = poller(live);
        isRefused(connect(live).send(head(client, LINES + "Content-Length: " + (LIMIT + 1) + "\r\n")), 400);
        client.echoes("room:a", 2);
    }

    @Test
    void aLargerBodyOfChunksIsRefusedWhenTheLimitIsReached() {
        Live live = start();
        withHealthyClient(live);
        PollClient client = poller(live);
        RawClient chunks = connect(live).send(head(client, LINES + "Transfer-Encoding: chunked\r\n"));
        byte[] chunk = ("10000\r\n" + "\n".repeat(1 << 16) + "\r\n").getBytes(UTF_8);
        for (int sent = 0; sent <= LIMIT; sent += 1 << 16) {
            chunks.trySend(chunk);
        }
        assertThat(chunks.response().status()).isEqualTo(400);
        client.echoes("room:a", 2);
    }

    @Test
    void aBodyMayComeInChunksAndEndsItsConnection() {
        Live live = start();
        PollClient client = poller(live);
        String frame = echo("room:a", 2);
        RawClient chunks = connect(live)
                .send(head(client, LINES + "Transfer-Encoding: chunked\r\n") + "5\r\n" + frame.substring(0, 5) + "\r\n")
                .send(Integer.toHexString(frame.length() - 5) + "\r\n" + frame.substring(5) + "\r\n0\r\n\r\n"
                        + RawClient.get("/health"));
        isAccepted(chunks);
        assertThat(chunks.restInOrder()).isEmpty();
        assertThat(client.receives(1)).containsExactly(echoed("room:a", 2));
    }

    @Test
    void badChunksAreABadRequest() {
        Live live = start();
        PollClient client = poller(live);
        isRefused(connect(live).send(head(client, "Transfer-Encoding: chunked\r\n") + "nonsense\r\n"), 400);
    }

    @Test
    void aBodyMayComeInPieces() {
        Live live = start();
        PollClient client = poller(live);
        byte[] request = batch(client.token(), echo("room:a", 2), echo("room:a", 3));
        for (byte each : request) {
            client.posts().send(new byte[] {each});
        }
        isAccepted(client.posts());
        assertThat(client.receives(2)).containsExactly(echoed("room:a", 2), echoed("room:a", 3));
    }

    @Test
    void requestsThatComeTogetherAreServedInOrder() {
        Live live = start();
        PollClient client = poller(live);
        StringBuilder all = new StringBuilder();
        for (int n = 100; n < 150; n++) {
            all.append(new String(batch(client.token(), echo("room:a", n)), UTF_8))
                    .append(RawClient.get("/health"));
        }
        client.posts().send(all.toString());
        for (int n = 100; n < 150; n++) {
            isAccepted(client.posts());
            assertThat(client.posts().response().body()).contains("\"up\"");
        }
        assertThat(client.receives(50))
                .containsExactly(IntStream.range(100, 150)
                        .mapToObj(n -> echoed("room:a", n))
                        .toArray(String[]::new));
    }

    @Test
    void anEmptyBodyHasNoMessages() {
        Live live = start();
        PollClient client = poller(live);
        isAccepted(client.posts().send(post(client.token(), LINES, new byte[0])));
        isAccepted(client.posts().send(head(client, LINES)));
        client.echoes("room:a", 2);
    }

    @Test
    void aClientThatExpects100ContinueGetsIt() {
        Live live = start();
        PollClient client = poller(live);
        String frame = echo("room:a", 2);
        RawClient posts = client.posts()
                .send(head(client, LINES + "Expect: 100-continue\r\nContent-Length: " + frame.length() + "\r\n"));
        assertThat(posts.response().status()).isEqualTo(100);
        isAccepted(posts.send(frame));
        assertThat(client.receives(1)).containsExactly(echoed("room:a", 2));
    }

    @Test
    void aClientThatExpects100ContinueForATooLargeBodyIsRefused() {
        Live live = start();
        PollClient client = poller(live);
        isRefused(
                connect(live).send(head(client, "Expect: 100-continue\r\nContent-Length: " + (LIMIT + 1) + "\r\n")),
                400);
    }

    @Test
    void aBodyThatDoesNotComeInTimeIsRefused() {
        Live live = start(builder -> builder.polls(PollLimits.defaults().body(Duration.ofMillis(200))));
        PollClient client = poller(live);
        isRefused(connect(live).send(head(client, "Content-Length: 10\r\n") + "[\"1\""), 408);
        client.echoes("room:a", 2);
    }

    @Test
    void aBodyThatFallsSilentIsRefusedHoweverMuchOfItHasArrived() {
        Live live = start(builder -> builder.polls(PollLimits.defaults().body(Duration.ofMillis(200))));
        PollClient client = poller(live);
        isRefused(connect(live).send(head(client, "Content-Length: 60001\r\n") + "x".repeat(60_000)), 408);
        client.echoes("room:a", 2);
    }

    @Test
    void aBodyMayTakeASecondMoreForEachKib() {
        Live live = start(builder -> builder.polls(PollLimits.defaults().body(Duration.ofSeconds(1))));
        PollClient client = poller(live);
        String frame = echo("room:a", 2);
        int length = 7_000_000 + frame.length();
        RawClient slow = connect(live).send(head(client, LINES + "Content-Length: " + length + "\r\n"));
        long begun = System.nanoTime();
        int sent = 0;
        for (int n = 3; System.nanoTime() - begun < Duration.ofSeconds(2).toNanos() && sent < 6_000_000; n++) {
            // Another client is a clock: its answers take the time of a turn of the server.
            client.echoes("room:a", n);
            slow.send("\n".repeat(2_000));
            sent += 2_000;
        }
        isAccepted(slow.send("\n".repeat(7_000_000 - sent) + frame));
        assertThat(client.receives(1)).containsExactly(echoed("room:a", 2));
    }

    @Test
    void aSilentBodyIsRefusedWhenMemoryIsTightAndSessionsStay() {
        Live live = start(builder -> builder.limits(Limits.openInternet().memory(m -> m.maxHeapBytes(1 << 20)))
                .polls(PollLimits.defaults().body(Duration.ofMinutes(5))));
        PollClient client = poller(live);
        RawClient socket = open(live).joins("room:a");
        RawClient silent = connect(live).send(head(client, "Content-Length: 900000\r\n") + "x".repeat(360_000));
        Live.eventually().until(() -> live.gauge("heliodor.memory.used") >= 720_000);
        for (int i = 0; live.gauge("heliodor.memory.used") < 800_000 && !silent.hasInput(); i++) {
            connect(live).send("GET /" + i + " HTTP/1.1\r\nx: " + "x".repeat(1_000));
        }
        isRefused(silent, 503);
        socket.echoes("room:a", "2");
        client.echoes("room:a", 3);
    }

    @Test
    void trailersOfChunksAreDiscarded() {
        Live live = start();
        PollClient client = poller(live);
        String frame = echo("room:a", 2);
        isAccepted(connect(live)
                .send(head(client, LINES + "Transfer-Encoding: chunked\r\n") + Integer.toHexString(frame.length())
                        + "\r\n" + frame + "\r\n0\r\n" + "a: b\r\n".repeat(1_000) + "\r\n"));
        assertThat(client.receives(1)).containsExactly(echoed("room:a", 2));
        isRefused(
                connect(live).send(head(client, "Transfer-Encoding: chunked\r\n") + "0\r\n" + "a: b\r\n".repeat(5_000)),
                400);
    }

    @Test
    void theBodyOfAPostKeepsItsSession() {
        Live live = start(builder -> builder.polls(
                PollLimits.defaults().window(Duration.ofMillis(10)).inactive(Duration.ofSeconds(2))));
        PollClient client = poller(live);
        RawClient slow = connect(live).send(head(client, LINES + "Content-Length: 10000\r\n"));
        long begun = System.nanoTime();
        int sent = 0;
        while (System.nanoTime() - begun < Duration.ofSeconds(3).toNanos() && sent < 9_000) {
            // Another client is a clock: its answers take the time of a turn of the server.
            assertThat(connect(live).send(RawClient.get("/health")).response().status())
                    .isEqualTo(200);
            slow.send("\n");
            sent++;
        }
        isAccepted(slow.send("\n".repeat(10_000 - sent)));
        client.echoes("room:a", 2);
    }

    @Test
    void bodiesInMemoryHaveALimitAndAreReleased() {
        Live live = start(builder -> builder.limits(Limits.openInternet().memory(m -> m.maxHeapBytes(1 << 20))));
        PollClient client = poller(live);
        RawClient half = connect(live).send(head(client, "Content-Length: 900000\r\n") + "x".repeat(300_000));
        // Of two bodies that come at once, either may be refused.
        Live.eventually().until(() -> live.gauge("heliodor.memory.used") >= 600_000);
        isRefused(connect(live).send(post(client.token(), LINES, new byte[300_000])), 503);
        half.close();
        Live.eventually().until(() -> {
            byte[] lines = "\n".repeat(900).getBytes(UTF_8);
            RawClient third = connect(live).send(post(client.token(), LINES, lines));
            return third.response().status() == 200;
        });
        client.echoes("room:a", 2);
    }

    @Test
    void theBodyOfAClientWithoutASessionIsNotRead() {
        Live live = start();
        RawClient client = connect(live).send(post("garbage", LINES, new byte[1 << 20]));
        assertThat(Answer.of(client.response()).status()).isEqualTo(410);
        assertThat(client.restInOrder()).isEmpty();
    }

    private static String head(PollClient client, String headers) {
        return "POST /socket/longpoll?vsn=2.0.0&token=" + client.token() + " HTTP/1.1\r\nHost: localhost\r\n" + headers
                + "\r\n";
    }
}
