package io.heliodor.session.channel;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** Senders to a {@link ChannelMailbox}, the thread that runs its handlers, and the lane that closes it. */
public class ChannelMailboxStress {
    private static String ok(TestChannel channel, boolean expected, String otherwise) {
        String fault = channel.fault();
        return expected || !fault.equals("ok") ? fault : otherwise;
    }

    @JCStressTest
    @Outcome(id = "ok", expect = ACCEPTABLE, desc = "Each mail is handled once, by one runner at a time.")
    @State
    public static class TwoSenders {
        private final TestChannel channel = new TestChannel(1_000);

        @Actor
        public void client() {
            channel.post();
            channel.post();
        }

        @Actor
        public void server() {
            channel.deliver();
            channel.deliver();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            boolean idle = channel.mailbox().idleRuns() >= 0;
            r.r1 = ok(channel, idle && channel.handled() == 4, "handled " + channel.handled() + ", idle " + idle);
        }
    }

    @JCStressTest
    @Outcome(id = "ok", expect = ACCEPTABLE, desc = "A mail is handled or drained; the leave hooks run once.")
    @State
    public static class CloseAgainstRun {
        private final TestChannel channel = new TestChannel(2);
        private int drained;

        public CloseAgainstRun() {
            boolean _ = channel.mailbox().post(channel.mail()).start();
            if (channel.mailbox().post(channel.mail()).full()) {
                channel.client().flow().mailboxFull();
            }
        }

        @Actor
        public void handlers() {
            channel.run();
        }

        @Actor
        public void lane() {
            drained = channel.close();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            String reading = channel.client().reading();
            boolean all = channel.handled() + drained == 2 && channel.finished() == 1 && reading.equals("read");
            r.r1 = ok(
                    channel,
                    all,
                    channel.handled() + " handled, " + drained + " drained, " + channel.finished() + " finished, "
                            + reading);
        }
    }

    @JCStressTest
    @Outcome(id = "ok", expect = ACCEPTABLE, desc = "Nothing is left in the mailbox; the leave hooks run once.")
    @State
    public static class CloseAgainstDelivery {
        private final TestChannel channel = new TestChannel(1_000);
        private int drained;

        @Actor
        public void server() {
            channel.deliver();
            channel.deliver();
        }

        @Actor
        public void lane() {
            drained = channel.close();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            int done = channel.handled() + drained;
            boolean all = done >= 0
                    && done <= 2
                    && channel.finished() == 1
                    && channel.mailbox().isFinished();
            r.r1 = ok(channel, all, done + " handled or drained, " + channel.finished() + " finished");
        }
    }

    /** The channel stops itself while the lane closes it. */
    @JCStressTest
    @Outcome(id = "ok", expect = ACCEPTABLE, desc = "One of both ends it, and its leave hooks run once.")
    @State
    public static class CloseAgainstStop {
        private final TestChannel channel = new TestChannel(1_000);

        public CloseAgainstStop() {
            boolean _ = channel.mailbox().post(channel.mail()).start();
        }

        @Actor
        public void handlers() {
            Mail mail = channel.mailbox().next();
            if (mail == null) {
                channel.finishIfDue();
                return;
            }
            boolean _ = channel.mailbox().end(TestChannel.CLOSED);
            channel.mailbox().release(mail);
            channel.run();
        }

        @Actor
        public void lane() {
            int _ = channel.close();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            r.r1 = ok(channel, channel.finished() == 1, channel.finished() + " finished");
        }
    }

    @JCStressTest
    @Outcome(id = "read", expect = ACCEPTABLE, desc = "A client whose mailbox was full is read when it has room.")
    @State
    public static class FullMailbox {
        private final TestChannel channel = new TestChannel(1);
        private boolean starts;

        public FullMailbox() {
            post();
        }

        private void post() {
            ChannelMailbox.Posted posted = channel.mailbox().post(channel.mail());
            starts = posted.start();
            if (posted.full()) {
                channel.client().flow().mailboxFull();
            }
        }

