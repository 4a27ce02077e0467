package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.election.Election;
import io.heliodor.membership.Health;
import io.heliodor.membership.Member;
import io.heliodor.membership.Member.Status;
import io.heliodor.membership.MembershipEvent;
import io.heliodor.node.ConnectOutcome;
import io.heliodor.node.Node;
import io.heliodor.node.Statistic;
import io.heliodor.process.CallOutcome;
import io.heliodor.process.ConflictResolver;
import io.heliodor.process.Down;
import io.heliodor.process.Exit;
import io.heliodor.process.Name;
import io.heliodor.process.Pid;
import io.heliodor.process.Registry.Conflict;
import io.heliodor.process.Registry.Registered;
import io.heliodor.process.ReplyTo;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.Nodes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ClusterKitTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String C = "c@host";
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Name<Ask> NAME = Name.of("name", Ask.class);

    record Ask(ReplyTo<String> reply) {}

    private static ClusterKit three() {
        return ClusterKit.start(A, B, C);
    }

    private static List<String> members(ClusterKit kit, String node) {
        List<String> all = new ArrayList<>(kit.node(node).membership().peers());
        all.add(node);
        return all.stream().sorted().toList();
    }

    private static Status status(ClusterKit kit, String at, String of) {
        return kit.node(at).membership().member(of).map(Member::status).orElseThrow();
    }

    private static Pid<Ask> answering(Node node) {
        return node.spawn(Ask.class, inbox -> {
            while (true) {
                inbox.receive().reply().reply("from " + node.name());
            }
        });
    }

    private static Pid<Ask> silent(Node node) {
        return node.spawn(Ask.class, inbox -> {
            while (true) {
                Ask _ = inbox.receive();
            }
        });
    }

    @Test
    void nodesFormOneViewOfAllMembers() {
        try (ClusterKit kit = three()) {
            for (String node : kit.nodes()) {
                assertThat(members(kit, node)).containsExactly(A, B, C);
                assertThat(kit.node(node).membership().coordinator()).isEqualTo(A);
                assertThat(kit.node(node).health(SECOND).status()).isEqualTo(Health.Status.HEALTHY);
            }
        }
    }

    @Test
    void theClockIsStoppedUntilTheTestAdvancesIt() {
        try (ClusterKit kit = three()) {
            Duration before = kit.elapsed();
            Instant then = kit.clock().instant();
            kit.advance(Duration.ofSeconds(90));
            assertThat(kit.elapsed()).isEqualTo(before.plusSeconds(90));
            assertThat(kit.clock().instant()).isEqualTo(then.plusSeconds(90));
            assertThat(members(kit, A)).containsExactly(A, B, C);
        }
    }

    @Test
    void aCallTimesOutByTheClock() {
        try (ClusterKit kit = three()) {
            kit.node(B).registry().register(NAME, silent(kit.node(B))).orThrow();
            Pid<Ask> pid = kit.node(A).registry().lookup(NAME).orElseThrow();
            CompletableFuture<CallOutcome<String>> call = kit.async(() -> pid.call(Ask::new, Duration.ofSeconds(5)));
            kit.advance(Duration.ofMillis(4_900));
            assertThat(call).isNotDone();
            kit.advance(Duration.ofMillis(100));
            assertThat(call).isCompletedWithValue(new CallOutcome.TimedOut<>(Duration.ofSeconds(5)));
        }
    }

    @Test
    void aCallOfTheTestAdvancesTheClock() {
        try (ClusterKit kit = three()) {
            Pid<Ask> pid = silent(kit.node(A));
            Duration before = kit.elapsed();
            assertThat(pid.<String>call(Ask::new, Duration.ofSeconds(5)))
                    .isEqualTo(new CallOutcome.TimedOut<>(Duration.ofSeconds(5)));
            assertThat(kit.elapsed().minus(before)).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(6));
        }
    }

    @Test
    void waitsForNamesAndPingsEndByTheClock() {
        try (ClusterKit kit = three()) {
            Node a = kit.node(A);
            kit.pause(B);
            var name = kit.async(() -> a.registry().await(NAME, Duration.ofSeconds(3)));
            var ping = kit.async(() -> a.ping(B, Duration.ofSeconds(3)));
            kit.advance(Duration.ofMillis(2_900));
            assertThat(name).isNotDone();
            assertThat(ping).isNotDone();
            kit.advance(Duration.ofMillis(100));
            assertThat(name).isCompletedWithValue(Optional.empty());
            assertThat(ping).isCompletedWithValue(Optional.empty());
        }
    }

    @Test
    void aProcessWaitsForAMessageByTheClock() {
        try (ClusterKit kit = ClusterKit.start(A)) {
            AtomicInteger minutes = new AtomicInteger();
            kit.node(A).spawn(Ask.class, inbox -> {
                while (inbox.receive(Duration.ofMinutes(1)).isEmpty()) {
                    minutes.incrementAndGet();
                }
            });
            kit.advance(Duration.ofMinutes(5));
            assertThat(minutes).hasValue(5);
        }
    }

    @Test
    void dutiesThatDoNotEndDelayACloseByASecondInAll() {
        try (ClusterKit kit = three()) {
            CountDownLatch released = new CountDownLatch(1);
            for (String election : List.of("1", "2", "3")) {
                kit.node(A).election(election).whileLeading(term -> {
                    boolean ended = false;
                    while (!ended) {
                        ended = outlasted(released);
                    }
                });
                kit.await(() -> kit.node(A).election(election).leading());
            }
            Node a = kit.node(A);
            CompletableFuture<Boolean> closing = kit.async(() -> {
                a.close();
                return true;
            });
            kit.advance(Duration.ofMillis(900));
            assertThat(closing).isNotDone();
            kit.advance(Duration.ofMillis(600));
            assertThat(closing).as("without advancing the clock").succeedsWithin(Duration.ofSeconds(20));
            released.countDown();
        }
    }

    /** Returns false when it was interrupted. */
    private static boolean outlasted(CountDownLatch latch) {
        try {
            latch.await();
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Test
    void aPartitionGivesEachSideAViewAndHealsIntoOne() {
        try (ClusterKit kit = three()) {
            Queue<MembershipEvent> events = new ConcurrentLinkedQueue<>();
            kit.node(C).membership().subscribe(events::add);
            kit.partition(List.of(A), List.of(B, C));
            kit.advance(Duration.ofSeconds(5));
            assertThat(status(kit, A, B)).isEqualTo(Status.SUSPECT);
            kit.advance(Duration.ofSeconds(5));
            assertThat(members(kit, A)).containsExactly(A, B, C);
            kit.advance(Duration.ofSeconds(2));
            assertThat(members(kit, A)).containsExactly(A);
            assertThat(members(kit, B)).containsExactly(B, C);
            assertThat(members(kit, C)).containsExactly(B, C);
            assertThat(status(kit, B, A)).isEqualTo(Status.DEAD);
            assertThat(kit.node(A).health(SECOND).status()).isEqualTo(Health.Status.ISOLATED);
            kit.heal();
            kit.advance(Duration.ofSeconds(4));
            assertThat(members(kit, A)).containsExactly(A);
            kit.advance(Duration.ofSeconds(2));
            for (String node : kit.nodes()) {
                assertThat(members(kit, node)).containsExactly(A, B, C);
                assertThat(kit.node(node).membership().coordinator())
                        .as("of the larger side")
                        .isEqualTo(B);
            }
            kit.await(() -> events.contains(new MembershipEvent.Merged(List.of(A, B, C))));
        }
    }

    @Test
    void aNameOfBothSidesIsKeptByTheOldest() {
        try (ClusterKit kit = three()) {
            Queue<Conflict> conflicts = new ConcurrentLinkedQueue<>();
            kit.node(B).registry().onConflict(conflicts::add);
            kit.partition(List.of(A), List.of(B, C));
            kit.advance(Duration.ofSeconds(10));
            assertThat(kit.node(B).registry().register(NAME, answering(kit.node(B))))
                    .isEqualTo(new Registered.Ok());
            kit.advance(SECOND);
            assertThat(kit.node(A).registry().register(NAME, answering(kit.node(A))))
                    .isEqualTo(new Registered.Ok());
            kit.heal();
            kit.await(() -> !conflicts.isEmpty());
            String winner = conflicts.element().winner().orElseThrow();
            kit.advance(SECOND);
            for (String node : kit.nodes()) {
                assertThat(kit.node(node).registry().lookup(NAME))
                        .map(Pid::node)
                        .contains(winner);
            }
            assertThat(kit.node(C).registry().lookup(NAME).orElseThrow().<String>call(Ask::new, SECOND))
                    .isEqualTo(new CallOutcome.Ok<>("from " + winner));
        }
    }

    @Test
    void aResolverOfTheUserDecides() {
        ConflictResolver notA = (name, claimants) ->
                claimants.stream().filter(one -> !one.node().equals(A)).findFirst();
        try (ClusterKit kit = ClusterKit.builder()
                .nodes(A, B)
                .configure(node -> node.onConflict(notA))
                .start()) {
            kit.partition(List.of(A), List.of(B));
            kit.advance(Duration.ofSeconds(10));
            kit.node(A).registry().register(NAME, silent(kit.node(A))).orThrow();
            kit.advance(SECOND);
            kit.node(B).registry().register(NAME, silent(kit.node(B))).orThrow();
            kit.heal();
            kit.await(() -> kit.node(A).registry().lookup(NAME).map(Pid::node).equals(Optional.of(B)));
        }
    }

    @Test
    void aMonitorFiresWhenANodeCrashes() {
        try (ClusterKit kit = three()) {
            Pid<Ask> there = silent(kit.node(C));
            kit.node(C).registry().register(NAME, there).orThrow();
            CompletableFuture<Down> down = new CompletableFuture<>();
            Pid<Ask> pid = kit.node(A).registry().lookup(NAME).orElseThrow();
            kit.node(A).monitor(pid, down::complete);
            Duration before = kit.elapsed();
            kit.crash(C);
            kit.await(down::isDone);
            assertThat(kit.elapsed().minus(before)).as("at once").isLessThan(Duration.ofMillis(500));
            assertThat(down.join().exit()).isEqualTo(new Exit.NoConnection(C));
            assertThat(members(kit, A)).containsExactly(A, B);
            assertThat(kit.node(A).registry().lookup(NAME)).isEmpty();
            assertThatIllegalStateException()
                    .isThrownBy(() -> kit.node(C))
                    .withMessageContaining("restart(\"c@host\")");
        }
    }

    @Test
    void leadershipMovesWhenTheLeaderCrashesAndItsDutyIsInterrupted() throws Exception {
        try (ClusterKit kit = three()) {
            CountDownLatch interrupted = new CountDownLatch(1);
            kit.node(A).election("jobs").whileLeading(term -> {
                try {
                    new CountDownLatch(1).await();
                } finally {
                    interrupted.countDown();
                }
            });
            kit.await(() -> kit.node(A).election("jobs").leading());
            kit.node(B).election("jobs").whileLeading(term -> new CountDownLatch(1).await());
            kit.advance(SECOND);
            assertThat(kit.node(B).election("jobs").leading()).isFalse();
            kit.crash(A);
            kit.await(() -> kit.node(B).election("jobs").leading());
            interrupted.await();
        }
    }

    @Test
    void aNodeThatIsPausedForAMinuteIsExcludedAndReturns() {
        try (ClusterKit kit = three()) {
            CountDownLatch duty = new CountDownLatch(1);
            kit.node(A).election("jobs").whileLeading(term -> {
                try {
                    new CountDownLatch(1).await();
                } finally {
                    duty.countDown();
                }
            });
            kit.await(() -> kit.node(A).election("jobs").leading());
            kit.node(B).election("jobs").whileLeading(term -> new CountDownLatch(1).await());
            kit.pause(A);
            kit.advance(Duration.ofSeconds(60));
            assertThat(members(kit, B)).containsExactly(B, C);
            assertThat(kit.node(B).election("jobs").leading()).isTrue();
            assertThat(members(kit, A)).as("its own view").containsExactly(A, B, C);
            assertThat(duty.getCount()).isEqualTo(1);
            kit.resume(A);
            kit.await(() -> duty.getCount() == 0);
            kit.await(() -> members(kit, B).contains(A));
            kit.await(() -> !kit.node(A).election("jobs").leading());
            assertThat(kit.node(A).health(SECOND).status()).isEqualTo(Health.Status.HEALTHY);
        }
    }

    /** Nobody excludes the leader, whose node finds out by itself that it was suspended for too long. */
    @Test
    void aLeaderThatWasPausedForMoreThanSixSecondsStopsItsDutyForTenSeconds() {
        try (ClusterKit kit = ClusterKit.builder()
                .nodes(A, B, C)
                .silence(Duration.ofSeconds(60))
                .start()) {
            AtomicInteger begun = new AtomicInteger();
            AtomicInteger interrupted = new AtomicInteger();
            kit.node(A).election("jobs").whileLeading(term -> {
                begun.incrementAndGet();
                try {
                    new CountDownLatch(1).await();
                } finally {
                    interrupted.incrementAndGet();
                }
            });
            kit.await(() -> begun.get() == 1);
            kit.pause(A);
            kit.advance(Duration.ofSeconds(5));
            kit.resume(A);
            kit.advance(Duration.ofSeconds(2));
            assertThat(interrupted).as("after five seconds").hasValue(0);
            kit.pause(A);
            kit.advance(Duration.ofSeconds(7));
            kit.resume(A);
            kit.await(() -> interrupted.get() == 1);
            kit.advance(Duration.ofSeconds(9));
            assertThat(begun).hasValue(1);
            kit.advance(Duration.ofSeconds(2));
            kit.await(() -> begun.get() == 2);
            assertThat(interrupted).hasValue(1);
        }
    }

    /** Each second from the end of the leadership on. */
    @Test
    void aDutyThatGoesOnIsInterruptedEachSecond() {
        try (ClusterKit kit = three()) {
            AtomicInteger interrupts = new AtomicInteger();
            CountDownLatch released = new CountDownLatch(1);
            Election jobs = kit.node(A).election("jobs").whileLeading(term -> {
                while (!outlasted(released)) {
                    interrupts.incrementAndGet();
                }
            });
            kit.await(jobs::leading);
            CompletableFuture<Boolean> closing = kit.async(() -> {
                jobs.close();
                return true;
            });
            kit.await(() -> interrupts.get() == 1);
            for (int second = 1; second <= 4; second++) {
                int before = interrupts.get();
                kit.advance(SECOND);
                kit.await(() -> interrupts.get() > before);
                assertThat(interrupts.get() - before).isBetween(1, 2);
            }
            released.countDown();
            kit.await(closing::isDone);
        }
    }

    /** A node that closes hands the leadership over when its duty has returned. */
    @Test
    void theNextDutyBeginsAfterThatOfANodeThatClosesHasReturned() {
        try (ClusterKit kit = three()) {
            CountDownLatch released = new CountDownLatch(1);
            List<String> steps = new CopyOnWriteArrayList<>();
            kit.node(A).election("jobs").whileLeading(term -> {
                while (!outlasted(released)) {
                    // its last work
                }
                steps.add("first returns");
            });
            kit.await(() -> kit.node(A).election("jobs").leading());
            kit.node(B).election("jobs").whileLeading(term -> {
                steps.add("second begins");
                new CountDownLatch(1).await();
            });
            kit.advance(SECOND);
            Node a = kit.node(A);
            CompletableFuture<Boolean> closing = kit.async(() -> {
                a.close();
                return true;
            });
            kit.advance(Duration.ofMillis(500));
            assertThat(steps).isEmpty();
            released.countDown();
            kit.await(() -> steps.size() == 2);
            assertThat(steps).containsExactly("first returns", "second begins");
            kit.await(closing::isDone);
        }
    }

    /** Of a message to a process: with the defaults, and when the queue of its node stays full. */
    @Test
    void aSendToAFullQueueIsRefusedAfterASecond() {
        try (ClusterKit kit =
                ClusterKit.builder().nodes(A, B).capacity(FullQueue.CAPACITY).start()) {
            Pid<String> pid = kit.node(B).spawn(String.class, inbox -> new CountDownLatch(1).await());
            Name<String> name = Name.of("full", String.class);
            kit.node(B).registry().register(name, pid).orThrow();
            Pid<String> far = kit.node(A).registry().lookup(name).orElseThrow();
            FullQueue.fill(kit, A, B);
            CompletableFuture<Boolean> sent = kit.async(() -> far.send("late"));
            kit.advance(Duration.ofMillis(950));
            assertThat(sent).isNotDone();
            kit.advance(Duration.ofMillis(100));
            assertThat(sent).isCompletedWithValue(false);
        }
    }

    /** 4 MiB for each other node. The thread of this test may be an event loop, so a publish does not wait. */
    @Test
    void theQueueOfANodeHasFourMebibytes() {
        try (ClusterKit kit = ClusterKit.start(A, B)) {
            Topic<String> news = Topic.of("news", String.class);
            Subscription subscription = kit.node(B).pubsub().subscribe(news, _ -> {});
            kit.await(subscription.ready()::isDone);
            kit.await(() -> kit.queuedBytes(A, B) == 0);
            kit.delay(A, B);
            String part = "x".repeat(64_000);
            while (kit.queuedBytes(A, B) + 65_000 < 4 << 20) {
                kit.node(A).pubsub().broadcast(news, part);
            }
            assertThat(kit.node(A).statistic(Statistic.PUBLISH_LOST)).isZero();
            kit.node(A).pubsub().broadcast(news, part);
            kit.node(A).pubsub().broadcast(news, part);
            assertThat(kit.node(A).statistic(Statistic.PUBLISH_LOST)).isPositive();
            assertThat(kit.queuedBytes(A, B)).isLessThanOrEqualTo(4 << 20);
        }
    }

    @Test
    void aNodeThatIsPausedBrieflyStaysAlive() {
        try (ClusterKit kit = three()) {
            Pid<Ask> there = answering(kit.node(B));
            kit.node(B).registry().register(NAME, there).orThrow();
            Pid<Ask> pid = kit.node(A).registry().lookup(NAME).orElseThrow();
            kit.pause(B);
            CompletableFuture<CallOutcome<String>> call = kit.async(() -> pid.call(Ask::new, Duration.ofSeconds(7)));
            kit.advance(Duration.ofSeconds(5));
            assertThat(call).isNotDone();
            kit.resume(B);
            kit.await(call::isDone);
            assertThat(call.join()).isEqualTo(new CallOutcome.Ok<>("from " + B));
            kit.await(() -> status(kit, A, B) == Status.ALIVE);
            assertThat(kit.node(A).membership().member(B).orElseThrow().incarnation())
                    .isEqualTo(kit.node(B).incarnation());
        }
    }

    @Test
    void healthDoesNotWaitForASuspect() throws Exception {
        try (ClusterKit kit = three()) {
            kit.pause(B);
            kit.advance(Duration.ofSeconds(5));
            assertThat(status(kit, A, B)).isEqualTo(Status.SUSPECT);
            // The clock stands still, so a wait would not end.
            Health health = kit.async(() -> kit.node(A).health(SECOND)).get(30, TimeUnit.SECONDS);
            assertThat(health).isEqualTo(new Health(Health.Status.DEGRADED, List.of(C), List.of(B), true, List.of()));
        }
    }

    @Test
    void aProbeDoesNotCallAMemberUnreachableForOneLateAnswer() throws Exception {
        try (ClusterKit kit = three()) {
            Nodes nodes = ClusterPubSub.nodesOf(kit.node(A).pubsub());
            for (int probe = 0; probe < 2; probe++) {
                kit.pause(B);
                CompletableFuture<Nodes.Health> health = kit.async(() -> nodes.health(Duration.ofMillis(500)));
                kit.await(health::isDone);
                kit.resume(B);
                assertThat(health.get().unreachable()).isEmpty();
                assertThat(health.get().status()).isEqualTo(Nodes.Health.Status.HEALTHY);
                kit.advance(SECOND);
            }
            kit.pause(B);
            kit.advance(Duration.ofSeconds(5));
            assertThat(nodes.health(Duration.ofMillis(500)).unreachable()).containsExactly(B);
        }
    }

    @Test
    void aNodeThatIsStartedAgainIsAnotherIncarnation() {
        try (ClusterKit kit = three()) {
            Node before = kit.node(B);
            Queue<MembershipEvent> events = new ConcurrentLinkedQueue<>();
            kit.node(A).membership().subscribe(events::add);
            kit.crash(B);
            Node after = kit.restart(B);
            assertThat(kit.node(B)).isSameAs(after).isNotSameAs(before);
            assertThat(after.incarnation()).isNotEqualTo(before.incarnation());
            kit.await(() -> members(kit, A).equals(List.of(A, B, C)));
            assertThat(kit.node(A).membership().member(B).orElseThrow().incarnation())
                    .isEqualTo(after.incarnation());
            assertThat(kit.restart(B).incarnation())
                    .as("without a crash before")
                    .isNotEqualTo(after.incarnation());
        }
    }

    @Test
    void aNodeThatNoOtherReceivesIsExcludedAndKeepsItsView() {
        try (ClusterKit kit = three()) {
            kit.oneWay(C, A);
            kit.oneWay(C, B);
            kit.advance(Duration.ofSeconds(12));
            assertThat(members(kit, A)).containsExactly(A, B);
            assertThat(members(kit, C)).as("its own view").containsExactly(A, B, C);
            kit.heal();
            kit.await(() -> members(kit, A).equals(List.of(A, B, C)));
        }
    }

    @Test
    void aNodeThatOnlyTheCoordinatorDoesNotReceiveIsOnlySuspected() {
        try (ClusterKit kit = three()) {
            kit.oneWay(C, A);
            kit.oneWay(A, C);
            kit.advance(Duration.ofSeconds(20));
            assertThat(status(kit, A, C)).isEqualTo(Status.SUSPECT);
            assertThat(status(kit, C, A)).isEqualTo(Status.SUSPECT);
            assertThat(members(kit, B)).containsExactly(A, B, C);
            assertThat(status(kit, B, A)).isEqualTo(Status.ALIVE);
        }
    }

    @Test
    void aNodeThatOneOtherMemberDoesNotReceiveIsOnlySuspected() {
        try (ClusterKit kit = three()) {
            kit.oneWay(B, C);
            kit.advance(Duration.ofSeconds(20));
            assertThat(status(kit, C, B)).isEqualTo(Status.SUSPECT);
            assertThat(status(kit, B, C)).isEqualTo(Status.ALIVE);
            assertThat(members(kit, A)).containsExactly(A, B, C);
            kit.heal();
            kit.advance(SECOND);
            assertThat(status(kit, C, B)).isEqualTo(Status.ALIVE);
        }
    }

    @Test
    void delayedMessagesArriveInOrderWhenTheyAreReleased() {
        try (ClusterKit kit = three()) {
            record Text(String text) {}
            Name<Text> texts = Name.of("texts", Text.class);
            Queue<String> received = new ConcurrentLinkedQueue<>();
            kit.node(B)
                    .registry()
                    .register(texts, kit.node(B).spawn(Text.class, inbox -> {
                        while (true) {
                            received.add(inbox.receive().text());
                        }
                    }))
                    .orThrow();
            Pid<Text> pid = kit.node(A).registry().lookup(texts).orElseThrow();
            kit.delay(A, B);
            for (String text : List.of("1", "2", "3")) {
                pid.send(new Text(text));
            }
            kit.advance(Duration.ofSeconds(2));
            assertThat(received).isEmpty();
            assertThat(kit).asString().contains("delayed: a@host > b@host", "packets of a@host wait for it");
            kit.release(A, B);
            kit.await(() -> received.size() == 3);
            assertThat(received).containsExactly("1", "2", "3");
        }
    }

    @Test
    void aNodeThatClosesOrDisconnectsLeavesAtOnce() {
        try (ClusterKit kit = three()) {
            kit.node(C).close();
            kit.node(B).disconnect();
            kit.await(() -> members(kit, A).size() == 1);
            assertThat(members(kit, A)).containsExactly(A);
            assertThat(status(kit, A, B)).isEqualTo(Status.LEFT);
            kit.advance(Duration.ofMinutes(1));
            assertThat(members(kit, A)).containsExactly(A);
            assertThat(kit.node(B).connect("nowhere:1")).isInstanceOf(ConnectOutcome.Unreachable.class);
            assertThat(kit.node(B).connect("host:" + kit.node(A).port())).isEqualTo(new ConnectOutcome.Connected());
            kit.await(() -> members(kit, A).equals(List.of(A, B)));
            kit.restart(C);
            kit.await(() -> members(kit, A).equals(List.of(A, B, C)));
        }
    }

    @Test
    void oneMoreNodeJoins() {
        try (ClusterKit kit = ClusterKit.start(A)) {
            Node b = kit.add(B);
            assertThat(b.membership().coordinator()).isEqualTo(A);
            assertThat(members(kit, A)).containsExactly(A, B);
        }
    }

    @Test
    void theSameSeedGivesTheSameChaosAndTheClusterRecovers() {
        List<String> first = chaos(17);
        assertThat(chaos(17)).isEqualTo(first).hasSize(21);
        assertThat(chaos(18)).isNotEqualTo(first);
    }

    private static List<String> chaos(long seed) {
        try (ClusterKit kit = three()) {
            Chaos chaos = kit.chaos(seed);
            for (int i = 0; i < 20; i++) {
                chaos.next();
                kit.advance(Duration.ofSeconds(3));
            }
            chaos.end();
            kit.await(() -> kit.nodes().stream()
                    .allMatch(node -> members(kit, node).size() == 3
                            && kit.node(node).health(SECOND).status() == Health.Status.HEALTHY));
            return chaos.done();
        }
    }

    @Test
    void aWaitThatTimesOutReportsTheStateOfTheCluster() {
        try (ClusterKit kit =
                ClusterKit.builder().nodes(A, B).patience(Duration.ofMillis(50)).start()) {
            kit.oneWay(A, B);
            assertThatThrownBy(() -> kit.await(() -> false))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("did not hold within PT0.05S")
                    .hasMessageContaining("lost: a@host > b@host")
                    .hasMessageContaining("a@host runs, view 2 of [a@host, b@host]");
        }
    }

    @Test
    void aNodeThatDoesNotStartCanBeAddedAgain() {
        AtomicInteger starts = new AtomicInteger();
        ClusterKit.Builder builder = ClusterKit.builder().nodes(A).configure(_ -> {
            if (starts.incrementAndGet() == 2) {
                throw new IllegalStateException("the second start");
            }
        });
        try (ClusterKit kit = builder.start()) {
            assertThatIllegalStateException().isThrownBy(() -> kit.add(B)).withMessage("the second start");
            assertThat(kit.nodes()).containsExactly(A);
            assertThat(kit.add(B).name()).isEqualTo(B);
            assertThat(members(kit, A)).containsExactly(A, B);
        }
    }

    @Test
    void misuseFailsAndNamesTheNodesThatExist() {
        try (ClusterKit kit = ClusterKit.start(A, B)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> kit.node("x@host"))
                    .withMessageContaining("x@host")
                    .withMessageContaining("[a@host, b@host]");
            assertThatIllegalArgumentException().isThrownBy(() -> kit.partition(List.of(A), List.of(A, B)));
            assertThatIllegalArgumentException().isThrownBy(() -> kit.partition(List.of(A), List.of()));
            assertThatIllegalArgumentException().isThrownBy(() -> kit.delay(A, A));
            assertThatIllegalArgumentException().isThrownBy(() -> kit.add(A));
            assertThatIllegalArgumentException().isThrownBy(() -> kit.advance(Duration.ofSeconds(-1)));
            kit.crash(B);
            assertThatIllegalStateException().isThrownBy(() -> kit.pause(B)).withMessageContaining("has crashed");
        }
        ClusterKit closed = ClusterKit.start(A);
        closed.close();
        assertThatIllegalStateException().isThrownBy(() -> closed.node(A)).withMessageContaining("closed");
        assertThatIllegalArgumentException().isThrownBy(() -> ClusterKit.start(A, A));
        assertThatIllegalArgumentException().isThrownBy(ClusterKit::start);
    }
}
