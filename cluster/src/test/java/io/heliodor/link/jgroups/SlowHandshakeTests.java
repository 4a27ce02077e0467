package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The connections of two nodes end, and handshakes take long: the network is down for a while, or a machine is busy. */
class SlowHandshakeTests {
    private static final Timing TIMING = new Timing(
            Duration.ofMillis(500),
            Duration.ofSeconds(20),
            Duration.ofMillis(300),
            Duration.ofMillis(300),
            Duration.ofSeconds(2),
            Duration.ofMillis(500));

    /** Attempts begin every 400 ms, and a suspect is excluded within twice 300 ms. */
    private static final int ATTEMPTS = 6;

    @AutoClose
    private final Wires wires = new Wires();

    @AutoClose
    private final Relay toA = new Relay();

    @AutoClose
    private final Relay toB = new Relay();

    SlowHandshakeTests() throws Exception {}

    private Wires.Started start(String name, Relay relay, List<InetSocketAddress> seeds) throws Exception {
        WireSettings plain = Wires.settings(name, 0, List.of(Wires.COOKIE), seeds);
        return wires.start(Wires.settings(
                plain.self(),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), relay.newTarget()),
                Optional.of(relay.address()),
                plain.seeds(),
                plain.cluster(),
                plain.cookie(),
                TIMING));
    }

    private static List<Peer> excludedBy(Wires.Started node, Peer... from) {
        return node.witness().views.stream()
                .dropWhile(view -> !view.members().containsAll(List.of(from)))
                .flatMap(view -> List.of(from).stream().filter(peer -> !view.has(peer)))
                .toList();
    }

    @Test
    void aMemberThatDoesNotAnswerInTimeIsSuspectedAndNotExcluded() throws Exception {
        Wires.Started a = start("a", toA, List.of());
        Wires.Started b = start("b", toB, List.of(toA.address()));
        Wires.awaitMembers(a, a, b);
        Wires.awaitMembers(b, a, b);
        toA.hold();
        toB.hold();
        toA.cut();
        toB.cut();
        Wires.await(a::toString, () -> a.witness().opinions.contains("suspect b@127.0.0.1"));
        int before = toB.acceptedCount();
        Wires.await(a::toString, () -> toB.acceptedCount() >= before + ATTEMPTS);
        toA.release();
        toB.release();
        Wires.await(a::toString, () -> a.witness().opinions.getLast().equals("alive b@127.0.0.1"));
        assertThat(excludedBy(a, a.peer(), b.peer())).as("by a").isEmpty();
        assertThat(excludedBy(b, a.peer(), b.peer())).as("by b").isEmpty();
    }
}
