package io.heliodor.process.engine;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.heliodor.link.TimerlessTime;
import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** Senders to the {@link Mailbox} of a process against its thread, and each other. */
public class MailboxStress {
    private static final long DEADLINE = TimeUnit.SECONDS.toNanos(2);

    private static Mailbox<Integer> mailbox(int capacity) {
        return new Mailbox<>(capacity, new TimerlessTime());
    }

    /** Takes all entries, and returns their number. */
    private static int size(Mailbox<Integer> mailbox) {
        try {
            int size = 0;
            while (mailbox.poll(0) != null) {
                size++;
            }
            return size;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static MailboxEntry<Integer> entry(int number) {
        return new MailboxEntry.LocalMessage<>(number);
    }

    /** A process that takes one entry, and is interrupted if it is not woken in time. */
    private static final class Taker {
        private volatile Thread thread;
        private volatile boolean returned;
        private volatile boolean late;

        String take(Mailbox<Integer> mailbox) {
            thread = Thread.currentThread();
            String result;
            try {
                result = mailbox.take() instanceof MailboxEntry.LocalMessage<Integer> message
                        ? "took " + message.message()
                        : "took another";
            } catch (InterruptedException e) {
                result = "ended";
            }
            returned = true;
            return late ? "not woken" : result;
        }

        void awaitReturn() {
            long begin = System.nanoTime();
            while (!returned) {
                Thread stuck = thread;
                if (System.nanoTime() - begin > DEADLINE && stuck != null) {
                    late = true;
                    stuck.interrupt();
                }
                Thread.onSpinWait();
            }
        }
    }

    @JCStressTest
    @Outcome(id = "took 1", expect = ACCEPTABLE, desc = "An entry wakes the process.")
    @State
    public static class TakeAgainstPut {
        private final Mailbox<Integer> mailbox = mailbox(10);
        private final Taker taker = new Taker();

        @Actor
        public void process(L_Result r) {
            r.r1 = taker.take(mailbox);
        }

        @Actor
        public void sender() {
            Mailbox.Put _ = mailbox.put(entry(1));
            taker.awaitReturn();
        }
    }

    @JCStressTest
    @Outcome(id = "ended", expect = ACCEPTABLE, desc = "The request to end wakes the process.")
    @State
    public static class TakeAgainstEnd {
        private final Mailbox<Integer> mailbox = mailbox(10);
        private final Taker taker = new Taker();

        @Actor
        public void process(L_Result r) {
            r.r1 = taker.take(mailbox);
        }

        @Actor
        public void supervisor() {
            mailbox.end();
            taker.awaitReturn();
        }
    }

    @JCStressTest
    @Outcome(
            id = {"DONE, FULL_NOW", "FULL_NOW, DONE"},
            expect = ACCEPTABLE,
            desc = "The limit holds.")
    @State
    public static class TwoSenders {
        private final Mailbox<Integer> mailbox = mailbox(1);
        private Mailbox.Put first;
        private Mailbox.Put second;

        @Actor
        public void first() {
            first = mailbox.put(entry(1));
        }

        @Actor
        public void second() {
            second = mailbox.put(entry(2));
        }

        @Arbiter
        public void arbiter(L_Result r) {
            int size = size(mailbox);
            r.r1 = size == 1 ? first + ", " + second : "size " + size;
        }
    }
}
