package io.heliodor.interop.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.heliodor.interop.NodePackages;
import io.heliodor.interop.ServerProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Three servers that are nodes, each on a host of its own with a user, and a random fault in each round. After it all users are
 * present everywhere, and have got the same messages.
 */
@Tag("long")
@WithHosts
class RoundsIT {
    private static final int ROUNDS = Integer.getInteger("heliodor.rounds", Fault.values().length);
    private static final long SEED = Long.getLong("heliodor.rounds.seed", 42);
    private static final List<String> USERS = List.of("ann", "ben", "cyd");
    private static final List<String> TOPICS = List.of("history:r0", "history:r1", "history:r2", "history:r3");
    private static final int PORT = 7100;

    /** So few that a history of 100 has all messages of a split. */
    private static final int INTERVAL_MILLIS = 150;

    /** So small that a node that does not read soon fills the queue of the others to it. */
    private static final int SOCKET_BUFFER = 256 << 10;

    /** More than queue and sockets take: 21 MB. For each topic it is not more than a history keeps, in number and bytes. */
    private static final int BURST = 140;

    private static final int BURST_BYTES = 150_000;

    /** A publisher waits a second for a full queue before messages are dropped, so that the fault lasts for longer. */
    private static final Duration BURST_TIME = Duration.ofSeconds(1);

    private static final Duration FORMED = Duration.ofSeconds(60);
    /** On a loaded machine the start of a JVM alone takes 25 s. */
    private static final Duration SOON = Duration.ofSeconds(60);

    private final Random random = new Random(SEED);
    private final List<ServerProcess> servers = new ArrayList<>();
    private final List<Follower> followers = new ArrayList<>();

    /** The incarnations of publishers whose server was killed: their last messages may be lost with it. */
    private final Set<String> killed = new HashSet<>();

    /** Each kind comes once before one comes again. */
    private final List<Fault> faults = new ArrayList<>();

    private int lossRounds;
    private int roundsWithLosses;

    private Network network;

    /** A fault at hosts or between them. */
    private enum Fault {
        KILL,
        RESTART,
        FREEZE,
        LOSS,
        SPLIT,
        ONE_WAY,
        BROKEN_PAIR
    }

    @BeforeEach
    void start() throws Exception {
        Optional<String> whyNot = Network.whyNot();
        assumeTrue(whyNot.isEmpty(), () -> whyNot.orElse(""));
        NodePackages.install();
        network = new Network(USERS.size());
        network.buffer(SOCKET_BUFFER);
        for (int host = 0; host < USERS.size(); host++) {
            String address = network.address(host);
            servers.add(new ServerProcess(
                    List.of("ip", "netns", "exec", network.space(host)),
                    "--log-level",
                    "warn",
                    "--host",
                    address,
                    "--node",
                    "n" + host + "@" + address + ":" + PORT,
                    "--cookie",
                    "a-cookie-for-these-tests",
                    "--seeds",
                    Network.NAME + ":" + PORT));
        }
        for (int host = 0; host < USERS.size(); host++) {
            followers.add(new Follower(
                    List.of("ip", "netns", "exec", network.space(host)),
                    Map.of(),
                    servers.get(host).socket(),
                    USERS.get(host),
                    TOPICS));
        }
        formed();
        allArePresent();
        // A member that joins later begins after the first messages.
        await("all have joined their topics").atMost(FORMED).until(() -> {
            for (Follower each : followers) {
                if (!each.state().joined()) {
                    return false;
                }
            }
            return true;
        });
    }

    @AfterEach
    void end() throws Exception {
        followers.forEach(Follower::close);
        for (ServerProcess server : servers) {
            server.kill();
        }
        if (network != null) {
            network.close();
        }
    }

