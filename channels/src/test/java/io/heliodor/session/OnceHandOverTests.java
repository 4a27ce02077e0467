package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.fixtures.RecordedLog;
import io.heliodor.once.CallKey;
import io.heliodor.once.Fingerprint;
import io.heliodor.once.OnceLimits;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.once.OnceCalls;
import io.heliodor.session.once.OnceOutcome;
import io.heliodor.session.telemetry.Counters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** The hand-over of a node that leaves, to a node whose answers the test gives. */
class OnceHandOverTests {
    private static final String NAME = "calls/once";
    private static final String KEPT = "01";
    private static final String REFUSED = "00";
    private static final int CALLS = 5;

    /** The requests of a sweep that are sent at the same time. */
    private static final int AT_ONCE = 32;

    private final RecordedTransport cluster = new RecordedTransport();

    @AutoClose
    private final PubSub pubsub = ClusterPubSub.over(cluster);

    private final OnceCalls calls = OnceCalls.of(
            pubsub,
            pubsub.scope("calls"),
            new OnceLimits(1_000_000_000_000L, 100, 100, 100_000, 100_000, 10_000, 1, 1_000_000_000L),
            () -> 0,
            new MemoryBudget(1 << 20));

    @BeforeEach
    void clear() {
        RecordedLog.clear();
    }

    private void answer(String answer) throws InterruptedException {
        cluster.awaitRequest(NAME).answer().complete(answer);
    }

    private void begin(int key) throws InterruptedException {
        CompletableFuture<OnceOutcome> begun = CompletableFuture.supplyAsync(
                () -> calls.begin(new CallKey("users:ann", "k" + key), new Fingerprint(1, key), new Counters()));
        answer(RecordedTransport.NO_HANDLER); // the claim
        answer(RecordedTransport.NO_HANDLER); // the copy
        assertThat(begun).succeedsWithin(Duration.ofSeconds(30)).isInstanceOf(OnceOutcome.Run.class);
    }

    /** All requests are sent before the first response: with one after the other a node with many keys runs out of time. */
    @Test
    void aCallThatIsRefusedHoldsUpNoOtherAndTheRequestsRunAtTheSameTime() throws Exception {
        for (int key = 0; key < CALLS; key++) {
            begin(key);
        }
        CompletableFuture<Void> handedOver = CompletableFuture.runAsync(() -> calls.handOver(Duration.ofSeconds(5)));
        List<RecordedTransport.Request> requests = new ArrayList<>();
        for (int key = 0; key < CALLS; key++) {
            requests.add(cluster.awaitRequest(NAME));
        }
        IntStream.range(0, CALLS).forEach(i -> requests.get(i).answer().complete(i == 0 ? REFUSED : KEPT));
        assertThat(handedOver).succeedsWithin(Duration.ofSeconds(30));
        assertThat(RecordedLog.lines(Level.WARN, "1 of 5 calls that are executed once were not handed over within 5 s"))
                .hasSize(1);
    }

    /** One after the other they would take a second each while a node is silent. */
    @Test
    void aSweepPlacesCopiesAtTheSameTime() throws Exception {
        for (int key = 0; key < CALLS; key++) {
            begin(key);
        }
        calls.sweep();
        List<RecordedTransport.Request> requests = new ArrayList<>();
        for (int key = 0; key < CALLS; key++) {
            requests.add(cluster.awaitRequest(NAME));
        }
        requests.forEach(request -> request.answer().complete(KEPT));
    }

    /** A silent member delays a sweep by a second, not each of its keys. */
    @Test
    void aSweepAsksANodeThatIsOfNoUseOnlyForTheCallsThatAreOnTheirWay() throws Exception {
        for (int key = 0; key < AT_ONCE + 2; key++) {
            begin(key);
        }
        for (String useless : List.of("", RecordedTransport.NO_HANDLER)) {
            List<RecordedTransport.Request> requests = sweep();
            requests.forEach(request -> request.answer().complete(useless));
        }
        // Each sweep asks anew. If one had asked for the rest, this would get fewer requests than are sent at once.
        sweep().forEach(request -> request.answer().complete(KEPT));
    }

    /** The requests that a sweep sends at the same time, when the one before has ended. */
    private List<RecordedTransport.Request> sweep() throws InterruptedException {
        List<RecordedTransport.Request> requests = new ArrayList<>();
        await().until(() -> {
            calls.sweep();
            return cluster.hasRequests();
        });
        for (int i = 0; i < AT_ONCE; i++) {
            requests.add(cluster.awaitRequest(NAME));
        }
        return requests;
    }

    @Test
    void aHandOverOfAllCallsLogsNothing() throws Exception {
        begin(1);
        CompletableFuture<Void> handedOver = CompletableFuture.runAsync(() -> calls.handOver(Duration.ofSeconds(5)));
        answer(KEPT);
        assertThat(handedOver).succeedsWithin(Duration.ofSeconds(30));
        assertThat(RecordedLog.linesAbout("handed over")).isEmpty();
    }
}
