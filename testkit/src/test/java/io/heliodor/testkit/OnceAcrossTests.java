package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that are executed once, whose clients repeat them at other nodes of a cluster. */
@Timeout(120)
class OnceAcrossTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String C = "c@host";

    record Pay(String key, int cents) {}

    record Paid(int number, String node) {}

    private static final Call<Pay, Paid, Reason> PAY =
            Call.of("pay", Pay.class, Paid.class).once(Pay::key);

    private final ClusterKit cluster = ClusterKit.start(A, B, C);
    private final List<ChannelKit> servers = new ArrayList<>();
    private final AtomicInteger executions = new AtomicInteger();
    private final CountDownLatch gate = new CountDownLatch(1);

    /** The calls of this key wait for the gate. */
    private static final String SLOW = "slow";

    @AfterEach
    void close() {
        gate.countDown();
        servers.forEach(ChannelKit::close);
        cluster.close();
    }

    private ChannelKit serve(String node) {
        ChannelKit server = ChannelKit.builder(UserSocket.connect((Connect connect) -> Connect.ok(
                                Empty.EMPTY, "users:" + connect.param("name").orElse("none")))
                        .channel(
                                "bank",
                                Channel.join(join -> Join.ok(Empty.EMPTY))
                                        .answer(PAY, (pay, bank) -> {
                                            int number = executions.incrementAndGet();
                                            if (pay.key().equals(SLOW)) {
                                                gate.await();
                                            }
                                            return Reply.ok(new Paid(number, node));
                                        })
                                        .build())
                        .build())
                .node(cluster, node)
                .start();
        servers.add(server);
        return server;
    }

    private static TestChannel join(ChannelKit server) {
        return join(server, "ann");
    }

    private static TestChannel join(ChannelKit server, String name) {
        return server.connect(Map.of("name", name)).join("bank");
    }

    private static Pay pay(String key) {
        return new Pay(key, 500);
    }

    /** A call whose handler waits for the gate. */
    private CompletableFuture<Paid> paySlowly(TestChannel bank) {
        CompletableFuture<Paid> paid = cluster.async(() -> bank.call(PAY, pay(SLOW)));
        cluster.await(() -> executions.get() == 1);
        return paid;
    }

    private static long count(ChannelKit server, String counter) {
        return server.metrics().value("heliodor.calls.once." + counter);
    }

    @Test
    void aRepeatAtAnyNodeGetsTheOneAnswer() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        ChannelKit c = serve(C);
        Paid paid = join(a).call(PAY, pay("k"));
        for (ChannelKit each : List.of(b, c, a)) {
            assertThat(join(each).call(PAY, pay("k"))).isEqualTo(paid);
        }
        assertThat(executions).hasValue(1);
        assertThat(count(b, "repeated")).isOne();
        assertThat(count(a, "alone")).isZero();
        assertThat(join(b).callRefused(PAY, new Pay("k", 501)).reason()).isEqualTo("key_reused");
        assertThat(join(b).call(PAY, pay("other"))).isEqualTo(new Paid(2, B));
    }

    @Test
    void aRepeatAtAnotherNodeWaitsForTheAnswer() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        serve(C);
        CompletableFuture<Paid> first = paySlowly(join(a));
        TestChannel bank = join(b);
        CompletableFuture<Paid> repeat = cluster.async(() -> bank.call(PAY, pay(SLOW)));
        assertThat(join(b).call(PAY, pay("other"))).as("another channel").isEqualTo(new Paid(2, B));
        assertThat(repeat).isNotDone();
        gate.countDown();
        cluster.await(() -> first.isDone() && repeat.isDone());
        assertThat(repeat.join()).isEqualTo(new Paid(1, A));
        assertThat(first.join()).isEqualTo(new Paid(1, A));
        assertThat(executions).hasValue(2);
    }

    @Test
    void aSecondNodeKnowsTheKeyBeforeTheHandlerRuns() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        ChannelKit c = serve(C);
        TestChannel bank = join(a);
        CompletableFuture<Paid> _ = paySlowly(bank);
        cluster.crash(A);
        for (ChannelKit each : List.of(b, c, b)) {
            assertThat(join(each).callRefused(PAY, pay(SLOW)).reason()).isEqualTo("unknown");
        }
        assertThat(executions).hasValue(1);
        assertThat(count(b, "unknown") + count(c, "unknown")).isEqualTo(3);
    }

    @Test
    void theAnswerSurvivesItsNodeAndThenTheNodeOfItsCopy() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        ChannelKit c = serve(C);
        List<Paid> paid = new ArrayList<>();
        // The copies of these ids are on both other nodes, as good as always.
        IntStream.range(0, 10).forEach(i -> paid.add(join(a, "user" + i).call(PAY, pay("k"))));
        cluster.crash(A);
        cluster.advance(Duration.ofSeconds(5)); // further copies
        checkRepeats(b, paid);
        cluster.crash(B);
        checkRepeats(c, paid);
        assertThat(executions).hasValue(10);
    }

    private static void checkRepeats(ChannelKit server, List<Paid> paid) {
        for (int i = 0; i < paid.size(); i++) {
            assertThat(join(server, "user" + i).call(PAY, pay("k"))).isEqualTo(paid.get(i));
        }
    }

    @Test
    void aNodeThatStopsHandsItsAnswersOver() {
        ChannelKit a = serve(A);
        Paid paid = join(a).call(PAY, pay("k"));
        assertThat(count(a, "alone")).as("no other node has an endpoint").isOne();
        ChannelKit b = serve(B);
        a.drain();
        a.close();
        servers.remove(a);
        assertThat(join(b).call(PAY, pay("k"))).isEqualTo(paid);
        assertThat(executions).hasValue(1);
    }

    @Test
    void aRollingRestartExecutesNoCallTwice() {
        Map<String, ChannelKit> running = new HashMap<>();
        List.of(A, B, C).forEach(node -> running.put(node, serve(node)));
        Map<String, Paid> paid = new HashMap<>();
        for (String node : List.of(A, B, C, A)) {
            ChannelKit stopping = running.get(node);
            for (int i = 0; i < 40; i++) {
                String key = "k" + paid.size();
                paid.put(key, join(stopping, "user" + i).call(PAY, pay(key)));
            }
            stopping.drain();
            stopping.close();
            servers.remove(stopping);
            running.remove(node);
            cluster.restart(node);
            running.values().forEach(server -> checkRepeats(server, paid));
            running.put(node, serve(node));
            checkRepeats(running.get(node), paid);
        }
        assertThat(executions).hasValue(160);
    }

    /** The user of a key is that of its call: 40 users have a call of each round. */
    private static void checkRepeats(ChannelKit server, Map<String, Paid> paid) {
        List<TestChannel> banks =
                IntStream.range(0, 40).mapToObj(i -> join(server, "user" + i)).toList();
        paid.forEach((key, first) -> assertThat(
                        banks.get(Integer.parseInt(key.substring(1)) % 40).call(PAY, pay(key)))
                .as(key)
                .isEqualTo(first));
    }

    @Test
    void aNodeThatIsSilentMakesACallUnavailableAndNotRepeated() {
        ChannelKit a = serve(A);
        serve(B);
        ChannelKit c = serve(C);
        cluster.delay(B, A);
        assertThat(join(a).callRefused(PAY, pay("k")).reason()).isEqualTo("unavailable");
        assertThat(count(a, "unavailable")).isOne();
        assertThat(executions).hasValue(0);
        cluster.release(B, A);
        Paid paid = join(c).call(PAY, pay("k"));
        assertThat(join(a).call(PAY, pay("k"))).isEqualTo(paid);
        assertThat(executions).hasValue(1);
    }

    @Test
    void callsOfOneKeyAtTheSameTimeAtAllNodesAreExecutedOnce() {
        List<ChannelKit> all = List.of(serve(A), serve(B), serve(C));
        for (int round = 0; round < 20; round++) {
            String key = "k" + round;
            List<CompletableFuture<Paid>> paid = all.stream()
                    .map(OnceAcrossTests::join)
                    .map(bank -> cluster.async(() -> bank.call(PAY, pay(key))))
                    .toList();
            cluster.await(() -> paid.stream().allMatch(CompletableFuture::isDone));
            assertThat(paid.stream().map(CompletableFuture::join).distinct()).hasSize(1);
        }
        assertThat(executions).hasValue(20);
    }

    @Test
    void severalEndpointsOfANodeShareTheKeys() {
        ChannelKit first = serve(A);
        ChannelKit second = serve(A);
        Paid paid = join(first).call(PAY, pay("k"));
        assertThat(join(second).call(PAY, pay("k"))).isEqualTo(paid);
        first.close();
        servers.remove(first);
        assertThat(join(second).call(PAY, pay("k"))).isEqualTo(paid);
        assertThat(executions).hasValue(1);
    }
}
