package io.heliodor.endpoint;

import static io.heliodor.transport.frame.ClientFrames.FIN;
import static io.heliodor.transport.frame.ClientFrames.bytes;
import static io.heliodor.transport.frame.ClientFrames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.HandlerName;
import io.heliodor.channel.LeaveReason;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.observe.HandlerObserver.Result;
import io.heliodor.observe.Metric;
import io.heliodor.observe.Observation;
import io.heliodor.pubsub.Subscription;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** Metrics of an endpoint, its observers, and the times of its handlers. */
class ObserveTests extends LiveTest {
    private static long read(Live live, String name) {
        return live.endpoint.metrics().value("heliodor." + name);
    }

    private static Map<String, Long> closed(Live live) {
        return live.endpoint.metrics().all().stream()
                .filter(metric -> metric.name().equals("heliodor.connections.closed") && metric.value() != 0)
                .collect(Collectors.toMap(metric -> metric.reason().orElseThrow(), Metric::value));
    }

    private static void awaits(Live live, String name, long expected) {
        Live.eventually()
                .untilAsserted(() -> assertThat(read(live, name)).as(name).isEqualTo(expected));
    }

    @Test
    void gaugesRiseAndReturnToZero() {
        Live live = start();
        RawClient ann = open(live).joins("room:a");
        RawClient bo = open(live).joins("room:a").joins("room:b");
        assertThat(read(live, "connections")).isEqualTo(2);
        assertThat(read(live, "channels")).isEqualTo(3);
        assertThat(read(live, "topics")).isEqualTo(2);
        ann.sends("[\"1\",\"2\",\"room:a\",\"wait\",{}]");
        ann.sends("[\"1\",\"3\",\"room:a\",\"wait\",{}]");
        ann.sends("[\"1\",\"4\",\"room:a\",\"wait\",{}]");
        awaits(live, "mailbox.messages", 2);
        live.gate.release(2);
        ann.receives(RawClient.ok("2", "room:a", "{}"), RawClient.ok("3", "room:a", "{}"));
        awaits(live, "mailbox.messages", 0);
        ann.sends("[\"1\",\"5\",\"room:a\",\"wait\",{}]");
        awaits(live, "mailbox.messages", 1);
        ann.resets();
        bo.close();
        for (String gauge : List.of("connections", "channels", "mailbox.messages", "connections.paused", "outboxes")) {
            awaits(live, gauge, 0);
        }
        live.gate.release(2);
        awaits(live, "topics", 0);
        assertThat(read(live, "mailbox.messages")).isZero();
        assertThat(read(live, "connections.opened")).isEqualTo(2);
        assertThat(closed(live)).isEqualTo(Map.of("client", 2L));
    }

    @Test
    void messagesAndBytesOfAllMembersAreCounted() {
        Live live = start();
        List<RawClient> clients = List.of(open(live), open(live), open(live)).stream()
                .map(c -> c.joins("room:a"))
                .toList();
        long frames = read(live, "frames.out");
        long out = read(live, "traffic.out");
        long in = read(live, "traffic.in");
        String shout = "[\"1\",\"2\",\"room:a\",\"shout\",{\"n\":1}]";
        String received = "[null,null,\"room:a\",\"shout\",{\"n\":1}]";
        clients.getFirst().sends(shout);
        clients.forEach(client -> client.receives(received));
        assertThat(read(live, "frames.out") - frames).isEqualTo(3);
        assertThat(read(live, "traffic.out") - out).isEqualTo(3L * received.length());
        assertThat(read(live, "traffic.in") - in).isEqualTo(shout.length());
    }

    @Test
    void eachConnectionThatEndedIsCountedByItsReason() {
        Live live = start(builder ->
                builder.limits(io.heliodor.limit.Limits.openInternet().sessions(s -> s.maxMessageBytes(1 << 10))));
        open(live).resets();
        open(live).send(frame(FIN | 8, bytes(0x03, 0xe8))).isClosedWith(1000);
        closing(RawClient.open(live.endpoint, "&user_id=bo")).joins("room:a");
        live.endpoint.channels().disconnect("users:bo");
        open(live).sends("x".repeat(1 << 11)).isClosedWith(1009);
        open(live).send(frame(FIN | 1, bytes(0xff))).isClosedWith(1007);
        RawClient malformed = open(live);
        for (int i = 0; i < 6; i++) {
            malformed.sends("no frame");
        }
        malformed.isClosedWith(4400);
        awaits(live, "connections", 0);
        assertThat(closed(live))
                .isEqualTo(Map.of("client", 2L, "disconnected", 1L, "too_large", 1L, "protocol", 1L, "malformed", 1L));
        assertThat(read(live, "connections.opened")).isEqualTo(6);
        open(live).joins("room:a");
        live.endpoint.close();
        assertThat(closed(live)).containsEntry("draining", 1L);
        assertThat(read(live, "connections.closed")).isEqualTo(read(live, "connections.opened"));
    }

