package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.session.budget.ConnectionMemory;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.lane.Outbox;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whose connections are closed when memory is short. */
class LoadShedderTests {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    private final MemoryBudget budget = new MemoryBudget(8 * MIB);

    /** A connection, which a handler keeps busy after its end if {@code busy}. */
    private final class Held implements LoadShedder.Holder {
        private final Object party;
        private final boolean busy;
        private final ConnectionMemory memory = new ConnectionMemory(budget);
        private boolean closed;
        private long ownBytes;

        Held(Object party, long bytes, boolean busy) {
            this.party = party;
            this.busy = busy;
            memory.add(bytes);
            memory.settleExactly();
        }

        @Override
        public ConnectionMemory memory() {
            return memory;
        }

        @Override
        public Outbox outbox() {
            throw new AssertionError("Direct memory is not short.");
        }

        @Override
        public long ownBytes() {
            return ownBytes;
        }

        @Override
        public Object party() {
            return party;
        }

        @Override
        public boolean hasEnded() {
            return closed;
        }

        @Override
        public void closeSlow(String reason) {
            throw new AssertionError(reason);
        }

        @Override
        public void closeOverloaded() {
            closed = true;
            if (!busy) {
                budget.add(-ownBytes);
                ownBytes = 0;
                memory.release(memory.held());
                memory.end();
            }
        }
    }

    private final class Lane {
        private final LoadShedder shedder = new LoadShedder(budget, () -> 0);
        private final List<Held> sessions = new ArrayList<>();

        Held holds(Object party, long bytes) {
            return holds(party, bytes, false);
        }

        Held holds(Object party, long bytes, boolean busy) {
            Held held = new Held(party, bytes, busy);
            sessions.add(held);
            return held;
        }

        Held has(Object party, long ownBytes) {
            Held held = holds(party, 0);
            held.ownBytes = ownBytes;
            budget.add(ownBytes);
            return held;
        }

        void sweep(Duration at) {
            shedder.sweep(() -> sessions, at.toNanos());
        }

        long closed(Object party) {
            return sessions.stream()
                    .filter(each -> each.closed && each.party.equals(party))
                    .count();
        }
    }

    private static void sweep(Duration at, Lane... lanes) {
        Stream.of(lanes).forEach(lane -> lane.sweep(at));
    }

    private static final Duration BEGIN = Duration.ZERO;
    private static final Duration OVER = Duration.ofSeconds(2);

    @Test
    void theUserWhoHoldsMostByManySmallConnectionsGivesWay() {
        Lane lane = new Lane();
        Held ann = lane.holds("ann", MIB);
        IntStream.range(0, 100).forEach(_ -> lane.holds("mallory", 60 * KIB));
        sweep(BEGIN, lane);
        sweep(OVER, lane);
        assertThat(ann.closed).isFalse();
        assertThat(budget.tight()).isFalse();
        assertThat(lane.closed("mallory")).isBetween(15L, 18L);
    }

    @Test
    void connectionsAndTheirChannelsCountForTheirUser() {
        Lane lane = new Lane();
        Held ann = lane.holds("ann", MIB);
        IntStream.range(0, 2_000).forEach(_ -> lane.has("mallory", 3 * KIB));
        sweep(BEGIN, lane);
        sweep(OVER, lane);
        assertThat(ann.closed).isFalse();
        assertThat(budget.tight()).isFalse();
        assertThat(lane.closed("mallory")).isBetween(290L, 300L);
    }

    @Test
    void theChannelsOfAnOrdinaryUserDoNotCount() {
        MemoryBudget large = new MemoryBudget(512 * MIB);
        large.add(400 * MIB);
        Lane lane = new Lane();
        List<Held> users = IntStream.range(0, 100)
                .mapToObj(user -> lane.has("user " + user, 203 * KIB))
                .toList();
        LoadShedder shedder = new LoadShedder(large, () -> 0);
        shedder.sweep(() -> lane.sessions, BEGIN.toNanos());
        shedder.sweep(() -> lane.sessions, OVER.toNanos());
        assertThat(users).noneMatch(user -> user.closed);
    }

    @Test
    void noneOfManyClientsOfAProxyIsClosedForTheirNumber() {
        Lane lane = new Lane();
        InetAddress proxy = InetAddress.getLoopbackAddress();
        IntStream.range(0, 2_300).forEach(_ -> lane.has(proxy, 3 * KIB));
        sweep(BEGIN, lane);
        sweep(OVER, lane);
        assertThat(budget.tight()).isTrue();
        assertThat(lane.closed(proxy)).isZero();
    }

