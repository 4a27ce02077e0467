package io.heliodor.session.channel;

import io.heliodor.pubsub.Correlation;
import io.heliodor.session.lane.LoopBatch;
import io.heliodor.session.lane.LoopTask;
import io.heliodor.session.lane.Promotion;
import io.heliodor.session.telemetry.LogContext;
import org.jspecify.annotations.Nullable;

/**
 * Takes mails from a {@link ChannelMailbox} and has them handled, one at a time, in runs of limited length: on the event loop as long as
 * their handlers may run there, else on a thread of the pool. The superclass of {@link ChannelProcess}, and not an object of its
 * own: each idle channel would hold one more.
 */
abstract class MailboxTask implements LoopTask {
    /** So that a channel with a long mailbox lets the others of its batch run. */
    private static final int MAX_MAILS_PER_RUN = 64;

    /** Fewer on the loop, which reads no socket meanwhile. */
    private static final int MAX_MAILS_PER_LOOP_RUN = 16;

    /** As mails count their bytes. A hundred channels with four large mails each would delay a small one fourfold. */
    private static final long MAX_BYTES_PER_RUN = 64 << 10;

    abstract ChannelMailbox mailbox();

    abstract ChannelOwner<?> owner();

    abstract ChannelServices services();

    /** Handles a mail; throws nothing. */
    abstract void handle(Mail mail);

    /** The handler of a mail has returned or thrown. */
    abstract void handled();

    /** Runs the end of the channel. */
    abstract void finish();

    @Override
    public final void run() {
        inContext(() -> handleSome(null));
    }

    @Override
    public final void runOnLoop(LoopBatch batch) {
        inContext(() -> handleSome(batch));
    }

    private void inContext(Runnable handlers) {
        if (LogContext.isSupported()) {
            LogContext.enter(owner().correlationId());
        }
        try (Correlation.Scope _ = open(owner().trace())) {
            handlers.run();
        } finally {
            LogContext.leave();
        }
    }

    @Override
    public final boolean startsOnLoop() {
        return mailbox().nextRunsOnLoop();
    }

    /** The scope of a trace; null if there is none. */
    private static Correlation.@Nullable Scope open(Correlation.@Nullable Trace trace) {
        return trace == null ? null : Correlation.traced(trace);
    }

    /** {@code batch}: the batch on the loop that runs it; null on a thread of the pool. */
    private void handleSome(@Nullable LoopBatch batch) {
        long bytes = 0;
        int mails = batch == null ? MAX_MAILS_PER_RUN : MAX_MAILS_PER_LOOP_RUN;
        for (int i = 0; i < mails && bytes < MAX_BYTES_PER_RUN && mayGoOn(batch, i); i++) {
            Mail mail = onLoop(batch) == null ? mailbox().next() : mailbox().nextOnLoop();
            if (mail == null) {
                if (mailbox().claimHandOver()) {
                    owner().lane().startInPool(this);
                } else if (mailbox().claimFinish()) {
                    finish();
                }
                return;
            }
            bytes += mail.bytes();
            try (Correlation.Scope _ = open(mail.trace)) {
                // Asked again: the lock of the mailbox may have blocked.
                measure(mail, onLoop(batch));
            } finally {
                handled();
                mailbox().release(mail);
            }
        }
        mailbox().pause();
        owner().lane().resumeLater(this);
    }

    /** The batch, if it is still on the loop; else null. */
    private static @Nullable LoopBatch onLoop(@Nullable LoopBatch batch) {
        return batch != null && batch.isOnLoop() ? batch : null;
    }

    private static boolean mayGoOn(@Nullable LoopBatch batch, int mails) {
        LoopBatch onLoop = onLoop(batch);
        return mails == 0 || onLoop == null || onLoop.hasTime();
    }

    /** Handles a mail and measures for how long it holds its thread; {@code batch}: null in the pool. */
    private void measure(Mail mail, @Nullable LoopBatch batch) {
        Promotion promotion = mail.promotion;
        if (promotion == null) {
            handle(mail);
        } else if (batch != null) {
            batch.begins(promotion);
            handle(mail);
            if (batch.isOnLoop()) {
                batch.ended();
            }
        } else if (promotion.isPromoted()) {
            handle(mail);
        } else {
            long begin = services().budget().now();
            handle(mail);
            long now = services().budget().now();
            promotion.returned(now - begin, now);
        }
    }
}
