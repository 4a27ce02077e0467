package io.heliodor.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.heliodor.counter.EnumCounters;
import io.heliodor.link.Link.Sent;
import io.heliodor.link.memory.MemoryNetwork;
import io.heliodor.process.engine.ManualTime;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Links with real threads, over a network in memory. */
@Timeout(60)
class SessionLinkTests {
    private static final Peer ANA = new Peer("ana@host", 1);
    private static final Peer BEN = new Peer("ben@host", 2);
    private static final Peer EVE = new Peer("eve@host", 3);

    /** 13 s. */
    private static final int STALL_TICKS = 65;

    private final MemoryNetwork network = MemoryNetwork.atOnce();
    private final LinkContract contract =
            new LinkContract(envelope -> ByteBuffer.wrap(envelope).getLong()).ofThreads();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final Map<Peer, SessionLink> links = new ConcurrentHashMap<>();
    private final Map<Peer, Link> recorded = new ConcurrentHashMap<>();
    private final AtomicLong envelopes = new AtomicLong();

    /** Records its notifications and counts the envelopes that it received. */
    private static class Probe implements Link.Listener {
        final List<String> events = new CopyOnWriteArrayList<>();
        final AtomicLong received = new AtomicLong();

        @Override
        public void view(View view) {
            events.add("view " + view.id().number());
        }

        @Override
        public void opened(Peer peer) {
            events.add("opened " + peer.node());
        }

        @Override
        public void closed(Peer peer) {
            events.add("closed " + peer.node());
        }

        @Override
        public void suspected(Peer peer, boolean suspect) {
            events.add((suspect ? "suspected " : "trusted ") + peer.node());
        }

        @Override
        public void received(Peer from, byte[] envelope) {
            received.incrementAndGet();
        }
    }

    private Probe start(Peer peer, int capacity) {
        return start(peer, capacity, new Probe());
    }

    private Probe start(Peer peer, int capacity, Probe probe) {
        SessionLink link = SessionLink.start(
                wire -> network.open(peer, wire),
                contract.log(peer).listener(probe),
                Time.over(clock),
                capacity,
                SessionLink.STALL);
        links.put(peer, link);
        recorded.put(peer, contract.log(peer).link(link));
        return probe;
    }

    private byte[] envelope(int size) {
        return ByteBuffer.allocate(Math.max(8, size))
                .putLong(envelopes.incrementAndGet())
                .array();
    }

    private Link link(Peer peer) {
        return recorded.get(peer);
    }

    private static void awaitEvent(Probe probe, String event) {
        await().untilAsserted(() -> assertThat(probe.events).contains(event));
    }

    @AfterEach
    void theContractHolds() {
        network.heal();
        links.values().forEach(SessionLink::close);
        clock.shutdownNow();
        assertThat(contract.violations()).isEmpty();
    }

    @Test
    void membersOpenSessionsAndEnvelopesArriveInOrder() {
        Probe ana = start(ANA, SessionLink.CAPACITY);
        Probe ben = start(BEN, SessionLink.CAPACITY);
        network.form(List.of(ANA, BEN));
        awaitEvent(ana, "opened ben@host");
        awaitEvent(ben, "opened ana@host");
        for (int i = 0; i < 1_000; i++) {
            assertThat(link(ANA).offer(BEN, envelope(i))).isEqualTo(Sent.QUEUED);
        }
        await().untilAsserted(() -> assertThat(ben.received).hasValue(1_000));
        assertThat(contract.violations(Set.of(ANA, BEN))).isEmpty();
        EnumCounters<LinkCounter> counters = links.get(ANA).counters();
        assertThat(counters.get(LinkCounter.SESSIONS_OPENED)).isEqualTo(1);
        assertThat(counters.get(LinkCounter.ENVELOPES_OUT)).isEqualTo(1_000);
        assertThat(links.get(BEN).counters().get(LinkCounter.ENVELOPES_IN)).isEqualTo(1_000);
        assertThat(links.get(BEN).counters().get(LinkCounter.TRAFFIC_IN))
                .isEqualTo(counters.get(LinkCounter.TRAFFIC_OUT));
        assertThat(ana.events).containsExactly("view 1", "opened ben@host");
    }

