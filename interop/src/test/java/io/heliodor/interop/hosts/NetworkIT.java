package io.heliodor.interop.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/** Packets pass where they should, and only there. */
@Timeout(120)
@Isolated
class NetworkIT {
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    @Test
    void faultsDropTheirPackets() {
        Optional<String> whyNot = Network.whyNot();
        assumeTrue(whyNot.isEmpty(), () -> whyNot.orElse(""));
        try (Network network = new Network(3)) {
            passes(network, 0, 1);

            network.drop(0, 1);
            long before = arrived(network, 1);
            send(network, 0, 1, 10);
            passes(network, 2, 1); // earlier packets have been dropped by now
            assertThat(arrived(network, 1)).isEqualTo(before + 10);
            passes(network, 1, 0);

            network.heal();
            network.split(List.of(0), List.of(1, 2));
            long atNone = arrived(network, 0);
            long atTwo = arrived(network, 2);
            send(network, 1, 0, 10);
            send(network, 0, 2, 10);
            passes(network, 1, 2);
            assertThat(arrived(network, 2)).isEqualTo(atTwo + 10);
            assertThat(arrived(network, 0)).isEqualTo(atNone);

            network.heal();
            network.lose(0, 1, 50);
            long lossy = arrived(network, 1);
            send(network, 0, 1, 200);
            network.heal();
            passes(network, 0, 1);
            assertThat(arrived(network, 1) - 10 - lossy).isBetween(50L, 150L);
        }
        assertThat(Path.of(
                        "/var/run/netns", "heliodor-" + ProcessHandle.current().pid() + "-0"))
                .matches(path -> !Files.exists(path), "is deleted");
    }

    /** Ten of ten datagrams arrive. */
    private static void passes(Network network, int from, int to) {
        long before = arrived(network, to);
        send(network, from, to, 10);
        await().atMost(DEADLINE)
                .untilAsserted(() -> assertThat(arrived(network, to)).isEqualTo(before + 10));
    }

    private static void send(Network network, int from, int to, int count) {
        String script = "for i in $(seq " + count + "); do echo x > /dev/udp/" + network.address(to) + "/9; done";
        Programs.run(DEADLINE, "ip", "netns", "exec", network.space(from), "bash", "-c", script);
    }

    /** The datagrams that reached a host, on a port without a listener. */
    private static long arrived(Network network, int host) {
        String counters = Programs.run(DEADLINE, "ip", "netns", "exec", network.space(host), "cat", "/proc/net/snmp");
        String values = counters.lines()
                .filter(line -> line.matches("Udp: \\d.*"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(values.split(" ", -1)[2]);
    }
}
