package io.heliodor.node.pubsub;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.codec.Codecs;
import io.heliodor.counter.EnumCounters;
import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.node.loop.NodeLoop;
import io.heliodor.node.membership.ClusterHealth;
import io.heliodor.node.membership.ClusterMembership;
import io.heliodor.node.membership.Pings;
import io.heliodor.process.engine.NodeCounter;
import io.heliodor.process.engine.ProcessLimits;
import io.heliodor.process.engine.Processes;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.rpc.engine.Procedures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** A node has the topics of joined nodes shortly after it has installed the view with them. */
class PubSubNodesTests {
    private static final Peer SELF = new Peer("a@host", 1);
    private static final Peer OTHER = new Peer("b@host", 2);
    private static final Peer THIRD = new Peer("c@host", 3);

    @AutoClose
    private final Time time = Time.machine("test");

    private final NodeLoop loop = new NodeLoop("test", Thread.ofPlatform().daemon(), () -> {}, () -> {});

    private List<String> absentSeeds = List.of();

    /** A future for each view with new members, complete when their topics have arrived. */
    private final List<CompletableFuture<Void>> syncs = new ArrayList<>();

    private final Processes processes = new Processes(
            SELF,
            () -> {
                throw new AssertionError("there are no peers");
            },
            time,
            Codecs.builder(),
            ProcessLimits.defaults());

    private final PubSubNodes nodes = new PubSubNodes(
            SELF,
            loop,
            new Procedures(processes, Procedures.MAX_CONCURRENT),
            processes.codecs(),
            new ClusterHealth(
                    SELF.node(),
                    new ClusterMembership(SELF, loop, new EnumCounters<>(NodeCounter.class)),
                    new Pings(
                            () -> {
                                throw new AssertionError("there are no peers");
                            },
                            time,
                            peer -> false),
                    Optional.empty(),
                    List::of,
                    () -> absentSeeds),
            time,
            RemoteInterest::new,
            () -> {
                syncs.add(new CompletableFuture<>());
                return syncs.getLast();
            });

    private final Nodes scope = nodes.of(List.of());

    @AfterEach
    void end() {
        loop.close();
    }

    private void view(long number, Peer... members) {
        nodes.view(new View(new ViewId(number, SELF), List.of(members), false));
    }

    @Test
    void aNodeThatIsAloneNamesItsSeeds() {
        view(1, SELF);
        assertThat(scope.health(Duration.ZERO).reasons()).isEmpty();
        absentSeeds =
                List.of("b:7100 (no answer: its name has no address)", "c:7100 (it refused this node: another cookie)");
        assertThat(scope.health(Duration.ZERO).reasons())
                .containsExactly(
                        "alone, with seeds: b:7100 (no answer: its name has no address), c:7100 (it refused this node:"
                                + " another cookie)");
    }

    @Test
    void theTopicsOfANodeAloneAreKnown() {
        view(1, SELF);
        assertThat(scope.interestKnown()).isDone();
    }

    @Test
    void theTopicsOfANodeThatJoinsAreKnownWhenTheyHaveArrived() {
        view(1, SELF, OTHER);
        CompletableFuture<Void> known = scope.interestKnown();
        nodes.tick(time.nanos());
        assertThat(known).isNotDone();
        syncs.getLast().complete(null);
        assertThat(known).isDone();
        view(2, SELF);
        assertThat(scope.interestKnown()).isDone();
        view(3, SELF, OTHER, THIRD);
        assertThat(scope.interestKnown()).isNotDone();
    }

    @Test
    void aWaitForOneNodeIncludesThoseThatJoinMeanwhile() {
        view(1, SELF, OTHER);
        CompletableFuture<Void> known = scope.interestKnown();
        view(2, SELF, OTHER, THIRD);
        assertThat(known).isNotDone();
        nodes.tick(time.nanos() + 1_000_000_000L);
        assertThat(known).isDone();
    }

    @Test
    void theTopicsAreAwaitedForASecond() {
        view(1, SELF, OTHER);
        nodes.tick(time.nanos() + 1_000_000_000L);
        assertThat(scope.interestKnown()).isDone();
    }
}
