package io.heliodor.link.jgroups;

import static io.heliodor.link.jgroups.Wires.awaitMembers;
import static io.heliodor.link.jgroups.Wires.awaitPacket;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Link;
import io.heliodor.link.Peer;
import io.heliodor.link.SessionLink;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.link.Wire;
import io.heliodor.link.WireException;
import io.heliodor.link.jgroups.socket.ProtocolVersions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The connections of their own that envelopes have, between real nodes: they begin, end and are replaced. */
class DataConnectionTests {
    @AutoClose
    private final Wires wires = new Wires();

    private static Wire.Way awaitWay(Wire from, Peer to) {
        Wires.await(() -> "no data connection to " + to, () -> from.way(to) != null);
        return Objects.requireNonNull(from.way(to));
    }

    @Test
    void packetsGoByAConnectionOfTheirOwn() throws Exception {
        var a = wires.start("a");
        var b = wires.start("b", a);
        awaitMembers(a, a, b);
        awaitMembers(b, a, b);
        Wire.Way way = awaitWay(a.wire(), b.peer());
        way.send("short".getBytes(StandardCharsets.UTF_8));
        awaitPacket(b, "a@127.0.0.1: short");
        a.wire().data().end(b.peer());
        assertThat(a.wire().way(b.peer())).as("a way that has ended").isNull();
        way.send("late".getBytes(StandardCharsets.UTF_8));
        a.send(b.peer(), "by JGroups");
        awaitPacket(b, "a@127.0.0.1: by JGroups");
        assertThat(b.witness().packets).noneMatch(packet -> packet.endsWith("late"));
        Wire.Way next = awaitWay(a.wire(), b.peer());
        assertThat(next).isNotSameAs(way);
        next.end();
        assertThat(a.wire().way(b.peer())).as("a way that was given up").isNull();
    }

    @Test
    void aFormerReleaseAndAStrangerHaveNone() throws Exception {
        var a = wires.start("a");
        var b = wires.start(Wires.with(
                Wires.settings("b", 0, List.of(Wires.COOKIE), List.of(a.wire().address())),
                new ProtocolVersions(1, ProtocolVersions.PARTS),
                Optional.empty()));
        awaitMembers(a, a, b);
        assertThat(a.wire().way(b.peer())).isNull();
        a.send(b.peer(), "by JGroups");
        awaitPacket(b, "a@127.0.0.1: by JGroups");
        assertThat(a.wire().way(b.peer())).isNull();
        assertThat(a.wire().way(new Peer("c@127.0.0.1", 1))).isNull();
    }

    @Test
    void theWayToOneThatLeftHasEnded() throws Exception {
        var a = wires.start("a");
        var b = wires.start("b", a);
        awaitMembers(a, a, b);
        Wire.Way way = awaitWay(a.wire(), b.peer());
        b.wire().disconnect();
        awaitMembers(a, a);
        assertThat(a.wire().way(b.peer())).isNull();
        way.end(); // once more, without effect
    }

