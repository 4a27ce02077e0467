package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.observe.AuditEvent;
import io.heliodor.session.telemetry.AuditLog;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** The lines of the logger {@code io.heliodor.audit}. */
class AuditTests extends LiveTest {
    private static final Event<Empty> KICKED = Event.of("kicked", Empty.class);

    /** The lines, from the name of their event. */
    private static List<String> lines(AuditEvent event) {
        String begin = event + " node=\"local\" ";
        return RecordedLog.lines().stream()
                .filter(line -> line.logger().equals("io.heliodor.audit") && line.level() == Level.INFO)
                .map(RecordedLog.Line::text)
                .filter(text -> text.contains(begin))
                .map(text -> text.substring(text.indexOf(begin) + begin.length()))
                .toList();
    }

    private static void awaits(AuditEvent event, String... expected) {
        Live.eventually().untilAsserted(() -> assertThat(lines(event)).containsExactly(expected));
    }

    private RawClient user(Live live, String user, String id) {
        return connect(live)
                .send(RawClient.upgradeRequest("&user_id=" + user)
                        .replace("Host:", "X-Request-Id: " + id + "\r\nHost:"))
                .upgraded();
    }

    @Test
    void aRefusedTokenIsALineWithoutTheToken() {
        Live live = start(builder -> builder.trustedProxies("127.0.0.1"));
        connect(live).send(RawClient.upgradeRequest("&token=deny")).response();
        connect(live)
                .send(RawClient.upgradeRequest("&outcome=busy").replace("Host:", "X-Request-Id: r-9\r\nHost:"))
                .response();
        connect(live).send(RawClient.upgradeRequest("&outcome=expired")).response();
        connect(live).send(RawClient.upgradeRequest("&outcome=crash")).response();
        awaits(
                AuditEvent.CONNECT_REFUSED,
                "address=\"127.0.0.1\" socket=\"/socket\" status=\"403\"",
                "address=\"127.0.0.1\" socket=\"/socket\" status=\"429\"",
                "address=\"127.0.0.1\" socket=\"/socket\" status=\"401\"",
                "address=\"127.0.0.1\" socket=\"/socket\" status=\"500\"");
        assertThat(RecordedLog.linesAbout("event=connect_refused node=local address=127.0.0.1"))
                .hasSize(4)
                .noneMatch(line -> line.text().contains("deny"));
        assertThat(RecordedLog.linesAbout("correlationId=r-9 connect_refused")).hasSize(1);
    }

    @Test
    void aRefusedJoinIsALine() {
        Live live = start(builder -> builder.trustedProxies("127.0.0.1"));
        RawClient ana = user(live, "ana", "r-1");
        ana.sends("[\"1\",\"1\",\"locked:a\",\"phx_join\",{\"password\":\"sesame\"}]")
                .next();
        ana.sends("[\"2\",\"2\",\"hall:\\\"a\",\"phx_join\",{}]").next();
        awaits(
                AuditEvent.JOIN_REFUSED,
                "user=\"users:ana\" address=\"127.0.0.1\" topic=\"locked:a\" reason=\"refused\"",
                "user=\"users:ana\" address=\"127.0.0.1\" topic=\"hall:\\\"a\" reason=\"unmatched topic\"");
        assertThat(RecordedLog.linesAbout("correlationId=r-1 join_refused")).hasSize(2);
        assertThat(RecordedLog.linesAbout("sesame")).isEmpty();
    }

    @Test
    void aDisconnectAndAKickAreALineForEachConnection() {
        Live live = start(builder -> builder.trustedProxies("127.0.0.1"));
        RawClient ana = user(live, "ana", "r-1");
        RawClient tab = user(live, "ana", "r-2");
        RawClient ben = user(live, "ben", "r-3");
        live.endpoint.channels().disconnect("users:ana");
        ana.isClosedWith(1001);
        tab.isClosedWith(1001);
        live.endpoint.channels().kick("users:ben", KICKED, Empty.EMPTY);
        ben.next();
        ben.isClosedWith(4403);
        String ofAna = "user=\"users:ana\" address=\"127.0.0.1\"";
        awaits(AuditEvent.DISCONNECTED, ofAna, ofAna);
        awaits(AuditEvent.KICKED, "user=\"users:ben\" address=\"127.0.0.1\"");
        assertThat(RecordedLog.linesAbout("correlationId=r-2 disconnected")).hasSize(1);
    }

    @Test
    void aClientThatLeavesByItselfIsNone() {
        Live live = start(builder -> builder.trustedProxies("127.0.0.1"));
        user(live, "ana", "r-1").joins("room:a").resets();
        Live.eventually()
                .untilAsserted(() -> assertThat(live.endpoint.metrics().value("heliodor.connections.closed", "client"))
                        .isEqualTo(1));
        assertThat(RecordedLog.lines()).noneMatch(line -> line.logger().equals("io.heliodor.audit"));
    }