    @Test
    void anObserverGetsTheEventsOfAConnectionInOrder() {
        Live live = start(builder -> builder.trustedProxies("127.0.0.1"));
        Queue<Observation> received = new ConcurrentLinkedQueue<>();
        Subscription subscription = live.endpoint.observe(received::add);
        RawClient client = connect(live)
                .send(RawClient.upgradeRequest("&user_id=ann").replace("Host:", "X-Request-Id: r-1\r\nHost:"))
                .upgraded()
                .joins("room:a");
        client.sends("[\"2\",\"2\",\"hall:a\",\"phx_join\",{}]").next();
        client.sends("[\"1\",\"3\",\"room:a\",\"phx_leave\",{}]").next();
        client.next();
        client.send(frame(FIN | 8, bytes(0x03, 0xe9))).isClosedWith(1001);
        List<Observation> events = List.of(
                new Observation.Connected("r-1", Optional.of("users:ann")),
                new Observation.Joined("r-1", "room:a"),
                new Observation.JoinRefused("r-1", "hall:a", "unmatched topic"),
                new Observation.Left("r-1", "room:a", new LeaveReason.Left()),
                new Observation.Disconnected("r-1", 1001, "closed by the client"));
        Live.eventually().untilAsserted(() -> assertThat(received).containsExactlyElementsOf(events));
        connect(live).send(RawClient.get("/nowhere")).response();
        Live.eventually()
                .untilAsserted(() -> assertThat(received).contains(new Observation.RequestRefused("request", 404)));
        subscription.close();
        open(live);
        assertThat(received).hasSize(6);
    }

    @Test
    void anObserverThatBlocksDelaysNoClientAndMissesEventsOverItsQueue() {
        Live live = start();
        Semaphore gate = new Semaphore(0);
        Queue<Observation> received = new ConcurrentLinkedQueue<>();
        Subscription slow = live.endpoint.observe(observation -> {
            gate.acquireUninterruptibly();
            received.add(observation);
        });
        RawClient client = open(live);
        for (int i = 0; i < 1_100; i++) {
            client.sends("[null,\"1\",\"hall:a\",\"phx_join\",{}]").next();
        }
        client.joins("room:a").echoes("room:a", "2");
        // One event is being handled, 1 024 wait.
        assertThat(live.count("observations_dropped")).isBetween(77L, 78L);
        assertThat(slow.dropped()).isEqualTo(live.count("observations_dropped"));
        gate.release(2_000);
        Live.eventually().untilAsserted(() -> assertThat(received).hasSizeBetween(1_024, 1_025));
    }

    @Test
    void anObserverThatThrowsGetsTheNextEvent() {
        Live live = start();
        Queue<Observation> received = new ConcurrentLinkedQueue<>();
        live.endpoint.observe(observation -> {
            received.add(observation);
            throw new IllegalStateException("asked to fail");
        });
        open(live).joins("room:a");
        Live.eventually().untilAsserted(() -> assertThat(received).hasSize(2));
        Live.eventually()
                .untilAsserted(() -> assertThat(RecordedLog.lines(Level.ERROR, "An observer failed"))
                        .hasSize(2));
    }

    @Test
    void handlersAreTimedByTheirDeclaredNames() {
        Live live = start();
        Queue<String> received = new ConcurrentLinkedQueue<>();
        live.endpoint.observeHandlers((handler, result, time) -> {
            assertThat(time).isPositive();
            received.add(handler + " " + result);
            throw new IllegalStateException("asked to fail");
        });
        RawClient client = open(live).joins("room:a").echoes("room:a", "2");
        client.sends("[\"1\",\"3\",\"room:a\",\"said by a client\",{}]").next();
        client.sends("[\"1\",\"4\",\"room:a\",\"crash\",{}]").next();
        List<String> expected = List.of(
                new HandlerName("/socket", HandlerName.Kind.CONNECT, "connect") + " " + Result.OK,
                new HandlerName("room:*", HandlerName.Kind.JOIN, "join") + " " + Result.OK,
                new HandlerName("room:*", HandlerName.Kind.CALL, "echo") + " " + Result.OK,
                new HandlerName("room:*", HandlerName.Kind.EVENT, "crash") + " " + Result.FAILED);
        Live.eventually().untilAsserted(() -> assertThat(received).containsExactlyElementsOf(expected));
    }
}
