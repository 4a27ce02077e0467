package io.heliodor.process.engine;

import io.heliodor.link.Peer;
import io.heliodor.process.Exit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/** A call from another node. It ends with the first answer, or when the caller cancels it. */
public final class IncomingCall implements OpenCall {
    private final Peer from;
    private final long id;
    private final Peers peers;
    private final AtomicBoolean settled = new AtomicBoolean();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile boolean cancelled;

    IncomingCall(Peer from, long id, Peers peers) {
        this.from = from;
        this.id = id;
        this.peers = peers;
    }

    /**
     * Whether the caller has cancelled the call.
     *
     * @return true if it has
     */
    public boolean cancelled() {
        return cancelled;
    }

    boolean is(ProcessId address) {
        return address.number() == id && address.peer().equals(from);
    }

    /** Ends the call. Returns whether it was open; then the caller of this method must answer. */
    boolean settle() {
        boolean first = settled.compareAndSet(false, true);
        if (first) {
            ended.complete(null);
        }
        return first;
    }

    void cancel() {
        cancelled = true;
        settle();
    }

    /**
     * Sends the answer, unless the call has ended. May block, as {@code Pid.send} does.
     *
     * @param result the answer
     * @return whether it was sent
     */
    public boolean answer(EncodedResult result) {
        boolean first = settle();
        if (first) {
            boolean _ = peers.send(from, new ProcessMessage.Answer(id, result));
        }
        return first;
    }

    @Override
    public void down(Exit exit) {
        post(new EncodedResult.Down(exit));
    }

    @Override
    public void failed(String type, String message) {
        post(new EncodedResult.Failed(type, message));
    }

    /**
     * Sends the answer, unless the call has ended. Does not block.
     *
     * @param result the answer
     */
    public void post(EncodedResult result) {
        if (settle()) {
            peers.notify(from, new ProcessMessage.Answer(id, result));
        }
    }

    @Override
    public void onEnd(Runnable done) {
        CompletableFuture<Void> _ = ended.thenRun(done);
    }

    /**
     * Adds an action for the end of the call by a cancellation.
     *
     * @param undo the action; must not block
     */
    public void onCancel(Runnable undo) {
        onEnd(() -> {
            if (cancelled) {
                undo.run();
            }
        });
    }
}
