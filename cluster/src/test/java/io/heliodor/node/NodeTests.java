package io.heliodor.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.heliodor.codec.TooLarge;
import io.heliodor.election.Election;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.link.LinkCounter;
import io.heliodor.membership.Health;
import io.heliodor.membership.Member;
import io.heliodor.membership.Member.Status;
import io.heliodor.membership.MembershipEvent;
import io.heliodor.process.CallOutcome;
import io.heliodor.process.ConflictResolver;
import io.heliodor.process.Down;
import io.heliodor.process.Exit;
import io.heliodor.process.Name;
import io.heliodor.process.NodeDown;
import io.heliodor.process.Pid;
import io.heliodor.process.ProcessGroup;
import io.heliodor.process.Registry.Addressed;
import io.heliodor.process.Registry.Conflict;
import io.heliodor.process.Registry.Registered;
import io.heliodor.process.Registry.Sent;
import io.heliodor.process.Registry.Unregistered;
import io.heliodor.process.ReplyTo;
import io.heliodor.process.engine.ManualTime;
import io.heliodor.process.engine.NodeCounter;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.pubsub.engine.PubSubEnd;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** The API of nodes, on several nodes over a network in memory. */
class NodeTests {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Name<Text> NAME = Name.of("name", Text.class);
    private static final Topic<Text> TOPIC = Topic.of("topic", Text.class);

    record Text(String text) {}

    /** A wait within a listener. */
    private interface Interrupted {
        void run() throws InterruptedException;

        static void unless(Interrupted wait) {
            try {
                wait.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private final Queue<String> received = new ConcurrentLinkedQueue<>();

    private static ConditionFactory eventually() {
        return await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(10));
    }

    private Pid<Text> keeper(Node node) {
        return node.spawn(Text.class, inbox -> {
            while (true) {
                received.add(inbox.receive().text());
            }
        });
    }

    private static Pid<Text> sleeper(Node node) {
        return node.spawn(Text.class, inbox -> {
            while (!inbox.receive().text().equals("end")) {
                Thread.onSpinWait();
            }
        });
    }

    @Test
    void aRegisteredNameIsVisibleOnAllNodes() {
        try (MemoryCluster cluster = MemoryCluster.of(3)) {
            Pid<Text> pid = keeper(cluster.node(1));
            assertThat(cluster.node(1).registry().register(NAME, pid)).isEqualTo(new Registered.Ok());
            for (int i = 0; i < 3; i++) {
                assertThat(cluster.node(i).registry().lookup(NAME))
                        .map(Pid::node)
                        .contains("n1@host");
                assertThat(cluster.node(i).registry().names()).containsExactly("name");
            }
            cluster.node(2).registry().lookup(NAME).orElseThrow().send(new Text("hello"));
            eventually().untilAsserted(() -> assertThat(received).containsExactly("hello"));
        }
    }

    @Test
    void aNameHasOneOwner() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            Pid<Text> pid = sleeper(cluster.node(0));
            cluster.node(0).registry().register(NAME, pid).orThrow();
            assertThat(cluster.node(1).registry().register(NAME, sleeper(cluster.node(1))))
                    .isEqualTo(new Registered.Taken("n0@host"));
            assertThat(cluster.node(0).registry().register(NAME, pid)).isEqualTo(new Registered.Ok());
            assertThat(cluster.node(1).registry().unregister(NAME)).isEqualTo(new Unregistered.NotOwner("n0@host"));
            assertThat(cluster.node(0).registry().unregister(NAME)).isEqualTo(new Unregistered.Ok());
            assertThat(cluster.node(0).registry().unregister(NAME)).isEqualTo(new Unregistered.NoProcess());
            assertThat(cluster.node(1).registry().lookup(NAME)).isEmpty();
        }
    }

