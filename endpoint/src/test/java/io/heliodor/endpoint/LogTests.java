package io.heliodor.endpoint;

import static io.heliodor.endpoint.PollClient.get;
import static io.heliodor.transport.frame.ClientFrames.FIN;
import static io.heliodor.transport.frame.ClientFrames.bytes;
import static io.heliodor.transport.frame.ClientFrames.concat;
import static io.heliodor.transport.frame.ClientFrames.frame;
import static io.heliodor.transport.frame.ClientFrames.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.JoinOutcome;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.fixtures.RecordedLog;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** Lines of the log about clients, and secrets that no line contains. */
class LogTests extends LiveTest {
    private static final int TEXT = 1;
    private static final String SECRET = "{\"password\":\"sesame\"}";
    private static final String CRASH = "[\"1\",\"1\",\"room:a\",\"phx_error\",{\"reason\":\"channel_crash\"}]";

    private record Enter(String password) {}

    private static Channel<Object, Empty> room() {
        return Channel.join(join -> Join.ok(Empty.EMPTY))
                .on(Event.of("typed", Enter.class), (enter, room) -> {
                    throw new IllegalStateException("asked to crash");
                })
                .on(Event.of("null", Raw.class), (payload, room) -> null)
                .build();
    }

    private static JoinOutcome<Empty> crash(Join<Object> join) {
        throw new IllegalStateException("asked to crash");
    }

    private RawClient client() {
        Live live = start(builder -> builder.socket(
                "/said",
                UserSocket.connect(connect -> Connect.ok(Empty.EMPTY))
                        .channel("room:*", room())
                        .channel("broken:*", Channel.join(LogTests::crash).build())
                        .build()));
        return connect(live)
                .send(RawClient.upgradeRequest("").replace("/socket/", "/said/"))
                .upgraded();
    }

    private static void sends(RawClient client, String topic, String event, String payload, String answer) {
        client.sends("[\"1\",\"1\",\"" + topic + "\",\"" + event + "\"," + payload + "]");
        assertThat(client.next().text()).contains(answer);
    }

    @Test
    void payloadsOfClientsAreInNoLineOfTheLog() {
        RawClient client = client();
        sends(client, "nowhere", "phx_join", SECRET, "unmatched topic");
        sends(client, "broken:a", "phx_join", SECRET, "join crashed");
        for (String event : new String[] {"typed", "null"}) {
            sends(client, "room:a", "phx_join", SECRET, "\"ok\"");
            sends(client, "room:a", event, SECRET, CRASH);
            sends(client, "room:a", event, SECRET, "unmatched topic");
        }
        sends(client, "room:a", "phx_join", SECRET, "\"ok\"");
        sends(client, "room:a", "typed", "{\"password\":[\"sesame\"]}", "invalid_payload");
        sends(client, "room:a", "unknown", SECRET, "unhandled_event");
        client.sends("[null,null,\"room:a\",\"typed\"," + SECRET);
        client.send(frame(FIN | TEXT, concat(utf8("[null,null,\"sesame\",\""), bytes(0xff))))
                .isClosedWith(1007);

        assertThat(RecordedLog.lines(Level.DEBUG, "is not a frame")).hasSize(1);
        assertThat(RecordedLog.lines(Level.ERROR, "broken:a")).hasSize(1);
        assertThat(RecordedLog.lines(Level.ERROR, "room:a")).hasSize(2);
        assertThat(RecordedLog.lines()).noneMatch(line -> line.text().contains("sesame"));
    }

    @Test
    void aJoinOfAnUnmatchedTopicIsLoggedAtDebug() {
        sends(client(), "nowhere", "phx_join", "{}", "unmatched topic");
        assertThat(RecordedLog.lines(Level.DEBUG, "No channel serves topic nowhere"))
                .hasSize(1);
    }

    /** A burst, and one line for each second that a loaded machine took. */
    private static int mostLinesSince(long begin) {
        return 21 + (int) Duration.ofNanos(System.nanoTime() - begin).toSeconds();
    }

    @Test
    void aConnectHandlerThatFailsIsLoggedAtARate() {
        Live live = start();
        long begin = System.nanoTime();
        for (int i = 0; i < 100; i++) {
            connect(live).send(get("", "&outcome=crash")).response();
        }
        assertThat(RecordedLog.lines(Level.ERROR, "The connect handler of")).hasSizeBetween(20, mostLinesSince(begin));
    }

    @Test
    void aTextHandlerThatFailsIsLoggedAtARate() {
        long begin = System.nanoTime();
        Live live = start(builder -> builder.get("/text", request -> {
            throw new IllegalStateException("asked to crash");
        }));
        RawClient client = connect(live);
        for (int i = 0; i < 100; i++) {
            assertThat(client.send("GET /text HTTP/1.1\r\nHost: a\r\n\r\n")
                            .response()
                            .status())
                    .isEqualTo(500);
        }
        assertThat(RecordedLog.lines(Level.ERROR, "The handler of /text failed"))
                .hasSizeBetween(20, mostLinesSince(begin));
    }

    @Test
    void aTokenOfAClientThatPollsIsInNoLineOfTheLog() {
        Live live = start();
        PollClient client = closing(PollClient.open(live)).joins("room:a");
        String dead = "poll.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        client.sends("[\"1\",\"2\",\"room:a\",\"crash\",{}]", "[\"1\",\"3\"]");
        assertThat(client.receives(1)).containsExactly(CRASH);
        for (String request : new String[] {
            get(client.token(), "&token=s3cret").replace("Host:", "Origin: null\r\nHost:"),
            get(dead, "&token=s3cret").replace("2.0.0", "7"),
            get(dead, "&token=s3cret&outcome=crash"),
            get(dead, "&token=s3cret&outcome=busy"),
            get(dead, "").replace("GET", "POST"),
            get(client.token(), "").replace("GET", "BREW")
        }) {
            connect(live)
                    .send(request.replace("Host:", "X-Phoenix-AuthToken: s3cret\r\nHost:"))
                    .response();
        }
        assertThat(RecordedLog.lines(Level.WARN, "")).as("origin and version").hasSize(2);
        assertThat(RecordedLog.lines(Level.ERROR, ""))
                .as("the channel and the connect handler")
                .hasSize(2);
        for (String secret : new String[] {client.token(), dead, "s3cret"}) {
            assertThat(RecordedLog.lines()).noneMatch(line -> line.text().contains(secret));
        }
    }
}
