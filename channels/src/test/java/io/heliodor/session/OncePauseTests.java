package io.heliodor.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.once.CallKey;
import io.heliodor.once.Fingerprint;
import io.heliodor.once.KeyWindow;
import io.heliodor.once.OnceLimits;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.once.OnceCalls;
import io.heliodor.session.once.OnceOutcome;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** A node that is paused between the requests of a call and its handler, and goes on with what it had. */
class OncePauseTests {
    private static final String NAME = "calls/once";
    private static final String KEPT = "01";
    private static final String REFUSED = "00";
    private static final CallKey KEY = new CallKey("users:ann", "k");
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final long PAUSE = Duration.ofMillis(14_500).toNanos();

    private final RecordedTransport cluster = new RecordedTransport();
    private final AtomicLong clock = new AtomicLong();
    private final Counters counters = new Counters();

    @AutoClose
    private final PubSub pubsub = ClusterPubSub.over(cluster);

    private final MemoryBudget memory = new MemoryBudget(1 << 20);
    private final OnceCalls calls =
            OnceCalls.of(pubsub, pubsub.scope("calls"), OnceLimits.DEFAULTS, clock::get, memory);

    /** The response of the other node, which has something of the key or nothing. */
    private static String response(int type, int generation) {
        String name = RecordedTransport.OTHER.toString();
        return "%02x%08x%s%08x"
                .formatted(type, name.length(), HexFormat.of().formatHex(name.getBytes(UTF_8)), generation);
    }

    private static String nothing() {
        return response(0, 0);
    }

    private static String running() {
        return response(1, 0) + nothing().substring(2);
    }

    private void answer(String answer) throws InterruptedException {
        cluster.awaitRequest(NAME).answer().complete(answer);
    }

    private CompletableFuture<OnceOutcome> begin() {
        return CompletableFuture.supplyAsync(() -> calls.begin(KEY, new Fingerprint(1, 1), counters));
    }

    private static void isUnavailable(CompletableFuture<OnceOutcome> begun) {
        assertThat(begun)
                .succeedsWithin(DEADLINE)
                .isInstanceOfSatisfying(
                        OnceOutcome.Reply.class,
                        reply -> assertThat(reply.answer().payload())
                                .asString(UTF_8)
                                .contains("unavailable"));
    }

    @Test
    void aClaimWhoseAnswersAreOldIsNotGranted() throws Exception {
        CompletableFuture<OnceOutcome> begun = begin();
        RecordedTransport.Request claim = cluster.awaitRequest(NAME);
        clock.addAndGet(PAUSE);
        claim.answer().complete(nothing());
        isUnavailable(begun);
    }

    @Test
    void aCallWhoseCopyIsOldIsNotExecutedAndItsKeyIsFreeAgain() throws Exception {
        CompletableFuture<OnceOutcome> begun = begin();
        answer(nothing());
        RecordedTransport.Request copy = cluster.awaitRequest(NAME);
        clock.addAndGet(PAUSE);
        copy.answer().complete(KEPT);
        isUnavailable(begun);
        CompletableFuture<OnceOutcome> repeat = begin();
        answer(nothing());
        answer(KEPT);
        assertThat(repeat).succeedsWithin(DEADLINE).isInstanceOf(OnceOutcome.Run.class);
    }

    @Test
    void aCallRunsAloneIfAllRefuseItAndNotAfterSilence() throws Exception {
        CompletableFuture<OnceOutcome> silent = begin();
        answer(nothing());
        answer("");
        isUnavailable(silent);
        CompletableFuture<OnceOutcome> refused = begin();
        answer(nothing());
        answer(REFUSED);
        assertThat(refused).succeedsWithin(DEADLINE).isInstanceOf(OnceOutcome.Run.class);
        assertThat(counters.get(Counter.CALLS_ONCE_ALONE)).isOne();
    }

    /** It has a view of itself alone when it goes on, and has not swept or handled a call before. */
    @Test
    void aYoungNodeThatWasPausedWaitsForTheMembersBeforeThePause() {
        clock.addAndGet(PAUSE);
        cluster.members = Set.of(RecordedTransport.SELF);
        isUnavailable(begin());
    }

    @Test
    void copiesAreKeptAfterOneOfTwoEndpointsHasLeft() throws Exception {
        CompletableFuture<OnceOutcome> begun = begin();
        answer(nothing());
        RecordedTransport.Request copy = cluster.awaitRequest(NAME);
        copy.answer().complete(KEPT);
        assertThat(begun).succeedsWithin(DEADLINE).isInstanceOf(OnceOutcome.Run.class);
        OnceCalls ofAnother =
                OnceCalls.of(pubsub, pubsub.scope("calls"), OnceLimits.DEFAULTS, clock::get, new MemoryBudget(1 << 20));
        assertThat(ofAnother).isSameAs(calls);
        ofAnother.leave();
        ofAnother.close(true);
        assertThat(cluster.answer(NAME, copy.request())).isEqualTo(KEPT);
    }

    @Test
    void thePromiseOfAKeyCountsInTheMemoryUntilItIsForgotten() throws Exception {
        CompletableFuture<OnceOutcome> begun = begin();
        RecordedTransport.Request claim = cluster.awaitRequest(NAME);
        claim.answer().complete("");
        isUnavailable(begun);
        assertThat(memory.used()).isZero();
        assertThat(cluster.answer(NAME, claim.request())).startsWith("00");
        assertThat(memory.used()).isPositive();
        clock.addAndGet(2 * KeyWindow.CLAIM_NANOS);
        calls.sweep();
        assertThat(memory.used()).isZero();
    }

    @Test
    void aCallThatRunsWhereItsCopyShallBeKeptIsNotExecuted() throws Exception {
        CompletableFuture<OnceOutcome> begun = begin();
        answer(nothing());
        answer("02" + running());
        answer(running()); // it is claimed again
        assertThat(begun).succeedsWithin(DEADLINE).isInstanceOf(OnceOutcome.Due.class);
    }
}
