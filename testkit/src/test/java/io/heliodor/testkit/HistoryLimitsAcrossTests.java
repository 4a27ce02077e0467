package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Topic;
import io.heliodor.session.budget.TopicLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The limits of a history over the nodes of a cluster: what waits, what has ended, what is missing, what another node may have. */
@Timeout(60)
class HistoryLimitsAcrossTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String C = "c@host";
    private static final String ROOM = "room:1";
    private static final Duration AGE = Duration.ofSeconds(5);

    record Text(String text) {}

    private static final Event<Text> SHOUT = Event.of("shout", Text.class);
    private static final Event<Text> TYPING = Event.of("typing", Text.class);
    private static final Event<Empty> GAP = Event.of("history_gap", Empty.class);

    private final ClusterKit cluster = ClusterKit.start(A, B, C);
    private final List<ChannelKit> servers = new ArrayList<>();
    private final Map<TestChannel, TestClient> clients = new ConcurrentHashMap<>();

    @AfterEach
    void close() {
        servers.forEach(ChannelKit::close);
        cluster.close();
    }

    private ChannelKit serve(String node, Duration age) {
        return serve(node, age, TopicLimits.DEFAULTS);
    }

    private ChannelKit serve(String node, Duration age, TopicLimits limits) {
        UserSocket<Object> socket = UserSocket.open()
                .channel(
                        "room:*",
                        Channel.join(join -> Join.ok("a"))
                                .history(History.of(1_000, age, SHOUT))
                                .build())
                .build();
        ChannelKit server = ChannelKit.builder(socket)
                .topicLimits(limits)
                .pubsub(cluster.node(node).pubsub())
                .start();
        servers.add(server);
        return server;
    }

    private void pass(Duration time) {
        Duration step = Duration.ofMillis(100);
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(step)) {
            cluster.advance(step);
            servers.forEach(server -> server.advance(step));
        }
    }

    private TestChannel join(ChannelKit server) {
        return joined(server, client -> client.join(ROOM));
    }

    private TestChannel joined(ChannelKit server, Function<TestClient, TestChannel> join) {
        TestClient client = server.connect();
        CompletableFuture<TestChannel> joining = cluster.async(() -> join.apply(client));
        while (!joining.isDone()) {
            pass(Duration.ofMillis(100));
        }
        TestChannel channel = joining.join();
        clients.put(channel, client);
        return channel;
    }

    private TestChannel back(ChannelKit server, TestChannel before) {
        clients.get(before).drop();
        return joined(server, client -> client.rejoin(before));
    }

    private static void publish(ChannelKit server, String text) {
        server.channels().broadcast(ROOM, SHOUT, new Text(text));
    }

    private static void expect(TestChannel channel, String... texts) {
        for (String text : texts) {
            assertThat(channel.expectNext(SHOUT)).isEqualTo(new Text(text));
        }
    }

    /**
     * Awaits texts and nothing else, before a periodic comparison would bring them. The threads that ask other nodes may run long
     * after the clock has passed the time for it.
     */
    private void gets(TestChannel channel, String... texts) {
        List<String> got = new ArrayList<>();
        AtomicInteger tenths = new AtomicInteger();
        cluster.await(() -> {
            assertThat(tenths.incrementAndGet()).as("tenths of a second").isLessThan(90);
            pass(Duration.ofMillis(100));
            channel.takeAll(SHOUT).forEach(each -> got.add(each.payload().text()));
            return got.size() >= texts.length;
        });
        assertThat(got).containsExactly(texts);
    }

    private static String[] large(int count) {
        return IntStream.range(0, count).mapToObj(i -> i + "x".repeat(90_000)).toArray(String[]::new);
    }

    /** B is stopped for a second while A publishes more than its queue holds. */
    private void overflowB(ChannelKit a, String... texts) {
        cluster.pause(B);
        CompletableFuture<Void> publishing = cluster.async(() -> {
            Stream.of(texts).forEach(text -> publish(a, text));
            return null;
        });
        pass(Duration.ofSeconds(1));
        cluster.resume(B);
        cluster.await(publishing::isDone);
    }

    /** More arrives behind a lost message than may wait for it. */
    @Test
    void aTopicGoesOnAfterALossAndManyLargeMessages() {
        ChannelKit a = serve(A, Duration.ofMinutes(5));
        TestChannel ann = join(a);
        TestChannel ben = join(serve(B, Duration.ofMinutes(5)));
        String[] all = large(70);
        overflowB(a, Arrays.copyOf(all, 50));
        Stream.of(all).skip(50).forEach(text -> publish(a, text));
        gets(ann, all);
        gets(ben, all);
        publish(a, "last");
        expect(ben, "last");
    }

    /** The last messages before a pause find the queue of the node full, and none follows that would show it. */
    @Test
    void theLastMessagesOfATopicArriveThoughTheyWereDropped() {
        ChannelKit a = serve(A, Duration.ofMinutes(5));
        TestChannel ann = join(a);
        TestChannel ben = join(serve(B, Duration.ofMinutes(5)));
        String[] all = large(60);
        overflowB(a, all);
        Duration before = cluster.elapsed();
        gets(ann, all);
        gets(ben, all);
        assertThat(cluster.elapsed().minus(before))
                .as("before the periodic comparison")
                .isLessThan(Duration.ofSeconds(5));
    }

    /** Visitors come to a node, write and go, and come back after the age: each visit is another log of the topic. */
    @Test
    void tokensStayShortThroughManyLogs() {
        ChannelKit a = serve(A, AGE);
        ChannelKit b = serve(B, AGE);
        TestChannel ann = join(a);
        for (int visit = 0; visit < 12; visit++) {
            TestChannel ben = join(b);
            publish(b, "visit " + visit);
            expect(ann, "visit " + visit);
            expect(ben, "visit " + visit);
            assertThat(ben.token().orElseThrow()).hasSizeLessThan(60).doesNotEndWith("~");
            TestChannel again = back(b, ben);
            assertThat(again.recovered()).isTrue();
            clients.get(again).drop();
            pass(AGE.plusSeconds(2));
        }
        TestChannel moved = back(b, ann);
        assertThat(moved.recovered()).isTrue();
        assertThat(b.metrics().value("heliodor.history.missed")).isZero();
    }

    @Test
    void keptAndOtherBroadcastsHaveOneOrder() {
        ChannelKit a = serve(A, Duration.ofMinutes(5));
        TestChannel ann = join(a);
        TestChannel ben = join(serve(B, Duration.ofMinutes(5)));
        for (int round = 0; round < 50; round++) {
            List<CompletableFuture<Void>> publishers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String name = round + "." + i;
                Event<Text> event = i == 0 ? TYPING : SHOUT;
                publishers.add(cluster.async(() -> {
                    IntStream.range(0, 4).forEach(n -> a.channels().broadcast(ROOM, event, new Text(name + "." + n)));
                    return null;
                }));
            }
            cluster.await(() -> publishers.stream().allMatch(CompletableFuture::isDone));
            pass(Duration.ofMillis(200));
            // The threads of a busy machine may deliver after that time has passed.
            await().untilAsserted(() ->
                    assertThat(received(ben)).hasSizeGreaterThanOrEqualTo(16).isEqualTo(received(ann)));
        }
    }

    /** The last messages of a client, in their order. */
    private List<String> received(TestChannel channel) {
        return Pattern.compile("\"text\":\"([0-9.]+)\"")
                .matcher(clients.get(channel).toString())
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    /** The messages that a node missed have expired elsewhere, and none follows. */
    @Test
    void membersAreNotifiedOfAGapThatNoMessageFollows() {
        ChannelKit a = serve(A, AGE);
        ChannelKit c = serve(C, AGE);
        TestChannel ann = join(a);
        TestChannel cyd = join(c);
        cluster.partition(List.of(A, B), List.of(C));
        cluster.await(() -> cluster.node(C).membership().peers().isEmpty());
        publish(a, "missed");
        expect(ann, "missed");
        pass(AGE);
        cluster.heal();
        cluster.await(() -> cluster.node(C).membership().peers().size() == 2);
        // The threads that ask the other nodes may run long after the clock has passed the time for it.
        cluster.await(() -> {
            pass(Duration.ofMillis(100));
            return clients.get(cyd).toString().contains(GAP.name());
        });
        cyd.expectNext(GAP);
        assertThat(cyd.token().orElseThrow()).endsWith("~");
        ann.expectNothing();
        publish(a, "next");
        expect(cyd, "next");
        assertThat(cyd.token().orElseThrow()).doesNotEndWith("~");
    }

    /** The log of a node that has just started begins without the response of a slow one, and gets its floors later. */
    @Test
    void aMemberIsNotNotifiedOfAGapFromBeforeItJoined() {
        ChannelKit a = serve(A, AGE);
        TestChannel ann = join(a);
        publish(a, "old");
        expect(ann, "old");
        pass(AGE);
        ChannelKit b = serve(B, AGE);
        cluster.delay(A, B);
        clients.get(ann).drop();
        TestClient client = b.connect();
        CompletableFuture<TestChannel> joining = cluster.async(() -> client.rejoin(ann));
        cluster.await(() -> value(b, "heliodor.topics") == 1);
        pass(Duration.ofMillis(2_500));
        cluster.release(A, B);
        cluster.await(joining::isDone);
        TestChannel again = joining.join();
        assertThat(again.recovered()).isTrue();
        publish(a, "next");
        expect(again, "next");
        assertThat(again.token().orElseThrow()).doesNotEndWith("~");
        assertThat(client.toString()).doesNotContain(GAP.name());
        assertThat(value(b, "heliodor.history.missed")).isZero();
    }

    private static long value(ChannelKit server, String metric) {
        return server.metrics().value(metric);
    }

    /** A log lacks messages of a client that joins, and passes over them when a node is silent for too long. */
    @Test
    void aMemberIsNotNotifiedOfAGapOfMessagesThatItHas() {
        ChannelKit a = serve(A, AGE);
        TestChannel ann = join(a);
        TestChannel cat = join(serve(C, AGE));
        publish(a, "old");
        expect(ann, "old");
        expect(cat, "old");
        pass(AGE);
        ChannelKit b = serve(B, AGE);
        cluster.delay(A, B);
        cluster.delay(C, B);
        clients.get(ann).drop();
        TestClient client = b.connect();
        CompletableFuture<TestChannel> joining = cluster.async(() -> client.rejoin(ann));
        cluster.await(() -> value(b, "heliodor.topics") == 1);
        pass(Duration.ofMillis(2_500));
        cluster.release(A, B);
        while (!joining.isDone()) {
            pass(Duration.ofMillis(100));
        }
        TestChannel again = joining.join();
        assertThat(again.recovered()).isTrue();
        publish(a, "next");
        pass(Duration.ofSeconds(6));
        expect(again, "next");
        assertThat(again.token().orElseThrow()).doesNotEndWith("~");
        assertThat(client.toString()).doesNotContain(GAP.name());
        assertThat(value(b, "heliodor.history.missed")).isZero();
        cluster.release(C, B);
    }

    @Test
    void aMemberIsNotNotifiedOfAGapThatOnlyOthersHave() {
        ChannelKit a = serve(A, AGE);
        ChannelKit c = serve(C, AGE);
        TestChannel ann = join(a);
        TestChannel cyd = join(c);
        cluster.partition(List.of(A, B), List.of(C));
        cluster.await(() -> cluster.node(C).membership().peers().isEmpty());
        publish(a, "missed");
        expect(ann, "missed");
        pass(AGE);
        cluster.heal();
        cluster.await(() -> cluster.node(C).membership().peers().size() == 2);
        cluster.await(() -> {
            pass(Duration.ofMillis(100));
            return value(c, "heliodor.history.missed") > 0;
        });
        TestChannel dan = join(c);
        TestChannel again = back(c, ann);
        assertThat(again.recovered()).isTrue();
        cluster.await(() -> {
            pass(Duration.ofMillis(100));
            return clients.get(cyd).toString().contains(GAP.name());
        });
        publish(a, "next");
        for (TestChannel each : List.of(dan, again)) {
            expect(each, "next");
            assertThat(each.token().orElseThrow()).doesNotEndWith("~");
            assertThat(clients.get(each).toString()).doesNotContain(GAP.name());
        }
    }

    /** The topics have members on A alone, and each of the two others keeps copies of two. */
    @Test
    void aCopyBeyondTheLimitIsRefused() {
        TopicLimits two = new TopicLimits(2, 16, 400, 4 << 20, 12 << 20);
        ChannelKit a = serve(A, Duration.ofMinutes(5));
        List<ChannelKit> keepers = List.of(serve(B, Duration.ofMinutes(5), two), serve(C, Duration.ofMinutes(5), two));
        for (int i = 0; i < 12; i++) {
            String topic = "room:" + i;
            joined(a, client -> client.join(topic));
            a.channels().broadcast(topic, SHOUT, new Text("kept"));
        }
        pass(Duration.ofSeconds(20));
        for (ChannelKit keeper : keepers) {
            assertThat(value(keeper, "heliodor.topics")).isEqualTo(2);
            assertThat(value(keeper, "heliodor.history.copies.refused")).isGreaterThan(0);
        }
    }

    /** Clients come from the other side of a split, each with messages of its own. */
    @Test
    void aSetOfMembersThatAreAheadBeyondTheLimitRecoversNothing() {
        ChannelKit a = serve(A, Duration.ofMinutes(5));
        ChannelKit b = serve(B, Duration.ofMinutes(5), new TopicLimits(10, 1, 400, 4 << 20, 12 << 20));
        TestChannel ann = join(a);
        TestChannel eve = join(a);
        TestChannel fay = join(a);
        TestChannel ben = join(b);
        publish(a, "0");
        for (TestChannel each : List.of(ann, eve, fay, ben)) {
            expect(each, "0");
        }
        cluster.partition(List.of(A), List.of(B, C));
        cluster.await(() -> cluster.node(B).membership().peers().size() == 1);
        publish(a, "1");
        expect(ann, "1");
        expect(eve, "1");
        TestChannel first = back(b, ann);
        assertThat(first.recovered()).isTrue();
        assertThat(back(b, eve).recovered()).as("has the same messages").isTrue();
        assertThat(value(b, "heliodor.history.ahead.refused")).isZero();
        publish(a, "2");
        expect(fay, "1", "2");
        TestChannel refused = back(b, fay);
        assertThat(refused.recovered()).isFalse();
        assertThat(value(b, "heliodor.history.ahead.refused")).isEqualTo(1);
        publish(b, "of b");
        for (TestChannel each : List.of(first, refused, ben)) {
            expect(each, "of b");
        }
        cluster.heal();
        cluster.await(() -> cluster.node(B).membership().peers().size() == 2);
        gets(first, "2");
        gets(ben, "1", "2");
    }

    private static final List<String> SEVEN =
            IntStream.range(0, 7).mapToObj(i -> "room:" + i).toList();

    private static final TopicLimits TWO_TOPICS_OF_A_REQUEST = new TopicLimits(10_000, 16, 2, 4 << 20, 12 << 20);

    @Test
    void copiesOfMoreTopicsThanARequestHasAreRequested() {
        ChannelKit a = serve(A, Duration.ofMinutes(5), TWO_TOPICS_OF_A_REQUEST);
        ChannelKit b = serve(B, Duration.ofMinutes(5));
        for (String topic : SEVEN) {
            joined(a, client -> client.join(topic));
        }
        SEVEN.forEach(topic -> a.channels().broadcast(topic, SHOUT, new Text("kept")));
        cluster.await(() -> {
            pass(Duration.ofMillis(100));
            return value(b, "heliodor.topics") == SEVEN.size();
        });
    }

    /** No other node has a copy, because the request for it was lost. */
    @Test
    void moreTopicsThanARequestHasAreHandedOver() {
        ChannelKit a = serve(A, Duration.ofMinutes(5), TWO_TOPICS_OF_A_REQUEST);
        ChannelKit b = serve(B, Duration.ofMinutes(5));
        for (String topic : SEVEN) {
            joined(a, client -> client.join(topic));
        }
        cluster.oneWay(A, B);
        SEVEN.forEach(topic -> a.channels().broadcast(topic, SHOUT, new Text("kept")));
        pass(Duration.ofSeconds(4));
        assertThat(value(b, "heliodor.topics")).isZero();
        cluster.heal();
        cluster.await(cluster.async(Executors.callable(a::drain))::isDone);
        // Else the other node would get them when they are read.
        servers.remove(a);
        a.close();
        for (String topic : SEVEN) {
            assertThat(b.channels().newest(topic, 1).messages()).as(topic).hasSize(1);
        }
    }

    /** A node with a topic that it cannot list by its name does not count as the holder of all logs. */
    @Test
    void aNodeThatMayHaveATopicIsNoReasonForALogWithoutACopy() {
        ChannelKit a = serve(A, Duration.ofMinutes(5));
        ChannelKit b = serve(B, Duration.ofMinutes(5));
        ChannelKit c = serve(C, Duration.ofMinutes(5));
        PubSub deep = cluster.node(B).pubsub();
        for (int i = 0; i < 5; i++) {
            deep = deep.scope("s".repeat(250));
        }
        deep.subscribe(Topic.of("of a long name", Text.class), _ -> {});
        pass(Duration.ofSeconds(1));
        TestChannel ann = join(a);
        publish(a, "1");
        expect(ann, "1");
        pass(Duration.ofSeconds(2));
        cluster.crash(A);
        cluster.await(() -> cluster.node(B).membership().peers().size() == 1
                && cluster.node(C).membership().peers().size() == 1);
        for (ChannelKit server : List.of(b, c)) {
            assertThat(server.channels().newest(ROOM, 10).messages()).hasSize(1);
        }
    }
}
