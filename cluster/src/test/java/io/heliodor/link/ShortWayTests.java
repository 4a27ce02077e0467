package io.heliodor.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Link.Sent;
import io.heliodor.link.memory.MemoryNetwork;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Short ways between two nodes begin and end at any time, and the last packets under way are lost: no session ends, and every
 * envelope arrives once and in order. {@code -Dlink.histories=10000} runs more histories from seeds.
 */
class ShortWayTests {
    private static final Peer ANN = new Peer("ann@host", 1);
    private static final Peer BEN = new Peer("ben@host", 2);
    private static final int CAPACITY = 2_000;

    private final List<Long> received = new ArrayList<>();
    private int ended;

    private final class Ben extends LinkHistory.EmptyListener {
        @Override
        public void received(Peer from, byte[] envelope) {
            received.add(ByteBuffer.wrap(envelope).getLong());
        }
    }

    private final class Ann extends LinkHistory.EmptyListener {
        @Override
        public void closed(Peer peer) {
            ended++;
        }
    }

    @Test
    void noSessionEndsWithAWay() {
        long first = new Random().nextLong();
        int histories = Integer.getInteger("link.histories", 300);
        for (long seed = first; seed != first + histories; seed++) {
            history(seed);
        }
    }

    private void history(long seed) {
        received.clear();
        ended = 0;
        Random random = new Random(seed);
        SimulatedLinks links = new SimulatedLinks(random, CAPACITY);
        Link ann = links.start(ANN, new Ann());
        Link _ = links.start(BEN, new Ben());
        links.network().form(List.of(ANN, BEN));
        links.drain();
        List<Long> sent = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            switch (random.nextInt(12)) {
                case 0 -> links.network().connect(ANN, BEN);
                case 1 -> links.network().cut(ANN, BEN, random.nextInt(4));
                case 2 -> {
                    links.network().cut(ANN, BEN, random.nextInt(4));
                    links.network().connect(ANN, BEN);
                }
                case 3 -> links.tick();
                case 4, 5, 6, 7 -> {
                    int size = random.nextInt(10) == 0 ? random.nextInt(CAPACITY) : random.nextInt(100);
                    long number = sent.size();
                    if (ann.offer(
                                    BEN,
                                    ByteBuffer.allocate(8 + size)
                                            .putLong(number)
                                            .array())
                            == Sent.QUEUED) {
                        sent.add(number);
                    }
                }
                default -> {
                    for (int n = random.nextInt(6); n > 0; n--) {
                        links.step();
                    }
                }
            }
        }
        for (int i = 0; i < 8; i++) {
            links.drain();
            links.tick();
        }
        links.drain();
        assertThat(ended).as("sessions that ended, seed %d", seed).isZero();
        assertThat(received).as("seed %d", seed).isEqualTo(sent);
    }

    private static byte[] envelope(long number, int size) {
        return ByteBuffer.allocate(size).putLong(number).array();
    }

    @Test
    void aWayThatHangsIsGivenUpBeforeItsSessionStalls() {
        SimulatedLinks links = new SimulatedLinks(new Random(1), CAPACITY);
        Link ann = links.start(ANN, new Ann());
        Link _ = links.start(BEN, new Ben());
        links.network().form(List.of(ANN, BEN));
        links.drain();
        links.network().connect(ANN, BEN);
        links.network().hang(ANN, BEN);
        assertThat(ann.offer(BEN, envelope(7, 100))).isEqualTo(Sent.QUEUED);
        for (int ticks = 0; ticks < 70; ticks++) {
            links.drain();
            links.tick();
        }
        assertThat(received).containsExactly(7L);
        assertThat(ended).as("sessions that ended").isZero();
    }

    @Test
    void aPeerThatGetsNothingByAWayIsAskedInTime() {
        SimulatedLinks links = new SimulatedLinks(new Random(1), CAPACITY);
        Link ann = links.start(ANN, new Ann());
        Link _ = links.start(BEN, new Ben());
        links.network().form(List.of(ANN, BEN));
        links.drain();
        links.network().connect(ANN, BEN);
        links.network().hang(ANN, BEN);
        assertThat(ann.offer(BEN, envelope(7, 100))).isEqualTo(Sent.QUEUED);
        int ticks = 0;
        for (; received.isEmpty() && ticks < 70; ticks++) {
            links.drain();
            links.tick();
        }
        links.drain();
        assertThat(received).containsExactly(7L);
        assertThat(ticks).as("ticks of 200 ms").isBetween(13, 16);
    }

    @Test
    void confirmationsDoNotWaitBehindEnvelopesThatHang() throws InterruptedException {
        MemoryNetwork network = MemoryNetwork.atOnce();
        BlockingQueue<Long> arrived = new LinkedBlockingQueue<>();
        CountDownLatch open = new CountDownLatch(2);
        class Counting extends LinkHistory.EmptyListener {
            @Override
            public void opened(Peer peer) {
                open.countDown();
            }

            @Override
            public void received(Peer from, byte[] envelope) {
                arrived.add(ByteBuffer.wrap(envelope).getLong());
            }
        }
        try (SessionLink ann = start(network, ANN, new Counting());
                SessionLink ben = start(network, BEN, new Counting())) {
            network.form(List.of(ANN, BEN));
            assertThat(open.await(20, TimeUnit.SECONDS)).isTrue();
            network.connect(ANN, BEN);
            int count = 100;
            for (int i = 0; i < count; i++) {
                // The window grows.
                assertThat(ann.send(BEN, envelope(i, 60_000), TimeUnit.SECONDS.toNanos(20)))
                        .isEqualTo(Sent.QUEUED);
            }
            for (long i = 0; i < count; i++) {
                assertThat(arrived.poll(20, TimeUnit.SECONDS)).isEqualTo(i);
            }
            network.hang(ANN, BEN);
            // Less than the window, and more than the way takes: the step that sends waits.
            int hanging = 30;
            for (int i = 0; i < hanging; i++) {
                assertThat(ann.offer(BEN, envelope(i, 60_000))).isEqualTo(Sent.QUEUED);
            }
            for (int i = 0; i < count; i++) {
                // More than the window: each needs confirmations by Ann.
                assertThat(ben.send(ANN, envelope(i, 60_000), TimeUnit.SECONDS.toNanos(20)))
                        .isEqualTo(Sent.QUEUED);
            }
            for (long i = 0; i < count; i++) {
                assertThat(arrived.poll(20, TimeUnit.SECONDS)).isEqualTo(i);
            }
            network.cut(ANN, BEN, 1);
            for (long i = 0; i < hanging; i++) {
                assertThat(arrived.poll(20, TimeUnit.SECONDS)).isEqualTo(i);
            }
        }
    }

    private static SessionLink start(MemoryNetwork network, Peer node, Link.Listener listener) {
        return SessionLink.start(
                wire -> network.open(node, wire),
                listener,
                Time.machine(node.node()),
                SessionLink.CAPACITY,
                Duration.ofMinutes(2));
    }
}
