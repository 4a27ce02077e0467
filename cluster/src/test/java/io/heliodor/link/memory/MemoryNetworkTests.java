package io.heliodor.link.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.link.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class MemoryNetworkTests {
    private static final Peer ANA = new Peer("ana@host", 1);
    private static final Peer BEN = new Peer("ben@host", 2);
    private static final Peer EVE = new Peer("eve@host", 3);

    private static final class Probe implements Wire.Listener {
        final List<String> events = new CopyOnWriteArrayList<>();

        @Override
        public void view(View view) {
            events.add("view " + view.id().number());
        }

        @Override
        public void suspected(Peer peer, boolean suspect) {
            events.add(peer.node() + " " + suspect);
        }

        @Override
        public void wayEnded(Peer to) {}

        @Override
        public void received(Peer from, byte[] bytes, int offset, int length) {
            assertThat(length).isEqualTo(1);
            events.add(from.node().substring(0, 3) + bytes[offset]);
        }
    }

    private MemoryNetwork network = MemoryNetwork.stepped(new Random(1), 3);
    private final Probe atBen = new Probe();
    private Wire ana = network.open(ANA, new Probe());
    private Wire ben = network.open(BEN, atBen);

    private static void send(Wire from, Peer to, int what) {
        try {
            from.send(to, new byte[] {(byte) what});
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void steps() {
        while (network.step()) {
            assertThat(atBen.events).hasSizeLessThan(100);
        }
    }

    private void real() {
        network = MemoryNetwork.atOnce();
        ana = network.open(ANA, new Probe());
        ben = network.open(BEN, atBen);
    }

    @Test
    void packetsArriveInOrderAndOneForEachStep() {
        network.form(List.of(ANA, BEN));
        send(ana, BEN, 1);
        send(ana, BEN, 2);
        assertThat(atBen.events).containsExactly("view 1");
        assertThat(network.step()).isTrue();
        assertThat(atBen.events).containsExactly("view 1", "ana1");
        steps();
        assertThat(atBen.events).containsExactly("view 1", "ana1", "ana2");
    }

    @Test
    void theSeedDecidesWhichPathIsNext() {
        List<List<String>> orders = new ArrayList<>();
        for (int seed = 0; seed < 20; seed++) {
            for (int again = 0; again < 2; again++) {
                var probe = new Probe();
                MemoryNetwork seeded = MemoryNetwork.stepped(new Random(seed), 10);
                List<Wire> wires =
                        List.of(seeded.open(BEN, probe), seeded.open(ANA, new Probe()), seeded.open(EVE, new Probe()));
                seeded.form(List.of(ANA, BEN, EVE));
                for (int i = 0; i < 3; i++) {
                    send(wires.get(1), BEN, i);
                    send(wires.get(2), BEN, i);
                }
                boolean more = true;
                while (more) {
                    more = seeded.step();
                }
                orders.add(probe.events);
            }
            assertThat(orders.get(2 * seed)).isEqualTo(orders.get(2 * seed + 1));
        }
        assertThat(orders.stream().distinct().count()).isGreaterThan(5);
    }

    @Test
    void aPeerOutsideTheViewReceivesNothing() {
        send(ana, BEN, 1);
        network.form(List.of(ANA));
        send(ana, BEN, 2);
        network.install(new View(new ViewId(2, ANA), List.of(ANA, BEN), false), ANA);
        send(ana, BEN, 3);
        steps();
        assertThat(atBen.events).as("the view of the receiver does not matter").containsExactly("ana3");
    }

    @Test
    void aViewIsInstalledAtTheGivenMemberOnly() {
        View view = network.next(List.of(ANA, BEN));
        network.install(view, ANA);
        assertThat(atBen.events).isEmpty();
        network.install(view, BEN);
        assertThat(atBen.events).containsExactly("view 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.install(network.next(List.of(ANA)), BEN))
                .withMessageContaining("ben@host");
    }

    @Test
    void viewNumbersGrowAndMergedViewsAreMarked() {
        network.open(EVE, new Probe());
        View first = network.form(List.of(ANA, BEN, EVE));
        View left = network.form(List.of(ANA, BEN));
        View right = network.form(List.of(EVE));
        View joined = network.form(List.of(EVE, ANA, BEN));
        assertThat(first.merged()).isFalse();
        assertThat(left.id()).isEqualTo(new ViewId(2, ANA));
        assertThat(right.id()).isEqualTo(new ViewId(2, EVE));
        assertThat(joined.id()).isEqualTo(new ViewId(3, EVE));
        assertThat(joined.merged()).isTrue();
    }

    @Test
    void oneDirectionCanBeLost() {
        network.form(List.of(ANA, BEN));
        network.lose(ANA, BEN);
        send(ana, BEN, 1);
        network.heal(ANA, BEN);
        send(ana, BEN, 2);
        steps();
        assertThat(atBen.events).containsExactly("view 1", "ana2");
    }

    @Test
    void heldPacketsArriveWhenThePathIsHealed() {
        network.form(List.of(ANA, BEN));
        network.hold(ANA, BEN);
        send(ana, BEN, 1);
        assertThat(network.step()).isFalse();
        network.heal();
        steps();
        assertThat(atBen.events).containsExactly("view 1", "ana1");
    }

    @Test
    void aPartitionLosesBothDirections() {
        network.form(List.of(ANA, BEN));
        network.partition(List.of(ANA), List.of(BEN));
        send(ana, BEN, 1);
        send(ben, ANA, 1);
        assertThat(network.step()).isFalse();
    }

    @Test
    void oldPacketsCanBeRepeatedEvenLostOnes() {
        network.form(List.of(ANA, BEN));
        assertThat(network.repeat(ANA, BEN, 0)).isFalse();
        send(ana, BEN, 1);
        steps();
        network.lose(ANA, BEN);
        send(ana, BEN, 2);
        network.heal();
        assertThat(network.repeat(ANA, BEN, 1)).isTrue();
        assertThat(network.repeat(ANA, BEN, 0)).isTrue();
        steps();
        assertThat(atBen.events).containsExactly("view 1", "ana1", "ana1", "ana2");
    }

    @Test
    void aFrozenNodeReceivesLater() {
        network.form(List.of(ANA, BEN));
        network.pause(BEN);
        send(ana, BEN, 1);
        network.form(List.of(ANA, BEN));
        network.suspect(BEN, ANA, true);
        assertThat(network.step()).isFalse();
        assertThat(network.takes(BEN, ANA)).isFalse();
        assertThat(atBen.events).containsExactly("view 1");
        network.resume(BEN);
        steps();
        assertThat(atBen.events).containsExactly("view 1", "view 2", "ana@host true", "ana1");
    }

    @Test
    void aFullPathIsNotSentTo() {
        network.form(List.of(ANA, BEN));
        for (int i = 0; i < 3; i++) {
            assertThat(network.takes(ANA, BEN)).isTrue();
            send(ana, BEN, i);
        }
        assertThat(network.takes(ANA, BEN)).isFalse();
        assertThatIllegalStateException().isThrownBy(() -> send(ana, BEN, 4)).withMessageContaining("ben@host");
        network.step();
        assertThat(network.takes(ANA, BEN)).isTrue();
    }

    @Test
    void aCrashedNodeReceivesAndSendsNothingButItsEarlierPacketsArrive() {
        network.form(List.of(ANA, BEN));
        send(ana, BEN, 1);
        network.crash(ANA);
        send(ana, BEN, 2);
        send(ben, ANA, 1);
        steps();
        assertThat(atBen.events).containsExactly("view 1", "ana1");
        assertThat(network.takes(BEN, ANA)).isTrue();
    }

    @Test
    void aNodeThatStartsAgainIsAnotherPeer() {
        network.form(List.of(ANA, BEN));
        network.crash(ANA);
        assertThatIllegalArgumentException().isThrownBy(() -> network.open(ANA, new Probe()));
        Peer again = new Peer(ANA.node(), 9);
        Wire wire = network.open(again, new Probe());
        network.form(List.of(again, BEN));
        send(wire, BEN, 5);
        steps();
        assertThat(atBen.events).containsExactly("view 1", "view 2", "ana5");
    }

    @Test
    void theListenerIsNotNotifiedAfterClose() {
        network.form(List.of(ANA, BEN));
        send(ana, BEN, 1);
        ben.close();
        network.form(List.of(ANA, BEN));
        network.suspect(BEN, ANA, true);
        send(ben, ANA, 1);
        assertThat(network.step()).isFalse();
        assertThat(atBen.events).containsExactly("view 1");
    }

    @Test
    void withRealThreadsPacketsArriveAtOnce() {
        real();
        network.form(List.of(ANA, BEN));
        send(ana, BEN, 1);
        await().untilAsserted(() -> assertThat(atBen.events).containsExactly("view 1", "ana1"));
        network.hold(ANA, BEN);
        send(ana, BEN, 2);
        send(ana, BEN, 3);
        assertThat(atBen.events).hasSize(2);
        network.heal(ANA, BEN);
        await().untilAsserted(() -> assertThat(atBen.events).containsExactly("view 1", "ana1", "ana2", "ana3"));
        assertThatIllegalStateException().isThrownBy(network::step);
    }

    @Test
    void withRealThreadsTheSenderOfAFrozenNodeWaits() throws InterruptedException {
        real();
        network.form(List.of(ANA, BEN));
        network.pause(ANA);
        Thread sending = Thread.ofPlatform().start(() -> send(ana, BEN, 1));
        await().until(() -> sending.getState() == Thread.State.WAITING);
        network.resume(ANA);
        sending.join();
        await().untilAsserted(() -> assertThat(atBen.events).containsExactly("view 1", "ana1"));
    }

    @Test
    void aSenderThatWaitsIsReleasedByACrash() throws InterruptedException {
        real();
        network.form(List.of(ANA, BEN));
        network.pause(BEN);
        Thread sending = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 3; i++) {
                try {
                    ana.send(BEN, new byte[MemoryNetwork.WINDOW]);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        });
        await().until(() -> sending.getState() == Thread.State.WAITING);
        network.crash(BEN);
        sending.join();
        assertThat(atBen.events).containsExactly("view 1");
    }
}
