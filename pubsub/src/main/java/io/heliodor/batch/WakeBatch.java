package io.heliodor.batch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Work that wakes other threads at its end, and each of them once: to wake a thread costs more than a small message. Each thread
 * that is woken has a queue, and finds there what the work has added. See {@code docs/design/wake-batches.md}.
 *
 * <p>One thread works. Any thread may end the batch.
 */
public final class WakeBatch {
    private static final ScopedValue<WakeBatch> CURRENT = ScopedValue.newInstance();

    /** Guarded by this; nothing else is done while that is held. */
    @GuardedBy("this")
    private final List<Runnable> due = new ArrayList<>(4);

    /** Changes under the lock. */
    private volatile boolean over;

    /** A batch that has not begun. */
    public WakeBatch() {}

    /**
     * Does work on the calling thread, and then wakes what it has put off, also if the work fails.
     *
     * @param work the work
     */
    public static void run(Runnable work) {
        WakeBatch batch = new WakeBatch();
        try {
            batch.during(work);
        } finally {
            batch.end();
        }
    }

    /**
     * Does the work on the calling thread. {@link #end} must follow; for a batch that another thread may end first.
     *
     * @param work the work; its wake-ups come when the batch ends
     */
    public void during(Runnable work) {
        ScopedValue.where(CURRENT, this).run(work);
    }

    /**
     * Wakes something, at the end of the batch of the calling thread, or immediately without one. In one batch a wake-up comes once.
     *
     * @param wake wakes something whose queue is not empty; must not block nor throw
     */
    public static void wake(Runnable wake) {
        if (!CURRENT.isBound() || !CURRENT.get().defer(wake)) {
            wake.run();
        }
    }

    /** Wakes what the batch of the calling thread would wake at its end; it then goes on. For work that is about to wait. */
    public static void flush() {
        if (CURRENT.isBound()) {
            CURRENT.get().wakeDue();
        }
    }

    /** Wakes what is due; the batch goes on. Any thread. */
    public void wakeDue() {
        wakeAll(false);
    }

    /** Wakes what is due. From now on each wake-up of the work is immediate. Any thread, and more than once. */
    public void end() {
        wakeAll(true);
    }

    /**
     * Whether each wake-up is immediate.
     *
     * @return true after {@link #end}
     */
    public boolean isOver() {
        return over;
    }

    private boolean defer(Runnable wake) {
        if (over) {
            return false;
        }
        synchronized (this) {
            if (over) {
                return false;
            }
            if (!due.contains(wake)) {
                due.add(wake);
            }
            return true;
        }
    }

    private void wakeAll(boolean ends) {
        List<Runnable> now;
        synchronized (this) {
            over |= ends;
            if (due.isEmpty()) {
                return;
            }
            now = List.copyOf(due);
            due.clear();
        }
        runAll(now.iterator());
    }

    /** Runs the others also if one fails. */
    private static void runAll(Iterator<Runnable> wakes) {
        if (wakes.hasNext()) {
            try {
                wakes.next().run();
            } finally {
                runAll(wakes);
            }
        }
    }
}
