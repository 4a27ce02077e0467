package io.heliodor.client;

import io.heliodor.client.session.ClientState;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The thread of a client: the only one that uses its state. Inputs wait in a queue, whose length the bounds of their senders limit: frames
 * by requests, pushes and calls by their room, callbacks by frames.
 */
final class Loop {
    /** A change of the state. */
    @FunctionalInterface
    interface Input {
        void apply(ClientState state, long now);
    }

    private final ClientState state;
    private final LongSupplier nanos;
    private final long start;
    private final Consumer<Throwable> onFault;
    private final Runnable onDiscarded;
    private final LinkedBlockingQueue<Input> inputs = new LinkedBlockingQueue<>();
    private final Thread thread;

    /** Set by the loop after its last input. Those that come later are applied by the threads that send them. */
    private volatile boolean isOver;

    private boolean isFinished;

    /** After a fault, whose state is not used any more. */
    private volatile boolean isBroken;

    Loop(ClientState state, LongSupplier nanos, Consumer<Throwable> onFault, Runnable onDiscarded) {
        this.state = state;
        this.nanos = nanos;
        this.start = nanos.getAsLong();
        this.onFault = onFault;
        this.onDiscarded = onDiscarded;
        this.thread = new Thread(this::run, "heliodor-client");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Queues an input. Any thread may call it; it does not block. */
    void submit(Input input) {
        inputs.add(input);
        if (isOver) {
            applyRest();
        }
    }

    /** Ends the loop after the present input. Only called within an input. */
    void finish() {
        isFinished = true;
    }

    boolean isCurrentThread() {
        return Thread.currentThread().equals(thread);
    }

    private void run() {
        while (!isFinished) {
            try {
                Input input = next();
                input.apply(state, now());
            } catch (RuntimeException | Error e) {
                isBroken = true;
                onFault.accept(e);
            }
        }
        isOver = true;
        applyRest();
    }

    /** After the end of the state, inputs change nothing, and calls are completed as closed. */
    private synchronized void applyRest() {
        if (isBroken) {
            inputs.clear();
            onDiscarded.run();
            return;
        }
        for (Input input = inputs.poll(); input != null; input = inputs.poll()) {
            input.apply(state, now());
        }
    }

    private Input next() {
        long next = state.next();
        try {
            if (next == Long.MAX_VALUE) {
                return inputs.take();
            }
            Input input = inputs.poll(Math.max(0, next - now()), TimeUnit.NANOSECONDS);
            return input == null ? ClientState::wake : input;
        } catch (InterruptedException e) {
            return ClientState::wake; // nothing of the application runs on this thread that could interrupt it
        }
    }

    private long now() {
        return nanos.getAsLong() - start;
    }
}
