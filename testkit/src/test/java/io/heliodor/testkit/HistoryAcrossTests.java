package io.heliodor.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.KeptMessages;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Event;
import io.heliodor.node.Statistic;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A history over the nodes of a cluster: each keeps it, and a client resumes at any of them. */
@Timeout(60)
class HistoryAcrossTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String C = "c@host";
    private static final String ROOM = "room:1";

    record Text(String text) {}

    static final Event<Text> SHOUT = Event.of("shout", Text.class);
    static final Event<Text> TYPING = Event.of("typing", Text.class);
    static final Event<Text> WHISPER = Event.of("whisper", Text.class);

    private final ClusterKit cluster =
            ClusterKit.builder().nodes(A, B, C).capacity(FullQueue.CAPACITY).start();
    private final List<ChannelKit> servers = new ArrayList<>();
    private final Map<TestChannel, TestClient> clients = new ConcurrentHashMap<>();

    @AfterEach
    void close() {
        servers.forEach(ChannelKit::close);
        cluster.close();
    }

    private ChannelKit serve(PubSub pubsub, boolean keeps) {
        Channel.Builder<Object, String> room = Channel.join(join -> Join.ok("a"))
                .on(SHOUT, (text, in) -> in.broadcast(SHOUT, text))
                .on(TYPING, (text, in) -> in.broadcast(TYPING, text))
                .on(WHISPER, (text, in) -> in.broadcastFrom(SHOUT, text));
        if (keeps) {
            room.history(History.of(100, Duration.ofMinutes(5), SHOUT));
        }
        Channel.Builder<Object, String> leaving = Channel.join(join -> Join.ok("a"));
        leaving.history(History.of(100, Duration.ofMinutes(5), SHOUT))
                .onLeave((why, in) -> in.broadcast(SHOUT, new Text("left")));
        UserSocket<Object> socket = UserSocket.open()
                .channel("room:*", room.build())
                .channel("leaving:*", leaving.build())
                .build();
        ChannelKit server = ChannelKit.builder(socket).pubsub(pubsub).start();
        servers.add(server);
        return server;
    }

    private ChannelKit serve(String node) {
        return serve(cluster.node(node).pubsub(), true);
    }

    private void pass(Duration time) {
        Duration step = Duration.ofMillis(time.toSeconds() > 10 ? 1_000 : 100);
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(step)) {
            cluster.advance(step);
            servers.forEach(server -> server.advance(step));
        }
    }

    private TestChannel join(ChannelKit server) {
        return joined(server, client -> client.join(ROOM));
    }

    private TestChannel rejoin(ChannelKit server, TestChannel before) {
        return joined(server, client -> client.rejoin(before));
    }

    private TestChannel joined(ChannelKit server, Function<TestClient, TestChannel> join) {
        TestClient client = server.connect();
        CompletableFuture<TestChannel> joining = cluster.async(() -> join.apply(client));
        cluster.await(joining::isDone);
        TestChannel channel = joining.join();
        clients.put(channel, client);
        return channel;
    }

    private void drop(TestChannel channel) {
        clients.get(channel).drop();
    }

    private static void expect(TestChannel channel, String... texts) {
        for (String text : texts) {
            assertThat(channel.expectNext(SHOUT)).isEqualTo(new Text(text));
        }
    }

    private static void publish(ChannelKit server, String... texts) {
        for (String text : texts) {
            server.channels().broadcast(ROOM, SHOUT, new Text(text));
        }
    }

    @Test
    void aClientResumesAtAnotherNode() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        TestChannel ann = join(a);
        TestChannel ben = join(b);
        ann.push(SHOUT, new Text("of a"));
        expect(ann, "of a");
        expect(ben, "of a");
        ben.push(SHOUT, new Text("of b"));
        expect(ben, "of b");
        expect(ann, "of b");
        drop(ann);
        publish(b, "1", "2");
        publish(a, "3");
        expect(ben, "1", "2", "3");
        TestChannel back = rejoin(b, ann);
        assertThat(back.recovered()).isTrue();
        expect(back, "1", "2", "3");
        publish(a, "4");
        expect(back, "4");
        expect(ben, "4");
    }

    @Test
    void theFirstMemberOfANodeGetsTheMessagesThatOthersKept() {
        ChannelKit a = serve(A);
        TestChannel ann = join(a);
        publish(a, "1", "2");
        expect(ann, "1", "2");
        drop(ann);
        publish(a, "3");
        TestChannel back = rejoin(serve(C), ann);
        assertThat(back.recovered()).isTrue();
        expect(back, "3");
    }

    @Test
    void aClientRecoversAtANodeThatHasJustComeBack() {
        ChannelKit a = serve(A);
        ChannelKit c = serve(C);
        TestChannel ann = join(a);
        publish(a, "1");
        expect(ann, "1");
        cluster.partition(List.of(A, B), List.of(C));
        cluster.await(() -> cluster.node(C).membership().peers().isEmpty());
        publish(a, "2");
        expect(ann, "2");
        drop(ann);
        publish(a, "3");
        cluster.heal();
        Nodes nodes = ClusterPubSub.nodesOf(cluster.node(C).pubsub());
        cluster.await(() -> nodes.members().size() == 3);
        TestClient client = c.connect();
        CompletableFuture<TestChannel> joining = cluster.async(() -> client.rejoin(ann));
        while (!joining.isDone()) {
            pass(Duration.ofMillis(100)); // C may have a copy from before the split, which catches up after a pause
        }
        TestChannel back = joining.join();
        assertThat(back.recovered()).isTrue();
        expect(back, "3");
    }

    @Test
    void aNodeWithoutMembersHasItsBroadcastsKept() {
        ChannelKit a = serve(A);
        TestChannel ann = join(a);
        ChannelKit b = serve(B);
        publish(b, "1");
        expect(ann, "1");
        drop(ann);
        publish(b, "2", "3");
        TestChannel back = rejoin(a, ann);
        assertThat(back.recovered()).isTrue();
        expect(back, "2", "3");
    }

    @Test
    void messagesThatAreNotKeptComeInOrderWithKeptOnes() {
        TestChannel ann = join(serve(A));
        TestChannel ben = join(serve(B));
        for (int i = 0; i < 300; i++) {
            ann.push(i % 3 == 0 ? SHOUT : TYPING, new Text("" + i));
        }
        for (int i = 0; i < 300; i++) {
            assertThat(ben.expectNext(i % 3 == 0 ? SHOUT : TYPING)).isEqualTo(new Text("" + i));
        }
    }

    @Test
    void bothSidesOfASplitGetTheMissedMessages() {
        ChannelKit a = serve(A);
        ChannelKit c = serve(C);
        TestChannel ann = join(a);
        TestChannel cyd = join(c);
        publish(a, "before");
        expect(ann, "before");
        expect(cyd, "before");
        cluster.partition(List.of(A, B), List.of(C));
        cluster.await(() -> cluster.node(A).membership().peers().size() == 1
                && cluster.node(C).membership().peers().isEmpty());
        publish(a, "of a");
        publish(c, "of c");
        expect(ann, "of a");
        expect(cyd, "of c");
        drop(cyd);
        cluster.heal();
        cluster.await(() -> cluster.node(C).membership().peers().size() == 2);
        pass(Duration.ofSeconds(2));
        expect(ann, "of c");
        TestChannel back = rejoin(a, cyd);
        assertThat(back.recovered()).isTrue();
        expect(back, "of a");
        publish(c, "after");
        expect(ann, "after");
        expect(back, "after");
    }

    /** The comparison that follows the loss fails. */
    @Test
    void aMessageThatAFullQueueDroppedComesWithAPeriodicComparison() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        TestChannel ann = join(a);
        TestChannel ben = join(b);
        publish(a, "first");
        expect(ann, "first");
        expect(ben, "first");
        FullQueue.fill(cluster, A, B);
        publish(a, "last");
        pass(Duration.ofSeconds(4));
        assertThat(cluster.node(A).statistic(Statistic.PUBLISH_LOST)).isPositive();
        // The request of A for a comparison arrives now, but that of B is lost.
        cluster.delay(B, A);
        cluster.release(A, B);
        pass(Duration.ofSeconds(3));
        cluster.release(B, A);
        for (int i = 0; i < 30; i++) {
            pass(Duration.ofSeconds(1));
        }
        assertThat(texts(b.channels().newest(ROOM, 10))).containsExactly("last", "first");
        assertThat(cluster.node(A).statistic(Statistic.SESSIONS_STALLED)).isZero();
    }

    @Test
    void theClientsOfADeadNodeResumeAtAnotherOne() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        TestChannel ann = join(a);
        TestChannel ben = join(b);
        publish(a, "1");
        expect(ann, "1");
        drop(ann);
        publish(a, "2");
        expect(ben, "1", "2");
        cluster.crash(A);
        cluster.await(() -> cluster.node(B).membership().peers().size() == 1);
        publish(b, "3");
        expect(ben, "3");
        TestChannel back = rejoin(b, ann);
        assertThat(back.recovered()).isTrue();
        expect(back, "2", "3");
    }

    @Test
    void aMemberWhoseChannelKeepsNothingGetsEachBroadcastOnce() {
        ChannelKit plain = serve(cluster.node(A).pubsub(), false);
        TestChannel before = join(plain);
        ChannelKit b = serve(B);
        TestChannel ben = join(b);
        publish(b, "1");
        expect(before, "1");
        expect(ben, "1");
        ChannelKit a = serve(A);
        TestChannel ann = join(a);
        publish(b, "2");
        for (TestChannel each : List.of(before, ben, ann)) {
            expect(each, "2");
        }
        before.push(SHOUT, new Text("of a channel that keeps nothing"));
        for (TestChannel each : List.of(before, ben, ann)) {
            expect(each, "of a channel that keeps nothing");
        }
        before.expectNothing();
    }

    /** The nodes that keep copies of the topic, in the view of a node. */
    private List<String> keepers(String at) {
        return keepers(at, ROOM);
    }

    private List<String> keepers(String at, String topic) {
        return ClusterPubSub.nodesOf(cluster.node(at).pubsub().scope("heliodor.copies"))
                .interestedIn(Topic.of(topic, Text.class))
                .stream()
                .map(NodeId::name)
                .toList();
    }

    private void awaitCopy(String at) {
        cluster.await(() -> {
            servers.forEach(server -> server.advance(Duration.ofSeconds(1)));
            return keepers(at).size() == 1;
        });
    }

    @Test
    void aMessageSurvivesTheOnlyNodeWithMembers() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        ChannelKit c = serve(C);
        TestChannel ann = join(a);
        assertThat(keepers(A)).isEmpty();
        publish(a, "1");
        expect(ann, "1");
        awaitCopy(A);
        drop(ann);
        publish(a, "2");
        // A message on its way may be lost with its node.
        pass(Duration.ofSeconds(1));
        cluster.crash(A);
        cluster.await(() -> cluster.node(B).membership().peers().size() == 1
                && cluster.node(C).membership().peers().size() == 1);
        // At either of them: the one that keeps the copy, and the one that does not.
        for (ChannelKit server : List.of(b, c)) {
            TestChannel back = rejoin(server, ann);
            assertThat(back.recovered()).isTrue();
            expect(back, "2");
            publish(b, "3");
            expect(back, "3");
            drop(back);
            ann = back;
            publish(c, "2");
        }
    }

    /** The server stops, then its node leaves. */
    private void stop(ChannelKit server, String node) {
        drain(server);
        servers.remove(server);
        server.close();
        cluster.node(node).close();
        cluster.await(() -> !cluster.node(C).membership().peers().contains(node));
    }

    private void drain(ChannelKit server) {
        cluster.await(cluster.async(Executors.callable(server::drain))::isDone);
    }

    /** Its messages are lost until the cluster heals, for less than the suspicion timeout of the others. */
    private void muteA() {
        cluster.oneWay(A, B);
        cluster.oneWay(A, C);
    }

    @Test
    void aServerThatStopsHandsTheOnlyCopyOfAHistoryOverToAnotherNode() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        serve(C);
        TestChannel ann = join(a);
        muteA();
        publish(a, "1");
        expect(ann, "1");
        // Until the request for a copy has failed.
        pass(Duration.ofSeconds(4));
        assertThat(keepers(A)).isEmpty();
        cluster.heal();
        drop(ann);
        publish(a, "2");
        stop(a, A);
        TestChannel back = rejoin(b, ann);
        assertThat(back.recovered()).isTrue();
        expect(back, "2");
    }

    @Test
    void aServerThatStopsHandsLostMessagesOverToAnotherNode() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        ChannelKit c = serve(C);
        TestChannel ann = join(a);
        TestChannel ben = join(b);
        muteA();
        publish(a, "1");
        expect(ann, "1");
        cluster.heal();
        stop(a, A);
        // From the node that accepted it, by repair.
        pass(Duration.ofSeconds(15));
        expect(ben, "1");
        TestChannel back = rejoin(c, ann);
        assertThat(back.recovered()).isTrue();
        publish(b, "2");
        expect(back, "2");
    }

    @Test
    void keptMessagesOfLeaveHooksMoveToAnotherNode() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        serve(C);
        List<TestChannel> before = IntStream.range(0, 16)
                .mapToObj(i -> joined(a, client -> client.join("leaving:" + i)))
                .toList();
        stop(a, A);
        for (TestChannel each : before) {
            TestChannel back = rejoin(b, each);
            assertThat(back.recovered()).isTrue();
            expect(back, "left");
        }
    }

    /** The lines that the server writes to the standard error when it stops. */
    private String linesOfDrain(ChannelKit server) {
        PrintStream before = System.err;
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        System.setErr(new PrintStream(lines, true, UTF_8));
        try {
            drain(server);
        } finally {
            System.setErr(before);
        }
        return lines.toString(UTF_8);
    }

    /** A server whose history no other node has. */
    private ChannelKit keepingAlone(String node) {
        ChannelKit server = serve(node);
        TestChannel member = join(server);
        publish(server, "1");
        expect(member, "1");
        return server;
    }

    @Test
    void aHistoryThatANodeFailsToTakeOverIsReported() {
        ClusterPubSub.nodesOf(cluster.node(B).pubsub().scope("heliodor.channels"))
                .handle("history", request -> {
                    throw new IllegalStateException("a fault of the node");
                });
        serve(B);
        assertThat(linesOfDrain(keepingAlone(A)))
                .contains("The kept messages of 1 topics are not complete on any other node");
    }

    @Test
    void aServerStopsWithoutAWarningIfNoOtherNodeHasAnEndpoint() {
        ChannelKit b = serve(B);
        ChannelKit a = keepingAlone(A);
        servers.remove(b);
        b.close();
        assertThat(linesOfDrain(a)).doesNotContain("kept messages");
    }

    @Test
    void theServersOfAllNodesStopWithoutAWarning() {
        ChannelKit a = keepingAlone(A);
        ChannelKit b = serve(B);
        assertThat(linesOfDrain(b)).doesNotContain("kept messages");
        assertThat(linesOfDrain(a)).doesNotContain("kept messages");
    }

    @Test
    void theServerOfTheLastNodeStopsWithoutAWarning() {
        ChannelKit a = keepingAlone(A);
        cluster.node(B).close();
        cluster.node(C).close();
        cluster.await(() -> cluster.node(A).membership().peers().isEmpty());
        assertThat(linesOfDrain(a)).doesNotContain("kept messages");
    }

    @Test
    void aServerWhoseNodeHasEndedStops() {
        ChannelKit a = serve(A);
        serve(B);
        TestChannel ann = join(a);
        publish(a, "1");
        expect(ann, "1");
        cluster.node(A).close();
        drain(a);
    }

    @Test
    void aServerThatStopsAcceptsNoHistoriesOfOthers() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        ChannelKit c = serve(C);
        List<TestChannel> before = IntStream.range(0, 16)
                .mapToObj(i -> joined(a, client -> client.join("room:" + i)))
                .toList();
        drain(b);
        muteA();
        before.forEach(each -> each.push(SHOUT, new Text("1")));
        before.forEach(each -> expect(each, "1"));
        pass(Duration.ofSeconds(4));
        cluster.heal();
        stop(a, A);
        stop(b, B);
        for (TestChannel each : before) {
            assertThat(rejoin(c, each).recovered()).isTrue();
        }
    }

    @Test
    void anotherNodeKeepsTheCopyWhenTheKeeperIsDead() {
        ChannelKit a = serve(A);
        serve(B);
        serve(C);
        TestChannel ann = join(a);
        publish(a, "1");
        expect(ann, "1");
        awaitCopy(A);
        String keeper = keepers(A).getFirst();
        cluster.crash(keeper);
        servers.remove(keeper.equals(B) ? 1 : 2).close();
        cluster.await(() -> keepers(A).isEmpty());
        awaitCopy(A);
        assertThat(keepers(A)).doesNotContain(keeper);
    }

    /** The keepers of the topics are chosen by a hash, so about a half of them are on the node that is frozen. */
    @Test
    void aFrozenNodeDelaysNoCopiesOnOtherNodes() {
        ChannelKit a = serve(A);
        serve(B);
        serve(C);
        List<String> topics = IntStream.range(0, 64).mapToObj(i -> "room:" + i).toList();
        topics.forEach(topic -> joined(a, client -> client.join(topic)));
        cluster.pause(C);
        topics.forEach(topic -> a.channels().broadcast(topic, SHOUT, new Text("kept")));
        pass(Duration.ofSeconds(1));
        assertThat(topics.stream().filter(topic -> keepers(A, topic).equals(List.of(B))))
                .hasSizeGreaterThan(8);
    }

    @Test
    void aKeeperDropsItsCopyWhenTheMembersHaveLeft() {
        ChannelKit a = serve(A);
        serve(B);
        serve(C);
        TestChannel ann = join(a);
        publish(a, "1");
        awaitCopy(A);
        for (int i = 0; i < 10; i++) {
            pass(Duration.ofMinutes(1));
            publish(a, "another");
            assertThat(keepers(A)).hasSize(1);
        }
        drop(ann);
        for (int i = 0; i < 6; i++) {
            pass(Duration.ofMinutes(1));
        }
        cluster.await(() -> keepers(A).isEmpty());
    }

    @Test
    void twoEndpointsOfOneNodeKeepTheSameHistory() {
        PubSub pubsub = cluster.node(A).pubsub();
        ChannelKit first = serve(pubsub, true);
        ChannelKit second = serve(pubsub, true);
        TestChannel ann = join(first);
        publish(first, "1");
        expect(ann, "1");
        TestChannel amy = join(second);
        TestChannel ben = join(serve(B));
        publish(second, "2");
        publish(first, "3");
        for (TestChannel each : List.of(ann, amy, ben)) {
            expect(each, "2", "3");
        }
        drop(ben);
        drop(ann);
        publish(second, "4");
        TestChannel back = rejoin(second, ann);
        assertThat(back.recovered()).isTrue();
        expect(back, "4");
        TestChannel there = rejoin(servers.get(2), ben);
        assertThat(there.recovered()).isTrue();
        expect(there, "4");
    }

    @Test
    void twoEndpointsOfOneJvmKeepTheSameHistory() {
        try (PubSub pubsub = PubSub.local()) {
            ChannelKit first = serve(pubsub, true);
            ChannelKit second = serve(pubsub, true);
            TestChannel ann = join(first);
            publish(second, "1");
            expect(ann, "1");
            drop(ann);
            publish(first, "2");
            publish(second, "3");
            TestChannel back = rejoin(second, ann);
            assertThat(back.recovered()).isTrue();
            expect(back, "2", "3");
        }
    }

    @Test
    void onlyTheSecondEndpointOfANodeHasTheTopic() {
        PubSub pubsub = cluster.node(A).pubsub();
        serve(pubsub, true);
        ChannelKit second = serve(pubsub, true);
        TestChannel ann = join(second);
        publish(second, "1", "2");
        expect(ann, "1", "2");
        TestChannel ben = join(serve(B));
        publish(second, "3");
        expect(ann, "3");
        expect(ben, "3");
        drop(ann);
        publish(second, "4");
        TestChannel back = rejoin(servers.getLast(), ann);
        assertThat(back.recovered()).isTrue();
        expect(back, "4");
    }

    @Test
    void theOtherEndpointAnswersWhenTheFirstIsClosed() {
        PubSub pubsub = cluster.node(A).pubsub();
        ChannelKit first = serve(pubsub, true);
        ChannelKit second = serve(pubsub, true);
        TestChannel ann = join(second);
        publish(second, "1");
        expect(ann, "1");
        servers.remove(first);
        first.close();
        pass(Duration.ofSeconds(15));
        drop(ann);
        publish(second, "2");
        TestChannel back = rejoin(serve(B), ann);
        assertThat(back.recovered()).isTrue();
        expect(back, "2");
    }

    @Test
    void anUnknownTokenDelaysAJoinForAWhileOnly() {
        TestChannel before;
        try (PubSub pubsub = PubSub.local()) {
            before = join(serve(pubsub, true));
        }
        try (PubSub pubsub = PubSub.local()) {
            ChannelKit first = serve(pubsub, true);
            ChannelKit second = serve(pubsub, true);
            TestChannel ann = join(first);
            CompletableFuture<TestChannel> joining =
                    cluster.async(() -> second.connect().rejoin(before));
            cluster.await(() -> {
                second.advance(Duration.ofSeconds(1));
                return joining.isDone();
            });
            assertThat(joining.join().recovered()).isFalse();
            publish(first, "1");
            expect(joining.join(), "1");
            expect(ann, "1");
        }
    }

    /** C is cut off, and misses more of A than is kept. */
    private void missTooMuch(ChannelKit a, TestChannel ann) {
        cluster.partition(List.of(A, B), List.of(C));
        cluster.await(() -> cluster.node(C).membership().peers().isEmpty());
        for (int i = 0; i < 150; i++) {
            publish(a, "" + i);
            expect(ann, "" + i);
        }
    }

    private void awaitDetectedGap(ChannelKit c) {
        cluster.heal();
        cluster.await(() -> cluster.node(C).membership().peers().size() == 2);
        cluster.await(() -> {
            servers.forEach(each -> each.advance(Duration.ofMillis(100)));
            return c.metrics().value("heliodor.history.missed") == 1;
        });
    }

    private static List<String> texts(KeptMessages kept) {
        return kept.messages().stream()
                .map(message -> message.as(SHOUT).orElseThrow().text())
                .toList();
    }

    @Test
    void theServerOfAnyNodeReadsTheKeptMessages() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        assertThat(a.channels().newest(ROOM, 10)).isEqualTo(new KeptMessages(List.of(), Optional.empty(), false));
        TestChannel ann = join(a);
        publish(a, "1", "2", "3");
        expect(ann, "1", "2", "3");
        for (ChannelKit server : List.of(a, b)) {
            KeptMessages newest = server.channels().newest(ROOM, 2);
            assertThat(texts(newest)).containsExactly("3", "2");
            String first =
                    server.channels().newest(ROOM, 10).messages().getLast().token();
            KeptMessages next = server.channels().since(ROOM, first, 1);
            assertThat(texts(next)).containsExactly("2");
            assertThat(next.recovered()).isTrue();
            KeptMessages last = server.channels().since(ROOM, next.token().orElseThrow(), 10);
            assertThat(texts(last)).containsExactly("3");
            assertThat(server.channels()
                            .since(ROOM, last.token().orElseThrow(), 10)
                            .messages())
                    .isEmpty();
            assertThat(server.channels()
                            .since(ROOM, last.token().orElseThrow(), 10)
                            .recovered())
                    .isTrue();
            assertThat(server.channels().since(ROOM, "@none", 10).recovered()).isFalse();
        }
        KeptMessages.Message message = a.channels().newest(ROOM, 1).messages().getFirst();
        assertThat(message.event()).isEqualTo("shout");
        assertThat(message.age()).isZero();
        assertThat(message.as(TYPING)).isEmpty();
        assertThatThrownBy(() -> a.channels().newest(ROOM, 0)).hasMessage("A limit is 1 or more, not 0.");
    }

    private static boolean isAfterGap(TestChannel channel) {
        return channel.token().orElseThrow().endsWith("~");
    }

    @Test
    void membersAreNotifiedThatTheirNodeHasMissedMoreThanIsKept() {
        ChannelKit a = serve(A);
        ChannelKit c = serve(C);
        TestChannel ann = join(a);
        TestChannel cyd = join(c);
        TestChannel cem = join(c);
        missTooMuch(a, ann);
        awaitDetectedGap(c);
        for (TestChannel each : List.of(cyd, cem)) {
            expect(each, IntStream.range(50, 150).mapToObj(i -> "" + i).toArray(String[]::new));
        }
        assertThat(a.metrics().value("heliodor.history.missed")).isEqualTo(0);
    }

    @Test
    void theSenderOfAMessageAfterAGapIsNotifiedWithTheNextOne() {
        ChannelKit a = serve(A);
        ChannelKit c = serve(C);
        TestChannel ann = join(a);
        TestChannel cyd = join(c);
        missTooMuch(a, ann);
        pass(Duration.ofMinutes(6));
        awaitDetectedGap(c);
        cyd.push(WHISPER, new Text("of cyd"));
        expect(ann, "of cyd");
        publish(c, "next");
        expect(cyd, "next");
        assertThat(isAfterGap(cyd)).isTrue();
        publish(c, "after");
        expect(cyd, "after");
        assertThat(isAfterGap(cyd)).isFalse();
    }
}
