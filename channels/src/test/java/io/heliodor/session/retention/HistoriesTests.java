package io.heliodor.session.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.RecordedLog;
import io.heliodor.history.Dot;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistoriesTests {
    private static final int MAX_BYTES = 1_000;
    private static final int MAX_IDLE = 10;

    private final Counters counters = new Counters();
    private final Histories<Room> histories = new Histories<>(MAX_BYTES, MAX_IDLE, counters, () -> 0);
    private final List<Room> rooms = new ArrayList<>();

    @Test
    void aGapIsCountedAndLoggedWithItsTopicAndReason() {
        histories.missed("room:gap\n", new Dot(35, 17), "no node has them");
        assertThat(RecordedLog.linesAbout("room:gap"))
                .singleElement()
                .satisfies(line -> assertThat(line.text())
                        .isEqualTo(
                                "The history of 'room:gap\\u000a' lacks messages of another node, up to number 17 of its stream z: no"
                                        + " node has them. Its members are notified of a gap."));
        assertThat(counters.get(Counter.HISTORY_MISSED)).isOne();
    }

    @Test
    void manyGapsDoNotFillTheLog() {
        for (int i = 0; i < 100; i++) {
            histories.missed("room:flood", new Dot(35, i), "no node has them");
        }
        assertThat(RecordedLog.linesAbout("room:flood")).hasSize(20);
        assertThat(counters.get(Counter.HISTORY_MISSED)).isEqualTo(100);
    }

    /** The history of a topic, which checks that it is the one to give way. */
    private final class Room implements Histories.Bounded {
        final String name = "room:" + rooms.size();
        final String party;
        final Deque<Integer> messages = new ArrayDeque<>();
        final Histories<Room>.Share share;

        /** The order in which topics lost their members; 0 with members. */
        int idle;

        boolean ended;
        boolean gaveWay;
        Runnable meanwhile = () -> {};

        Room(String party) {
            this.party = party;
            this.share = histories.share(this, party);
            rooms.add(this);
            share.begin();
        }

        long bytes() {
            return messages.stream().mapToLong(each -> each).sum();
        }

        void publish(int size) {
            messages.add(size);
            share.grow(size);
            histories.trim();
        }

        void drop(int count) {
            for (int i = 0; i < count; i++) {
                share.grow(-messages.remove());
            }
        }

        private void runMeanwhile() {
            Runnable once = meanwhile;
            meanwhile = () -> {};
            once.run();
        }

        void leave() {
            idle = ++left;
            share.idle();
            histories.trim();
        }

        void join() {
            idle = 0;
            share.busy();
        }

        void end() {
            ended = true;
            drop(messages.size());
            share.end();
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean shrinkHistory() {
            gaveWay = true;
            assertThat(party).as("holds most").isIn(largest(Room::bytes));
            assertThat(living().filter(each -> each.party.equals(party)))
                    .as("no topic without members, and none that is larger")
                    .noneMatch(each -> each.idle > 0 || each.bytes() > bytes());
            runMeanwhile();
            drop((messages.size() + 1) / 2);
            return true;
        }

        @Override
        public void forget() {
            gaveWay = true;
            assertThat(party)
                    .as("holds most")
                    .isIn(largest(
                            living().filter(each -> each.idle > 0).count() > MAX_IDLE
                                    ? each -> each.idle > 0 ? 1 : 0
                                    : Room::bytes));
            assertThat(living().filter(each -> each.party.equals(party) && each.idle > 0))
                    .as("none that has been without members for longer")
                    .noneMatch(each -> each.idle < idle);
            runMeanwhile();
            end();
        }

        @Override
        public void sweep(long now) {
            drop(messages.isEmpty() ? 0 : 1);
        }
    }

    private int left;

    private Stream<Room> living() {
        return rooms.stream().filter(room -> !room.ended);
    }

    /** The parties that hold most. */
    private List<String> largest(ToLongFunction<Room> size) {
        Map<String, Long> sums =
                living().collect(Collectors.groupingBy(room -> room.party, Collectors.summingLong(size)));
        long most = Collections.max(sums.values());
        return sums.keySet().stream().filter(each -> sums.get(each) == most).toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void aPartyThatHoldsLessThanItsShareKeepsAll(int seed) {
        Random random = new Random(seed);
        int parties = 2 + random.nextInt(3);
        List<Room> quiet = List.of(new Room("quiet"), new Room("quiet"));
        quiet.forEach(room -> room.publish(MAX_BYTES / parties / 2 - 1));
        quiet.getLast().leave();
        for (int step = 0; step < 2_000; step++) {
            hostile(random, "hostile " + random.nextInt(parties - 1));
            assertThat(quiet).noneMatch(room -> room.gaveWay);
            assertThat(histories.bytes())
                    .isEqualTo(living().mapToLong(Room::bytes).sum())
                    .isLessThanOrEqualTo(MAX_BYTES);
            assertThat(living().filter(room -> room.idle > 0)).hasSizeLessThanOrEqualTo(MAX_IDLE);
        }
        assertThat(rooms).anyMatch(room -> room.gaveWay && room.ended).anyMatch(room -> room.gaveWay && !room.ended);
    }

    /** One step of a party. */
    private void hostile(Random random, String party) {
        List<Room> own = living().filter(room -> room.party.equals(party)).toList();
        Room room = own.size() < 4 ? new Room(party) : own.get(random.nextInt(own.size()));
        switch (random.nextInt(8)) {
            case 0 -> room.leave();
            case 1 -> room.join();
            case 2 -> room.sweep(0);
            case 3 -> {
                Room _ = new Room(party);
            }
            case 4 -> {
                if (random.nextInt(4) == 0) {
                    room.end();
                }
            }
            default -> room.publish(1 + random.nextInt(200));
        }
    }

    /** Half of ten messages and one is four and one. */
    @Test
    void whatGivesWayIsNotTakenFromByAnotherThread() {
        Room room = new Room("ann");
        IntStream.range(0, 10).forEach(_ -> room.publish(MAX_BYTES / 10));
        room.meanwhile = histories::trim;
        room.publish(1);
        assertThat(room.messages).hasSize(5);
        Room gone = new Room("bob");
        gone.publish(MAX_BYTES / 2 + 50);
        gone.meanwhile = histories::trim;
        gone.leave();
        room.publish(50);
        assertThat(gone.ended).isTrue();
        assertThat(room.messages).hasSize(6);
    }

    /** Messages of one byte each, under a lock of their own. */
    private static final class LockedRoom implements Histories.Bounded {
        final String name;
        final Histories<LockedRoom> histories;
        final Histories<LockedRoom>.Share share;
        int bytes;

        LockedRoom(Histories<LockedRoom> histories, String party) {
            this.name = party;
            this.histories = histories;
            this.share = histories.share(this, party);
            share.begin();
        }

        synchronized void grow(int more) {
            bytes += more;
            share.grow(more);
        }

        void publish(int size) {
            grow(size);
            histories.trim();
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public synchronized boolean shrinkHistory() {
            int half = (bytes + 1) / 2;
            grow(-half);
            return half > 0;
        }

        @Override
        public void forget() {
            throw new AssertionError("it has members");
        }

        @Override
        public void sweep(long now) {
            grow(0);
        }
    }

    @Test
    void publishersSideBySideTakeNothingOfAPartyThatHoldsLessThanItsShare() throws Exception {
        Histories<LockedRoom> histories = new Histories<>(MAX_BYTES, MAX_IDLE, counters, () -> 0);
        LockedRoom quiet = new LockedRoom(histories, "quiet");
        quiet.publish(MAX_BYTES / 5 - 1);
        List<Callable<Boolean>> publishers = IntStream.range(0, 4)
                .mapToObj(i -> new LockedRoom(histories, "hostile " + i))
                .<Callable<Boolean>>map(room -> () -> {
                    for (int i = 0; i < 5_000; i++) {
                        room.publish(1 + i % 300);
                    }
                    return true;
                })
                .toList();
        try (ExecutorService threads = Executors.newFixedThreadPool(publishers.size())) {
            for (Future<Boolean> each : threads.invokeAll(publishers)) {
                assertThat(each.get()).isTrue();
            }
        }
        assertThat(quiet.bytes).isEqualTo(MAX_BYTES / 5 - 1);
        assertThat(histories.bytes()).isLessThanOrEqualTo(MAX_BYTES);
        assertThat(counters.get(Counter.HISTORIES_DROPPED)).isPositive();
    }

    @Test
    void aTopicThatEndedIsNotKeptUntilTheMemoryIsFull() {
        for (int i = 0; i < 5; i++) {
            Room room = new Room("party " + i);
            room.publish(1);
            room.end();
        }
        assertThat(histories.changed()).isEqualTo(5);
        histories.sweep(0);
        assertThat(histories.changed()).isZero();
    }
}
