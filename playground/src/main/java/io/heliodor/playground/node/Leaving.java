package io.heliodor.playground.node;

import org.jspecify.annotations.Nullable;

/** Leaves the cluster once, at the end of input or when the process is told to end; both are no failure. */
final class Leaving {
    /** Who waits for a node that hangs would be killed instead. */
    private static final long NODE_MILLIS = 10_000;

    private static final long OUTPUT_MILLIS = 2_000;

    private final Printer printer;
    private @Nullable ShellNode node;
    private boolean over;

    private Leaving(Printer printer) {
        this.printer = printer;
    }

    static Leaving onSigterm(Printer printer) {
        Leaving leaving = new Leaving(printer);
        Runtime.getRuntime().addShutdownHook(new Thread(leaving::terminated, "leave"));
        return leaving;
    }

    /** Which node is to leave. */
    synchronized void of(ShellNode started) {
        node = started;
    }

    /** There is nothing to leave, and the exit status is somebody else's. */
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
