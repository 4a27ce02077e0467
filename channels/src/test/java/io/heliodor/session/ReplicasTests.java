package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.history.CatchUpFormat;
import io.heliodor.history.CatchUpRequest;
import io.heliodor.history.LogLocation;
import io.heliodor.history.ResumeToken;
import io.heliodor.limit.Limits;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.session.budget.TopicLimits;
import io.heliodor.session.replication.HistoryThreads;
import io.heliodor.wire.PayloadCodec;
import java.lang.Thread.State;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

class ReplicasTests {
    private static final String NAME = "heliodor.channels/history";

    /** The topic "room:1" with its length. */
    private static final String ROOM = "0006726f6f6d3a31";

    /** The requests of this node: for a log, for the next log, for topics that differ, for a copy. */
    private static final String REQUESTS = """
            0100000006726f6f6d3a3101000000000000000000086140686f73742337000000010000000000000000000000000000\
            000000
            0100010006726f6f6d3a3101000000000000000000086140686f73742337000000010000000000000000000000000000\
            000000
            010100010006726f6f6d3a3100000000
            010200010006726f6f6d3a31
            """;

    private static final int TOPICS_OF_REQUEST = 2;

    /** The time of the hub after that of the machine. */
    private final AtomicLong ahead = new AtomicLong();

    private final RecordedTransport cluster = new RecordedTransport("heliodor.channels", "heliodor.copies");

    @AutoClose
    private final PubSub pubsub = ClusterPubSub.over(cluster);

    @AutoClose
    private final Hub hub = new Hub(
            pubsub,
            PayloadCodec.strict(),
            Limits.openInternet(),
            new TopicLimits(100, 16, TOPICS_OF_REQUEST, 1_000, 1_000),
            () -> System.nanoTime() + ahead.get(),
            InstantSource.system());

    ReplicasTests() {
        hub.serve(Hub.routes(UserSocket.open()
                .channel(
                        "room:*",
                        Channel.join(join -> Join.ok("a"))
                                .history(History.of(100, Duration.ofMinutes(5), Chat.SAY))
                                .build())
                .build()));
    }

    /** Returns the next request and responds to it. */
    private String request(String answer) throws InterruptedException {
        RecordedTransport.Request next = cluster.awaitRequest(NAME);
        next.answer().complete(answer);
        return next.request();
    }

    /** The stream of a log is random: 6 bytes after the request, the topic, the version and 2 zeros, and once more. */
    private static String withoutStream(String request) {
        int at = 2 * (3 + 8 + 1 + 2);
        return request.replace(request.substring(at, at + 12), "0".repeat(12));
    }

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() throws Exception {
        FutureTask<String> copies = new FutureTask<>(() -> cluster.answer(NAME, "01020002" + ROOM + "00056f74686572"));
        HistoryThreads.start(copies);
        List<String> requests = new ArrayList<>();
        requests.add(withoutStream(request("01")));
        requests.add(withoutStream(request("00")));
        assertThat(copies.get()).isEqualTo("0100");
        cluster.listeners.forEach(listener -> listener.reachable(RecordedTransport.OTHER));
        requests.add(request("0000"));
        hub.keptTopics().replicas().copy(hub.keptTopics().find("room:1").orElseThrow());
        requests.add(request("01"));
        assertThat(requests).containsExactlyElementsOf(REQUESTS.lines().toList());
        assertThat(cluster.answer(NAME, "01010001" + ROOM + "00000001")).isEqualTo("0001" + ROOM);
        assertThat(cluster.answer(NAME, "01010001" + ROOM + "00000000")).isEqualTo("0000");
        assertThat(cluster.answer(NAME, requests.get(0))).startsWith("0201");
        assertThat(cluster.answer(NAME, requests.get(1))).isEqualTo("00");
    }

