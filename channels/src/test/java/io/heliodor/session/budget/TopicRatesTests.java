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
    void aTopicThatIsReplacedKeepsItsTokensAmongTooMany() {
        TokenBucket tokens = rates.join("replaced", RATE, 0);
        use("a", 0);
        use("b", 0);
        use("c", 0);
        assertThat(tokens.take(0)).isTrue();
        rates.leave("replaced", tokens, 0);
        assertThat(takeAll(rates.join("replaced", RATE, 0), 0)).isEqualTo(9);
    }

    /** Otherwise topics whose tokens come back at once would displace those that a flood has used. */
    @Test
    void topicsThatAreAlmostFullDoNotRenewTheTokensOfAnother() {
        TokenBucket flood = rates.join("flood", RATE, 0);
        for (String topic : new String[] {"a", "b", "c"}) {
            TokenBucket tokens = rates.join(topic, RATE, 0);
            assertThat(tokens.take(0)).isTrue();
            rates.leave(topic, tokens, 0);
        }
        assertThat(takeAll(flood, 0)).isEqualTo(10);
        rates.leave("flood", flood, 0);
        assertThat(rates.size()).isEqualTo(3);
        assertThat(use("flood", SECOND / 10)).isEqualTo(1);
    }

    @Test
    void tokensThatWereDroppedComeBackBeforeATopicGetsNewOnes() {
        String[] topics = {"a", "b", "c", "d"};
        TokenBucket[] buckets = new TokenBucket[topics.length];
        for (int i = 0; i < topics.length; i++) {
            buckets[i] = rates.join(topics[i], RATE, 0);
            assertThat(takeAll(buckets[i], 0)).isEqualTo(10);
        }
        for (int i = 0; i < topics.length; i++) {
            rates.leave(topics[i], buckets[i], 0);
        }
        int taken = 0;
        for (String topic : topics) {
            taken += takeAll(rates.join(topic, RATE, SECOND / 2), SECOND / 2);
        }
        assertThat(taken).isEqualTo(15);
        assertThat(takeAll(rates.join("e", RATE, SECOND), SECOND)).isEqualTo(10);
        assertThat(memory.used()).isZero();
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
