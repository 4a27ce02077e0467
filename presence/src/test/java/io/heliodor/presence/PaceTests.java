package io.heliodor.presence;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.presence.announce.Announcement;
import io.heliodor.pubsub.PubSub;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The pace of a topic does not depend on interrupts that user code leaves on its thread. */
class PaceTests {
    private static final String ROOM = "room:1";

    @AutoClose
    private final PubSub pubsub = PubSub.local();

    /** For each pause whether its thread was interrupted when it began: such a pause lasts no time. */
    private final BlockingQueue<Boolean> pauses = new LinkedBlockingQueue<>();

    private final BlockingQueue<Boolean> calls = new LinkedBlockingQueue<>();

    private Presence<String> presence(Optional<Enrichment<String>> enrichment) {
        Presence.Builder<String> builder = Presence.builder(pubsub, String.class)
                .pause(() -> pauses.add(Thread.currentThread().isInterrupted()));
        enrichment.ifPresent(builder::enrichment);
        return builder.build();
    }

    private static boolean next(BlockingQueue<Boolean> queue) throws InterruptedException {
        Boolean next = queue.poll(20, TimeUnit.SECONDS);
        assertThat(next).as("the next event within 20 s").isNotNull();
        return next;
    }

    /** Leaves an interrupt behind, like user code that restores the flag. */
    private void interrupted() {
        calls.add(Thread.currentThread().isInterrupted());
        Thread.currentThread().interrupt();
    }

    @Test
    void anEnrichmentThatLeavesAnInterruptBehindShortensNoPause() throws InterruptedException {
        try (Presence<String> presence = presence(Optional.of((topic, present) -> {
            interrupted();
            return Map.of();
        }))) {
            presence.track(Owner.of(ROOM), "a", "1");
            assertThat(next(calls)).isFalse();
            assertThat(next(pauses)).as("interrupted when the pause began").isFalse();
        }
    }

    @Test
    void anEnrichmentThatFailsWithAnInterruptShortensNoPause() throws InterruptedException {
        try (Presence<String> presence = presence(Optional.of((topic, present) -> {
            interrupted();
            throw new IllegalStateException("the enrichment was asked to fail");
        }))) {
            presence.track(Owner.of(ROOM), "a", "1");
            assertThat(next(pauses)).as("interrupted when the pause began").isFalse();
        }
    }

    /** A lane does not block an interrupted publisher, however full it is. */
    @Test
    void anInterruptThatAnEnrichmentLeavesBehindReachesNoSubscriber() throws InterruptedException {
        var published = new LinkedBlockingQueue<Boolean>();
        Announcement.scope(pubsub)
                .subscribeInline(
                        Announcement.DIFFS,
                        diff -> published.add(Thread.currentThread().isInterrupted()));
        try (Presence<String> presence = presence(Optional.of((topic, present) -> {
            interrupted();
            return Map.of();
        }))) {
            presence.track(Owner.of(ROOM), "a", "1");
            assertThat(next(published))
                    .as("interrupted when the diff is published")
                    .isFalse();
        }
    }

    @Test
    void aSubscriberThatLeavesAnInterruptBehindShortensNoPause() throws InterruptedException {
        try (Presence<String> presence = presence(Optional.empty())) {
            presence.subscribe(ROOM, diff -> interrupted());
            assertThat(next(calls)).isFalse();
            assertThat(next(pauses)).as("interrupted when the pause began").isFalse();
        }
    }

    @Test
    void aWindowLastsItsTimeWhateverWakesItsThread() throws InterruptedException {
        for (Runnable wake : List.<Runnable>of(
                () -> Thread.currentThread().interrupt(), () -> LockSupport.unpark(Thread.currentThread()))) {
            var lasted = new LinkedBlockingQueue<Long>();
            Thread.ofVirtual().start(() -> {
                wake.run();
                long begin = System.nanoTime();
                Pause.of(Duration.ofMillis(75), System::nanoTime);
                lasted.add(System.nanoTime() - begin);
            });
            assertThat(lasted.poll(20, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(75_000_000L);
        }
    }
}