    @Test
    void aMemberThatInstallsTheViewLaterOpensItsSessionBeforeTheNextTick() {
        Probe ana = new Probe();
        Probe ben = new Probe();
        Map<Peer, Link> still = new ConcurrentHashMap<>();
        Map.of(ANA, ana, BEN, ben)
                .forEach((peer, probe) -> still.put(
                        peer,
                        SessionLink.start(
                                wire -> network.open(peer, wire),
                                probe,
                                new ManualTime(),
                                SessionLink.CAPACITY,
                                SessionLink.STALL)));
        View view = network.next(List.of(ANA, BEN));
        network.install(view, ANA);
        awaitEvent(ana, "view 1");
        network.install(view, BEN);
        awaitEvent(ana, "opened ben@host");
        awaitEvent(ben, "opened ana@host");
        still.values().forEach(Link::close);
    }

    @Test
    void thereIsNoSessionToTheOwnNodeOrToNonMembers() {
        start(ANA, SessionLink.CAPACITY);
        Probe ben = start(BEN, SessionLink.CAPACITY);
        network.form(List.of(ANA));
        network.form(List.of(BEN));
        awaitEvent(ben, "view 1");
        assertThat(link(ANA).post(ANA, envelope(1))).isEqualTo(Sent.NO_SESSION);
        assertThat(link(ANA).post(BEN, envelope(1))).isEqualTo(Sent.NO_SESSION);
    }

    @Test
    void theLargestEnvelopePassesAndALargerOneIsRefused() {
        Probe ana = start(ANA, SessionLink.CAPACITY);
        Probe ben = start(BEN, SessionLink.CAPACITY);
        network.form(List.of(ANA, BEN));
        awaitEvent(ana, "opened ben@host");
        assertThat(link(ANA).post(BEN, envelope(SessionLink.MAX_ENVELOPE))).isEqualTo(Sent.QUEUED);
        await().untilAsserted(() -> assertThat(ben.received).hasValue(1));
        byte[] larger = new byte[SessionLink.MAX_ENVELOPE + 1];
        assertThatIllegalArgumentException()
                .isThrownBy(() -> links.get(ANA).offer(BEN, larger))
                .withMessageContaining("" + larger.length);
        assertThatIllegalArgumentException().isThrownBy(() -> links.get(ANA).post(BEN, larger));
        assertThatIllegalArgumentException().isThrownBy(() -> links.get(ANA).send(BEN, larger, 0));
    }

