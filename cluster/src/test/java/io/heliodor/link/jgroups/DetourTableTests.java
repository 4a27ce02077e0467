package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DetourTableTests {
    private static final long INTERVAL = 1_000;

    /** Longer than the silence after which a member gets a detour. */
    private static final long LONG = 3_000;

    private final List<String> changes = new ArrayList<>();
    private final DetourTable<String> table = new DetourTable<>(INTERVAL, this::changed);
    private long now = 1_000_000;

    private void changed(String member, Optional<String> through) {
        changes.add(member + " " + through.orElse("directly"));
    }

    @BeforeEach
    void threeOthers() {
        table.members(List.of("b", "c", "d"), now);
    }

    /** Lets time pass in which packets come directly from these members. */
    private void pass(long time, String... from) {
        for (long at = now + 100; at <= now + time; at += 100) {
            for (String member : from) {
                table.direct(member, at);
            }
            table.tick(at);
        }
        now += time;
    }

    private DetourTable.Hop<String> through(String hop, boolean deaf) {
        return new DetourTable.Hop<>(hop, deaf);
    }

    @Test
    void membersAreReachedDirectly() {
        table.answered("b", "c", now);
        pass(LONG, "b", "c", "d");
        assertThat(table.hops()).isEmpty();
        assertThat(table.silent("b", now)).isFalse();
        assertThat(table.hop("b")).isNull();
    }

    @Test
    void packetsToASilentMemberGoThroughTheOneThatReachesIt() {
        pass(LONG, "c", "d");
        assertThat(table.silent("b", now)).isTrue();
        assertThat(table.hop("b")).isNull();
        table.answered("b", "c", now);
        assertThat(table.hop("b")).isEqualTo(through("c", true));
        assertThat(changes).containsExactly("b c");
    }

    @Test
    void aMemberWhoseConnectionEndedIsSilentUntilAPacketComes() {
        table.ended("b", now);
        table.answered("b", "d", now);
        assertThat(table.hop("b")).isEqualTo(through("d", true));
        table.direct("b", now);
        assertThat(table.hops()).isEmpty();
        assertThat(table.silent("b", now)).isFalse();
        assertThat(changes).containsExactly("b d", "b directly");
    }

    @Test
    void anAnswerCountsForAWhile() {
        pass(LONG, "c", "d");
        table.answered("b", "c", now);
        pass((long) (DetourTable.FRESH * INTERVAL), "c", "d");
        assertThat(table.hop("b")).isNotNull();
        pass(100, "c", "d");
        assertThat(table.hop("b")).isNull();
    }

    @Test
    void thePresentHopStaysWhileItAnswers() {
        pass(LONG, "c", "d");
        table.answered("b", "c", now);
        for (int i = 0; i < 5; i++) {
            pass(INTERVAL, "c", "d");
            table.answered("b", "d", now);
            table.answered("b", "c", now);
        }
        assertThat(changes).containsExactly("b c");
        for (int i = 0; i < 5; i++) {
            pass(INTERVAL, "c", "d");
            table.answered("b", "d", now);
        }
        assertThat(changes).containsExactly("b c", "b d");
    }

    @Test
    void aSilentMemberIsNotAHop() {
        pass(LONG, "d");
        table.answered("b", "c", now);
        assertThat(table.hop("b")).isNull();
        table.direct("c", now);
        table.tick(now);
        assertThat(table.hop("b")).isEqualTo(through("c", true));
    }

    @Test
    void aMemberThatReceivesNothingFromThisNodeIsReachedByTheHopOfItsPackets() {
        table.returned("b", "c", true, now);
        assertThat(table.hop("b")).isEqualTo(through("c", false));
        pass(INTERVAL, "b", "c", "d");
        assertThat(table.hop("b"))
                .as("its direct packets do not show that it receives any")
                .isNotNull();
        pass(LONG, "b", "c", "d");
        assertThat(table.hops()).isEmpty();
    }

    @Test
    void twoMembersThatDetourOnlyInReplyToEachOtherStop() {
        table.returned("b", "c", false, now);
        assertThat(table.hops()).isEmpty();
    }

    @Test
    void aSilentMemberIsReachedByTheHopOfItsPackets() {
        pass(LONG, "c", "d");
        table.returned("b", "d", true, now);
        assertThat(table.hop("b")).isEqualTo(through("d", true));
    }

    @Test
    void aMemberThatLeavesIsNotAHop() {
        pass(LONG, "c", "d");
        table.answered("b", "c", now);
        table.members(List.of("b", "d"), now);
        assertThat(table.hops()).isEmpty();
        table.members(List.of("d"), now);
        table.direct("b", now);
        table.ended("b", now);
        table.answered("b", "d", now);
        table.returned("b", "d", true, now);
        assertThat(table.hops()).isEmpty();
        assertThat(table.silent("b", now)).isFalse();
    }

    /** Members on a network that loses directions; each sends a heartbeat and its queries in each interval. */
    private static final class Network {
        private final int size;
        private final List<DetourTable<Integer>> tables = new ArrayList<>();
        private final Set<List<Integer>> lost = new HashSet<>();
        private long now = 1_000_000;

        Network(int size) {
            this.size = size;
            for (int i = 0; i < size; i++) {
                DetourTable<Integer> table = new DetourTable<>(INTERVAL, (_, _) -> {});
                int self = i;
                table.members(
                        java.util.stream.IntStream.range(0, size)
                                .filter(other -> other != self)
                                .boxed()
                                .toList(),
                        now);
                tables.add(table);
            }
        }

        boolean loses(int from, int to) {
            return lost.contains(List.of(from, to));
        }

        /** A heartbeat of one member arrives at another, directly and by the hop. */
        void heartbeat(int from, int to) {
            if (!loses(from, to)) {
                tables.get(to).direct(from, now);
            }
            DetourTable.Hop<Integer> hop = tables.get(from).hop(to);
            if (hop != null && !loses(from, hop.through()) && !loses(hop.through(), to)) {
                tables.get(hop.through()).direct(from, now);
                tables.get(to).direct(hop.through(), now);
                tables.get(to).returned(from, hop.through(), hop.deaf(), now);
            }
        }

        void query(int from, int about) {
            for (int other = 0; other < size; other++) {
                if (other != from
                        && other != about
                        && !loses(from, other)
                        && !loses(other, about)
                        && !loses(about, other)
                        && !loses(other, from)) {
                    tables.get(from).answered(about, other, now);
                }
            }
        }

        void interval() {
            now += INTERVAL;
            for (int from = 0; from < size; from++) {
                for (int to = 0; to < size; to++) {
                    if (from != to) {
                        heartbeat(from, to);
                    }
                }
            }
            for (int i = 0; i < size; i++) {
                tables.get(i).tick(now);
                for (int other = 0; other < size; other++) {
                    if (other != i && tables.get(i).silent(other, now)) {
                        query(i, other);
                    }
                }
            }
        }

        /** Whether a packet arrives, directly or by the hop. */
        boolean arrives(int from, int to) {
            DetourTable.Hop<Integer> hop = tables.get(from).hop(to);
            return hop == null ? !loses(from, to) : !loses(from, hop.through()) && !loses(hop.through(), to);
        }

        /** Whether a third member reaches both, and both reach it. */
        boolean hasThird(int a, int b) {
            for (int third = 0; third < size; third++) {
                if (third != a
                        && third != b
                        && !loses(a, third)
                        && !loses(third, a)
                        && !loses(b, third)
                        && !loses(third, b)) {
                    return true;
                }
            }
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void packetsArriveIfAThirdMemberReachesBothAndGoDirectlyWhenTheLinkIsBack(long seed) {
        Random random = new Random(seed);
        Network network = new Network(3 + random.nextInt(4));
        for (int round = 0; round < 20; round++) {
            network.lost.clear();
            for (int i = random.nextInt(4); i > 0; i--) {
                network.lost.add(List.of(random.nextInt(network.size), random.nextInt(network.size)));
            }
            for (int i = 0; i < 12; i++) {
                network.interval();
            }
            for (int from = 0; from < network.size; from++) {
                for (int to = 0; to < network.size; to++) {
                    if (from == to) {
                        continue;
                    }
                    boolean well = !network.loses(from, to) && !network.loses(to, from);
                    if (well) {
                        assertThat(network.tables.get(from).hop(to))
                                .as("%s to %s of %s, lost %s", from, to, network.size, network.lost)
                                .isNull();
                    } else if (network.hasThird(from, to)) {
                        assertThat(network.arrives(from, to))
                                .as("%s to %s of %s, lost %s", from, to, network.size, network.lost)
                                .isTrue();
                    }
                }
            }
        }
    }
}
