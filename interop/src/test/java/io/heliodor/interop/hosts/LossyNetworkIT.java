package io.heliodor.interop.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.heliodor.interop.NodePackages;
import io.heliodor.interop.ServerProcess;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients on other hosts than the server, and a network between them that drops packets. */
@Tag("long")
@WithHosts
class LossyNetworkIT {
    private static final Duration SOON = Duration.ofSeconds(40);

    /** The idle timeout of the playground. */
    private static final Duration IDLE = Duration.ofMinutes(1);

    private static final int SERVER = 0;
    private static final int ANN = 1;
    private static final int BO = 2;
    private static final int SHOUTS = 400;

    private Network network;
    private ServerProcess server;
    private Member ann;
    private Member bo;

    @BeforeEach
    void start() throws Exception {
        Optional<String> whyNot = Network.whyNot();
        assumeTrue(whyNot.isEmpty(), () -> whyNot.orElse(""));
        NodePackages.install();
        network = new Network(3);
        server = new ServerProcess(
                List.of("ip", "netns", "exec", network.space(SERVER)), "--host", network.address(SERVER));
        ann = new Member(network, ANN, server.socket(), "room:a", "ann", SHOUTS);
        bo = new Member(network, BO, server.socket(), "room:a", "bo", SHOUTS);
        ann.sees(SOON, "ann", "bo");
        bo.sees(SOON, "ann", "bo");
    }

    @AfterEach
    void end() throws Exception {
        if (network != null) {
            ann.close();
            bo.close();
            server.kill();
            network.close();
        }
    }

    @Test
    @Timeout(value = 4, unit = TimeUnit.MINUTES)
    void aClientWhoseCableIsPulledIsPresentAtMostForTheIdleTimeout() {
        network.split(List.of(SERVER), List.of(ANN));
        bo.sees(IDLE.plus(SOON), "bo");

        network.heal();
        bo.sees(IDLE.plus(SOON), "ann", "bo");
        ann.sees(SOON, "ann", "bo");
        assertThat(bo.lines("closed")).isEmpty();
    }

    @Test
    @Timeout(value = 4, unit = TimeUnit.MINUTES)
    void aClientThatLosesAFifthOfThePacketsMissesNothingAndStaysPresent() throws Exception {
        int before = bo.lines("here").size();
        for (int client : List.of(ANN, BO)) {
            network.lose(client, SERVER, 20);
            network.lose(SERVER, client, 20);
        }
        ann.shouts();
        bo.shouts();
        List<Integer> all = IntStream.rangeClosed(1, SHOUTS).boxed().toList();
        Duration slow = Duration.ofMinutes(2);
        for (Member member : List.of(ann, bo)) {
            for (String by : List.of("ann", "bo")) {
                member.until(
                        slow,
                        "has all numbers of " + by,
                        each -> each.received(by).size() >= SHOUTS);
                assertThat(member.received(by)).isEqualTo(all);
            }
            assertThat(member.lines("closed")).isEmpty();
            assertThat(member.lines("joined")).hasSize(1);
        }
        assertThat(bo.lines("here").subList(before, bo.lines("here").size()))
                .allSatisfy(here -> assertThat(Member.users(here)).containsExactly("ann", "bo"));
    }
}