    @Test
    void aConnectionOfJGroupsThatHangsAloneIsReplaced() throws Exception {
        try (Relay relay = new Relay()) {
            WireSettings plain = Wires.settings("b", 0, List.of(Wires.COOKIE), List.of());
            var b = wires.start(behind(relay, plain));
            var a = wires.start(Wires.settings("a", 0, List.of(Wires.COOKIE), List.of(relay.address())));
            awaitMembers(a, a, b);
            awaitMembers(b, a, b);
            Wire.Way toA = awaitWay(b.wire(), a.peer());
            Wire.Way toB = awaitWay(a.wire(), b.peer());
            relay.hangAllButLast();
            a.send(b.peer(), "by JGroups");
            Wires.await(() -> "nothing came by JGroups", () -> {
                try {
                    // Envelopes in both directions: they are no sign that JGroups' connection works.
                    toA.send("short".getBytes(StandardCharsets.UTF_8));
                    toB.send("short".getBytes(StandardCharsets.UTF_8));
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                return b.witness().packets.contains("a@127.0.0.1: by JGroups");
            });
        }
    }

    /** The settings of a node to which others connect through a relay. */
    private static WireSettings behind(Relay relay, WireSettings plain) {
        return Wires.settings(
                plain.self(),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), relay.newTarget()),
                Optional.of(relay.address()),
                plain.seeds(),
                plain.cluster(),
                plain.cookie(),
                plain.timing());
    }

    /** A node that records the envelopes it gets, and the sessions that ended. */
    private static class Node implements Link.Listener, AutoCloseable {
        private final ConcurrentLinkedQueue<Long> received = new ConcurrentLinkedQueue<>();
        private final ConcurrentLinkedQueue<Peer> opened = new ConcurrentLinkedQueue<>();
        private final ConcurrentLinkedQueue<Peer> ended = new ConcurrentLinkedQueue<>();
        private final SessionLink link;
        private volatile JGroupsWire wire;

        Node(WireSettings settings, ScheduledExecutorService clock) throws WireException, InterruptedException {
            link = SessionLink.start(
                    (SessionLink.Opener<InterruptedException>) listener -> {
                        try {
                            wire = JGroupsWire.start(settings, listener);
                        } catch (WireException e) {
                            throw new IllegalStateException(e);
                        }
                        return wire;
                    },
                    this,
                    Time.over(clock),
                    SessionLink.CAPACITY,
                    SessionLink.STALL);
        }

        @Override
        public void view(View view) {}

        @Override
        public void opened(Peer peer) {
            opened.add(peer);
        }

        @Override
        public void closed(Peer peer) {
            ended.add(peer);
        }

        @Override
        public void suspected(Peer peer, boolean suspect) {}

        @Override
        public void received(Peer from, byte[] envelope) {
            received.add(ByteBuffer.wrap(envelope).getLong());
        }

        @Override
        public void close() {
            link.close();
        }
    }

    @Test
    void aConnectionThatHangsAloneIsGivenUp() throws Exception {
        try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
                Relay relay = new Relay()) {
            WireSettings plain = Wires.settings("b", 0, List.of(Wires.COOKIE), List.of());
            try (Node b = new Node(behind(relay, plain), clock);
                    Node a = new Node(Wires.settings("a", 0, List.of(Wires.COOKIE), List.of(relay.address())), clock)) {
                Wires.await(() -> "no session", () -> a.opened.contains(b.wire.self()));
                Wire.Way way = awaitWay(a.wire, b.wire.self());
                relay.hangLast();
                assertThat(a.link.offer(b.wire.self(), new byte[Long.BYTES])).isEqualTo(Link.Sent.QUEUED);
                Wires.await(() -> "nothing came", () -> b.received.size() == 1);
                assertThat(a.wire.way(b.wire.self())).isNotSameAs(way);
                assertThat(a.ended).as("sessions of a that ended").isEmpty();
            }
        }
    }

    @Test
    void aReceiverThatWaitsHasInput() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch waits = new CountDownLatch(1);
        try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
                Node b = new Node(Wires.settings("b", 0, List.of(Wires.COOKIE), List.of()), clock) {
                    @Override
                    public void received(Peer from, byte[] envelope) {
                        begun.countDown();
                        try {
                            waits.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        super.received(from, envelope);
                    }
                };
                Node a = new Node(Wires.settings("a", 0, List.of(Wires.COOKIE), List.of(b.wire.address())), clock)) {
            Wires.await(() -> "no session", () -> a.opened.contains(b.wire.self()));
            Wire.Way _ = awaitWay(a.wire, b.wire.self());
            Peer peer = a.wire.self();
            assertThat(a.link.offer(b.wire.self(), new byte[Long.BYTES])).isEqualTo(Link.Sent.QUEUED);
            assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
            // The first is confirmed by then.
            assertThat(a.link.offer(b.wire.self(), new byte[Long.BYTES])).isEqualTo(Link.Sent.QUEUED);
            Wires.await(
                    () -> "the last read is not long ago",
                    () -> !b.wire.data().hasReadWithin(peer, TimeUnit.SECONDS.toNanos(3)));
            Wires.await(() -> "no input while its receiver waits", () -> b.wire.hasInput(peer));
            waits.countDown();
            Wires.await(() -> "input without bytes", () -> !b.wire.hasInput(peer));
        }
    }

    @Test
    void aConnectionThatEndsLosesNothing() throws Exception {
        try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
                Relay relay = new Relay()) {
            WireSettings plain = Wires.settings("b", 0, List.of(Wires.COOKIE), List.of());
            try (Node b = new Node(behind(relay, plain), clock);
                    Node a = new Node(Wires.settings("a", 0, List.of(Wires.COOKIE), List.of(relay.address())), clock)) {
                Wires.await(() -> "no session", () -> a.opened.contains(b.wire.self()));
                long sent = 0;
                for (int round = 0; round < 3; round++) {
                    Wire.Way _ = awaitWay(a.wire, b.wire.self());
                    for (int i = 0; i < 2_000; i++) {
                        byte[] envelope =
                                ByteBuffer.allocate(8 + 500).putLong(sent++).array();
                        assertThat(a.link.send(b.wire.self(), envelope, TimeUnit.SECONDS.toNanos(20)))
                                .isEqualTo(Link.Sent.QUEUED);
                        if (i == 500 && round == 0) {
                            a.wire.data().end(b.wire.self());
                        } else if (i == 500) {
                            relay.cutLast();
                        }
                    }
                    long all = sent;
                    Wires.await(() -> b.received.size() + " of " + all, () -> b.received.size() >= all);
                }
                assertThat(List.copyOf(b.received))
                        .as("once and in order")
                        .isSorted()
                        .hasSize((int) sent);
                assertThat(a.ended).as("sessions of a that ended").isEmpty();
                assertThat(b.ended).as("sessions of b that ended").isEmpty();
            }
        }
    }
}
