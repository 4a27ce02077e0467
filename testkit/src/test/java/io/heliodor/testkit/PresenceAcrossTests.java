package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.limit.Limits;
import io.heliodor.node.Statistic;
import io.heliodor.presence.Diff;
import io.heliodor.presence.Owner;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.engine.ClusterPubSub;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One presence on several nodes. */
@Timeout(120)
class PresenceAcrossTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String C = "c@host";
    private static final String ROOM = "room:1";

    record Online(String device) {}

    private final ClusterKit cluster =
            ClusterKit.builder().nodes(A, B, C).capacity(FullQueue.CAPACITY).start();
    private final Map<String, Presence<Online>> presences = new HashMap<>();
    private final List<Owner> owners = new ArrayList<>();

    @AfterEach
    void close() {
        cluster.close();
    }

    private Presence<Online> presence(String node) {
        return presences.computeIfAbsent(
                node, name -> Presence.over(cluster.node(name).pubsub(), Online.class));
    }

    private void all() {
        cluster.nodes().forEach(this::presence);
    }

    private Owner track(String node, String topic, String key) {
        Owner owner = Owner.of(topic);
        owners.add(owner);
        presence(node).track(owner, key, new Online("web"));
        return owner;
    }

    private Set<String> keys(String node) {
        return presence(node).list(ROOM).keySet();
    }

    private void awaitKeys(String node, String... keys) {
        cluster.await(() -> keys(node).equals(Set.of(keys)));
    }

    /** The users that came and went on a node since this was called, as "+ann" and "-ann". */
    private Queue<String> changes(String node) {
        Queue<String> changes = new ConcurrentLinkedQueue<>();
        AtomicBoolean began = new AtomicBoolean();
        presence(node).subscribe(ROOM, (Diff<Online> diff) -> {
            if (began.getAndSet(true)) {
                diff.leaves().keySet().forEach(key -> changes.add("-" + key));
                diff.joins().keySet().forEach(key -> changes.add("+" + key));
            }
        });
        cluster.await(began::get);
        return changes;
    }

    @Test
    void usersThatComeAndGoOnOneNodeAreSeenOnAll() {
        all();
        track(A, ROOM, "ann");
        Owner ben = track(B, ROOM, "ben");
        for (String node : cluster.nodes()) {
            awaitKeys(node, "ann", "ben");
        }
        ben.close();
        for (String node : cluster.nodes()) {
            awaitKeys(node, "ann");
        }
        presence(A).update(owners.getFirst(), "ann", online -> new Online("phone"));
        cluster.await(() -> presence(C).get(ROOM, "ann").equals(List.of(new Online("phone"))));
    }

    @Test
    void anEndpointCountsThePresencesOfOtherNodes() {
        all();
        UserSocket<Integer> socket = UserSocket.connect((Connect connect) -> Connect.ok(0))
                .channel(
                        "room:*",
                        Channel.of(Integer.class).join(join -> Join.ok(0)).build())
                .build();
        try (ChannelKit server = ChannelKit.builder(socket)
                .pubsub(cluster.node(B).pubsub())
                .limits(Limits.openInternet().memory(memory -> memory.maxHeapBytes(1 << 20)))
                .start()) {
            TestClient client = server.connect();
            for (int i = 0; i < 3_000; i++) {
                track(A, "room:" + i % 100, "user " + i);
            }
            cluster.await(() -> presence(B).size() == 3_000);
            server.advance(Duration.ofSeconds(1));
            long replicated = server.metrics().value("heliodor.memory.replicated");
            assertThat(replicated).isGreaterThan(3_000 * 256);
            assertThat(server.metrics().value("heliodor.memory.used")).isGreaterThan(replicated);
            assertThat(client.joinRefused("room:1").toString()).contains("overloaded");

            owners.forEach(Owner::close);
            cluster.await(() -> presence(B).size() == 0);
            server.advance(Duration.ofSeconds(1));
            assertThat(server.metrics().value("heliodor.memory.replicated")).isLessThan(replicated / 2);
            client.join("room:1");
        }
    }

    @Test
    void aPresenceThatStartsLaterHasTheEarlierUsers() {
        for (int i = 0; i < 3_000; i++) {
            track(A, "room:" + i % 100, "user " + i);
        }
        presence(B);
        cluster.await(() -> presence(B).size() == 3_000);
        assertThat(presence(B).list("room:7")).isEqualTo(presence(A).list("room:7"));
    }

    @Test
    void aNodeThatHasCaughtUpHasTheEarlierUsers() {
        for (int i = 0; i < 2_500; i++) {
            track(A, ROOM, "user " + i);
        }
        Presence<Online> later = presence(B);
        CompletableFuture<Boolean> caughtUp = cluster.async(
                () -> ClusterPubSub.nodesOf(cluster.node(B).pubsub()).awaitCaughtUp(Duration.ofMinutes(1)));
        cluster.await(caughtUp::isDone);
        assertThat(caughtUp).isCompletedWithValue(true);
        assertThat(later.count(ROOM)).isEqualTo(2_500);
    }

    @Test
    void theWaitForAFrozenNodeHasALimit() {
        presence(A);
        cluster.pause(A);
        presence(B);
        CompletableFuture<Boolean> caughtUp = cluster.async(
                () -> ClusterPubSub.nodesOf(cluster.node(B).pubsub()).awaitCaughtUp(Duration.ofMinutes(1)));
        cluster.await(caughtUp::isDone);
        assertThat(caughtUp).isCompletedWithValue(true);
        CompletableFuture<Boolean> noTime = cluster.async(() -> {
            presence(C);
            return ClusterPubSub.nodesOf(cluster.node(C).pubsub()).awaitCaughtUp(Duration.ofMillis(1));
        });
        cluster.await(noTime::isDone);
        assertThat(noTime).isCompletedWithValue(false);
    }

    @Test
    void aCopyOfManyOnOneTopicComesInPages() {
        for (int i = 0; i < 2_500; i++) {
            track(A, ROOM, "user " + i);
        }
        // So that the earlier removals are not kept any more.
        for (int i = 0; i < 2_500; i += 2) {
            owners.get(i).close();
        }
        presence(B);
        cluster.await(() -> presence(B).count(ROOM) == 1_250);
        assertThat(keys(B)).isEqualTo(keys(A));
    }

    @Test
    void usersOfADeadNodeLeaveOnceAndNoOthersDo() {
        all();
        for (int i = 0; i < 50; i++) {
            track(C, ROOM, "c" + i);
        }
        track(A, ROOM, "ann");
        track(C, ROOM, "ann");
        cluster.await(() -> keys(A).size() == 51 && keys(B).size() == 51);
        Queue<String> changes = changes(B);
        Duration begin = cluster.elapsed();
        cluster.crash(C);
        awaitKeys(B, "ann");
        cluster.await(() -> changes.size() == 51);
        // They are hidden. Later they are forgotten, too.
        assertThat(cluster.elapsed().minus(begin)).isLessThan(Duration.ofMinutes(1));
        assertThat(changes).hasSize(50 + 1).doesNotHaveDuplicates().allMatch(change -> change.startsWith("-"));
        assertThat(presence(B).get(ROOM, "ann")).hasSize(1);
    }

    @Test
    void aNodeThatStartsAgainIsAnotherReplica() {
        all();
        track(C, ROOM, "cyd");
        awaitKeys(A, "cyd");
        cluster.crash(C);
        presences.remove(C);
        cluster.restart(C);
        track(C, ROOM, "cal");
        awaitKeys(A, "cal");
        awaitKeys(C, "cal");
    }

    @Test
    void bothSidesOfASplitHideEachOtherAndAgreeAfterwards() {
        all();
        track(A, ROOM, "ann");
        track(B, ROOM, "ben");
        Owner cyd = track(C, ROOM, "cyd");
        Owner cal = track(C, ROOM, "cal");
        cluster.nodes().forEach(node -> awaitKeys(node, "ann", "ben", "cyd", "cal"));
        cluster.partition(List.of(A, B), List.of(C));
        awaitKeys(A, "ann", "ben");
        awaitKeys(B, "ann", "ben");
        awaitKeys(C, "cyd", "cal");
        cyd.close();
        track(A, ROOM, "amy");
        awaitKeys(C, "cal");
        Queue<String> changes = changes(A);
        cluster.heal();
        cluster.nodes().forEach(node -> awaitKeys(node, "ann", "amy", "ben", "cal"));
        cluster.await(() -> !changes.isEmpty());
        assertThat(changes)
                .as("users that left during the split do not return even briefly")
                .containsExactly("+cal");
        cal.close();
        cluster.nodes().forEach(node -> awaitKeys(node, "ann", "amy", "ben"));
    }

    @Test
    void aNodeThatPausedIsHiddenAndComesBack() {
        all();
        track(A, ROOM, "ann");
        track(C, ROOM, "cyd");
        cluster.nodes().forEach(node -> awaitKeys(node, "ann", "cyd"));
        cluster.pause(C);
        awaitKeys(A, "ann");
        cluster.resume(C);
        cluster.nodes().forEach(node -> awaitKeys(node, "ann", "cyd"));
    }

    /** A meta that cannot be written while the gate is closed, so that no node answers with it. */
    record Gated(String device) {
        private static volatile CountDownLatch gate = new CountDownLatch(0);

        @Override
        public String device() {
            try {
                gate.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return device;
        }
    }

    @Test
    void aNodeThatComesBackIsShownWhenItHasAnswered() {
        Presence<Gated> a = Presence.over(cluster.node(A).pubsub(), Gated.class);
        Presence<Gated> c = Presence.over(cluster.node(C).pubsub(), Gated.class);
        Owner cyd = Owner.of(ROOM);
        c.track(cyd, "cyd", new Gated("web"));
        c.track(Owner.of(ROOM), "cal", new Gated("web"));
        cluster.await(() -> a.list(ROOM).keySet().equals(Set.of("cyd", "cal")));
        cluster.partition(List.of(A, B), List.of(C));
        cluster.await(() -> a.list(ROOM).isEmpty());
        cyd.close();
        c.track(Owner.of(ROOM), "cem", new Gated("web"));
        Gated.gate = new CountDownLatch(1);
        try {
            cluster.heal();
            cluster.await(() ->
                    ClusterPubSub.nodesOf(cluster.node(A).pubsub()).members().size() == 3);
            assertThat(a.list(ROOM)).isEmpty();
        } finally {
            Gated.gate.countDown();
        }
        cluster.await(() -> a.list(ROOM).keySet().equals(Set.of("cal", "cem")));
    }

    @Test
    void aPresenceThatIsClosedRemovesItsUsers() {
        all();
        track(A, ROOM, "ann");
        track(B, ROOM, "ben");
        cluster.nodes().forEach(node -> awaitKeys(node, "ann", "ben"));
        presence(B).close();
        awaitKeys(A, "ann");
        presences.put(B, Presence.over(cluster.node(B).pubsub(), Online.class));
        track(B, ROOM, "bob");
        awaitKeys(A, "ann", "bob");
        awaitKeys(B, "ann", "bob");
    }

    @Test
    void aPresenceWithoutUsersOfItsOwnIsClosedAndOthersStay() {
        all();
        track(A, ROOM, "ann");
        awaitKeys(B, "ann");
        presence(B).close();
        track(A, ROOM, "amy");
        awaitKeys(C, "amy", "ann");
        assertThatIllegalStateException().isThrownBy(() -> track(B, ROOM, "ben"));
    }

    /** Adds a user at A whose delta for B is dropped, while the session between them lasts. */
    private void loseDelta(String key) {
        FullQueue.fill(cluster, A, B);
        long lost = cluster.node(A).statistic(Statistic.PUBLISH_LOST);
        track(A, ROOM, key);
        cluster.await(() -> cluster.node(A).statistic(Statistic.PUBLISH_LOST) > lost);
        cluster.release(A, B);
        cluster.await(() -> keys(C).contains(key));
    }

    @Test
    void aNodeRequestsTheChangesOfAGapAtOnce() {
        all();
        track(A, ROOM, "ann");
        cluster.nodes().forEach(node -> awaitKeys(node, "ann"));
        // A periodic request would do as well, but it comes every 5 s, and not in each of these rounds.
        for (int round = 0; round < 5; round++) {
            loseDelta("lost " + round);
            track(A, ROOM, "next " + round);
            // A request that was under way fails after 2 s. The next one is under way when the clock stands still.
            cluster.advance(Duration.ofMillis(2_500));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(keys(B)).isEqualTo(keys(A)));
        }
    }

    @Test
    void aLostDeltaThatNoneFollowsComesWithTheNextPeriodicRequest() {
        all();
        track(A, ROOM, "ann");
        cluster.nodes().forEach(node -> awaitKeys(node, "ann"));
        loseDelta("amy");
        cluster.advance(Duration.ofSeconds(10));
        awaitKeys(B, "ann", "amy");
    }

    @Test
    void twoNodesWithoutALinkGetTheirChangesFromAThird() {
        all();
        track(A, ROOM, "ann");
        cluster.nodes().forEach(node -> awaitKeys(node, "ann"));
        cluster.partition(List.of(A), List.of(B));
        track(A, ROOM, "amy");
        track(B, ROOM, "ben");
        cluster.nodes().forEach(node -> awaitKeys(node, "ann", "amy", "ben"));
        assertThat(cluster.node(A).membership().peers()).hasSize(2);
    }

    @Test
    void metadataThatCannotBeSentToOtherNodesAreRefused() {
        all();
        assertThatThrownBy(() -> presence(A).track(Owner.of(ROOM), "ann", new Online(null)))
                .isInstanceOf(RuntimeException.class);
        track(A, ROOM, "amy");
        for (String node : cluster.nodes()) {
            awaitKeys(node, "amy");
        }
    }

    @Test
    void presencesOfOneNodeHaveNames() {
        PubSub pubsub = cluster.node(A).pubsub();
        presence(A);
        assertThatIllegalStateException()
                .isThrownBy(() -> Presence.over(pubsub, Online.class))
                .withMessageContaining("name");
        Presence<Online> typing =
                Presence.builder(pubsub, Online.class).name("typing").build();
        Presence<Online> there = Presence.builder(cluster.node(B).pubsub(), Online.class)
                .name("typing")
                .build();
        typing.track(Owner.of(ROOM), "ann", new Online("web"));
        cluster.await(() -> there.count(ROOM) == 1);
        assertThat(presence(B).count(ROOM)).isZero();
    }

    @Test
    void manySplitsWithChangesOnBothSidesEndInTheSameState() {
        all();
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < 40; i++) {
                String node = cluster.nodes().get((round + i) % 3);
                track(node, "room:" + i % 4, "user " + round + "." + i);
            }
            cluster.partition(List.of(cluster.nodes().get(round % 3)), others(round % 3));
            for (int i = round; i < owners.size(); i += 3) {
                owners.get(i).close();
            }
            cluster.advance(Duration.ofSeconds(20));
            cluster.heal();
            cluster.await(() -> cluster.nodes().stream()
                    .allMatch(node -> cluster.node(node).membership().peers().size() == 2));
            cluster.await(() -> same(A, B) && same(A, C));
        }
    }

    private List<String> others(int than) {
        List<String> others = new ArrayList<>(cluster.nodes());
        others.remove(than);
        return others;
    }

    private boolean same(String one, String other) {
        for (int i = 0; i < 4; i++) {
            if (!presence(one)
                    .list("room:" + i)
                    .keySet()
                    .equals(presence(other).list("room:" + i).keySet())) {
                return false;
            }
        }
        return true;
    }
}
