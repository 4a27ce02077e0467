package io.heliodor.endpoint;

import static io.heliodor.transport.frame.ClientFrames.concat;
import static io.heliodor.transport.frame.ClientFrames.ping;
import static io.heliodor.transport.frame.ClientFrames.text;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.Fuzz;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.transport.frame.ClientFrames;
import io.heliodor.transport.longpoll.PollLimits;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** Any input gets an HTTP response or none, and causes no fault of the server. */
class RequestFuzzTests extends LiveTest {
    private static final String POLL = "/socket/longpoll?vsn=2.0.0";
    private static final String STATUS =
            "(?s)HTTP/1\\.1 (100|101|200|204|400|403|404|405|408|410|414|426|429|431|503|505) .*";

    private static List<byte[]> corpus() {
        String upgrade = RawClient.upgradeRequest("");
        Stream<byte[]> requests = Stream.of(
                        upgrade,
                        upgrade.replace(
                                "\r\n\r\n", "\r\nOrigin: http://localhost\r\nSec-WebSocket-Protocol: phoenix\r\n\r\n"),
                        upgrade.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"),
                        upgrade.replace("2.0.0", "2.0.0&token=deny&a[b]=%C3%A9+c"),
                        upgrade.replace("GET", "POST"),
                        upgrade.replace("1.1", "1.0"),
                        RawClient.get("/health") + RawClient.get("/nothing"),
                        RawClient.get("/health").repeat(3) + upgrade,
                        RawClient.get(POLL),
                        RawClient.get(POLL + "&token=nonsense"),
                        "POST " + POLL
                                + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nContent-Length: 3\r\n\r\n[]\n",
                        "POST " + POLL
                                + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[]\n\r\n0\r\n\r\n",
                        "OPTIONS " + POLL + " HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\n\r\n",
                        "GET /%2e%2e/%00?%zz=%F0 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
                        "GET  /  HTTP/9.9\r\n: \r\n\r\n",
                        "\r\n\r\n\0\n")
                .map(text -> text.getBytes(ISO_8859_1));
        byte[] joined = concat(
                upgrade.getBytes(ISO_8859_1),
                text("[\"1\",\"1\",\"room:a\",\"phx_join\",{}]"),
                text("[\"1\",\"2\",\"room:a\",\"echo\",{\"n\":1}]"),
                ping("x"),
                ClientFrames.close(1000, ""));
        return Stream.concat(requests, Stream.of(joined)).toList();
    }

    @Test
    void anyInputIsAnsweredAsHttpOrNotAtAll() {
        Live live = start(
                builder -> builder.compression(true).polls(PollLimits.defaults().inactive(Duration.ofSeconds(1))));
        withHealthyClient(live);

        // A connection for each input takes long; once more for each way of I/O.
        new Fuzz(corpus(), 100).run((input, random) -> {
            int cut = random.nextInt(input.length + 1);
            RawClient client = RawClient.connect(live.endpoint)
                    .trySend(Arrays.copyOf(input, cut))
                    .trySend(Arrays.copyOfRange(input, cut, input.length))
                    .tryEndOutput();
            String answer = client.rest();
            client.resets(); // leaves no port behind that waits
            assertThat(answer).matches(answer.isEmpty() ? "" : STATUS);
        });

        live.awaitCount("connections", 1);
        live.awaitCount("channels", 1);
        assertThat(RecordedLog.lines(Level.ERROR, "")).isEmpty();
        assertThat(RecordedLog.lines(Level.WARN, ""))
                .allMatch(line -> Stream.of(
                                "origin",
                                "are supported",
                                "unknown versions",
                                "for host",
                                "foreign hosts",
                                "is closed with",
                                "closed connections")
                        .anyMatch(line.text()::contains));
    }
}
