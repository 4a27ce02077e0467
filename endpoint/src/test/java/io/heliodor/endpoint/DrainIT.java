package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** Draining and closing. */
class DrainIT extends LiveTest {
    @Test
    void fewConnectionsAreClosedAtOnce() {
        Live live = start();
        List<RawClient> clients =
                Stream.generate(() -> open(live).joins("room:a")).limit(100).toList();
        live.endpoint.drain(Duration.ofDays(1)); // it would take that long if they were spread
        clients.forEach(client -> client.isClosedWith(1001));
        assertThat(live.count("connections")).isZero();
        live.awaitCount("channels", 0);
    }

    @Test
    void connectionsThatAreNotClosedYetAreStillServed() {
        Live live = start(builder -> builder.loops(2));
        List<RawClient> clients =
                Stream.generate(() -> open(live).joins("room:a")).limit(120).toList();
        live.awaitCount("connections", 120);
        // One of each loop goes at once, then one each 50 ms: three seconds.
        CompletableFuture<Void> drained =
                CompletableFuture.runAsync(() -> live.endpoint.drain(Duration.ofHours(1)), Thread::startVirtualThread);
        clients.getLast().isClosedWith(1001);
        clients.getFirst().echoes("room:a", "2");
        assertThat(drained).succeedsWithin(Duration.ofMillis(RawClient.DEADLINE_MILLIS));
        clients.stream().limit(119).forEach(client -> client.isClosedWith(1001));
    }

    @Test
    void aCloseEndsTheWaitOfADrainOnAnotherThread() {
        Live live = start();
        RawClient client = open(live).joins("room:a");
        CompletableFuture<Void> drained =
                CompletableFuture.runAsync(() -> live.endpoint.drain(Duration.ZERO), Thread::startVirtualThread);
        live.endpoint.close();
        client.isClosedWith(1001);
        assertThat(drained).succeedsWithin(Duration.ofMillis(RawClient.DEADLINE_MILLIS));
        assertThat(RecordedLog.lines(Level.WARN, "The drain did not end")).isEmpty();
    }

    @Test
    void aDrainingServerAcceptsNoClientAndItsHealthReportsTheDrain() {
        Live live = start();
        RawClient http = connect(live);
        List<RawClient> clients = Stream.generate(() -> open(live)).limit(101).toList();
        live.awaitCount("connections", 101);
        CompletableFuture<Void> drained = CompletableFuture.runAsync(
                () -> live.endpoint.drain(Duration.ofSeconds(5)), Thread::startVirtualThread);

        Live.eventually()
                .untilAsserted(() -> assertThat(
                                http.send(RawClient.get("/health")).response().status())
                        .isEqualTo(503));
        assertThat(http.send(RawClient.get("/health")).response().body()).startsWith("{\"status\":\"draining\",");

        // The oldest goes last.
        clients.getFirst().sends("[\"1\",\"1\",\"room:a\",\"phx_join\",{}]");
        clients.getFirst().receives(RawClient.refused("1", "room:a", "draining"));
        RawClient late = connect(live).send(RawClient.upgradeRequest(""));
        assertThat(late.response().status()).isEqualTo(503);

        assertThat(drained).succeedsWithin(Duration.ofMillis(RawClient.DEADLINE_MILLIS));
        clients.forEach(client -> client.isClosedWith(1001));
        assertThat(connect(live).send(RawClient.get("/health")).response().status())
                .isEqualTo(503);
    }

    @Test
    void aConnectionThatWasBeingAcceptedIsRefusedByTheDrain() throws InterruptedException {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        UserSocket<Object> slow = UserSocket.connect(connect -> {
                    called.countDown();
                    answer.await();
                    return Connect.<Object>ok(Empty.EMPTY);
                })
                .channel("room:*", Channel.join(join -> Join.ok(Empty.EMPTY)).build())
                .build();
        Live live = start(builder -> builder.socket("/slow", slow));
        RawClient client = connect(live).send(RawClient.upgradeRequest("").replace("/socket/", "/slow/"));
        called.await();
        live.endpoint.drain(Duration.ZERO);
        answer.countDown();
        assertThat(client.response().status()).isEqualTo(503);
        assertThat(live.count("connections")).isZero();
    }

    @Test
    void leaveHooksGetTheReasonDraining() {
        Queue<LeaveReason> left = new ConcurrentLinkedQueue<>();
        UserSocket<Object> socket = UserSocket.open()
                .channel(
                        "room:*",
                        Channel.join(join -> Join.ok(Empty.EMPTY))
                                .onLeave((why, room) -> left.add(why))
                                .build())
                .build();
        Live live = start(builder -> builder.socket("/hooked", socket));
        RawClient client = connect(live)
                .send(RawClient.upgradeRequest("").replace("/socket/", "/hooked/"))
                .upgraded()
                .joins("room:a")
                .joins("room:b");
        live.endpoint.drain(Duration.ZERO);
        client.isClosedWith(1001);
        assertThat(left).hasSize(2).allSatisfy(why -> assertThat(why).isInstanceOf(LeaveReason.Draining.class));
    }

    @Test
    void aDrainReturnsAfterTheLeaveHooks() {
        CountDownLatch closed = new CountDownLatch(1);
        AtomicInteger left = new AtomicInteger();
        UserSocket<Object> socket = UserSocket.open()
                .channel(
                        "room:*",
                        Channel.join(join -> Join.ok(Empty.EMPTY))
                                .onLeave((why, room) -> {
                                    closed.await();
                                    left.incrementAndGet();
                                })
                                .build())
                .build();
        Live live = start(builder -> builder.loops(2).socket("/hooked", socket));
        List<RawClient> clients = Stream.generate(() -> connect(live)
                        .send(RawClient.upgradeRequest("").replace("/socket/", "/hooked/"))
                        .upgraded()
                        .joins("room:a"))
                .limit(50)
                .toList();
        // A hook of a client that left before the drain is waited for, too.
        clients.getFirst().close();
        live.awaitCount("connections", 49);
        CompletableFuture<Integer> drained = CompletableFuture.supplyAsync(
                () -> {
                    live.endpoint.drain(Duration.ZERO);
                    return left.get();
                },
                Thread::startVirtualThread);
        clients.stream().skip(1).forEach(client -> client.isClosedWith(1001));
        live.awaitCount("connections", 0);
        closed.countDown();
        assertThat(drained.join()).isEqualTo(50);
    }

