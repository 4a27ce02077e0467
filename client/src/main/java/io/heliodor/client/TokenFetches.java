package io.heliodor.client;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls the token supplier, on a thread of its own each time: it may block, and callbacks may wait for its connection meanwhile. One call
 * runs at a time.
 */
final class TokenFetches {
    private final @Nullable Supplier<String> tokens;
    private final Loop loop;
    private final Diagnostics diagnostics;
    private Thread thread = new Thread(() -> {});
    private volatile boolean isRunning;
    private volatile boolean isOver;

    TokenFetches(@Nullable Supplier<String> tokens, Loop loop, Diagnostics diagnostics) {
        this.tokens = tokens;
        this.loop = loop;
        this.diagnostics = diagnostics;
    }

    /** Only the loop calls it. */
    void begin(long number) {
        if (isRunning) {
            diagnostics.warn(
                    "The token supplier has not returned from its last call; it is interrupted, and this attempt fails.");
            thread.interrupt();
            loop.submit((state, now) -> state.fetchFailed(now, number));
            return;
        }
        isRunning = true;
        thread = new Thread(() -> fetch(number), "heliodor-client-token");
        thread.setDaemon(true);
        thread.start();
    }

    /** Ends the call that runs, when its result is not needed any more. Only the loop calls it. */
    void end() {
        isOver = true;
        if (isRunning) {
            thread.interrupt();
        }
    }

    @SuppressWarnings("CatchingThrowable") // all exceptions of the application fail the attempt
    private void fetch(long number) {
        Supplier<String> supplier = tokens;
        try {
            String token = supplier == null ? null : supplier.get();
            isRunning = false;
            loop.submit((state, now) -> state.fetched(now, number, token));
        } catch (Throwable e) {
            isRunning = false;
            if (!isOver) {
                diagnostics.error("The token supplier threw; the attempt to connect counts as failed.", e);
            }
            loop.submit((state, now) -> state.fetchFailed(now, number));
        }
    }
}