    @Test
    void aLaneClosesNoneForALargerUserOfAnotherLane() {
        Lane first = new Lane();
        Lane second = new Lane();
        Held ann = second.holds("ann", MIB);
        IntStream.range(0, 7).forEach(_ -> first.holds("mallory", MIB));
        sweep(BEGIN, first, second);
        sweep(OVER, second, first);
        assertThat(ann.closed).isFalse();
        assertThat(budget.tight()).isFalse();
    }

    @Test
    void whatEndedConnectionsOfAnotherLaneReleaseLaterIsNotTakenFromOthers() {
        Lane first = new Lane();
        Lane second = new Lane();
        Held ann = second.holds("ann", MIB);
        Held mallory = first.holds("mallory", 6 * MIB, true);
        sweep(BEGIN, first, second);
        sweep(OVER, first, second);
        assertThat(mallory.closed).isTrue();
        assertThat(budget.tight()).isTrue();
        IntStream.range(0, 4).forEach(_ -> sweep(OVER, first, second));
        assertThat(ann.closed).isFalse();
    }

    @Test
    void aLaneThatHangsDoesNotKeepMemoryShort() {
        Lane hanging = new Lane();
        Lane other = new Lane();
        hanging.holds("mallory", 4 * MIB);
        Held trent = other.holds("trent", 3 * MIB);
        sweep(BEGIN, hanging, other);
        // One sweep was over before: then 8 for each of two lanes.
        for (int i = 1; i <= 16; i++) {
            other.sweep(OVER);
            assertThat(trent.closed).as("in sweep %d", i).isEqualTo(i == 16);
        }
    }

    @Test
    void smallConnectionsOfANetworkGoWhenAllIsUsed() {
        Lane lane = new Lane();
        InetAddress proxy = InetAddress.getLoopbackAddress();
        IntStream.range(0, 7 * 1024 / 10).forEach(_ -> lane.holds(proxy, 10 * KIB));
        sweep(BEGIN, lane);
        sweep(OVER, lane);
        assertThat(lane.closed(proxy)).isZero();
        IntStream.range(0, 2 * 1024 / 10).forEach(_ -> lane.holds(proxy, 10 * KIB));
        sweep(OVER, lane);
        assertThat(lane.closed(proxy)).isPositive();
        assertThat(budget.tight()).isFalse();
    }

    @Test
    void smallConnectionsOfANetworkDoNotKeepALargeUserFromGivingWay() {
        Lane lane = new Lane();
        InetAddress proxy = InetAddress.getLoopbackAddress();
        IntStream.range(0, 400).forEach(_ -> lane.holds(proxy, 10 * KIB));
        Held mallory = lane.holds("mallory", 3 * MIB);
        sweep(BEGIN, lane);
        sweep(OVER, lane);
        assertThat(mallory.closed).isTrue();
        assertThat(lane.closed(proxy)).isZero();
    }

    @Test
    void aMeasurementOfAShortageThatIsOverIsForgotten() {
        Lane first = new Lane();
        Lane second = new Lane();
        Held once = first.holds("once", 8 * MIB);
        first.shedder.closeLargest(first.sessions);
        assertThat(once.closed).isTrue();
        sweep(BEGIN, first, second);
        assertThat(budget.shares().largestFirst()).isEmpty();
    }

    private static Stream<Long> seeds() {
        return Stream.iterate(1L, seed -> seed + 1).limit(200);
    }

    /** Users fill the memory by connections of any size on any lane. One of them holds less than its share. */
    @ParameterizedTest
    @MethodSource("seeds")
    void oneWhoHoldsLessThanItsShareIsNotClosed(long seed) {
        Random random = new Random(seed);
        List<Lane> lanes =
                Stream.generate(Lane::new).limit(1 + random.nextInt(4)).toList();
        int hostile = 1 + random.nextInt(5);
        List<Held> quiet = new ArrayList<>();
        long share = budget.limit() * 3 / 4 / (hostile + 1);
        for (long held = 0, next; held + (next = 1L + random.nextInt(300 * KIB)) < share; held += next) {
            quiet.add(lanes.get(random.nextInt(lanes.size())).holds("quiet", next));
        }
        while (!budget.tight()) {
            Object party = "hostile " + random.nextInt(hostile);
            int bytes = 1 + random.nextInt(random.nextBoolean() ? 2 * MIB : 60 * KIB);
            lanes.get(random.nextInt(lanes.size())).holds(party, bytes, random.nextBoolean());
        }
        for (int i = 0; i < 8; i++) {
            List<Lane> order = new ArrayList<>(lanes);
            Collections.shuffle(order, random);
            Duration at = OVER.multipliedBy(i);
            order.forEach(lane -> lane.sweep(at));
        }
        assertThat(quiet).noneMatch(each -> each.closed);
    }
}
