package io.heliodor.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A log that lacks a message of node a, which does not respond, while node b responds that it has no such message. */
class CatchUpScheduleTests {
    private static final long SECOND = 1_000_000_000L;
    private static final long STREAM_OF_A = 1;
    private static final long STREAM_OF_B = 2;

    private final List<String> requested = new ArrayList<>();
    private final List<Long> rounds = new ArrayList<>();
    private final List<String> delivered = new ArrayList<>();
    private final List<ResumeToken> notified = new ArrayList<>();
    private final TopicLog<String> log = new TopicLog<>(
            () -> 3, new LogLocation("c", 0), LogLimits.of(10, 1_000, 600 * SECOND), new IgnoredChanges());
    private final CatchUpSchedule<String> schedule = new CatchUpSchedule<>(log, new RecordedEffects(), 0);
    private long now;

    private final class RecordedEffects implements CatchUpSchedule.Effects<String> {
        @Override
        public void request(String node, long round) {
            requested.add(node);
            rounds.add(round);
        }

        @Override
        public void deliver(List<Delivery<String>> deliveries) {
            deliveries.forEach(each -> delivered.add(each.content()));
        }

        @Override
        public void begun() {}

        @Override
        public void missed(Gap gap, ResumeToken token) {
            notified.add(token);
        }
    }

    private static final class IgnoredChanges implements LogListener<String> {
        @Override
        public int bytes(HistoryMessage<String> message) {
            return message.content().length();
        }

        @Override
        public int bytes(LogEntry<String> entry) {
            return entry.content().length();
        }

        @Override
        public void grew(long bytes) {}

        @Override
        public void waitingGrew(long bytes) {}

        @Override
        public void kept(LogEntry<String> entry) {}

        @Override
        public void dropped(String content) {}

        @Override
        public void evicted() {}

        @Override
        public void tokenTooLong() {}

        @Override
        public void streamForgotten() {}

        @Override
        public void givenUp(Dot last, Dot after) {}

        @Override
        public void lost(Dot dot) {}
    }

    @BeforeEach
    void begin() {
        schedule.others(Set.of("a", "b"), now);
        schedule.begin(now);
        respond(0, 0);
        assertThat(log.hasBegun()).isTrue();
    }

    /** Node b responds to all its requests, and those to node a end without a response. */
    private void respond(long counter, long floor) {
        while (!requested.isEmpty()) {
            String node = requested.removeFirst();
            long round = rounds.removeFirst();
            if (node.equals("b")) {
                schedule.received(
                        node,
                        round,
                        new CatchUpResponse<>(
                                List.of(
                                        new CatchUpResponse.Stream(STREAM_OF_A, counter, floor, Optional.empty()),
                                        new CatchUpResponse.Stream(STREAM_OF_B, 0, 0, Optional.empty())),
                                STREAM_OF_B,
                                List.of(),
                                false),
                        now);
            }
            schedule.over(node, round, node.equals("b"), now);
        }
    }

    private void pass(long nanos) {
        for (long end = now + nanos; now < end; ) {
            now += SECOND / 10;
            schedule.tick(now);
            respond(1, 1);
        }
    }

    /** Nobody responds for a time. */
    private void tick(long nanos) {
        for (long end = now + nanos; now < end; ) {
            now += SECOND / 10;
            schedule.tick(now);
        }
    }

    private void receiveSecond() {
        schedule.received(
                new HistoryMessage<>(new CausalStamp(new Dot(STREAM_OF_A, 2), true, List.of()), "second", 0), now);
    }

    @Test
    void nothingIsGivenUpWhileANodeDoesNotRespondThatMayHaveIt() {
        receiveSecond();
        pass(CatchUpSchedule.SILENCE_TIMEOUT - SECOND / 2);
        assertThat(delivered).isEmpty();
        pass(2 * SECOND);
        assertThat(delivered).containsExactly("second");
        assertThat(notified).isEmpty(); // the message has the mark
    }

    @Test
    void aPauseIsNoSilenceOfTheOthers() {
        receiveSecond();
        pass(CatchUpSchedule.SILENCE_TIMEOUT - 2 * SECOND);
        now += 60 * SECOND;
        pass(SECOND / 5);
        assertThat(delivered).isEmpty();
        pass(3 * SECOND);
        assertThat(delivered).containsExactly("second");
    }

    @Test
    void aLogThatWasPausedWhileItBeganAwaitsTheResponses() {
        TopicLog<String> young = new TopicLog<>(
                () -> 4, new LogLocation("d", 0), LogLimits.of(10, 1_000, 600 * SECOND), new IgnoredChanges());
        CatchUpSchedule<String> begins = new CatchUpSchedule<>(young, new RecordedEffects(), now);
        begins.others(Set.of("b"), now);
        begins.begin(now);
        now += 60 * SECOND;
        begins.tick(now);
        assertThat(young.hasBegun()).isFalse();
        for (int i = 0; i < 10; i++) {
            now += SECOND / 10;
            begins.tick(now);
        }
        assertThat(young.hasBegun()).isTrue();
    }

    /** A silence that ended long ago, without a missing message, does not count. */
    @Test
    void eachSilenceBeginsAnew() {
        schedule.catchUp();
        now += SECOND;
        schedule.tick(now);
        respond(0, 0);
        now += 100 * SECOND;
        receiveSecond();
        pass(2 * SECOND);
        assertThat(delivered).isEmpty();
    }

    @Test
    void aClientThatIsAheadWaitsForASlowNode() {
        long round = schedule.catchUp();
        now += SECOND;
        schedule.tick(now); // the round begins
        tick(CatchUpSchedule.CLIENT_TIMEOUT - SECOND / 2);
        assertThat(schedule.isOver(round)).isFalse();
        tick(SECOND);
        assertThat(schedule.isOver(round)).isTrue();
    }

    @Test
    void membersAreNotifiedOfAGapThatNoMessageFollows() {
        schedule.differs("b");
        pass(CatchUpSchedule.SILENCE_TIMEOUT + 3 * SECOND);
        assertThat(notified).containsExactly(new ResumeToken(VersionVector.NONE.with(STREAM_OF_A, 1)));
        assertThat(schedule.isQuiescent()).isTrue();
    }
}