    @Test
    @Timeout(value = 3 * 60, unit = TimeUnit.MINUTES)
    void afterEachRoundAllHaveTheSame() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            if (faults.isEmpty()) {
                faults.addAll(List.of(Fault.values()));
                Collections.shuffle(faults, random);
            }
            for (Follower each : followers) {
                each.publish(INTERVAL_MILLIS);
            }
            Thread.sleep(1_000);
            Fault fault = faults.removeLast();
            long before = dropped();
            String what = fault(fault);
            formed();
            long from = System.nanoTime();
            allArePresent();
            long present = System.nanoTime() - from;
            Thread.sleep(1_000);
            for (Follower each : followers) {
                each.quiet();
            }
            int messages;
            try {
                messages = allHaveTheSame(what);
            } catch (AssertionError | ConditionTimeoutException e) {
                print();
                throw e;
            }
            if (fault == Fault.LOSS) {
                lossRounds++;
                roundsWithLosses += dropped() > before ? 1 : 0;
            }
            System.out.printf(
                    "round %d of seed %d: %s; all were present %d ms after the view, and have the same %d messages%n",
                    round, SEED, what, present / 1_000_000, messages);
        }
        System.out.printf("%d of %d bursts lost messages%n", roundsWithLosses, lossRounds);
        assertThat(roundsWithLosses).as("bursts that lost messages").isEqualTo(lossRounds);
    }

    /** The lines about messages that a node did not send to another one, of which one comes in a while. */
    private long dropped() {
        return servers.stream()
                .flatMap(server -> server.output().stream())
                .filter(line -> line.contains("was dropped"))
                .count();
    }

    /** Prints the state of the users without their messages, and the last lines of the servers. */
    private void print() throws IOException {
        for (Follower each : followers) {
            Follower.State state = each.state();
            System.out.printf("%s: %d signs of missing messages, faults %s%n", each.user, state.gaps(), state.faults());
        }
        for (int host = 0; host < servers.size(); host++) {
            System.out.printf(
                    "n%d:%n%s%n", host, String.join("\n", servers.get(host).output()));
        }
    }

    /** Causes a fault for a while, and returns its description. */
    private String fault(Fault fault) throws Exception {
        int victim = random.nextInt(servers.size());
        int other = (victim + 1 + random.nextInt(servers.size() - 1)) % servers.size();
        int third = servers.size() - victim - other;
        Duration time = Duration.ofMillis(
                switch (fault) {
                    case KILL, RESTART -> random.nextInt(4_000);
                    case FREEZE -> 1_000 + random.nextInt(7_000);
                    case LOSS -> 2_500 + random.nextInt(1_500);
                    case SPLIT, ONE_WAY, BROKEN_PAIR -> 3_000 + random.nextInt(17_000);
                });
        ServerProcess server = servers.get(victim);
        switch (fault) {
            case KILL -> {
                server.kill();
                killed.add(followers.get(victim).state().incarnation());
            }
            case RESTART -> assertThat(server.terminate()).isZero();
            case FREEZE -> server.freeze();
            case LOSS -> {
                server.freeze();
                followers.get(other).burst(BURST, BURST_BYTES, BURST_TIME);
            }
            case SPLIT -> network.split(List.of(victim), List.of(other, third));
            case ONE_WAY -> network.drop(victim, other);
            case BROKEN_PAIR -> network.split(List.of(victim), List.of(other));
        }
        Thread.sleep(time);
        switch (fault) {
            case KILL, RESTART -> server.restart();
            case FREEZE, LOSS -> server.thaw();
            case SPLIT, ONE_WAY, BROKEN_PAIR -> network.heal();
        }
        String hosts = switch (fault) {
            case KILL, RESTART, FREEZE -> "n" + victim;
            case LOSS -> "messages of n" + other + " to n" + victim;
            case SPLIT -> "n" + victim + " from the others";
            case ONE_WAY -> "n" + victim + " to n" + other;
            case BROKEN_PAIR -> "n" + victim + " and n" + other;
        };
        return fault + " of " + hosts + " for " + time.toMillis() + " ms";
    }

    private void formed() {
        await("all servers see all").atMost(FORMED).pollDelay(Duration.ZERO).until(() -> {
            for (Follower each : followers) {
                if (each.members().size() != servers.size()) {
                    return false;
                }
            }
            return true;
        });
    }

    private void allArePresent() {
        await("all are present").atMost(SOON).pollDelay(Duration.ZERO).untilAsserted(() -> {
            for (Follower each : followers) {
                assertThat(each.state().users())
                        .as("users that %s sees", each.user)
                        .isEqualTo(USERS);
            }
        });
    }

    private int allHaveTheSame(String after) throws IOException {
        await("all have the same after " + after).atMost(SOON).untilAsserted(this::checkSame);
        int messages = 0;
        for (Follower each : followers) {
            Follower.State state = each.state();
            assertThat(state.faults()).as("faults after %s", after).isEmpty();
            assertThat(state.gaps())
                    .as("signs that messages are missing at %s, after %s", each.user, after)
                    .isZero();
            assertThat(state.got().keySet())
                    .extracting(key ->
                            key.incarnation().substring(0, key.incarnation().indexOf('-')))
                    .containsAll(USERS);
            messages = state.got().values().stream().mapToInt(List::size).sum();
        }
        return messages;
    }

    private void checkSame() throws IOException {
        List<Follower.State> states = new ArrayList<>();
        for (Follower each : followers) {
            states.add(each.state());
        }
        Set<Follower.Key> keys = new HashSet<>();
        states.forEach(state -> keys.addAll(state.got().keySet()));
        for (Follower.Key key : keys) {
            List<List<Integer>> got = states.stream()
                    .map(state -> state.got().getOrDefault(key, List.of()))
                    .toList();
            int publisher = USERS.indexOf(
                    key.incarnation().substring(0, key.incarnation().indexOf('-')));
            List<Integer> all =
                    got.stream().max(Comparator.comparingInt(List::size)).orElseThrow();
            for (int i = 0; i < states.size(); i++) {
                List<Integer> expected =
                        killed.contains(key.incarnation()) && i != publisher ? common(got, publisher) : all;
                assertThat(got.get(i))
                        .as("%s of %s at %s", key, all, USERS.get(i))
                        .isEqualTo(expected);
            }
            assertThat(all)
                    .isEqualTo(IntStream.rangeClosed(1, all.size()).boxed().toList());
        }
    }

    /** The messages of a publisher whose server was killed, as both others must have them. */
    private static List<Integer> common(List<List<Integer>> got, int publisher) {
        return got.get(publisher == 0 ? 1 : 0);
    }
}
