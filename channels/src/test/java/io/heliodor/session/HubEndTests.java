package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.limit.Limits;
import io.heliodor.once.CallKey;
import io.heliodor.once.Fingerprint;
import io.heliodor.once.OnceLimits;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.once.OnceCalls;
import io.heliodor.session.once.OnceOutcome;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.wire.PayloadCodec;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The end of one of two endpoints over a pub/sub, which share what they keep for other nodes. */
class HubEndTests {
    private static final String NAME = "heliodor.sockets/once";

    private final RecordedTransport cluster = new RecordedTransport();

    @AutoClose
    private final PubSub pubsub = ClusterPubSub.over(cluster);

    private final Hub hub = new Hub(pubsub, PayloadCodec.strict(), Limits.openInternet(), () -> 0);

    /** The part of another endpoint of this node. */
    private final OnceCalls calls = OnceCalls.of(
            pubsub, pubsub.scope("heliodor.sockets"), OnceLimits.DEFAULTS, () -> 0, new MemoryBudget(1 << 20));

    /** A request to keep a copy, as another node sends it. */
    private String copy() throws InterruptedException {
        CompletableFuture<OnceOutcome> begun = CompletableFuture.supplyAsync(
                () -> calls.begin(new CallKey("users:ann", "k"), new Fingerprint(1, 1), new Counters()));
        cluster.awaitRequest(NAME).answer().complete(RecordedTransport.NO_HANDLER);
        RecordedTransport.Request copy = cluster.awaitRequest(NAME);
        copy.answer().complete("01");
        assertThat(begun).succeedsWithin(Duration.ofSeconds(30)).isInstanceOf(OnceOutcome.Run.class);
        return copy.request();
    }

    @Test
    void aDrainThatComesAfterTheCloseLeavesTheOtherEndpointOpenForCopies() throws Exception {
        String copy = copy();
        hub.close();
        assertThat(hub.drain()).isTrue();
        assertThat(cluster.answer(NAME, copy)).as("01 is kept").isEqualTo("01");
    }

    @Test
    void aDrainBeforeTheCloseDoesSo() throws Exception {
        String copy = copy();
        hub.drain();
        hub.close();
        assertThat(cluster.answer(NAME, copy)).as("01 is kept").isEqualTo("01");
    }
}
