package io.heliodor.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.heliodor.election.Election;
import io.heliodor.link.jgroups.socket.ProtocolVersions;
import io.heliodor.membership.ClusterException;
import io.heliodor.membership.Health;
import io.heliodor.membership.VoterList.Changed;
import io.heliodor.node.consensus.RaftNode;
import io.heliodor.process.Name;
import io.heliodor.process.Pid;
import io.heliodor.process.Registry.Registered;
import io.heliodor.process.Registry.Unregistered;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.PubSubEnd;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names and elections that voters decide, on real nodes over loopback. */
class VotersTests {
    private static final Name<Text> NAME = Name.of("name", Text.class);
    private static final String[] VOTERS = {"a@127.0.0.1", "b@127.0.0.1", "c@127.0.0.1"};

    record Text(String text) {}

    @TempDir
    private Path folder;

    private final List<Node> open = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        open.reversed().forEach(Node::close);
    }

    private static ConditionFactory eventually() {
        return await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(20));
    }

    private Node.Builder builder(String app, Node... seeds) {
        return Node.builder(app + "@127.0.0.1")
                .bind("127.0.0.1", 0)
                .seeds(Stream.of(seeds).map(node -> "127.0.0.1:" + node.port()).toArray(String[]::new));
    }

    private Node start(String app, Node... seeds) {
        return start(builder(app, seeds), app);
    }

    private Node start(Node.Builder builder, String app) {
        Node node = builder.voters(folder.resolve(app), VOTERS).start();
        open.add(node);
        return node;
    }

    private List<Node> three() {
        Node a = start("a");
        List<Node> nodes = new ArrayList<>(List.of(a));
        nodes.addAll(Stream.of("b", "c").parallel().map(app -> start(app, a)).toList());
        awaitAnswers(nodes);
        eventually().untilAsserted(() -> assertThat(a.voters().notVoting()).isEmpty());
        return nodes;
    }

    private static void awaitAnswers(List<Node> nodes) {
        for (Node node : nodes) {
            eventually().untilAsserted(() -> {
                assertThat(node.membership().peers()).hasSize(nodes.size() - 1);
                assertThat(node.registry().lookup(Name.of("nobody", Text.class)))
                        .isEmpty();
            });
        }
    }

    private static Pid<Text> sleeper(Node node) {
        return node.spawn(Text.class, inbox -> {
            while (!inbox.receive().text().equals("end")) {
                Thread.onSpinWait();
            }
        });
    }

    @Test
    void aRegisteredNameIsVisibleToAllAtOnceAndHasOneOwner() {
        List<Node> nodes = three();
        Pid<Text> pid = sleeper(nodes.get(1));
        assertThat(nodes.get(1).registry().register(NAME, pid)).isEqualTo(new Registered.Ok());
        for (Node node : nodes) {
            assertThat(node.registry().lookup(NAME)).map(Pid::node).contains("b@127.0.0.1");
        }
        assertThat(nodes.get(1).registry().register(NAME, pid)).isEqualTo(new Registered.Ok());
        assertThat(nodes.get(2).registry().register(NAME, sleeper(nodes.get(2))))
                .isEqualTo(new Registered.Taken("b@127.0.0.1"));
        assertThat(nodes.get(0).registry().unregister(NAME)).isEqualTo(new Unregistered.NotOwner("b@127.0.0.1"));
        eventually()
                .untilAsserted(() -> assertThat(nodes).allSatisfy(node -> {
                    assertThat(node.registry().names()).containsExactly("name");
                    assertThat(node.registry().lookupLocal(NAME)).contains(pid);
                }));
        assertThat(nodes.get(1).registry().unregister(NAME)).isEqualTo(new Unregistered.Ok());
        assertThat(nodes.get(1).registry().unregister(NAME)).isEqualTo(new Unregistered.NoProcess());
        assertThat(nodes)
                .allSatisfy(node -> assertThat(node.registry().lookup(NAME)).isEmpty());
    }

    @Test
    void aNameIsFreeWhenItsProcessEndsAndAwaitReturnsItsNextOwner() throws Exception {
        List<Node> nodes = three();
        Pid<Text> pid = sleeper(nodes.get(0));
        nodes.get(0).registry().register(NAME, pid).orThrow();
        pid.send(new Text("end"));
        eventually()
                .untilAsserted(
                        () -> assertThat(nodes.get(1).registry().lookup(NAME)).isEmpty());
        assertThat(nodes.get(0).registry().register(NAME, pid)).isEqualTo(new Registered.NoProcess());
        eventually()
                .untilAsserted(
                        () -> assertThat(nodes.get(1).registry().lookup(NAME)).isEmpty());
        Pid<Text> next = sleeper(nodes.get(2));
        Thread registering =
                Thread.startVirtualThread(() -> nodes.get(2).registry().register(NAME, next));
        assertThat(nodes.get(1).registry().await(NAME, Duration.ofSeconds(20))).contains(next);
        registering.join();
    }

    private static void awaitOnAll(List<Node> nodes, Name<Text> name) {
        eventually()
                .untilAsserted(() -> assertThat(nodes)
                        .allSatisfy(node ->
                                assertThat(node.registry().lookupLocal(name)).isPresent()));
    }

    @Test
    void twoOfThreeVotersContinueAndTheNamesOfTheThirdAreFree() {
        List<Node> nodes = three();
        for (Node node : nodes) {
            node.registry()
                    .register(Name.of("of/" + node.name().charAt(0), Text.class), sleeper(node))
                    .orThrow();
        }
        awaitOnAll(nodes, Name.of("of/c", Text.class));
        nodes.get(0).close();
        List<Node> rest = nodes.subList(1, 3);
        eventually()
                .untilAsserted(() -> assertThat(rest).allSatisfy(node -> {
                    assertThat(node.registry().lookup(Name.of("of/a", Text.class)))
                            .isEmpty();
                    assertThat(node.registry().lookup(Name.of("of/b", Text.class)))
                            .isPresent();
                }));
        assertThat(rest.get(0).registry().register(NAME, sleeper(rest.get(0)))).isEqualTo(new Registered.Ok());
        assertThat(rest.get(1).health(Duration.ofSeconds(20)).quorum()).isTrue();
    }

    @Test
    void oneOfThreeVotersReportsThatItHasNoQuorum() {
        List<Node> nodes = three();
        Node last = nodes.get(2);
        last.registry().register(NAME, sleeper(last)).orThrow();
        awaitOnAll(nodes, NAME);
        nodes.get(0).close();
        nodes.get(1).close();
        eventually()
                .untilAsserted(() ->
                        assertThat(last.health(Duration.ofSeconds(1)).quorum()).isFalse());
        assertThatThrownBy(() -> last.registry().lookup(NAME)).isInstanceOf(ClusterException.class);
        assertThatThrownBy(() -> last.registry().await(NAME, Duration.ofMillis(100)))
                .isInstanceOf(ClusterException.class);
        assertThat(last.registry().register(Name.of("other", Text.class), sleeper(last)))
                .isEqualTo(new Registered.NoQuorum());
        assertThat(last.registry().unregister(NAME)).isEqualTo(new Unregistered.NoQuorum());
        assertThat(last.registry().lookupLocal(NAME)).isPresent();
    }

    @Test
    void afterARestartOfAllVotersTheFormerNamesAreFreeAndTermsHaveGrown() throws Exception {
        List<Node> nodes = three();
        nodes.get(0).registry().register(NAME, sleeper(nodes.get(0))).orThrow();
        long before = lead(nodes.get(0));
        nodes.forEach(Node::close);
        List<Node> again = three();
        eventually()
                .untilAsserted(
                        () -> assertThat(again.get(1).registry().lookup(NAME)).isEmpty());
        assertThat(again.get(1).registry().register(NAME, sleeper(again.get(1))))
                .isEqualTo(new Registered.Ok());
        assertThat(lead(again.get(2))).isGreaterThan(before);
    }

    private static long lead(Node node) throws InterruptedException {
        Queue<Long> terms = new ConcurrentLinkedQueue<>();
        CountDownLatch began = new CountDownLatch(1);
        node.election("boss").whileLeading(term -> {
            terms.add(term.fencing().orElseThrow());
            began.countDown();
            Thread.sleep(Long.MAX_VALUE);
        });
        began.await();
        return terms.element();
    }

    @Test
    void theNextCandidateLeadsInAHigherTermWhenTheLeaderIsGone() throws Exception {
        List<Node> nodes = three();
        long first = lead(nodes.get(0));
        Queue<Long> terms = new ConcurrentLinkedQueue<>();
        CountDownLatch next = new CountDownLatch(1);
        nodes.get(1).election("boss").whileLeading(term -> {
            terms.add(term.fencing().orElseThrow());
            next.countDown();
            Thread.sleep(Long.MAX_VALUE);
        });
        eventually()
                .untilAsserted(() -> assertThat(nodes)
                        .allSatisfy(node -> assertThat(
                                        node.election("boss").leader().map(Election.Leader::node))
                                .contains("a@127.0.0.1")));
        nodes.get(0).close();
        next.await();
        assertThat(terms.element()).isGreaterThan(first);
        eventually()
                .untilAsserted(
                        () -> assertThat(nodes.get(2).election("boss").leader().map(Election.Leader::node))
                                .contains("b@127.0.0.1"));
    }

    @Test
    void aNodeThatSeesTooFewVotersLeadsNothingAndLeadsAgainIfNoOtherNodeDid() throws Exception {
        List<Node> nodes = three();
        Node boss = nodes.get(2);
        long first = lead(boss);
        boss.disconnect();
        eventually()
                .untilAsserted(() -> assertThat(boss.election("boss").leading()).isFalse());
        boss.connect("127.0.0.1:" + nodes.get(0).port());
        eventually()
                .untilAsserted(() -> assertThat(boss.election("boss").leading()).isTrue());
        assertThat(boss.election("boss").leader().orElseThrow().term().fencing().orElseThrow())
                .isGreaterThan(first);
    }

    @Test
    void aNodeThatDoesNotVoteSendsItsRequestsToVoters() {
        List<Node> nodes = three();
        Node guest = builder("guest", nodes.get(0)).voters(VOTERS).start();
        open.add(guest);
        Pid<Text> pid = sleeper(guest);
        eventually()
                .untilAsserted(
                        () -> assertThat(guest.registry().register(NAME, pid)).isEqualTo(new Registered.Ok()));
        assertThat(nodes.get(1).registry().lookup(NAME)).map(Pid::node).contains("guest@127.0.0.1");
        assertThat(guest.registry().lookup(NAME)).contains(pid);
        guest.close();
        eventually()
                .untilAsserted(
                        () -> assertThat(nodes.get(1).registry().lookup(NAME)).isEmpty());
    }

    @Test
    void votersAreReplacedOneByOneWhileNamesStay() {
        List<Node> nodes = three();
        Pid<Text> pid = sleeper(nodes.get(2));
        nodes.get(2).registry().register(NAME, pid).orThrow();
        Node d = start("d", nodes.get(0));
        assertThat(d.voters().nodes()).containsExactly(VOTERS);
        assertThat(nodes.get(1).voters().add("d@127.0.0.1")).isEqualTo(new Changed.Ok());
        assertThat(d.voters().add("d@127.0.0.1")).isEqualTo(new Changed.Ok());
        assertThat(d.voters().remove("a@127.0.0.1")).isEqualTo(new Changed.Ok());
        eventually()
                .untilAsserted(() -> assertThat(nodes)
                        .allSatisfy(node -> assertThat(node.voters().nodes())
                                .containsExactly("b@127.0.0.1", "c@127.0.0.1", "d@127.0.0.1")));
        assertThat(d.voters().notVoting()).isEmpty();
        nodes.get(0).close();
        nodes.get(1).close();
        eventually().untilAsserted(() -> assertThat(d.registry().lookup(NAME)).contains(pid));
        assertThat(d.voters().remove("c@127.0.0.1")).isEqualTo(new Changed.TooFew());
        assertThat(d.voters().remove("b@127.0.0.1")).isEqualTo(new Changed.Ok());
        assertThat(d.voters().nodes()).containsExactly("c@127.0.0.1", "d@127.0.0.1");
    }

    @Test
    void aNodeThatChangedTheVotersReadsItsChange() {
        List<Node> nodes = new ArrayList<>(three());
        Node d = start("d", nodes.get(0));
        nodes.add(d);
        for (int round = 0; round < 5; round++) {
            for (Node node : nodes) {
                assertThat(node.voters().add("d@127.0.0.1")).isEqualTo(new Changed.Ok());
                assertThat(node.voters().nodes()).contains("d@127.0.0.1");
                assertThat(node.voters().remove("d@127.0.0.1")).isEqualTo(new Changed.Ok());
                assertThat(node.voters().nodes()).containsExactly(VOTERS);
            }
        }
    }

    @Test
    void aVoterThatLostItsDirectoryVotesAgainWhenItHasCaughtUp() throws IOException {
        List<Node> nodes = three();
        Pid<Text> pid = sleeper(nodes.get(0));
        nodes.get(0).registry().register(NAME, pid).orThrow();
        Node last = nodes.get(2);
        last.close();
        deleteFiles(folder.resolve("c"));
        Node again = start("c", nodes.get(0));
        eventually()
                .untilAsserted(() -> assertThat(again.registry().lookup(NAME)).contains(pid));
        eventually().untilAsserted(() -> assertThat(voting(again)).isTrue());
        assertThat(again.voters().notVoting()).isEmpty();
        nodes.get(1).close();
        eventually()
                .untilAsserted(() -> assertThat(again.registry().lookup(NAME)).contains(pid));
    }

    @Test
    void aVoterWithoutItsEntriesCountsAgainWhenItHasCaughtUp() throws IOException {
        List<Node> nodes = three();
        Pid<Text> pid = sleeper(nodes.get(0));
        nodes.get(0).registry().register(NAME, pid).orThrow();
        nodes.get(2).close();
        Files.delete(folder.resolve("c").resolve("entries"));
        nodes.get(1).close();
        Node c = start("c", nodes.get(0));
        eventually().untilAsserted(() -> assertThat(c.membership().peers()).hasSize(1));
        assertThat(c.statistic(Statistic.VOTERS_FILES_LOST)).isOne();
        assertThat(c.health(Duration.ofSeconds(1)).reasons())
                .contains("no vote: the directory lacked entries that it had confirmed");
        assertThat(c.registry().register(NAME, sleeper(c)))
                .as("two of three, one of which lost its entries")
                .isInstanceOf(Registered.NoQuorum.class);
        Node b = start("b", nodes.get(0));
        eventually().untilAsserted(() -> assertThat(voting(c)).isTrue());
        eventually().until(() -> c.statistic(Statistic.VOTERS_FILES_LOST) == 0);
        assertThat(b.registry().lookup(NAME)).contains(pid);
    }

    /**
     * The directory of a trial has a log of its own, and meets voters, which may have no command yet. Its settings are theirs, or still
     * those of the trial.
     */
    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void aNodeWithAnotherLogEndsAndTheVotersContinue(boolean decided, boolean sameSettings) {
        Node trial = builder("c").voters(folder.resolve("c"), "c@127.0.0.1").start();
        open.add(trial);
        eventually()
                .untilAsserted(() -> assertThat(trial.registry().register(NAME, sleeper(trial)))
                        .isEqualTo(new Registered.Ok()));
        trial.close();
        Node a = start("a");
        Node b = start("b", a);
        awaitAnswers(List.of(a, b));
        Pid<Text> pid = sleeper(a);
        if (decided) {
            a.registry().register(NAME, pid).orThrow();
        }
        String[] list = sameSettings ? VOTERS : new String[] {"c@127.0.0.1"};
        Node c = builder("c", a).voters(folder.resolve("c"), list).start();
        open.add(c);
        eventually()
                .untilAsserted(() -> assertThat(c.ended().getNow(new Ending.Closed()))
                        .isInstanceOfSatisfying(
                                Ending.CopyLost.class,
                                lost -> assertThat(lost.why())
                                        .contains("another log than the voters", "empty directory")));
        assertThat(c.health(Duration.ofSeconds(1)).reasons()).containsExactly("this node has ended");
        assertThat(c.statistic(Statistic.VOTERS))
                .as("no alert about the quorum of the voters")
                .isZero();
        if (!decided) {
            a.registry().register(NAME, pid).orThrow();
        }
        assertThat(b.registry().lookup(NAME)).contains(pid);
        assertThat(b.registry().register(Name.of("other", Text.class), sleeper(b)))
                .isEqualTo(new Registered.Ok());
        assertThat(List.of(a, b)).noneMatch(node -> node.ended().isDone());
    }

    /** The recipe of the operating guide: one voter becomes three, then five, then three and one again. */
    @Test
    void theVotersGrowFromOneToThreeAndFiveAndBack() {
        List<String> names = Stream.of("a", "b", "c", "d", "e")
                .map(app -> app + "@127.0.0.1")
                .toList();
        Node a = grow("a", names.subList(0, 1));
        Pid<Text> pid = sleeper(a);
        eventually()
                .untilAsserted(
                        () -> assertThat(a.registry().register(NAME, pid)).isEqualTo(new Registered.Ok()));
        List<Node> all = new ArrayList<>(List.of(a));
        for (int size : List.of(3, 5)) {
            List<String> list = names.subList(0, size);
            for (String name : list.subList(size - 2, size)) {
                Node next = grow(name.substring(0, 1), list, all.getFirst());
                all.add(next);
                eventually()
                        .untilAsserted(() -> assertThat(
                                        next.health(Duration.ofSeconds(1)).reasons())
                                .contains("voters " + (size - 2) + " of " + size));
            }
            for (String name : list.subList(size - 2, size)) {
                assertThat(all.getFirst().voters().add(name)).isEqualTo(new Changed.Ok());
            }
            restart(all, list);
        }
        for (int size : List.of(3, 1)) {
            for (String name : names.subList(size, size + 2).reversed()) {
                assertThat(all.getFirst().voters().remove(name)).isEqualTo(new Changed.Ok());
                all.removeLast().close();
            }
            restart(all, names.subList(0, size));
        }
        assertThat(all.getFirst().registry().register(NAME, sleeper(all.getFirst())))
                .isEqualTo(new Registered.Ok());
    }

    private Node grow(String app, List<String> list, Node... seeds) {
        Node node = builder(app, seeds)
                .voters(folder.resolve(app), list.toArray(String[]::new))
                .start();
        open.add(node);
        return node;
    }

    /** Starts each node again, with a new list in its settings. Then there is no reason to look at the voters. */
    private void restart(List<Node> nodes, List<String> list) {
        for (int i = 0; i < nodes.size(); i++) {
            nodes.get(i).close();
            Node[] seeds = Stream.concat(nodes.subList(0, i).stream(), nodes.subList(i + 1, nodes.size()).stream())
                    .toArray(Node[]::new);
            nodes.set(i, grow(nodes.get(i).name().substring(0, 1), list, seeds));
            awaitAnswers(nodes);
        }
        eventually()
                .untilAsserted(() -> assertThat(nodes)
                        .allSatisfy(node -> assertThat(
                                        node.health(Duration.ofSeconds(1)).reasons())
                                .isEmpty()));
        assertThat(nodes.getFirst().voters().nodes()).containsExactlyElementsOf(list);
    }

    private static boolean voting(Node node) {
        return ((RunningNode) node).consensus().orElseThrow().isVoter();
    }

    private static void deleteFiles(Path directory) throws IOException {
        for (File file : Objects.requireNonNull(directory.toFile().listFiles())) {
            Files.delete(file.toPath());
        }
    }

    @Test
    void aVoterWhoseDirectoryCannotBeWrittenAnyMoreContinuesWithoutAVote() throws IOException {
        List<Node> nodes = three();
        Node last = nodes.get(2);
        // The file that replaces the ballot is written next to it under this name.
        Files.createDirectory(folder.resolve("c").resolve("ballot.next"));
        nodes.get(0).close();
        nodes.get(1).close();
        Node a = start("a", last);
        Node b = start("b", a);
        eventually().untilAsserted(() -> assertThat(voting(last)).isFalse());
        Pid<Text> pid = sleeper(last);
        eventually()
                .untilAsserted(
                        () -> assertThat(last.registry().register(NAME, pid)).isEqualTo(new Registered.Ok()));
        assertThat(b.registry().lookup(NAME)).contains(pid);
        assertThat(last.health(Duration.ofSeconds(20)).quorum()).isTrue();
        // No member is unreachable, but the next loss ends all decisions.
        eventually()
                .untilAsserted(() -> assertThat(List.of(a, b, last)).allSatisfy(node -> {
                    assertThat(node.statistic(Statistic.VOTERS_LOST)).isOne();
                    Health health = node.health(Duration.ofSeconds(1));
                    assertThat(health.status()).isEqualTo(Health.Status.DEGRADED);
                    assertThat(health.unreachable()).isEmpty();
                    assertThat(health.reasons()).contains("voters 2 of 3");
                }));
        assertThat(last.health(Duration.ofSeconds(1)).reasons())
                .contains("no vote: the directory could not be written to");
        assertThat(last.statistic(Statistic.VOTERS_DISK_FAILED)).isOne();
        assertThat(a.statistic(Statistic.VOTERS_DISK_FAILED)).isZero();
    }

    @Test
    void theStatisticsAreThoseOfTheVoters() {
        List<Node> nodes = three();
        eventually()
                .untilAsserted(() -> assertThat(nodes).allSatisfy(node -> {
                    assertThat(node.statistic(Statistic.VOTERS)).isEqualTo(3);
                    assertThat(node.statistic(Statistic.VOTERS_LOST)).isZero();
                    assertThat(node.statistic(Statistic.VOTERS_QUORUM)).isOne();
                    assertThat(node.statistic(Statistic.VOTERS_LED)).isOne();
                    assertThat(node.health(Duration.ofSeconds(1)).status()).isEqualTo(Health.Status.HEALTHY);
                }));
        nodes.get(0).close();
        nodes.get(1).close();
        Node last = nodes.get(2);
        eventually().untilAsserted(() -> {
            assertThat(last.statistic(Statistic.VOTERS_LOST)).isEqualTo(2);
            assertThat(last.statistic(Statistic.VOTERS_QUORUM)).isZero();
            assertThat(last.statistic(Statistic.VOTERS_LED)).isZero();
            assertThat(last.health(Duration.ofSeconds(1)).reasons())
                    .containsExactly("voters 1 of 3", "no majority of the voters");
        });
    }

    /** A node of a newer version wrote the command. A node that skipped it would give wrong answers. */
    @Test
    void aNodeThatCannotDecodeACommandEnds() {
        List<Node> nodes = three();
        eventually().until(() -> {
            for (Node node : nodes) {
                RaftNode consensus = ((RunningNode) node).consensus().orElseThrow();
                if (consensus
                        .leader()
                        .filter(peer -> peer.node().equals(node.name()))
                        .isPresent()) {
                    var _ = consensus.append(new byte[] {99});
                    return true;
                }
            }
            return false;
        });
        // The leader ends, then the next one, for which the command is committed, too. The last one has no majority.
        eventually()
                .untilAsserted(() -> assertThat(nodes)
                        .filteredOn(node -> node.ended().getNow(new Ending.Closed()) instanceof Ending.CopyLost)
                        .hasSize(2));
        assertThat(nodes)
                .filteredOn(node -> node.ended().isDone())
                .allSatisfy(node -> assertThat(ClusterPubSub.of(node.pubsub()).ended())
                        .map(PubSubEnd::reason)
                        .contains("copy_lost"));
        assertThat(nodes)
                .filteredOn(node -> !node.ended().isDone())
                .singleElement()
                .satisfies(node ->
                        assertThatThrownBy(() -> node.registry().lookup(NAME)).isInstanceOf(ClusterException.class));
    }

    @Test
    @SuppressWarnings("NullAway")
    void votersThatAreNullAreRefused() {
        Node.Builder node = Node.builder("a@127.0.0.1");
        assertThatThrownBy(() -> node.voters((String[]) null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("nodes");
        assertThatThrownBy(() -> node.voters((Path) null, "a@127.0.0.1"))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("data: a node without a directory does not vote, by voters(String...)");
        assertThatThrownBy(() -> node.voters("a@127.0.0.1", null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("nodes: a voter is null");
    }

    @Test
    void withoutVotersThereIsNothingToChange() {
        Node node = builder("a").start();
        open.add(node);
        assertThat(node.voters().nodes()).isEmpty();
        assertThatThrownBy(() -> node.voters().add("b@127.0.0.1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("This cluster has no voters: start its nodes with Node.Builder.voters(...).");
    }

    @Test
    void votersOfTwoVersionsDecideTogether() throws Exception {
        Node a = start(builder("a").versions(new ProtocolVersions(1, 2)), "a");
        Node b = start(builder("b", a).versions(new ProtocolVersions(1, 1)), "b");
        Node c = start(builder("c", a).versions(new ProtocolVersions(1, 2)), "c");
        List<Node> nodes = List.of(a, b, c);
        awaitAnswers(nodes);
        assertThat(a.link(b.name()).orElseThrow().version()).hasValue(1);
        assertThat(a.link(c.name()).orElseThrow().version()).hasValue(2);
        Pid<Text> pid = sleeper(b);
        assertThat(b.registry().register(NAME, pid)).isEqualTo(new Registered.Ok());
        long before = lead(a);
        a.close();
        eventually().untilAsserted(() -> assertThat(c.registry().lookup(NAME)).contains(pid));
        assertThat(lead(b)).isGreaterThan(before);
    }

    @Test
    void aVoterMustHaveADirectory() {
        assertThatThrownBy(() -> builder("a").voters(VOTERS).start())
                .isInstanceOf(StartException.class)
                .hasMessageContaining("directory");
        assertThat(Optional.of(folder.toFile().list())).contains(new String[0]);
    }
}
