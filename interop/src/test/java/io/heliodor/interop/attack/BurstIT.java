package io.heliodor.interop.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.interop.ServerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that read get everything, however much a publisher sends in a row, with the launcher's flags. */
@Isolated
class BurstIT {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int BURST = 8 << 20;
    private static final int SMALL = 1 << 10;
    private static final int LARGE = 100 << 10;

    @AutoClose
    private final Reactor reactor = new Reactor("bursts", Long.MAX_VALUE);

    BurstIT() throws Exception {}

    /** Options of the server for each way of I/O, or with {@code -Dheliodor.transports=best} for its default. */
    static Stream<List<String>> transports() {
        return "best".equals(System.getProperty("heliodor.transports"))
                ? Stream.of(List.of())
                : Stream.of("io_uring", "epoll", "nio").map(name -> List.of("--transport", name));
    }

    @ParameterizedTest
    @MethodSource("transports")
    @Tag("long")
    void burstsReachEveryMemberWholeAndInOrder(List<String> transport) throws Exception {
        ServerProcess server = server(transport);
        List<String> problems = new ArrayList<>();
        try {
            for (String event : List.of("shout", "whisper")) {
                for (int bytes : List.of(SMALL, LARGE)) {
                    for (int members : List.of(1, 5, 20, 200)) {
                        problems.addAll(burst(server, new Burst.Size(members, BURST / bytes, bytes, event)));
                    }
                }
            }
            problems.addAll(burst(server, new Burst.Size(5, 100, LARGE, "shout")));
            assertThat(problems).isEmpty();
            isWell(server);
        } finally {
            server.kill();
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aClientThatReadsOneByteASecondIsClosedAndDelaysNoOther(List<String> transport) throws Exception {
        ServerProcess server = server(transport);
        try {
            AtomicBoolean crawls = new AtomicBoolean();
            reactor.execute(() -> crawl(server.port(), "room:crawl", crawls));
            await().atMost(DEADLINE).untilTrue(crawls);
            Burst burst =
                    new Burst(reactor, server.port(), "room:crawl", new Burst.Size(20, BURST / LARGE, LARGE, "shout"));
            burst.begin();
            assertThat(burst.await(DEADLINE)).isEmpty();
            await().atMost(DEADLINE)
                    .untilAsserted(
                            () -> assertThat(ServerNumbers.read(server.port()).closedSlow())
                                    .as("connections closed with 4408")
                                    .isEqualTo(1));
            isWell(server);
        } finally {
            server.kill();
        }
    }

    private static ServerProcess server(List<String> transport) throws Exception {
        List<String> options = new ArrayList<>(transport);
        options.addAll(List.of("--log-level", "warn"));
        return new ServerProcess(List.of(), options.toArray(String[]::new));
    }

    private List<String> burst(ServerProcess server, Burst.Size size) throws Exception {
        Burst burst = new Burst(reactor, server.port(), "room:burst-" + System.nanoTime(), size);
        burst.begin();
        return burst.await(DEADLINE);
    }

    private void crawl(int port, String topic, AtomicBoolean crawls) {
        new Client(reactor, port, Set.of(Client.Trait.DEAF), new Client.Handler() {
            @Override
            public void opened(Client client) {
                client.send(Frames.join(topic));
                client.connection().readSlowly(1);
                crawls.set(true);
            }

            @Override
            public void closed(Client client, int code) {}
        });
    }

    private void isWell(ServerProcess server) {
        assertThat(server.isAlive()).as("the server runs").isTrue();
        assertThat(server.outOfMemoryLines())
                .as("lines about memory in %s", server.output())
                .isZero();
        assertThat(reactor.failures()).as("faults of the test").isEmpty();
    }
}
