package io.heliodor.node.election;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.election.Election.Term;
import io.heliodor.process.engine.ManualTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The duty of an election that the test decides. */
@Timeout(120)
class NodeElectionTests {
    private static final Term FIRST = new Term("1", OptionalLong.empty());
    private static final Term SECOND = new Term("2", OptionalLong.empty());

    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger runs = new AtomicInteger();
    private final NodeElection election = new NodeElection(
            "e",
            new Elections(
                    new Candidacies() {
                        @Override
                        public void campaign(String name) {
                            requests.add("campaign");
                        }

                        @Override
                        public void resign(String name) {
                            requests.add("resign");
                        }
                    },
                    new ManualTime()));

    private void awaitRequests(String... all) {
        await().untilAsserted(() -> assertThat(requests).containsExactly(all));
    }

    @Test
    void aDutyThatFailedRunsAgainInTheNextTermAndNotBefore() {
        election.whileLeading(term -> {
            if (runs.incrementAndGet() == 1) {
                throw new IllegalStateException("on purpose");
            }
        });
        election.lead(FIRST);
        awaitRequests("campaign", "resign");
        assertThat(election.leading()).isFalse();
        election.tick(TimeUnit.MILLISECONDS.toNanos(999));
        election.depose(FIRST);
        assertThat(runs).hasValue(1);
        election.tick(TimeUnit.SECONDS.toNanos(1));
        awaitRequests("campaign", "resign", "campaign");
        election.lead(SECOND);
        awaitRequests("campaign", "resign", "campaign", "resign");
        assertThat(runs).hasValue(2);
    }

    /** It returns late, as one that first completes its work does; the voters have confirmed the leadership meanwhile. */
    @Test
    void aDutyThatWasInterruptedRunsAgainIfItsNodeLeadsAgainInTheSameTerm() {
        CountDownLatch mayReturn = new CountDownLatch(1);
        election.whileLeading(term -> {
            if (runs.incrementAndGet() == 1) {
                awaitUninterruptibly(mayReturn);
            } else {
                new CountDownLatch(1).await();
            }
        });
        election.lead(FIRST);
        await().until(() -> runs.get() == 1);
        election.depose(FIRST);
        election.lead(FIRST);
        mayReturn.countDown();
        await().untilAsserted(() -> assertThat(runs).hasValue(2));
        assertThat(election.leading()).isTrue();
        assertThat(requests).containsExactly("campaign");
    }

    /** One that is interrupted and still works does not run beside the duty of the next term. */
    @Test
    void oneDutyRunsAtATime() throws InterruptedException {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger together = new AtomicInteger();
        CountDownLatch mayReturn = new CountDownLatch(1);
        election.whileLeading(term -> {
            together.accumulateAndGet(running.incrementAndGet(), Math::max);
            runs.incrementAndGet();
            awaitUninterruptibly(mayReturn);
            running.decrementAndGet();
        });
        election.lead(FIRST);
        await().until(() -> runs.get() == 1);
        for (int i = 0; i < 50; i++) {
            election.depose(FIRST);
            election.lead(SECOND);
            election.depose(SECOND);
            election.lead(FIRST);
            Thread.startVirtualThread(() -> {}).join(); // a duty that began would run before
        }
        assertThat(runs).hasValue(1);
        mayReturn.countDown();
        await().until(() -> runs.get() == 2);
        assertThat(together).hasValue(1);
    }

    @Test
    void aDutyThatGoesOnIsInterruptedAgainEachSecond() {
        AtomicInteger interrupts = new AtomicInteger();
        CountDownLatch mayReturn = new CountDownLatch(1);
        election.whileLeading(term -> {
            while (mayReturn.getCount() > 0) {
                try {
                    mayReturn.await();
                } catch (InterruptedException e) {
                    interrupts.incrementAndGet();
                }
            }
            runs.incrementAndGet();
        });
        election.lead(FIRST);
        election.tick(TimeUnit.SECONDS.toNanos(1));
        election.depose(FIRST);
        for (int second = 2; second <= 5; second++) {
            int expected = second - 1;
            await().untilAsserted(() -> assertThat(interrupts).hasValueGreaterThanOrEqualTo(expected));
            for (int tenth = 1; tenth <= 10; tenth++) {
                election.tick(TimeUnit.MILLISECONDS.toNanos(1_000 * (second - 1) + 100 * tenth));
            }
        }
        await().untilAsserted(() -> assertThat(interrupts).hasValueGreaterThanOrEqualTo(5));
        mayReturn.countDown();
        await().until(() -> runs.get() == 1);
        assertThat(interrupts).hasValue(5);
    }

    /** A view without this node would have come by then. */
    @Test
    void aDutyThatWasSuspendedBeginsAgainAfterTenSeconds() throws InterruptedException {
        AtomicInteger ended = new AtomicInteger();
        election.whileLeading(term -> {
            runs.incrementAndGet();
            try {
                new CountDownLatch(1).await();
            } finally {
                ended.incrementAndGet();
            }
        });
        election.lead(FIRST);
        await().until(() -> runs.get() == 1);
        long at = TimeUnit.SECONDS.toNanos(100);
        election.suspend(at);
        await().until(() -> ended.get() == 1);
        for (int i = 0; i < 50; i++) {
            election.tick(at + TimeUnit.MILLISECONDS.toNanos(9_999));
            Thread.startVirtualThread(() -> {}).join(); // a duty that began would run before
        }
        assertThat(runs).hasValue(1);
        election.tick(at + TimeUnit.SECONDS.toNanos(10));
        await().until(() -> runs.get() == 2);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException e) {
                // The work of a duty that is to end.
            }
        }
    }

    @Test
    void aDutyThatReturnedDoesNotRunAgain() {
        election.whileLeading(term -> runs.incrementAndGet());
        election.lead(FIRST);
        awaitRequests("campaign", "resign");
        election.depose(FIRST);
        election.lead(SECOND);
        election.tick(TimeUnit.MINUTES.toNanos(1));
        assertThat(requests).containsExactly("campaign", "resign");
        assertThat(runs).hasValue(1);
    }
}