    @Test
    void aProcessOfAnotherNodeIsNotRegisteredHere() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            Pid<Text> pid = sleeper(cluster.node(0));
            cluster.node(0).registry().register(NAME, pid).orThrow();
            Pid<Text> elsewhere = cluster.node(1).registry().lookup(NAME).orElseThrow();
            assertThatThrownBy(() -> cluster.node(1).registry().register(Name.of("other", Text.class), elsewhere))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("n0@host");
        }
    }

    @Test
    void theNameOfAProcessThatEndedIsFree() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            Pid<Text> pid = sleeper(cluster.node(0));
            cluster.node(0).registry().register(NAME, pid).orThrow();
            pid.send(new Text("end"));
            eventually().until(() -> cluster.node(1).registry().lookup(NAME).isEmpty());
            assertThat(cluster.node(1).registry().register(NAME, sleeper(cluster.node(1))))
                    .isEqualTo(new Registered.Ok());
        }
    }

    @Test
    void awaitReturnsTheProcessThatRegistersAName() throws Exception {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            assertThat(cluster.node(1).registry().await(NAME, Duration.ofMillis(20)))
                    .isEmpty();
            Thread registering = Thread.startVirtualThread(() -> cluster.node(0)
                    .registry()
                    .register(NAME, sleeper(cluster.node(0)))
                    .orThrow());
            assertThat(cluster.node(1).registry().await(NAME, Duration.ofSeconds(20)))
                    .isPresent();
            registering.join();
        }
    }

    @Test
    void aPoolHasNumberedNames() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            cluster.node(0)
                    .registry()
                    .register(NAME.member(2), sleeper(cluster.node(0)))
                    .orThrow();
            cluster.node(1)
                    .registry()
                    .register(NAME.member(1), sleeper(cluster.node(1)))
                    .orThrow();
            assertThat(cluster.node(0).registry().lookupPool(NAME, 3))
                    .extracting(Pid::node)
                    .containsExactly("n1@host", "n0@host");
        }
    }

    @Test
    void namesOfACrashedNodeAreFree() {
        try (MemoryCluster cluster = MemoryCluster.of(3)) {
            cluster.node(0).registry().register(NAME, sleeper(cluster.node(0))).orThrow();
            cluster.network.crash(cluster.peer(0));
            cluster.view(1, 1, 2);
            eventually().until(() -> cluster.node(2).registry().lookup(NAME).isEmpty());
            assertThat(cluster.node(2).registry().register(NAME, sleeper(cluster.node(2))))
                    .isEqualTo(new Registered.Ok());
        }
    }

    @Test
    void theOldestClaimKeepsANameThatBothSidesHad() {
        conflict(ConflictResolver.oldest(), Optional.of("n0@host"), "n1@host");
    }

    @Test
    void aResolverMayPreferANode() {
        conflict(ConflictResolver.priority(List.of("n1@host")), Optional.of("n1@host"), "n0@host");
    }

    @Test
    void theDefaultAppliesWhenAResolverFails() {
        conflict(
                (name, claimants) -> {
                    throw new IllegalStateException("on purpose");
                },
                Optional.of("n0@host"),
                "n1@host");
    }

    private void conflict(ConflictResolver resolver, Optional<String> winner, String loser) {
        try (MemoryCluster cluster = MemoryCluster.of(2, resolver)) {
            Queue<Conflict> first = new ConcurrentLinkedQueue<>();
            Queue<Conflict> second = new ConcurrentLinkedQueue<>();
            cluster.node(0).registry().onConflict(first::add);
            cluster.node(1).registry().onConflict(second::add);
            cluster.network.partition(List.of(cluster.peer(0)), List.of(cluster.peer(1)));
            cluster.view(0, 0);
            cluster.view(1, 1);
            eventually().until(() -> cluster.node(1).membership().peers().isEmpty());
            cluster.node(0).registry().register(NAME, sleeper(cluster.node(0))).orThrow();
            cluster.view(1, 1); // a name of the other side from a later view is younger
            cluster.node(1).registry().register(NAME, sleeper(cluster.node(1))).orThrow();
            cluster.network.heal();
            cluster.view(0, 0, 1);
            Conflict conflict = new Conflict("name", winner, loser);
            eventually().untilAsserted(() -> assertThat(first).containsExactly(conflict));
            eventually().untilAsserted(() -> assertThat(second).containsExactly(conflict));
            for (int i = 0; i < 2; i++) {
                assertThat(cluster.node(i).registry().lookup(NAME))
                        .map(Pid::node)
                        .isEqualTo(winner);
            }
        }
    }

    @Test
    void groupsSpanNodes() {
        try (MemoryCluster cluster = MemoryCluster.of(3)) {
            ProcessGroup<Text> first = cluster.node(0).group(NAME);
            ProcessGroup<Text> second = cluster.node(1).group(NAME);
            Pid<Text> one = keeper(cluster.node(0));
            first.join(one);
            first.join(one);
            Pid<Text> two = keeper(cluster.node(1));
            second.join(two);
            ProcessGroup<Text> third = cluster.node(2).group(NAME);
            assertThat(third.members()).extracting(Pid::node).containsExactly("n0@host", "n1@host");
            assertThat(second.localMembers()).containsExactly(two);
            assertThat(cluster.node(2).groups()).containsExactly("name");
            assertThat(third.broadcast(new Text("all"))).isEqualTo(2);
            eventually().untilAsserted(() -> assertThat(received).containsExactly("all", "all"));
            assertThat(first.broadcastFrom(one, new Text("other"))).isEqualTo(1);
            eventually().untilAsserted(() -> assertThat(received).containsExactly("all", "all", "other"));
            first.leave(one);
            assertThat(third.members()).extracting(Pid::node).containsExactly("n1@host");
        }
    }

    @Test
    void aGroupListenerReceivesTheMembersAndThenTheChanges() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            Queue<String> events = new ConcurrentLinkedQueue<>();
            cluster.node(1).group(NAME).join(sleeper(cluster.node(1)));
            cluster.node(0)
                    .group(NAME)
                    .subscribe(event -> events.add(
                            event.getClass().getSimpleName() + " " + event.pid().node()));
            eventually().untilAsserted(() -> assertThat(events).containsExactly("Joined n1@host"));
            Pid<Text> pid = sleeper(cluster.node(0));
            cluster.node(0).group(NAME).join(pid);
            pid.send(new Text("end"));
            eventually()
                    .untilAsserted(() ->
                            assertThat(events).containsExactly("Joined n1@host", "Joined n0@host", "Left n0@host"));
            cluster.view(0, 0);
            eventually().untilAsserted(() -> assertThat(events).endsWith("Left n1@host"));
        }
    }

    @Test
    void aSlowListenerOfAGroupGetsItsPresentMembersInTheEnd() {
        try (MemoryCluster cluster = MemoryCluster.of(1)) {
            ProcessGroup<Text> group = cluster.node(0).group(NAME);
            CountDownLatch blocked = new CountDownLatch(1);
            Queue<Pid<Text>> members = new ConcurrentLinkedQueue<>();
            group.subscribe(event -> {
                Interrupted.unless(blocked::await);
                switch (event) {
                    case ProcessGroup.GroupEvent.Joined<Text>(var pid) -> members.add(pid);
                    case ProcessGroup.GroupEvent.Left<Text>(var pid) -> members.remove(pid);
                }
            });
            Pid<Text> restless = sleeper(cluster.node(0));
            for (int i = 0; i < 6_000; i++) {
                group.join(restless);
                group.leave(restless);
            }
            Pid<Text> last = sleeper(cluster.node(0));
            group.join(last);
            blocked.countDown();
            eventually().untilAsserted(() -> assertThat(members).containsExactly(last));
            assertThat(cluster.node(0).statistic(Statistic.EVENTS_COALESCED)).isPositive();
        }
    }

    @Test
    void aStartedNodeReachesExistingSubscribersAndMembersOfGroups() {
        try (MemoryCluster cluster = MemoryCluster.of(1)) {
            // Many pages of 32 KiB, of which the window holds a few.
            for (int i = 0; i < 8_000; i++) {
                var _ = cluster.node(0).pubsub().subscribe(Topic.of("x".repeat(240) + i, Text.class), message -> {});
            }
            Subscription subscription =
                    cluster.node(0).pubsub().subscribe(TOPIC, message -> received.add(message.text()));
            assertThat(subscription.ready()).succeedsWithin(Duration.ofSeconds(20));
            cluster.node(0).group(NAME).join(sleeper(cluster.node(0)));
            int later = cluster.join("later@host");
            cluster.node(later).pubsub().broadcast(TOPIC, new Text("first"));
            assertThat(cluster.node(later).group(NAME).members()).hasSize(1);
            cluster.node(later).pubsub().broadcast(TOPIC, new Text("second"));
            eventually().untilAsserted(() -> assertThat(received).containsExactly("first", "second"));
        }
    }

    @Test
    void anInlineSubscriberThatBlocksHoldsUpNothingElse() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            CountDownLatch blocked = new CountDownLatch(1);
            CountDownLatch called = new CountDownLatch(1);
            Subscription subscription = cluster.node(1).pubsub().subscribeInline(TOPIC, message -> {
                called.countDown();
                Interrupted.unless(blocked::await);
                received.add(message.text());
            });
            assertThat(subscription.ready()).succeedsWithin(Duration.ofSeconds(20));
            cluster.node(0).pubsub().broadcast(TOPIC, new Text("1"));
            cluster.node(0).pubsub().broadcast(TOPIC, new Text("2"));
            Interrupted.unless(called::await);
            try {
                assertThat(cluster.node(0).ping("n1@host", Duration.ofSeconds(20)))
                        .isPresent();
                assertThat(received).isEmpty();
            } finally {
                blocked.countDown();
            }
            eventually().untilAsserted(() -> assertThat(received).containsExactly("1", "2"));
        }
    }

    @Test
    void aSubscriptionThatIsReadyMissesNothing() {
        try (MemoryCluster cluster = MemoryCluster.of(3)) {
            Subscription subscription =
                    cluster.node(2).pubsub().subscribe(TOPIC, message -> received.add(message.text()));
            assertThat(subscription.ready()).succeedsWithin(Duration.ofSeconds(20));
            for (int i = 0; i < 100; i++) {
                cluster.node(0).pubsub().broadcast(TOPIC, new Text("" + i));
            }
            eventually().untilAsserted(() -> assertThat(received).hasSize(100));
            assertThat(received).startsWith("0", "1", "2").endsWith("98", "99");
            long sent = cluster.node(0).statistic(Statistic.ENVELOPES_OUT);
            subscription.close();
            eventually().until(() -> {
                long before = cluster.node(0).statistic(Statistic.ENVELOPES_OUT);
                cluster.node(0).pubsub().broadcast(TOPIC, new Text("nobody"));
                return cluster.node(0).statistic(Statistic.ENVELOPES_OUT) == before;
            });
            assertThat(sent).isPositive();
        }
    }

    @Test
    void aTypeThatCannotGoToOtherNodesIsRefusedAlsoWhileThereAreNone() {
        try (MemoryCluster cluster = MemoryCluster.of(1)) {
            Topic<Runnable> tasks = Topic.of("tasks", Runnable.class);
            PubSub pubsub = cluster.node(0).pubsub();
            pubsub.subscribe(tasks, Runnable::run);
            assertThatThrownBy(() -> pubsub.broadcast(tasks, () -> received.add("remote")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Runnable");
            pubsub.broadcastLocally(tasks, () -> received.add("local"));
            eventually().untilAsserted(() -> assertThat(received).containsExactly("local"));
        }
    }

    @Test
    void scopesWhoseNamesAreLongTogetherSpanNodes() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            Subscription subscription =
                    deep(cluster.node(1)).subscribe(TOPIC, message -> received.add("deep " + message.text()));
            assertThat(subscription.ready()).succeedsWithin(Duration.ofSeconds(20));
            deep(cluster.node(0)).broadcast(TOPIC, new Text("1"));
            cluster.node(0).pubsub().broadcast(TOPIC, new Text("elsewhere"));
            deep(cluster.node(0)).broadcast(TOPIC, new Text("2"));
            eventually().untilAsserted(() -> assertThat(received).containsExactly("deep 1", "deep 2"));
            subscription.close();
        }
    }

    private static PubSub deep(Node node) {
        PubSub scope = node.pubsub();
        for (int i = 0; i < 5; i++) {
            scope = scope.scope("x".repeat(250) + i);
        }
        return scope;
    }

    @Test
    void scopesAndLocalBroadcastsStayWhereTheyAre() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            Subscription inside = cluster.node(1)
                    .pubsub()
                    .scope("a")
                    .scope("b")
                    .subscribe(TOPIC, message -> received.add("inside " + message.text()));
            Subscription outside =
                    cluster.node(1).pubsub().subscribe(TOPIC, message -> received.add("outside " + message.text()));
            assertThat(inside.ready()).succeedsWithin(Duration.ofSeconds(20));
            assertThat(outside.ready()).succeedsWithin(Duration.ofSeconds(20));
            cluster.node(0).pubsub().broadcastLocally(TOPIC, new Text("local"));
            cluster.node(0).pubsub().scope("a").scope("b").broadcast(TOPIC, new Text("1"));
            cluster.node(0).pubsub().broadcast(TOPIC, new Text("2"));
            eventually().untilAsserted(() -> assertThat(received).containsExactlyInAnyOrder("inside 1", "outside 2"));
        }
    }

    @Test
    void metadataBelongsToItsNode() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            cluster.node(0).metadata().put("version", "1");
            cluster.node(0).metadata().put("load", "0.5");
            cluster.node(0).metadata().remove("load");
            assertThat(cluster.node(0).metadata().get("version")).contains("1");
            eventually()
                    .untilAsserted(() -> assertThat(cluster.node(1).metadata().entries("n0@host"))
                            .isEqualTo(Map.of("version", "1")));
            cluster.view(1, 1);
            eventually()
                    .until(() -> cluster.node(1).metadata().entries("n0@host").isEmpty());
        }
    }

    @Test
    void membersComeAndGo() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            Queue<MembershipEvent> events = new ConcurrentLinkedQueue<>();
            cluster.node(0).membership().subscribe(events::add);
            assertThat(cluster.node(0).membership().members())
                    .extracting(Member::node)
                    .containsExactly("n0@host", "n1@host");
            long incarnation = cluster.peer(1).incarnation();
            eventually().until(() -> events.size() == 1);
            cluster.network.suspect(cluster.peer(0), cluster.peer(1), true);
            cluster.network.suspect(cluster.peer(0), cluster.peer(1), false);
            cluster.view(0, 0);
            eventually()
                    .untilAsserted(() -> assertThat(events)
                            .containsExactly(
                                    new MembershipEvent.Joined(new Member("n1@host", Status.ALIVE, incarnation)),
                                    new MembershipEvent.Changed(
                                            new Member("n1@host", Status.SUSPECT, incarnation), Status.ALIVE),
                                    new MembershipEvent.Changed(
                                            new Member("n1@host", Status.ALIVE, incarnation), Status.SUSPECT),
                                    new MembershipEvent.Left(new Member("n1@host", Status.DEAD, incarnation))));
            assertThat(cluster.node(0).membership().member("n1@host"))
                    .map(Member::status)
                    .contains(Status.DEAD);
        }
    }

    @Test
    void aClosedNodeHasLeft() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            cluster.node(1).close();
            cluster.view(0, 0);
            eventually()
                    .untilAsserted(() -> assertThat(cluster.node(0).membership().member("n1@host"))
                            .map(Member::status)
                            .contains(Status.LEFT));
        }
    }

    @Test
    void aProcessOfANodeThatLeftIsDown() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            cluster.node(1).registry().register(NAME, sleeper(cluster.node(1))).orThrow();
            Queue<Down> downs = new ConcurrentLinkedQueue<>();
            Pid<Text> pid = cluster.node(0).registry().lookup(NAME).orElseThrow();
            Queue<NodeDown> nodes = new ConcurrentLinkedQueue<>();
            cluster.node(0).monitor(pid, downs::add);
            cluster.node(0).monitorNode("n1@host", nodes::add);
            cluster.view(0, 0);
            eventually().untilAsserted(() -> assertThat(nodes).containsExactly(new NodeDown("n1@host")));
            eventually()
                    .untilAsserted(() ->
                            assertThat(downs).extracting(Down::exit).containsExactly(new Exit.NoConnection("n1@host")));
        }
    }

    @Test
    void linksReportTheirQueueAndTheirRoundTrip() {
        try (MemoryCluster cluster = MemoryCluster.of(3)) {
            eventually()
                    .untilAsserted(() -> assertThat(cluster.node(0).links())
                            .hasSize(2)
                            .allSatisfy(link -> assertThat(link.roundTrip()).isPresent()));
            assertThat(cluster.node(0).links())
                    .extracting(LinkState::node)
                    .containsExactlyInAnyOrder("n1@host", "n2@host");
            assertThat(cluster.node(0).links()).allSatisfy(link -> {
                assertThat(link.queuedBytes()).isNotNegative();
                assertThat(link.through()).isEmpty();
            });
            cluster.network.lose(cluster.peer(1), cluster.peer(0));
            // The next ping gets no answer, so its age is the round trip.
            eventually()
                    .until(() -> cluster.node(0).links().stream()
                            .filter(link -> link.node().equals("n1@host"))
                            .flatMap(link -> link.roundTrip().stream())
                            .anyMatch(trip -> trip.compareTo(Duration.ofMillis(300)) > 0));
            cluster.view(0, 0, 2);
            eventually()
                    .untilAsserted(() -> assertThat(cluster.node(0).links())
                            .extracting(LinkState::node)
                            .containsExactly("n2@host"));
        }
    }

    @Test
    void aPingOfANodeThatLeavesEndsWithTheView() throws Exception {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            cluster.network.pause(cluster.peer(1));
            var ping = CompletableFuture.supplyAsync(() -> cluster.node(0).ping("n1@host", Duration.ofMinutes(5)));
            eventually().until(() -> cluster.network.underWay(cluster.peer(0), cluster.peer(1)) > 0);
            cluster.view(0, 0);
            assertThat(ping).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(Optional.empty());
            cluster.network.resume(cluster.peer(1));
        }
    }

    @Test
    void pingsAndHealth() {
        try (MemoryCluster cluster = MemoryCluster.of(3)) {
            assertThat(cluster.node(0).ping("n1@host", SECOND.multipliedBy(20))).isPresent();
            assertThat(cluster.node(0).ping("n9@host", SECOND)).isEmpty();
            assertThat(cluster.node(0).health(SECOND.multipliedBy(20)))
                    .isEqualTo(new Health(
                            Health.Status.HEALTHY, List.of("n1@host", "n2@host"), List.of(), true, List.of()));
            cluster.view(0, 0, 1);
            eventually()
                    .untilAsserted(() -> assertThat(cluster.node(0).health(SECOND.multipliedBy(20)))
                            .isEqualTo(new Health(
                                    Health.Status.DEGRADED, List.of("n1@host"), List.of("n2@host"), true, List.of())));
            cluster.view(0, 0);
            eventually()
                    .untilAsserted(() -> assertThat(cluster.node(0).health(SECOND))
                            .isEqualTo(new Health(
                                    Health.Status.ISOLATED,
                                    List.of(),
                                    List.of("n1@host", "n2@host"),
                                    false,
                                    List.of())));
        }
    }

    @Test
    void oneCandidateLeadsAndTheNextSucceedsIt() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            for (int i = 0; i < 2; i++) {
                String node = "n" + i;
                cluster.node(i).election("e").whileLeading(term -> {
                    received.add(node + " leads");
                    try {
                        new CountDownLatch(1).await();
                    } finally {
                        received.add(node + " stops");
                    }
                });
                eventually().until(() -> received.size() == 1);
            }
            eventually()
                    .untilAsserted(
                            () -> assertThat(cluster.node(1).election("e").leader())
                                    .map(Election.Leader::node)
                                    .contains("n0@host"));
            assertThat(cluster.node(0).election("e").leading()).isTrue();
            assertThat(cluster.node(1).election("e").leading()).isFalse();
            assertThat(cluster.node(1).elections(2))
                    .extracting(ElectionState::name, each -> each.leader().map(Election.Leader::node))
                    .containsExactly(tuple("e", Optional.of("n0@host")));
            cluster.node(0).election("e").close();
            eventually().untilAsserted(() -> assertThat(received).containsExactly("n0 leads", "n0 stops", "n1 leads"));
        }
    }

    @Test
    void electionsAreListedByTheirNamesAndWithoutALeaderToo() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            cluster.node(0).election("d").whileLeading(term -> new CountDownLatch(1).await());
            eventually().until(() -> cluster.node(1).elections(9).size() == 1);
            for (String name : List.of("c", "a", "b", "d")) {
                cluster.node(1).election(name);
            }
            assertThat(cluster.node(1).elections(9))
                    .extracting(ElectionState::name)
                    .containsExactly("a", "b", "c", "d");
            assertThat(cluster.node(1).elections(2))
                    .containsExactly(
                            new ElectionState("a", Optional.empty()), new ElectionState("b", Optional.empty()));
            cluster.node(1).election("a").close();
            assertThat(cluster.node(1).elections(1))
                    .extracting(ElectionState::name)
                    .containsExactly("b");
            assertThat(cluster.node(1).elections(0)).isEmpty();
            assertThatThrownBy(() -> cluster.node(1).elections(-1)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void theLeadIsHandedOverAfterTheDutyHasReturned() throws InterruptedException {
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            Election first = cluster.node(0).election("e").whileLeading(term -> {
                received.add("n0 leads");
                while (released.getCount() > 0) {
                    try {
                        released.await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                }
                received.add("n0 stops");
            });
            eventually().until(() -> received.size() == 1);
            cluster.node(1).election("e").whileLeading(term -> received.add("n1 leads"));
            Thread closing = Thread.ofVirtual().start(first::close);
            interrupted.await();
            // Earlier messages have arrived by then.
            cluster.node(0).election("later").whileLeading(term -> received.add("later"));
            eventually().until(() -> received.size() >= 2);
            assertThat(received).containsExactly("n0 leads", "later");
            released.countDown();
            closing.join();
            eventually()
                    .untilAsserted(
                            () -> assertThat(received).containsExactly("n0 leads", "later", "n0 stops", "n1 leads"));
        }
    }

    @Test
    void aDutyThatReturnsGivesTheLeadToTheNext() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            cluster.node(0).election("e").whileLeading(term -> received.add("n0"));
            eventually().until(() -> received.size() == 1);
            cluster.node(1).election("e").whileLeading(term -> received.add("n1"));
            eventually().untilAsserted(() -> assertThat(received).containsExactly("n0", "n1"));
            eventually().until(() -> cluster.node(0).election("e").leader().isEmpty());
        }
    }

    @Test
    void aDutyThatFailsIsTriedAgain() {
        try (MemoryCluster cluster = MemoryCluster.of(1)) {
            cluster.node(0).election("e").whileLeading(term -> {
                received.add("tried");
                if (received.size() == 1) {
                    throw new IllegalStateException("on purpose");
                }
            });
            eventually().untilAsserted(() -> assertThat(received).containsExactly("tried", "tried"));
        }
    }

    @Test
    void bothSidesOfASplitLeadUntilItHeals() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            for (int i = 0; i < 2; i++) {
                cluster.node(i).election("e").whileLeading(term -> new CountDownLatch(1).await());
            }
            eventually().until(() -> cluster.node(0).election("e").leading());
            cluster.view(0, 0);
            cluster.view(1, 1);
            eventually().until(() -> cluster.node(1).election("e").leading());
            cluster.view(0, 0, 1);
            eventually()
                    .until(() -> cluster.node(0).election("e").leading()
                            != cluster.node(1).election("e").leading());
        }
    }

    @Test
    void operationsOfAClosedNodeFail() {
        MemoryCluster cluster = MemoryCluster.of(2);
        Pid<Text> here = sleeper(cluster.node(0));
        cluster.node(1).registry().register(NAME, sleeper(cluster.node(1))).orThrow();
        Pid<Text> there = cluster.node(0).registry().lookup(NAME).orElseThrow();
        cluster.close();
        cluster.node(0).close();
        for (Pid<Text> pid : List.of(here, there)) {
            assertThat(pid.call((ReplyTo<Text> _) -> new Text("late"), SECOND))
                    .isEqualTo(new CallOutcome.Unreachable<>(pid.node()));
            assertThat(pid.send(new Text("late"))).isFalse();
        }
        assertThat(cluster.node(0).statistic(Statistic.CALLS_WAITING)).isZero();
        assertThatThrownBy(() -> cluster.node(0).spawn(Text.class, inbox -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void ofTwoIncarnationsOfANameTheEarlierMemberStays() {
        RecordedLog.clear();
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            int younger = cluster.start("n1@host", ConflictResolver.oldest());
            cluster.view(0, 0, 1, younger);
            assertThat(cluster.node(younger).ended())
                    .succeedsWithin(Duration.ofSeconds(20))
                    .isEqualTo(new Ending.NameTaken("n1@host"));
            assertThat(ClusterPubSub.of(cluster.node(younger).pubsub()).ended())
                    .map(PubSubEnd::reason)
                    .contains("name_taken");
            assertThat(RecordedLog.lines(Level.ERROR, "Node n1@host has ended: another living node of this name"))
                    .hasSize(1);
            cluster.view(0, 0, 1);
            cluster.awaitView(0, 1);
            assertThat(cluster.node(1).ended()).isNotDone();
            assertThat(cluster.node(0).ended()).isNotDone();
        }
    }

    @Test
    void theSurvivorOfTwoIncarnationsKeepsItsMonitorsCallsAndMetadata() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            Node other = cluster.node(0);
            Node survivor = cluster.node(1);
            survivor.registry().register(NAME, sleeper(survivor)).orThrow();
            survivor.metadata().put("zone", "a");
            Pid<Text> pid = other.registry().lookup(NAME).orElseThrow();
            eventually()
                    .untilAsserted(() ->
                            assertThat(other.metadata().entries("n1@host")).containsEntry("zone", "a"));
            Queue<Object> ended = new ConcurrentLinkedQueue<>();
            other.monitor(pid, ended::add);
            other.monitorNode("n1@host", ended::add);
            Queue<MembershipEvent> events = new ConcurrentLinkedQueue<>();
            other.membership().subscribe(events::add);
            eventually().until(() -> events.size() == 1);

            int younger = cluster.start("n1@host", ConflictResolver.oldest());
            cluster.node(younger).metadata().put("zone", "b");
            cluster.node(younger).metadata().put("color", "red");
            cluster.view(0, 0, 1, younger);
            assertThat(other.ping("n1@host", SECOND.multipliedBy(20))).isPresent();
            assertThat(pid.trySend(new Text("while both are members"))).isTrue();
            assertThat(cluster.node(younger).ended())
                    .succeedsWithin(Duration.ofSeconds(20))
                    .isEqualTo(new Ending.NameTaken("n1@host"));
            assertThat(other.metadata().entries("n1@host")).containsExactly(Map.entry("zone", "a"));
            cluster.view(0, 0, 1);
            cluster.awaitView(0, 1);

            assertThat(other.metadata().entries("n1@host")).containsExactly(Map.entry("zone", "a"));
            assertThat(ended).as("ends of the survivor").isEmpty();
            assertThat(events)
                    .filteredOn(event -> !(event instanceof MembershipEvent.Merged))
                    .hasSize(1);
        }
    }

    @Test
    void theIncarnationThatStaysKeepsItsNamesAgainstOlderClaimsOfTheOther() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            int other = cluster.start("n1@host", ConflictResolver.oldest());
            Node duplicate = cluster.node(other);
            duplicate.registry().register(NAME, sleeper(duplicate)).orThrow();
            cluster.node(1).registry().register(NAME, keeper(cluster.node(1))).orThrow();
            Queue<Conflict> conflicts = new ConcurrentLinkedQueue<>();
            for (int i : List.of(0, 1, other)) {
                cluster.node(i).registry().onConflict(conflicts::add);
            }
            cluster.view(0, 0, 1, other);
            assertThat(duplicate.ended())
                    .succeedsWithin(Duration.ofSeconds(20))
                    .isEqualTo(new Ending.NameTaken("n1@host"));
            cluster.view(0, 0, 1);
            cluster.awaitView(0, 1);
            assertThat(cluster.node(0).registry().lookup(NAME).orElseThrow().send(new Text("hello")))
                    .isTrue();
            eventually().untilAsserted(() -> assertThat(received).containsExactly("hello"));
            assertThat(conflicts).isEmpty();
        }
    }

    @Test
    void aDuplicateThatIsNotAnsweredPingsAgain() {
        ManualTime time = new ManualTime();
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            cluster.network.pause(cluster.peer(1));
            Node duplicate = cluster.node(cluster.start("n1@host", time));
            cluster.view(0, 0, 1, 2);
            AtomicInteger seconds = new AtomicInteger();
            eventually().until(() -> {
                time.advance(SECOND);
                return seconds.incrementAndGet() == 20;
            });
            assertThat(duplicate.ended()).isNotDone();
            cluster.network.resume(cluster.peer(1));
            eventually().untilAsserted(() -> {
                time.advance(SECOND);
                assertThat(duplicate.ended()).isCompletedWithValue(new Ending.NameTaken("n1@host"));
            });
        }
    }

    @Test
    void aRequestReachesTheIncarnationThatItIsFor() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            cluster.network.pause(cluster.peer(1));
            Node duplicate = cluster.node(cluster.start("n1@host", ConflictResolver.oldest()));
            duplicate.metadata().put("zone", "b");
            Nodes nodes = ClusterPubSub.nodesOf(duplicate.pubsub());
            Nodes.HandlerRegistration _ = nodes.handle("echo", request -> request);
            cluster.view(0, 0, 1, 2);
            eventually()
                    .untilAsserted(() -> assertThat(
                                    ClusterPubSub.nodesOf(cluster.node(0).pubsub())
                                            .request(nodes.self(), "echo", new byte[] {7}, SECOND))
                            .hasValueSatisfying(response -> assertThat(response).containsExactly(7)));
            assertThat(duplicate.metadata().entries("n1@host")).containsExactly(entry("zone", "b"));
            cluster.network.resume(cluster.peer(1));
        }
    }

    @Test
    void theTextOfALogLineHasTheNodeAndThePeer() {
        RecordedLog.clear();
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            cluster.view(0, 0);
            cluster.awaitView(0);
            eventually()
                    .untilAsserted(
                            () -> assertThat(RecordedLog.linesAbout("Node n0@host: n1@host is no longer a member."))
                                    .hasSize(1));
        }
    }

    @Test
    void anExcludedIncarnationDoesNotEndItsSuccessor() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            cluster.network.pause(cluster.peer(1));
            int younger = cluster.start("n1@host", ConflictResolver.oldest());
            cluster.view(0, 0, 1, younger);
            cluster.view(0, 0, younger);
            cluster.awaitView(0, younger);
            assertThat(cluster.node(younger).ended()).isNotDone();
            cluster.network.resume(cluster.peer(1));
        }
    }

    @Test
    void aClosedNodeHasEnded() {
        try (MemoryCluster cluster = MemoryCluster.of(1)) {
            assertThat(cluster.node(0).ended()).isNotDone();
            cluster.node(0).close();
            assertThat(cluster.node(0).ended()).isCompletedWithValue(new Ending.Closed());
            assertThat(ClusterPubSub.of(cluster.node(0).pubsub()).ended())
                    .contains(new PubSubEnd("closed", "Node n0@host was closed."));
        }
    }

    @Test
    void aNodeReportsItsStatistics() {
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            Node node = cluster.node(0);
            Pid<Text> pid = sleeper(node);
            node.registry().register(NAME, pid).orThrow();
            Map<Statistic, Long> statistics =
                    Arrays.stream(Statistic.values()).collect(Collectors.toMap(Function.identity(), node::statistic));
            assertThat(statistics)
                    .contains(
                            entry(Statistic.MEMBERS, 2L),
                            entry(Statistic.SUSPECTS, 0L),
                            entry(Statistic.NAMES, 1L),
                            entry(Statistic.PROCESSES, 1L),
                            entry(Statistic.SESSIONS_OPENED, 1L),
                            entry(Statistic.INBOX_DROPPED, 0L));
            assertThat(List.of(
                            Statistic.ENVELOPES_OUT,
                            Statistic.ENVELOPES_IN,
                            Statistic.TRAFFIC_OUT,
                            Statistic.TRAFFIC_IN))
                    .allSatisfy(which ->
                            assertThat(node.statistic(which)).as(which.name()).isPositive());
            pid.send(new Text("end"));
            eventually().until(() -> node.statistic(Statistic.PROCESSES) == 0 && node.statistic(Statistic.NAMES) == 0);
            pid.send(new Text("too late"));
            eventually().until(() -> node.statistic(Statistic.NO_PROCESS) == 1);
            node.close();
            assertThat(node.statistic(Statistic.NO_PROCESS)).isOne();
        }
    }

    @Test
    void eachCounterIsAStatistic() {
        assertThat(EnumSet.allOf(Statistic.class))
                .extracting(Statistic::name)
                .containsAll(Stream.of(NodeCounter.values(), LinkCounter.values())
                        .flatMap(Arrays::stream)
                        .map(Enum::name)
                        .toList());
    }

    @Test
    void eachMessageOfABatchHasAResult() {
        record Wide(String text) {}
        Name<Wide> wide = Name.of("wide", Wide.class);
        try (MemoryCluster cluster = MemoryCluster.of(2)) {
            Node node = cluster.node(0);
            node.registry().register(NAME, keeper(node)).orThrow();
            node.registry()
                    .register(wide, node.spawn(Wide.class, inbox -> inbox.receive()))
                    .orThrow();
            String large = "x".repeat(5 << 20);
            List<Sent> results = cluster.node(1)
                    .registry()
                    .sendAll(List.of(
                            new Addressed<>(NAME, new Text("one")),
                            new Addressed<>(Name.of("free", Text.class), new Text("two")),
                            new Addressed<>(wide, new Wide(large)),
                            new Addressed<>(NAME, new Text("three"))));
            assertThat(results.get(0)).isEqualTo(new Sent.Ok());
            assertThat(results.get(1)).isEqualTo(new Sent.NoProcess());
            assertThat(results.get(2))
                    .isInstanceOfSatisfying(
                            Sent.Refused.class,
                            refused -> assertThat(refused.why()).isInstanceOf(TooLarge.class));
            assertThat(results.get(3)).isEqualTo(new Sent.Ok());
            eventually().untilAsserted(() -> assertThat(received).containsExactly("one", "three"));
        }
    }

    @Test
    void aMessageOfABatchForAFullInboxIsNotSent() {
        try (MemoryCluster cluster = MemoryCluster.of(1)) {
            Node node = cluster.node(0);
            CountDownLatch full = new CountDownLatch(1);
            Pid<Text> pid = node.spawn(Text.class, _ -> full.await());
            node.registry().register(NAME, pid).orThrow();
            int sent = 0;
            while (pid.trySend(new Text("fill"))) {
                sent++;
            }
            assertThat(sent).isPositive();
            assertThat(node.registry().sendAll(List.of(new Addressed<>(NAME, new Text("more")))))
                    .containsExactly(new Sent.NotSent(node.name()));
            full.countDown();
        }
    }
}
