package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.fixtures.RecordedLog;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.slf4j.event.Level;

/** The correlation id in lines of the log, and secrets that no line contains. */
class CorrelationTests extends LiveTest {
    private static final Event<Empty> ASK = Event.of("ask", Empty.class);
    private static final Event<Empty> CRASH = Event.of("crash", Empty.class);

    private final Queue<String> seen = new ConcurrentLinkedQueue<>();

    private void see(String where) {
        seen.add(where + " " + MDC.get("correlationId"));
    }

    private Live serving() {
        return serving(builder -> builder.trustedProxies("127.0.0.1"));
    }

    private Live serving(UnaryOperator<Endpoint.Builder> change) {
        Channel<Object, Empty> room = Channel.join(join -> {
                    see("join");
                    return Join.ok(Empty.EMPTY);
                })
                .on(ASK, (nothing, context) -> {
                    see("event");
                    return NoReply.none();
                })
                .on(CRASH, (nothing, context) -> {
                    throw new IllegalStateException("asked to crash");
                })
                .onLeave((why, context) -> see("leave"))
                .build();
        return start(builder -> change.apply(builder)
                .socket(
                        "/seen",
                        UserSocket.connect(connect -> {
                                    see("connect");
                                    return Connect.ok(Empty.EMPTY);
                                })
                                .channel("room:*", room)
                                .build()));
    }

    private RawClient open(Live live, String headers) {
        return connect(live)
                .send(RawClient.upgradeRequest("").replace("/socket/", "/seen/").replace("Host:", headers + "Host:"))
                .upgraded();
    }

    /** Opens a connection with these headers, and returns the ids that its callbacks saw. */
    private List<String> seenIds(Live live, String headers) {
        seen.clear();
        RawClient client = open(live, headers).joins("room:a");
        client.sends("[\"1\",null,\"room:a\",\"ask\",{}]");
        client.sends("[\"1\",\"2\",\"room:a\",\"phx_leave\",{}]").next();
        client.close();
        return List.copyOf(seen);
    }

    @Test
    void anIdOrTraceOfAStrangerIsNotTheServersOwn() {
        Live live = serving(builder -> builder.trustedProxies("192.0.2.1"));
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        for (String foreign : new String[] {
            "X-Request-Id: abc-1\r\n",
            "traceparent: 00-" + trace + "-00f067aa0ba902b7-01\r\n",
            "X-Forwarded-For: 192.0.2.1\r\nX-Request-Id: abc-1\r\n"
        }) {
            assertThat(seenIds(live, foreign)).hasSize(4).first().asString().matches("connect [0-9a-f]{16}");
        }
        assertThat(RecordedLog.linesAbout("abc-1")).isEmpty();
    }

    @Test
    void callbacksHaveTheIdThatATrustedProxyGave() {
        assertThat(seenIds(serving(), "X-Request-Id: abc-1\r\n"))
                .containsExactly("connect abc-1", "join abc-1", "event abc-1", "leave abc-1");
    }

    @Test
    void aTraceParentGivesTheIdOfItsTrace() {
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        assertThat(seenIds(serving(), "traceparent: 00-" + trace + "-00f067aa0ba902b7-01\r\n"))
                .containsExactly("connect " + trace, "join " + trace, "event " + trace, "leave " + trace);
    }

    @Test
    void anInvalidIdIsReplacedByAFreshOne() {
        Live live = serving();
        for (String bad : new String[] {
            "",
            "X-Request-Id: a b\r\n",
            "X-Request-Id: " + "a".repeat(65) + "\r\n",
            "X-Request-Id: a\u00e9\r\n",
            "X-Request-Id: {}\r\n",
            "traceparent: 00-00000000000000000000000000000000-00f067aa0ba902b7-01\r\n",
            "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01\r\n",
            "traceparent: 00-4bf9\r\n"
        }) {
            List<String> ids = seenIds(live, bad);
            assertThat(ids).hasSize(4).first().asString().matches("connect [0-9a-f]{16}");
            String id = ids.getFirst().substring("connect ".length());
            assertThat(ids).allMatch(each -> each.endsWith(" " + id));
        }
    }

    @Test
    void linesAboutAConnectionHaveItsId() {
        RawClient client = open(serving(), "X-Request-Id: abc-2\r\n").joins("room:a");
        client.sends("[\"1\",\"2\",\"room:a\",\"crash\",{}]").next();
        client.sends("no frame");
        client.sends("[\"1\",\"2\",\"hall:a\",\"phx_join\",{}]").next();
        assertThat(RecordedLog.lines(Level.ERROR, "correlationId=abc-2").stream()
                        .map(RecordedLog.Line::text))
                .singleElement()
                .asString()
                .contains("Channel room:a failed");
        assertThat(RecordedLog.lines(Level.DEBUG, "correlationId=abc-2")).hasSize(3);
    }

    @Test
    void secretsOfAConnectRequestAreInNoLineOfTheLog() {
        Live live = start();
        RecordedLog.clear();
        String bearer =
                Base64.getUrlEncoder().withoutPadding().encodeToString("s3cret".getBytes(StandardCharsets.UTF_8));
        String params = "&token=s3cret&password=s3cret&api_key=s3cret&Client-Secret=s3cret&room=lobby";
        String protocol = "Sec-WebSocket-Protocol: phoenix, base64url.bearer.phx." + bearer + "\r\n";
        for (String outcome : new String[] {"", "&outcome=crash", "&outcome=busy"}) {
            connect(live)
                    .send(RawClient.upgradeRequest(params + outcome).replace("Host:", protocol + "Host:"))
                    .response();
        }
        connect(live)
                .send(RawClient.upgradeRequest(params)
                        .replace("Host:", protocol + "Origin: https://evil.example\r\nHost:"))
                .response();
        connect(live)
                .send(RawClient.upgradeRequest(params).replace("2.0.0", "7.0.0").replace("Host:", protocol + "Host:"))
                .response();
        assertThat(RecordedLog.lines(Level.DEBUG, "asks to connect"))
                .hasSize(3)
                .allSatisfy(line -> assertThat(line.text())
                        .contains("token=[FILTERED]", "password=[FILTERED]", "Client-Secret=[FILTERED]", "room=lobby"));
        assertThat(RecordedLog.lines())
                .as("with two audit events")
                .hasSize(8)
                .noneMatch(line -> line.text().contains("s3cret") || line.text().contains(bearer));
    }
}