    @Test
    void aDrainRemovesAllPresencesAtItsBeginning() {
        AtomicInteger users = new AtomicInteger();
        try (PubSub pubsub = PubSub.local();
                Presence<Here> presence = Presence.over(pubsub, Here.class)) {
            UserSocket<Object> socket = UserSocket.open()
                    .channel(
                            "room:*",
                            Channel.join(join -> Join.ok(Empty.EMPTY))
                                    .onJoined(room ->
                                            presence.track(room, "user " + users.incrementAndGet(), new Here(1)))
                                    .build())
                    .build();
            Live live = start(builder -> builder.pubsub(pubsub).socket("/present", socket));
            List<RawClient> clients = Stream.iterate(0, i -> i + 1)
                    .limit(101)
                    .map(i -> connect(live)
                            .send(RawClient.upgradeRequest("").replace("/socket/", "/present/"))
                            .upgraded()
                            .joins("room:" + i / 51))
                    .toList();
            Live.eventually()
                    .untilAsserted(() -> assertThat(presence.count("room:0") + presence.count("room:1"))
                            .isEqualTo(101));
            CompletableFuture<Void> drained = CompletableFuture.runAsync(
                    () -> live.endpoint.drain(Duration.ofSeconds(10)), Thread::startVirtualThread);
            Live.eventually()
                    .untilAsserted(() -> assertThat(presence.count("room:0") + presence.count("room:1"))
                            .isZero());
            assertThat(live.count("connections")).isGreaterThan(50);
            clients.forEach(RawClient::close);
            assertThat(drained).succeedsWithin(Duration.ofMillis(RawClient.DEADLINE_MILLIS));
        }
    }

    private record Here(int since) {}

    @Test
    void aClosedServerLeavesNoThreadAndNoSocket() {
        Live live = start(builder -> builder.loops(3));
        RawClient member = open(live).joins("room:a");
        RawClient asking = connect(live).send(RawClient.get("/health"));
        assertThat(asking.response().status()).isEqualTo(200);
        RawClient silent = connect(live);
        RawClient half = connect(live).send("GET / HT");

        live.endpoint.close();

        member.isClosedWith(1001);
        asking.ends();
        silent.ends();
        half.ends();
        // A loop reports its end shortly before its thread ends.
        Live.eventually()
                .untilAsserted(() -> assertThat(threads("heliodor-loop")).isEmpty());
        // Netty's own thread for the end of loops ends by itself after an idle second.
        Live.eventually()
                .untilAsserted(() -> assertThat(threads("globalEventExecutor")).isEmpty());
    }

    @Test
    void aCloseDoesNotWaitForConnectionsWithoutAWebSocket() {
        Live live = start();
        RawClient silent = connect(live);
        RawClient unresponsive = open(live).joins("room:a");
        CompletableFuture<Void> closed = CompletableFuture.runAsync(live.endpoint::close, Thread::startVirtualThread);

        silent.ends();

        // A client that does not answer its close frame has a second, and is still connected.
        for (int i = 0; i < 10; i++) {
            assertThat(unresponsive.canSend()).isTrue();
        }
        assertThat(closed).succeedsWithin(Duration.ofMillis(RawClient.DEADLINE_MILLIS));
    }

    @Test
    void closingAndDrainingAgainDoNothing() {
        Live live = start();
        live.endpoint.close();
        live.endpoint.close();
        live.endpoint.drain(Duration.ofSeconds(1));
    }

    @Test
    void aHandlerThatOutlivesTheServerIsNoFault() {
        Semaphore gate = new Semaphore(0);
        UserSocket<Object> stubborn = UserSocket.open()
                .channel(
                        "room:*",
                        Channel.join(join -> Join.ok(Empty.EMPTY))
                                .on(Event.of("hold", Empty.class), (nothing, room) -> {
                                    gate.acquireUninterruptibly();
                                    return NoReply.none();
                                })
                                .build())
                .build();
        Live live = start(builder -> builder.socket("/stubborn", stubborn));
        RawClient client = connect(live)
                .send(RawClient.upgradeRequest("").replace("/socket/", "/stubborn/"))
                .upgraded()
                .joins("room:a");
        client.sends("[\"1\",\"2\",\"room:a\",\"hold\",{}]");
        Live.eventually().until(gate::hasQueuedThreads);

        live.endpoint.close();
        client.isClosedWith(1001);
        gate.release();

        Live.eventually().until(() -> !gate.hasQueuedThreads() && gate.availablePermits() == 0);
        assertThat(RecordedLog.lines(Level.ERROR, "")).isEmpty();
    }

    @Test
    void aClientThatDoesNotAnswerTheCloseDoesNotHoldTheServer() {
        Live live = start();
        RawClient client = RawClient.connect(live.endpoint, 4 << 10).upgrade("").joins("room:a");
        live.broadcasts("room:a", "x".repeat(16 << 20));
        live.endpoint.close();
        Live.eventually()
                .untilAsserted(() -> assertThat(threads("heliodor-loop")).isEmpty());
        client.close();
    }

    private static List<String> threads(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith(prefix))
                .toList();
    }
}
