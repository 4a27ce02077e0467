package io.heliodor.playground;

import java.time.Duration;

/** The end of a process that does not stop in time, because an event loop or a handler hangs. */
final class HaltDeadline {
    private static final int TIMED_OUT = 1;

    private HaltDeadline() {}

    /** Halts the process with status 1 after a time, unless it has ended by then. */
    static void begin(Duration time) {
        Thread.ofPlatform().daemon().name("halt-deadline").start(() -> {
            try {
                Thread.sleep(time);
            } catch (InterruptedException e) {
                return;
            }
            System.err.println("the server did not stop within " + time.toSeconds() + " s: halted");
            Runtime.getRuntime().halt(TIMED_OUT);
        });
    }
}