        @Actor
        public void handlers() {
            channel.run();
        }

        @Actor
        public void lane() {
            post();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            if (starts) {
                channel.run();
            }
            String fault = channel.fault();
            r.r1 = fault.equals("ok") ? channel.client().reading() : fault;
        }
    }

    @JCStressTest
    @Outcome(id = "not interrupted", expect = ACCEPTABLE, desc = "A thread keeps no interrupt after its handler.")
    @State
    public static class InterruptAtEnd {
        private final TestChannel channel = new TestChannel(1_000);

        public InterruptAtEnd() {
            boolean _ = channel.mailbox().post(channel.mail()).start();
        }

        @Actor
        public void handlers(L_Result r) {
            Mail mail = channel.mailbox().next();
            if (mail != null) {
                channel.mailbox().release(mail);
                Mail _ = channel.mailbox().next();
            }
            r.r1 = Thread.interrupted() ? "interrupted" : "not interrupted";
        }

        @Actor
        public void lane() {
            ChannelMailbox.Teardown _ = channel.mailbox().end(TestChannel.CLOSED, true, false);
        }
    }

    @JCStressTest
    @Outcome(
            id = {"none", "first", "second"},
            expect = ACCEPTABLE,
            desc = "Only the handler that was found is interrupted.")
    @State
    public static class InterruptOfRun {
        private final TestChannel channel = new TestChannel(1_000);
        private final Mail first = channel.mail();
        private final Mail second = channel.mail();
        private Mail found;
        private boolean hit;
        private boolean later;

        public InterruptOfRun() {
            boolean _ = channel.mailbox().post(first).start();
            boolean _ = channel.mailbox().post(second).start();
        }

        @Actor
        public void handlers() {
            Mail _ = channel.mailbox().next();
            Mail _ = channel.mailbox().next();
            later = Thread.interrupted();
            Mail _ = channel.mailbox().next();
        }

        @Actor
        public void sweep() {
            ChannelMailbox.Running run = channel.mailbox().running();
            if (run != null) {
                found = run.mail();
                hit = channel.mailbox().interrupt(run);
            }
        }

        @Arbiter
        @SuppressWarnings("ReferenceEquality") // a mail is equal to itself alone
        public void arbiter(L_Result r) {
            if (!hit) {
                r.r1 = later ? "interrupted without a hit" : "none";
            } else if (found == first) {
                r.r1 = later ? "the second instead of the first" : "first";
            } else {
                r.r1 = "second";
            }
        }
    }

    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "The task runs once.")
    @State
    public static class UnreachableClient {
        private final ChannelMailbox mailbox = new TestChannel(1).mailbox();
        private final AtomicInteger runs = new AtomicInteger();

        @Actor
        public void presence() {
            mailbox.onUnreachable(runs::incrementAndGet);
        }

        @Actor
        public void lane() {
            CleanupTasks due = mailbox.markUnreachable();
            if (due != null) {
                due.run(failed -> {});
            }
        }

        @Arbiter
        public void arbiter(L_Result r) {
            r.r1 = runs.toString();
        }
    }

    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The task runs once; the subscription is closed once.")
    @State
    public static class TasksAtEnd {
        private static final Topic<String> TOPIC = Topic.of("topic", String.class);

        private final ChannelMailbox mailbox = new TestChannel(1).mailbox();
        private final AtomicInteger runs = new AtomicInteger();
        private final AtomicInteger closes = new AtomicInteger();

        @Actor
        public void owner() {
            Subscription superfluous = mailbox.keep(TOPIC, closes::incrementAndGet);
            if (superfluous != null) {
                superfluous.close();
            }
            mailbox.onEnd(runs::incrementAndGet);
        }

        @Actor
        public void handlers() {
            CleanupTasks due = mailbox.finish();
            if (due != null) {
                due.run(failed -> {});
            }
        }

        @Arbiter
        public void arbiter(L_Result r) {
            r.r1 = runs + ", " + closes;
        }
    }
}
