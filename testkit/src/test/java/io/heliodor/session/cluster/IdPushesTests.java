package io.heliodor.session.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.testkit.ClusterKit;
import io.heliodor.wire.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bounds of the counts of pushes. */
@Timeout(60)
class IdPushesTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final byte[] JSON = "{}".getBytes(UTF_8);
    private static final Payload PAYLOAD = new Payload.Json(JSON, 0, JSON.length);

    private final ClusterKit cluster = ClusterKit.start(A, B);
    private final AtomicInteger cuts = new AtomicInteger();
    private final List<IdPushes> open = new ArrayList<>();

    @AfterEach
    void close() {
        open.forEach(IdPushes::close);
        cluster.close();
    }

    private PubSub scope(String node) {
        return cluster.node(node).pubsub().scope("heliodor.sockets");
    }

    private IdPushes serve(String node, int maxCounts, IdPushes.Delivery delivery) {
        IdPushes pushes = new IdPushes(scope(node), 0, maxCounts, cuts::incrementAndGet, delivery);
        open.add(pushes);
        cluster.advance(Duration.ofSeconds(1));
        return pushes;
    }

    private static CompletableFuture<Integer> push(IdPushes from) {
        CompletionStage<Integer> pushed = from.push("users:ann", "notice", PAYLOAD);
        return pushed.toCompletableFuture();
    }

    @Test
    void beyondTheBoundTheOldestCountIsCutAndNoPushIsDropped() {
        List<String> there = new ArrayList<>();
        IdPushes a = serve(A, 2, (id, event, payload) -> 1);
        serve(B, 100, (id, event, payload) -> {
            synchronized (there) {
                there.add(event);
            }
            return 10;
        });
        cluster.delay(B, A);
        List<CompletableFuture<Integer>> counts =
                IntStream.range(0, 3).mapToObj(_ -> push(a)).toList();
        assertThat(counts.getFirst()).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(1);
        assertThat(cuts).hasValue(1);
        assertThat(counts.subList(1, 3)).noneMatch(CompletableFuture::isDone);
        cluster.release(B, A);
        cluster.await(() -> counts.stream().allMatch(CompletableFuture::isDone));
        assertThat(counts.subList(1, 3)).allMatch(each -> each.join() == 11);
        synchronized (there) {
            assertThat(there).hasSize(3);
        }
    }

    /** The reply to the first push does not return, so those to the others wait: two of them fit. */
    @Test
    void aNodeKeepsTheNewestCountsForAnEndpointThatDoesNotTakeThem() throws Exception {
        CountDownLatch taken = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        List<CountReplies.Count> received = new ArrayList<>();
        Nodes.RequestHandler counting = CountReplies.handler((node, count) -> {
            assertThat(node).isEqualTo(B);
            received.add(count);
        });
        Nodes nodes = ClusterPubSub.nodesOf(scope(A));
        try (Nodes.HandlerRegistration _ = nodes.handle(CountReplies.REQUESTS + 7, request -> {
                    taken.countDown();
                    goesOn.await();
                    return counting.handle(request);
                });
                var turns = Executors.newVirtualThreadPerTaskExecutor()) {
            CountReplies replies = new CountReplies(ClusterPubSub.nodesOf(scope(B)), 2, cuts::incrementAndGet);
            replies.send(new IdPush.Origin(A, 7, 1), 1);
            cluster.await(() -> taken.getCount() == 0);
            IntStream.rangeClosed(2, 5).forEach(i -> replies.send(new IdPush.Origin(A, 7, i), i));
            assertThat(cuts).hasValue(2);
            turns.execute(goesOn::countDown);
            cluster.await(() -> received.size() == 3);
            assertThat(received)
                    .containsExactly(
                            new CountReplies.Count(1, 1), new CountReplies.Count(4, 4), new CountReplies.Count(5, 5));
        }
    }

    @Test
    void theEndOfAnEndpointCompletesItsCounts() {
        IdPushes a = serve(A, 100, (id, event, payload) -> 1);
        serve(B, 100, (id, event, payload) -> 10);
        cluster.delay(B, A);
        CompletableFuture<Integer> count = push(a);
        assertThat(count).isNotDone();
        a.close();
        assertThat(count.join()).isEqualTo(1);
    }

    @Test
    void whatDependsOnACountRunsOnAThreadOfItsOwn() {
        IdPushes a = serve(A, 100, (id, event, payload) -> 1);
        serve(B, 100, (id, event, payload) -> 10);
        cluster.delay(B, A); // or the count may be there before it has a dependent
        CompletableFuture<String> thread = a.push("users:ann", "notice", PAYLOAD)
                .thenApply(count -> count + " on " + Thread.currentThread().getName())
                .toCompletableFuture();
        cluster.release(B, A);
        cluster.await(thread::isDone);
        assertThat(thread.join()).isEqualTo("11 on heliodor-push");
    }
}
