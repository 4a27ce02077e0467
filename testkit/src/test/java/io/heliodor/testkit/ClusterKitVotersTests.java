package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.election.Election;
import io.heliodor.membership.ClusterException;
import io.heliodor.membership.VoterList.Changed;
import io.heliodor.node.Node;
import io.heliodor.process.Name;
import io.heliodor.process.Pid;
import io.heliodor.process.Registry.Registered;
import io.heliodor.process.Registry.Unregistered;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Names and elections that voters decide, under faults, by the clock of the kit. */
@Timeout(60)
class ClusterKitVotersTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String C = "c@host";
    private static final String D = "d@host";
    private static final Name<String> NAME = Name.of("name", String.class);

    private static ClusterKit three() {
        return three(builder -> builder);
    }

    private static ClusterKit three(UnaryOperator<ClusterKit.Builder> settings) {
        ClusterKit kit = settings.apply(ClusterKit.builder())
                .nodes(A, B, C)
                .configure(node -> node.voters(A, B, C))
                .start();
        kit.await(() -> kit.node(A).registry().register(Name.of("ready", String.class), sleeper(kit.node(A)))
                instanceof Registered.Ok);
        kit.await(() -> kit.node(A).voters().notVoting().isEmpty());
        return kit;
    }

    private static Pid<String> sleeper(Node node) {
        return node.spawn(String.class, inbox -> {
            while (true) {
                String _ = inbox.receive();
            }
        });
    }

    /** A campaign whose duty lasts until the leadership is lost. */
    private static Election campaign(Node node) {
        return node.election("boss").whileLeading(_ -> new CountDownLatch(1).await());
    }

    private static boolean finds(ClusterKit kit, String node, Pid<String> pid) {
        try {
            return kit.node(node).registry().lookup(NAME).equals(Optional.of(pid));
        } catch (ClusterException _) {
            return false; // the voters elect
        }
    }

    @Test
    void theSideOfAPartitionWithoutAMajorityGetsNoAnswerAndNoLeadership() {
        try (ClusterKit kit = three()) {
            Election cut = campaign(kit.node(C));
            kit.await(cut::leading);
            long before = cut.leader().orElseThrow().term().fencing().orElseThrow();
            Election next = campaign(kit.node(A));
            Pid<String> pid = sleeper(kit.node(C));
            assertThat(kit.node(C).registry().register(NAME, pid)).isEqualTo(new Registered.Ok());
            kit.partition(List.of(C), List.of(A, B));
            kit.await(() -> next.leading() && !cut.leading());
            assertThat(next.leader().orElseThrow().term().fencing().orElseThrow())
                    .isGreaterThan(before);
            assertThat(kit.node(C).registry().register(Name.of("other", String.class), pid))
                    .isEqualTo(new Registered.NoQuorum());
            Pid<String> mine = sleeper(kit.node(A));
            kit.await(() -> kit.node(A).registry().register(NAME, mine) instanceof Registered.Ok);
            kit.heal();
            kit.await(() -> kit.node(C).membership().peers().size() == 2 && finds(kit, C, mine));
        }
    }

    @Test
    void aProcessWhoseNodeWasCutOffLivesOnWithoutItsName() {
        try (ClusterKit kit = three()) {
            List<String> got = new CopyOnWriteArrayList<>();
            Pid<String> pid = kit.node(C).spawn(String.class, inbox -> {
                while (true) {
                    got.add(inbox.receive());
                }
            });
            assertThat(kit.node(C).registry().register(NAME, pid)).isEqualTo(new Registered.Ok());
            Pid<String> seen = kit.node(A).registry().lookup(NAME).orElseThrow();
            kit.partition(List.of(C), List.of(A, B));
            Pid<String> next = sleeper(kit.node(A));
            kit.await(() -> kit.node(A).registry().register(NAME, next) instanceof Registered.Ok);
            kit.heal();
            kit.await(() -> kit.node(C).membership().peers().size() == 2 && finds(kit, C, next));
            kit.advance(Duration.ofSeconds(10));
            kit.await(() -> seen.send("still there"));
            kit.await(() -> got.contains("still there"));
            assertThat(finds(kit, C, next)).isTrue();
            assertThat(kit.node(C).registry().unregister(NAME)).isInstanceOf(Unregistered.NotOwner.class);
        }
    }

    @Test
    void theNamesOfADeadNodeAreFreeWithinASecondOfTheView() {
        try (ClusterKit kit = three()) {
            kit.add(D);
            Pid<String> pid = sleeper(kit.node(D));
            kit.await(() -> kit.node(D).registry().register(NAME, pid) instanceof Registered.Ok);
            kit.await(() -> finds(kit, A, pid));
            kit.crash(D);
            kit.await(() -> kit.node(A).membership().peers().size() == 2
                    && kit.node(B).membership().peers().size() == 2
                    && kit.node(C).membership().peers().size() == 2);
            kit.advance(Duration.ofSeconds(1));
            assertThat(kit.node(A).registry().lookup(NAME)).isEmpty();
        }
    }

    @Test
    void aCandidateThatWasEvictedStandsAgainAsTheLast() {
        try (ClusterKit kit = three()) {
            Election cut = campaign(kit.node(C));
            kit.await(cut::leading);
            Election ofA = campaign(kit.node(A));
            Election ofB = campaign(kit.node(B));
            kit.partition(List.of(C), List.of(A, B));
            kit.await(() -> ofA.leading() || ofB.leading()); // which one stood first is not known
            boolean isA = ofA.leading();
            Election third = isA ? ofB : ofA;
            kit.heal();
            kit.await(() -> kit.node(C).membership().peers().size() == 2);
            kit.advance(Duration.ofSeconds(10));
            assertThat(cut.leading()).isFalse();
            kit.crash(isA ? A : B);
            kit.await(() -> third.leading() || cut.leading());
            assertThat(third.leading()).as("it returned as the last").isTrue();
            CompletableFuture<Boolean> closing = kit.async(() -> {
                third.close();
                return true;
            });
            kit.await(cut::leading);
            kit.await(closing::isDone);
        }
    }

    /** Not after a time: the news of the next leader may come later than that. */
    @Test
    void aLeaderThatWasPausedBeginsItsDutyAgainOnlyWhenTheVotersConfirmIt() {
        Duration silence = Duration.ofSeconds(60);
        try (ClusterKit kit = three(builder -> builder.silence(silence))) {
            AtomicInteger begun = new AtomicInteger();
            Election paused = kit.node(C).election("boss").whileLeading(_ -> {
                begun.incrementAndGet();
                new CountDownLatch(1).await();
            });
            kit.await(() -> begun.get() == 1);
            kit.pause(C);
            kit.advance(Duration.ofSeconds(7));
            kit.resume(C);
            kit.await(() -> begun.get() == 2);

            Election next = campaign(kit.node(A));
            kit.pause(C);
            kit.await(next::leading);
            for (String other : List.of(A, B)) {
                kit.delay(other, C);
                kit.delay(C, other);
            }
            kit.resume(C);
            kit.advance(Duration.ofSeconds(15));
            assertThat(paused.leading()).isFalse();
            assertThat(begun).hasValue(2);
            kit.heal();
            kit.await(() -> paused.leader().map(Election.Leader::node).equals(Optional.of(A)));
            assertThat(begun).hasValue(2);
        }
    }

    @Test
    void anElectionWithAnInvalidNameIsRefusedWhereItIsGiven() {
        try (ClusterKit kit = three()) {
            for (String name : List.of("", "e".repeat(256), "\u00e9".repeat(128), "line\nbreak", "half \ud83d")) {
                assertThatThrownBy(() -> kit.node(A).election(name))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith("The name of an election is 1 to 255 bytes of UTF-8");
            }
            var _ = campaign(kit.node(B));
            kit.await(() -> kit.node(B).election("boss").leading());
        }
    }

    @Test
    void decisionsOutliveACrashOfAllNodes() {
        try (ClusterKit kit = three()) {
            var _ = campaign(kit.node(B));
            kit.await(() -> kit.node(B).election("boss").leading());
            long before = kit.node(B)
                    .election("boss")
                    .leader()
                    .orElseThrow()
                    .term()
                    .fencing()
                    .orElseThrow();
            kit.nodes().forEach(kit::crash);
            kit.nodes().forEach(kit::restart);
            Election again = campaign(kit.node(C));
            kit.await(again::leading);
            assertThat(again.leader().orElseThrow().term().fencing().orElseThrow())
                    .isGreaterThan(before);
        }
    }

    @Test
    void votersAreReplaced() {
        try (ClusterKit kit = three()) {
            kit.add(D);
            Pid<String> pid = sleeper(kit.node(D));
            kit.await(() -> kit.node(D).registry().register(NAME, pid) instanceof Registered.Ok);
            assertThat(kit.node(B).voters().add(D)).isEqualTo(new Changed.Ok());
            assertThat(kit.node(B).voters().remove(A)).isEqualTo(new Changed.Ok());
            kit.await(() -> kit.node(C).voters().nodes().equals(List.of(B, C, D))
                    && kit.node(C).voters().notVoting().isEmpty());
            kit.crash(A);
            kit.crash(B);
            kit.await(() -> finds(kit, C, pid));
        }
    }

    @Test
    void addingAVoterWaitsUntilItsNodeHasStarted() {
        try (ClusterKit kit = three()) {
            CompletableFuture<Changed> adding =
                    kit.async(() -> kit.node(B).voters().add(D));
            kit.advance(Duration.ofSeconds(5));
            assertThat(adding).isNotDone();
            kit.add(D);
            kit.await(adding::isDone);
            assertThat(adding).isCompletedWithValue(new Changed.Ok());
            assertThat(kit.node(C).voters().add("e@host")).isEqualTo(new Changed.NotReady());
        }
    }

    @Test
    void aPausedLeaderIsReplacedAndItsCallEnds() {
        try (ClusterKit kit = three()) {
            kit.pause(A);
            CompletableFuture<Registered> waiting =
                    kit.async(() -> kit.node(B).registry().register(NAME, sleeper(kit.node(B))));
            kit.await(waiting::isDone);
            assertThat(waiting).isCompletedWithValue(new Registered.Ok());
            kit.resume(A);
            kit.advance(Duration.ofSeconds(10));
            kit.await(() -> kit.node(A).registry().lookupLocal(NAME).isPresent());
        }
    }

    @Test
    void votersRecoverFromChaos() {
        try (ClusterKit kit = three()) {
            Chaos chaos = kit.chaos(5);
            for (int i = 0; i < 12; i++) {
                chaos.next();
                kit.advance(Duration.ofSeconds(3));
            }
            chaos.end();
            Pid<String> pid = sleeper(kit.node(B));
            kit.await(() -> kit.node(B).registry().register(NAME, pid) instanceof Registered.Ok);
            kit.nodes().forEach(node -> kit.await(() -> finds(kit, node, pid)));
        }
    }
}
