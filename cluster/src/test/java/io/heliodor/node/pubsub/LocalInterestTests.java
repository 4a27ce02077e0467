package io.heliodor.node.pubsub;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.counter.EnumCounters;
import io.heliodor.link.Peer;
import io.heliodor.node.NoPeers;
import io.heliodor.process.engine.NodeCounter;
import io.heliodor.protocol.ReplicatedMaps;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LocalInterestTests {
    private static final Peer SELF = new Peer("a@host", 1);
    private static final long LINGER = LocalInterest.LINGER.toNanos();

    private final ReplicatedMaps maps = new ReplicatedMaps(SELF, new NoPeers(), 2 + RemoteInterest.BUCKETS);
    private final EnumCounters<NodeCounter> counters = new EnumCounters<>(NodeCounter.class);
    private final LocalInterest interest = new LocalInterest(maps, 2, counters);

    private Set<String> listed() {
        return Set.copyOf(maps.entries(LocalInterest.MAP, SELF).keySet());
    }

    @Test
    void aTopicLingersAfterItsLastSubscription() {
        interest.add("a");
        interest.remove("a", 0);
        interest.tick(LINGER - 1);
        assertThat(listed()).containsExactly("a");
        interest.tick(LINGER);
        assertThat(listed()).isEmpty();
    }

    @Test
    void aNewSubscriptionToALingeringTopicChangesNothing() {
        long first = interest.add("a");
        interest.remove("a", 0);
        assertThat(interest.add("a")).isEqualTo(first);
        interest.tick(LINGER);
        assertThat(listed()).containsExactly("a");
        assertThat(maps.version(LocalInterest.MAP)).isEqualTo(first);
    }

    @Test
    void theLingerTimeRestartsWithEachLastSubscription() {
        interest.add("a");
        interest.add("b");
        interest.remove("a", 0);
        interest.remove("b", 1);
        interest.add("a");
        interest.remove("a", LINGER / 2);
        interest.tick(LINGER + 1);
        assertThat(listed()).containsExactly("a");
        interest.tick(LINGER + Duration.ofSeconds(5).toNanos());
        assertThat(listed()).isEmpty();
    }

    @Test
    void aSubscribedTopicReplacesOneThatLingers() {
        interest.add("a");
        interest.add("b");
        interest.remove("b", 0);
        interest.remove("a", 1);
        interest.add("c");
        assertThat(listed()).containsExactlyInAnyOrder("a", "c");
        interest.add("b");
        assertThat(listed()).containsExactlyInAnyOrder("b", "c");
    }

    @Test
    void topicsOverTheLimitAreListedByTheirBuckets() {
        String tooLong = "x".repeat(ReplicatedMaps.MAX_KEY_BYTES + 1);
        interest.add("a");
        interest.add("b");
        interest.add("c");
        interest.add(tooLong);
        assertThat(listed())
                .containsExactlyInAnyOrder("a", "b", RemoteInterest.bucket("c"), RemoteInterest.bucket(tooLong));
        interest.remove("c", 0);
        assertThat(listed()).containsExactlyInAnyOrder("a", "b", RemoteInterest.bucket(tooLong));
        interest.remove(tooLong, 0);
        assertThat(listed()).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void topicsThatAreNotListedByNameAreCounted() {
        interest.add("a");
        interest.add("b");
        assertThat(counters.get(NodeCounter.TOPICS_UNLISTED)).isZero();
        interest.add("c");
        interest.add("d");
        assertThat(counters.get(NodeCounter.TOPICS_UNLISTED)).isEqualTo(2);
    }

    /** The map has room for all buckets in addition to the topics by name, so no topic is refused. */
    @Test
    void aNodeWithTopicsInAllBucketsListsThem() {
        Set<String> buckets = new HashSet<>();
        List<String> topics = new ArrayList<>();
        for (int i = 0; buckets.size() < RemoteInterest.BUCKETS || topics.size() < 2; i++) {
            String topic = "topic " + i;
            interest.add(topic);
            topics.add(topic);
            if (i >= 2) {
                buckets.add(RemoteInterest.bucket(topic));
            }
        }
        buckets.addAll(List.of("topic 0", "topic 1"));
        assertThat(listed()).isEqualTo(buckets);
        topics.subList(2, topics.size()).forEach(topic -> interest.remove(topic, 0));
        assertThat(listed()).containsExactlyInAnyOrder("topic 0", "topic 1");
    }

    /** The texts are of one bucket, as their hashes are equal. */
    @Test
    void aBucketIsListedWhileOneOfItsTopicsIs() {
        assertThat(RemoteInterest.bucket("Aa")).isEqualTo(RemoteInterest.bucket("BB"));
        interest.add("a");
        interest.add("b");
        long first = interest.add("Aa");
        assertThat(interest.add("BB")).isEqualTo(first);
        interest.remove("Aa", 0);
        assertThat(listed()).contains(RemoteInterest.bucket("BB"));
        interest.remove("BB", 0);
        assertThat(listed()).containsExactlyInAnyOrder("a", "b");
    }
}
