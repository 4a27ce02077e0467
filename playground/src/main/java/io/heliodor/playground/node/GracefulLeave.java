package io.heliodor.playground.node;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import org.jspecify.annotations.Nullable;

/** Leaves the cluster once, at the end of input or on a signal to the process; neither is a failure. */
final class GracefulLeave {
    /** The timeout of a leave: a process that waits longer for a node that hangs would be killed. */
    private static final long NODE_MILLIS = 10_000;

    private static final long OUTPUT_MILLIS = 2_000;

    private final Printer printer;

    @GuardedBy("this")
    private @Nullable ShellNode node;

    @GuardedBy("this")
    private boolean over;

    private GracefulLeave(Printer printer) {
        this.printer = printer;
    }

    static GracefulLeave onSigterm(Printer printer) {
        GracefulLeave leaving = new GracefulLeave(printer);
        Runtime.getRuntime().addShutdownHook(new Thread(leaving::terminated, "leave"));
        return leaving;
    }

    /** Sets the node that leaves. */
    synchronized void of(ShellNode started) {
        node = started;
    }

    /** Disables the leave and its exit status. */
    synchronized void never() {
        over = true;
    }

    synchronized void now() throws InterruptedException {
        over = true;
        ShellNode leaver = node;
        if (leaver != null) {
            Thread closing = Thread.ofVirtual().start(leaver::close);
            closing.join(NODE_MILLIS);
        }
        printer.close(OUTPUT_MILLIS);
    }

    private synchronized void terminated() {
        if (over) {
            return;
        }
        try {
            now();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Runtime.getRuntime().halt(0);
        }
    }
}
