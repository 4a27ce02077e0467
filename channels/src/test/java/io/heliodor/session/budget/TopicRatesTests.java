package io.heliodor.session.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.limit.Rate;
import org.junit.jupiter.api.Test;

class TopicRatesTests {
    private static final long SECOND = 1_000_000_000;
    private static final Rate RATE = Rate.perSecond(10);

    private final MemoryBudget memory = new MemoryBudget(1 << 20);
    private final TopicRates rates = new TopicRates(3, memory);

    private static int takeAll(TokenBucket tokens, long now) {
        int taken = 0;
        while (tokens.take(now)) {
            taken++;
        }
        return taken;
    }

    private int use(String topic, long now) {
        TokenBucket tokens = rates.join(topic, RATE, now);
        int taken = takeAll(tokens, now);
        rates.leave(topic, tokens, now);
        return taken;
    }

    @Test
    void aTopicThatIsJoinedAgainHasTheTokensThatWereLeft() {
        assertThat(use("a", 0)).isEqualTo(10);
        assertThat(use("a", 0)).isZero();
        assertThat(use("a", SECOND / 2)).isEqualTo(5);
        assertThat(use("b", SECOND / 2)).isEqualTo(10);
    }

    @Test
    void tokensThatHaveAllComeBackAreNotKept() {
        use("a", 0);
        TokenBucket tokens = rates.join("a", RATE, SECOND);
        rates.leave("a", tokens, SECOND);
        assertThat(rates.size()).isZero();
        assertThat(memory.used()).isZero();
    }

    @Test
    void topicsInTurnGetNoMoreTokensThanTheMaximumOfTopics() {
        int taken = 0;
        for (int i = 0; i < 100; i++) {
            taken += use("topic:" + i, 0);
        }
        assertThat(taken).isEqualTo(30);
        assertThat(rates.size()).isEqualTo(3);
    }

    @Test
    void fullBucketsMakeRoomForNewTopics() {
        use("a", 0);
        use("b", 0);
        use("c", 0);
        assertThat(use("d", SECOND)).isEqualTo(10);
        assertThat(rates.size()).isEqualTo(1);
    }

    @Test
    void keptTokensCountInMemoryUntilTheConnectionEnds() {
        use("a", 0);
        assertThat(memory.used()).isPositive();
        rates.clear();
        assertThat(memory.used()).isZero();
    }
}