    @Test
    void aRemovalFromATopicIsALineAndSoIsALostRight() {
        Set<String> readers = ConcurrentHashMap.newKeySet();
        readers.add("secret");
        Channel<Object, Empty> guarded = Channel.of(Object.class)
                .join(_ -> Join.ok(Empty.EMPTY))
                .authorize((_, name) -> readers.contains(name))
                .build();
        UserSocket<Object> socket = UserSocket.connect(_ -> Connect.<Object>ok(Empty.EMPTY, "users:ana"))
                .onRefresh((_, _) -> Connect.refuse(401))
                .channel("guarded:*", guarded)
                .channel("room:*", Channel.join(_ -> Join.ok(Empty.EMPTY)).build())
                .build();
        Live live = start(builder -> builder.socket("/users", socket));
        RawClient ana = connect(live)
                .send(RawClient.upgradeRequest("").replace("/socket/", "/users/"))
                .upgraded()
                .joins("room:a");
        ana.sends("[\"5\",\"5\",\"guarded:secret\",\"phx_join\",{}]").next();
        live.endpoint.channels().remove("users:ana", "room:a");
        ana.next();
        readers.clear();
        live.endpoint.channels().recheck("users:ana");
        ana.next();
        String ofAna = "user=\"users:ana\" address=\"127.0.0.1\" ";
        awaits(
                AuditEvent.REMOVED,
                ofAna + "topic=\"room:a\" reason=\"removed\"",
                ofAna + "topic=\"guarded:secret\" reason=\"unauthorized\"");
        ana.sends("[null,\"6\",\"phoenix\",\"refresh\",{\"token\":\"sesame\"}]").next();
        awaits(AuditEvent.REFRESH_REFUSED, ofAna + "status=\"401\"");
        assertThat(RecordedLog.linesAbout("sesame")).isEmpty();
    }

    @Test
    void aDrainIsOneLineAndSoIsAClose() {
        Live live = start(builder -> builder.trustedProxies("127.0.0.1"));
        open(live).sends("[null,\"1\",\"phoenix\",\"heartbeat\",{}]").next();
        live.endpoint.drain(Duration.ZERO);
        live.endpoint.close();
        awaits(AuditEvent.DRAIN, "connections=\"1\"");
        RecordedLog.clear();
        start().endpoint.close();
        awaits(AuditEvent.DRAIN, "connections=\"0\"");
    }

    @Test
    void aFloodIsCutCountedAndReported() {
        Counters counters = new Counters();
        long[] now = {Long.MAX_VALUE - 5}; // a monotonic clock may overflow
        AuditLog audit = new AuditLog(counters, () -> now[0], "local");
        for (int i = 0; i < 5_000; i++) {
            audit.write(AuditEvent.CONNECT_REFUSED, fields -> fields.with("address", "192.0.2.1"));
        }
        for (int i = 0; i < 1_000; i++) {
            audit.write(AuditEvent.KICKED, fields -> fields.with("user", "users:ana"));
        }
        assertThat(lines(AuditEvent.CONNECT_REFUSED)).hasSize(100);
        assertThat(lines(AuditEvent.KICKED)).hasSize(1_000);
        assertThat(counters.get(Counter.AUDIT_LEFT_OUT)).isEqualTo(4_900);
        audit.sweep(now[0]);
        assertThat(lines(AuditEvent.LEFT_OUT)).containsExactly("of=\"connect_refused\" count=\"4900\"");

        for (int second = 0; second < 10; second++) {
            now[0] += TimeUnit.SECONDS.toNanos(1);
            for (int i = 0; i < 50; i++) {
                audit.write(AuditEvent.CONNECT_REFUSED, fields -> fields.with("address", "192.0.2.1"));
            }
            audit.sweep(now[0]);
        }
        assertThat(lines(AuditEvent.CONNECT_REFUSED)).hasSize(110);
        assertThat(lines(AuditEvent.LEFT_OUT))
                .containsExactly("of=\"connect_refused\" count=\"4900\"", "of=\"connect_refused\" count=\"490\"");
        audit.write(AuditEvent.CONNECT_REFUSED, fields -> fields.with("address", "192.0.2.1"));
        audit.close();
        assertThat(lines(AuditEvent.LEFT_OUT)).hasSize(3).last().isEqualTo("of=\"connect_refused\" count=\"1\"");
    }

    @Test
    void aClientForgesNeitherALineNorAField() {
        AuditLog audit = new AuditLog(new Counters(), System::nanoTime, "local");
        audit.write(
                AuditEvent.KICKED,
                fields ->
                        fields.with("user", "x\nkicked reason=\"y\\" + "\u202e").with("topic", "t".repeat(300)));
        assertThat(lines(AuditEvent.KICKED))
                .containsExactly(
                        "user=\"x\\\\u000akicked reason=\\\"y\\\\\\\\u202e\" topic=\"" + "t".repeat(254) + "…\"");
        assertThat(RecordedLog.lines()).noneMatch(line -> line.text().contains("\n"));
    }
}
