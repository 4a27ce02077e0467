package io.heliodor.playground;

import java.time.Duration;

/** The end of a process that does not stop in time, because an event loop or a handler hangs. */
final class HaltDeadline {
    private static final int TIMED_OUT = 1;

    /** The time for the line that reports it. */
    private static final Duration REPORT = Duration.ofSeconds(1);

    private HaltDeadline() {}

    /** Halts the process with status 1 after a time, and a second more at most, unless it has ended by then. */
    static void begin(Duration time) {
        Thread.ofPlatform().daemon().name("halt-deadline").start(() -> {
            try {
                Thread.sleep(time);
                // On a thread of its own: a loop that hangs in a write to a full pipe holds the lock of standard error.
                boolean _ = Thread.ofPlatform()
                        .daemon()
                        .name("halt-report")
                        .start(() ->
                                System.err.println("the server did not stop within " + time.toSeconds() + " s: halted"))
                        .join(REPORT);
            } catch (InterruptedException e) {
                return;
            }
            Runtime.getRuntime().halt(TIMED_OUT);
        });
    }
}