    @Test
    void aLogThatBeginsSendsRequestsToNodesWhoseTopicsArriveMeanwhile() throws Exception {
        cluster.interested();
        cluster.interestKnown = new CompletableFuture<>();
        FutureTask<String> copies = new FutureTask<>(() -> cluster.answer(NAME, "01020001" + ROOM));
        HistoryThreads.start(copies);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> hub.fastlane().find("room:1").isPresent());
        cluster.interested("heliodor.channels", "heliodor.copies");
        cluster.interestKnown.complete(null);
        assertThat(request("00")).startsWith("010000" + ROOM);
        assertThat(copies.get()).isEqualTo("01");
    }

    private void pass(Duration time) {
        ahead.addAndGet(time.toNanos());
        cluster.listeners.forEach(listener -> listener.tick(-1));
    }

    /** A response that is under way may be older than the round, and a log that gets many messages is slow. */
    @Test
    void aRoundFollowsTheRequestsOfTheRoundBefore() throws Exception {
        FutureTask<String> copies = new FutureTask<>(() -> cluster.answer(NAME, "01020001" + ROOM));
        HistoryThreads.start(copies);
        RecordedTransport.Request slow = cluster.awaitRequest(NAME);
        // Ticks run on another thread. Of a long time between two, which is a pause, the timeout counts a part.
        await("the log begins without the other node").until(() -> {
            pass(Duration.ofMillis(100));
            return copies.isDone();
        });
        assertThat(copies.get()).isEqualTo("01");
        pass(Duration.ofSeconds(1)); // the pause between two rounds
        FutureTask<String> handOver = new FutureTask<>(() -> cluster.answer(NAME, handOver("@5-1.0")));
        Thread another = Thread.ofVirtual().start(handOver);
        await("the next round")
                .until(() -> EnumSet.of(State.WAITING, State.TIMED_WAITING, State.TERMINATED)
                        .contains(another.getState()));

        slow.answer().complete("00");
        assertThat(request("00")).startsWith("010000" + ROOM);
        assertThat(handOver.get()).isEqualTo("00");
    }

    private void keep() throws Exception {
        RecordedLog.clear();
        FutureTask<String> copies = new FutureTask<>(() -> cluster.answer(NAME, "01020001" + ROOM));
        HistoryThreads.start(copies);
        request("00");
        copies.get();
        hub.channels().broadcast("room:1", Chat.SAY, new Chat.Text("kept"));
    }

    private FutureTask<Void> handOver(Duration timeout) {
        FutureTask<Void> handOver =
                new FutureTask<>(() -> hub.keptTopics().replicas().handOver(timeout), null);
        HistoryThreads.start(handOver);
        return handOver;
    }

    /** Responds to the attempts of a hand-over. */
    private void respond(int attempts, String answer) throws InterruptedException {
        for (int i = 0; i < attempts; i++) {
            assertThat(request(answer)).startsWith("0103");
            cluster.listeners.forEach(listener -> listener.tick(-1));
        }
    }

    private static List<RecordedLog.Line> lost() {
        return RecordedLog.lines(Level.WARN, "those kept only here are lost");
    }

    /** A link that lost messages ends its session, and has another one some ticks later. */
    @Test
    void aHandOverIsRepeatedUntilTheOtherNodeResponds() throws Exception {
        keep();
        FutureTask<Void> handOver = handOver(Duration.ofSeconds(30));
        respond(4, "");
        respond(1, "01");
        handOver.get();
        assertThat(lost()).isEmpty();
    }

    @Test
    void aHandOverWithoutAResponseOfANodeWithAnEndpointIsReported() throws Exception {
        keep();
        FutureTask<Void> handOver = handOver(Duration.ofSeconds(30));
        respond(10, "");
        handOver.get();
        assertThat(lost()).hasSize(1);
    }

    @Test
    void aHandOverWhoseTimeIsUpBeforeANodeGotItIsReported() throws Exception {
        keep();
        handOver(Duration.ZERO).get();
        assertThat(lost()).hasSize(1);
    }

    @Test
    void aHandOverToANodeWithoutAnEndpointIsNotReported() throws Exception {
        keep();
        FutureTask<Void> handOver = handOver(Duration.ofSeconds(30));
        respond(10, RecordedTransport.NO_HANDLER);
        handOver.get();
        cluster.interested();
        handOver = handOver(Duration.ofSeconds(30));
        respond(10, "");
        handOver.get();
        assertThat(lost()).isEmpty();
    }

    @Test
    void aHandOverToANodeThatStopsIsNotReported() throws Exception {
        keep();
        FutureTask<Void> handOver = handOver(Duration.ofSeconds(30));
        respond(1, "0001");
        handOver.get();
        assertThat(lost()).isEmpty();
    }

    /** The request of another node that stops, with the position of its log of the topic. */
    private static String handOver(String token) {
        byte[] position = CatchUpFormat.request(new CatchUpRequest(
                5,
                new LogLocation("b@host#8", 1),
                ResumeToken.of(token).orElseThrow().named(),
                Optional.empty()));
        return "01030001" + ROOM + HexFormat.of().toHexDigits(position.length)
                + HexFormat.of().formatHex(position);
    }

    /** The other node stops, and its last message has not come here. */
    @Test
    void aHandOverIsConfirmedOnlyIfItsMessagesAreHere() throws Exception {
        keep();
        FutureTask<String> handOver = new FutureTask<>(() -> cluster.answer(NAME, handOver("@5-1.0")));
        HistoryThreads.start(handOver);
        FutureTask<String> catchUp = new FutureTask<>(() -> request("00"));
        HistoryThreads.start(catchUp);
        // A log pauses between two rounds of requests.
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            cluster.listeners.forEach(listener -> listener.tick(-1));
            return handOver.isDone();
        });
        assertThat(handOver.get()).isEqualTo("00");
        assertThat(catchUp.get()).startsWith("010000" + ROOM);
    }

    private void keepThree() throws Exception {
        for (int i = 1; i <= 3; i++) {
            String room = ROOM.substring(0, ROOM.length() - 1) + i;
            FutureTask<String> copies = new FutureTask<>(() -> cluster.answer(NAME, "01020001" + room));
            HistoryThreads.start(copies);
            request("00");
            copies.get();
            hub.channels().broadcast("room:" + i, Chat.SAY, new Chat.Text("kept"));
        }
    }

    @Test
    void aHandOverHasAllTopics() throws Exception {
        keepThree();
        FutureTask<Void> handOver = handOver(Duration.ofSeconds(30));
        assertThat(List.of(request("0101"), request("01")))
                .extracting(each -> each.substring(0, 8))
                .containsExactly("01030002", "01030001");
        handOver.get();
        assertThat(lost()).isEmpty();
    }

    @Test
    void aComparisonHasAllTopics() throws Exception {
        keepThree();
        cluster.listeners.forEach(listener -> listener.reachable(RecordedTransport.OTHER));
        assertThat(List.of(request("0000"), request("0000")))
                .extracting(each -> each.substring(0, 8))
                .containsExactly("01010002", "01010001");
    }
}
