package io.heliodor.pubsub.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SubscriberQueueTests {
    private final LinkedBlockingQueue<Thread> threads = new LinkedBlockingQueue<>();

    private Thread nextThread() throws InterruptedException {
        return threads.poll(PubSubContract.DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void theThreadEndsWithTheLastMessageAndTheNextMessageStartsAnother() throws Exception {
        var mailbox = new SubscriberQueue<String>("idle", 10, message -> threads.add(Thread.currentThread()));

        mailbox.put("one");
        Thread first = nextThread();
        assertThat(first.join(PubSubContract.DEADLINE))
                .as("the thread has ended")
                .isTrue();
        mailbox.put("two");

        assertThat(nextThread()).isNotSameAs(first);
        assertThat(first.getName()).isEqualTo("pubsub idle");
    }

    @Test
    void thePublishersThreadLocalsAreNotInherited() throws Exception {
        var local = new InheritableThreadLocal<String>();
        var seen = new AtomicReference<String>("nothing yet");
        var mailbox = new SubscriberQueue<String>("locals", 10, message -> {
            seen.set(local.get());
            threads.add(Thread.currentThread());
        });

        local.set("the publisher's");
        mailbox.put("one");
        nextThread();

        assertThat(seen).hasValue(null);
    }

    @Test
    void anInterruptThatASubscriberLeavesBehindReachesNoLaterMessage() throws Exception {
        var interrupted = new LinkedBlockingQueue<Boolean>();
        var mailbox = new SubscriberQueue<Gate>("interrupt", 10, gate -> {
            interrupted.add(Thread.currentThread().isInterrupted());
            try {
                gate.pass();
            } catch (InterruptedException e) {
                // The test is about the state of the next call.
            }
            Thread.currentThread().interrupt();
        });
        var first = new Gate();
        mailbox.put(first);
        first.awaitWaiter();
        var second = new Gate();
        second.open();
        mailbox.put(second);
        first.open();

        assertThat(interrupted.poll(PubSubContract.DEADLINE.toSeconds(), TimeUnit.SECONDS))
                .isFalse();
        assertThat(interrupted.poll(PubSubContract.DEADLINE.toSeconds(), TimeUnit.SECONDS))
                .as("interrupted when the second message was delivered")
                .isFalse();
    }

    @Test
    void droppingBeginsAnewOnceTheMailboxWasEmpty() throws Exception {
        var mailbox = new SubscriberQueue<Gate>("again", 1, gate -> {
            try {
                gate.pass();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });

        for (int episode = 1; episode <= 2; episode++) {
            var gate = new Gate();
            assertThat(mailbox.put(gate)).isFalse();
            Thread thread = gate.awaitWaiter();
            var second = new Gate();
            second.open();
            assertThat(mailbox.put(second)).isFalse();

            assertThat(mailbox.put(gate)).as("the first to be dropped").isTrue();
            assertThat(mailbox.put(gate)).as("the second to be dropped").isFalse();
            assertThat(mailbox.dropped()).isEqualTo(2L * episode);

            gate.open();
            assertThat(thread.join(PubSubContract.DEADLINE))
                    .as("the mailbox is empty")
                    .isTrue();
        }
    }
}