    @Test
    void aFrozenPeerDoesNotDelayOthers() throws InterruptedException {
        Probe ana = start(ANA, 100_000);
        Probe ben = start(BEN, 100_000);
        Probe eve = start(EVE, 100_000);
        network.form(List.of(ANA, BEN, EVE));
        awaitEvent(ana, "opened ben@host");
        awaitEvent(ana, "opened eve@host");
        network.pause(EVE);
        List<Sent> refused = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            link(ANA).sendAll(List.of(EVE, BEN), peer -> envelope(1_000), TimeUnit.MINUTES.toNanos(1), (peer, why) -> {
                assertThat(peer).isZero();
                refused.add(why);
            });
            if (i % 40 == 39) { // so Ben's queue is never full, even if its threads are slow
                int sent = i + 1;
                await().untilAsserted(() -> assertThat(ben.received).hasValue(sent));
            }
        }
        assertThat(refused).hasSizeGreaterThan(50).containsOnly(Sent.FULL);
        assertThat(link(ANA).send(EVE, envelope(1_000), 1)).isEqualTo(Sent.FULL);
        assertThat(ana.events).doesNotContain("closed eve@host");
        network.resume(EVE);
        await().untilAsserted(() -> assertThat(eve.received).hasValue(200 - refused.size()));
        assertThat(link(ANA).send(EVE, envelope(1_000), TimeUnit.MINUTES.toNanos(1)))
                .isEqualTo(Sent.QUEUED);
        assertThat(ana.events).doesNotContain("closed eve@host");
    }

    @Test
    void aSessionWhoseReserveIsUsedUpEnds() {
        Probe ana = start(ANA, 10_000);
        Probe eve = start(EVE, 10_000);
        network.form(List.of(ANA, EVE));
        awaitEvent(ana, "opened eve@host");
        network.pause(EVE);
        Sent last = Sent.QUEUED;
        for (int i = 0; last == Sent.QUEUED; i++) {
            last = link(ANA).post(EVE, envelope(1_000));
            assertThat(i).isLessThan(30);
        }
        assertThat(last).isEqualTo(Sent.FULL);
        awaitEvent(ana, "closed eve@host");
        assertThat(links.get(ANA).counters().get(LinkCounter.SESSIONS_OVERFLOWED))
                .isEqualTo(1);
        assertThat(link(ANA).offer(EVE, envelope(1))).isEqualTo(Sent.NO_SESSION);
        network.resume(EVE);
        await().untilAsserted(() -> assertThat(ana.events).containsSequence("closed eve@host", "opened eve@host"));
        long before = eve.received.get();
        assertThat(link(ANA).post(EVE, envelope(1))).isEqualTo(Sent.QUEUED);
        await().untilAsserted(() -> assertThat(eve.received).hasValueGreaterThan(before));
        await().untilAsserted(
                        () -> assertThat(contract.violations(Set.of(ANA, EVE))).isEmpty());
    }

    @Test
    void aSessionInWhichNothingIsConfirmedForThirteenSecondsEnds() {
        var time = new ManualTime();
        var ana = new Probe();
        SessionLink link =
                SessionLink.start(wire -> network.open(ANA, wire), ana, time, SessionLink.CAPACITY, SessionLink.STALL);
        start(EVE, SessionLink.CAPACITY);
        network.form(List.of(ANA, EVE));
        awaitEvent(ana, "opened eve@host");
        network.pause(EVE);
        assertThat(link.offer(EVE, envelope(1))).isEqualTo(Sent.QUEUED);
        await().untilAsserted(() ->
                assertThat(link.counters().get(LinkCounter.ENVELOPES_OUT)).isEqualTo(1));
        for (int i = 1; i < STALL_TICKS; i++) {
            time.advance(Duration.ofMillis(200));
        }
        assertThat(link.counters().get(LinkCounter.SESSIONS_STALLED)).isZero();
        time.advance(Duration.ofMillis(200));
        awaitEvent(ana, "closed eve@host");
        assertThat(link.counters().get(LinkCounter.SESSIONS_STALLED)).isEqualTo(1);
        link.close();
    }

    @Test
    void anyThreadMayWaitForRoom() throws Exception {
        Probe ana = start(ANA, 10_000);
        Probe ben = start(BEN, 10_000);
        network.form(List.of(ANA, BEN));
        awaitEvent(ana, "opened ben@host");
        network.pause(BEN);
        while (link(ANA).offer(BEN, envelope(4_000)) == Sent.QUEUED) {}
        List<Sent> results = new CopyOnWriteArrayList<>();
        List<Thread> waiting = new ArrayList<>();
        for (Thread.Builder kind : List.of(Thread.ofPlatform(), Thread.ofVirtual())) {
            waiting.add(kind.start(() -> {
                try {
                    results.add(link(ANA).send(BEN, envelope(4_000), TimeUnit.MINUTES.toNanos(1)));
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }));
        }
        await().until(() -> waiting.stream().allMatch(thread -> thread.getState() == Thread.State.TIMED_WAITING));
        network.resume(BEN);
        for (Thread thread : waiting) {
            thread.join();
        }
        assertThat(results).containsExactly(Sent.QUEUED, Sent.QUEUED);
        await().untilAsserted(() -> assertThat(ben.received.get()).isGreaterThanOrEqualTo(4));
    }

    @Test
    void aWaitThatIsInterruptedQueuesNothing() throws Exception {
        Probe ana = start(ANA, 10_000);
        start(BEN, 10_000);
        network.form(List.of(ANA, BEN));
        awaitEvent(ana, "opened ben@host");
        network.pause(BEN);
        while (links.get(ANA).offer(BEN, envelope(4_000)) == Sent.QUEUED) {}
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedException.class)
                .isThrownBy(() -> links.get(ANA).send(BEN, envelope(4_000), TimeUnit.MINUTES.toNanos(1)));
    }

    @Test
    void aWaitForRoomEndsWhenThePeerLeaves() throws Exception {
        Probe ana = start(ANA, 10_000);
        start(BEN, 10_000);
        network.form(List.of(ANA, BEN));
        awaitEvent(ana, "opened ben@host");
        network.pause(BEN);
        List<Sent> results = new CopyOnWriteArrayList<>();
        Thread waiting = Thread.ofPlatform().start(() -> {
            Sent last = Sent.QUEUED;
            while (last == Sent.QUEUED) {
                try {
                    last = links.get(ANA).send(BEN, envelope(9_000), TimeUnit.MINUTES.toNanos(1));
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
            results.add(last);
        });
        await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
        network.form(List.of(ANA));
        waiting.join();
        assertThat(results).containsExactly(Sent.NO_SESSION);
        awaitEvent(ana, "closed ben@host");
        assertThat(ana.events).endsWith("closed ben@host", "view 2");
    }

    @Test
    void suspicionIsReportedForMembersOnlyAndWhenItChanges() {
        Probe ana = start(ANA, SessionLink.CAPACITY);
        start(BEN, SessionLink.CAPACITY);
        network.form(List.of(ANA, BEN));
        awaitEvent(ana, "opened ben@host");
        network.suspect(ANA, BEN, false);
        network.suspect(ANA, BEN, true);
        network.suspect(ANA, BEN, true);
        network.suspect(ANA, EVE, true);
        network.suspect(ANA, ANA, true);
        network.suspect(ANA, BEN, false);
        network.suspect(ANA, BEN, true);
        network.form(List.of(ANA));
        network.suspect(ANA, BEN, false);
        network.form(List.of(ANA, BEN));
        network.suspect(ANA, BEN, true); // a member of a view that the listener does not have yet
        await().untilAsserted(() -> assertThat(ana.events)
                .filteredOn(what -> what.contains("ted "))
                .containsExactly("suspected ben@host", "trusted ben@host", "suspected ben@host", "suspected ben@host"));
    }

    @Test
    void aListenerThatThrowsIsStillNotified() {
        Probe ana = start(ANA, SessionLink.CAPACITY, new Probe() {
            @Override
            public void view(View view) {
                super.view(view);
                throw new IllegalStateException("view");
            }

            @Override
            public void opened(Peer peer) {
                super.opened(peer);
                throw new IllegalStateException("opened");
            }

            @Override
            public void received(Peer from, byte[] envelope) {
                super.received(from, envelope);
                throw new IllegalStateException("received");
            }
        });
        Probe ben = start(BEN, SessionLink.CAPACITY);
        network.form(List.of(ANA, BEN));
        awaitEvent(ben, "opened ana@host");
        awaitEvent(ana, "opened ben@host");
        link(BEN).post(ANA, envelope(8));
        link(BEN).post(ANA, envelope(8));
        await().untilAsserted(() -> assertThat(ana.received).hasValue(2));
    }

    @Test
    void nothingOfAFormerMemberIsDeliveredAfterTheViewWithoutIt() throws InterruptedException {
        var inside = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var atView = new AtomicLong();
        Probe ben = start(BEN, SessionLink.CAPACITY, new Probe() {
            @Override
            public void view(View view) {
                atView.set(received.get());
                super.view(view);
            }

            @Override
            public void received(Peer from, byte[] envelope) {
                super.received(from, envelope);
                inside.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        });
        Probe ana = start(ANA, SessionLink.CAPACITY);
        network.form(List.of(ANA, BEN));
        awaitEvent(ana, "opened ben@host");
        awaitEvent(ben, "opened ana@host");
        network.hold(ANA, BEN);
        for (int i = 0; i < 100; i++) {
            link(ANA).post(BEN, envelope(8));
        }
        network.heal(ANA, BEN);
        inside.await();
        network.form(List.of(BEN));
        awaitEvent(ben, "closed ana@host");
        assertThat(ben.events).doesNotContain("view 2");
        goOn.countDown();
        awaitEvent(ben, "view 2");
        links.get(ANA).close();
        assertThat(ben.received).hasValue(atView.get());
    }

    @Test
    void theListenerIsNotNotifiedAfterClose() throws InterruptedException {
        var inside = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        Probe ben = start(BEN, SessionLink.CAPACITY, new Probe() {
            @Override
            public void received(Peer from, byte[] envelope) {
                inside.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                super.received(from, envelope);
            }
        });
        Probe ana = start(ANA, SessionLink.CAPACITY);
        network.form(List.of(ANA, BEN));
        awaitEvent(ana, "opened ben@host");
        for (int i = 0; i < 100; i++) {
            link(ANA).post(BEN, envelope(8));
        }
        inside.await();
        Thread closing = Thread.ofPlatform().start(links.get(BEN)::close);
        await().until(() -> closing.getState() == Thread.State.WAITING);
        goOn.countDown();
        closing.join();
        long received = ben.received.get();
        List<String> events = List.copyOf(ben.events);
        network.form(List.of(ANA, BEN));
        for (int i = 0; i < 100; i++) {
            link(ANA).post(BEN, envelope(8));
        }
        network.form(List.of(ANA));
        awaitEvent(ana, "view 3");
        assertThat(ben.received).hasValue(received);
        assertThat(ben.events).isEqualTo(events);
        assertThat(links.get(BEN).offer(ANA, envelope(8))).isEqualTo(Sent.NO_SESSION);
    }

    @Test
    void theListenerMayCloseTheLink() {
        start(BEN, SessionLink.CAPACITY, new Probe() {
            @Override
            public void received(Peer from, byte[] envelope) {
                super.received(from, envelope);
                links.get(BEN).close();
            }
        });
        Probe ana = start(ANA, SessionLink.CAPACITY, new Probe() {
            @Override
            public void closed(Peer peer) {
                super.closed(peer);
                links.get(ANA).close();
            }
        });
        network.form(List.of(ANA, BEN));
        awaitEvent(ana, "opened ben@host");
        link(ANA).post(BEN, envelope(8));
        network.form(List.of(ANA));
        awaitEvent(ana, "closed ben@host");
        assertThat(ana.events).last().isEqualTo("closed ben@host");
    }

    @Test
    void bytesThatAreNotAPacketAreDroppedAndCounted() throws Exception {
        var wires = new ArrayList<Wire.Listener>();
        var probe = new Probe();
        SessionLink link = SessionLink.start(
                wire -> {
                    wires.add(wire);
                    return network.open(ANA, wire);
                },
                probe,
                Time.over(clock),
                SessionLink.CAPACITY,
                SessionLink.STALL);
        start(BEN, SessionLink.CAPACITY);
        network.form(List.of(ANA, BEN));
        awaitEvent(probe, "opened ben@host");
        wires.getFirst().view(new View(new ViewId(9, BEN), List.of(BEN), false));
        var random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = new byte[random.nextInt(60)];
            random.nextBytes(bytes);
            wires.getFirst().received(BEN, bytes, 0, bytes.length);
            wires.getFirst().received(EVE, bytes, 0, bytes.length);
        }
        assertThat(link.counters().get(LinkCounter.PACKETS_REFUSED)).isGreaterThanOrEqualTo(20_000);
        link(BEN).post(ANA, envelope(8));
        await().untilAsserted(() -> assertThat(probe.received).hasValue(1));
        assertThat(probe.events).containsExactly("view 1", "opened ben@host");
        link.close();
    }

    @Test
    void theContractHoldsWhenManyThreadsSendThroughFaults() throws InterruptedException {
        List<Peer> peers = List.of(ANA, BEN, EVE);
        peers.forEach(peer -> start(peer, 20_000));
        network.form(peers);
        long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Peer from = peers.get(i % 3);
            var random = new Random(i);
            threads.add(Thread.ofVirtual().start(() -> {
                while (System.nanoTime() < end) {
                    Peer to = peers.get(random.nextInt(3));
                    try {
                        switch (random.nextInt(3)) {
                            case 0 -> link(from).offer(to, envelope(random.nextInt(300)));
                            case 1 -> link(from).send(to, envelope(random.nextInt(300)), 20_000_000);
                            default -> {
                                if (random.nextInt(100) == 0) {
                                    link(from).post(to, envelope(random.nextInt(9_000)));
                                }
                            }
                        }
                        if (random.nextInt(50) == 0) {
                            TimeUnit.MICROSECONDS.sleep(200);
                        }
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                }
            }));
        }
        var random = new Random();
        while (System.nanoTime() < end) {
            Peer one = peers.get(random.nextInt(3));
            Peer other = peers.get(random.nextInt(3));
            switch (random.nextInt(9)) {
                case 0 -> network.lose(one, other);
                case 1 -> network.hold(one, other);
                case 2 -> network.repeat(one, other, random.nextInt(20));
                case 3 -> network.form(List.of(one));
                case 4 -> network.form(peers);
                case 5 -> network.pause(one);
                case 6 -> network.resume(one);
                default -> network.heal();
            }
            TimeUnit.MILLISECONDS.sleep(random.nextInt(10));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        peers.forEach(network::resume);
        network.heal();
        network.form(peers);
        await().untilAsserted(() -> assertThat(
                        contract.violations(Set.copyOf(peers)).stream().limit(5))
                .isEmpty());
    }
}
