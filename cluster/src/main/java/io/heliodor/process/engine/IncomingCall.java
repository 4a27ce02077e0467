package io.heliodor.process.engine;

import io.heliodor.link.Peer;
import io.heliodor.process.Exit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/** A call of another node that this one has been given. It ends with the first answer, or when nobody waits for it. */
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
     * Whether nobody waits for the answer any more.
     *
     * @return true if so
     */
    public boolean cancelled() {
        return cancelled;
    }

    boolean is(ProcessId address) {
        return address.number() == id && address.peer().equals(from);
    }

    /** Whether this is the first answer; if so there must be one. */
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
     * Answers, if that was not done. It may wait for room, as {@code Pid.send} does.
     *
     * @param result the answer
     * @return whether it was the first
     */
    public boolean answer(CallResult result) {
        boolean first = settle();
        if (first) {
            boolean _ = peers.send(from, new ProcessMessages.Answer(id, result));
        }
        return first;
    }

    @Override
    public void down(Exit exit) {
        tell(new CallResult.Down(exit));
    }

    @Override
    public void failed(String type, String message) {
        tell(new CallResult.Failed(type, message));
    }

    /**
     * Answers, if that was not done. Does not block.
     *
     * @param result the answer
     */
    public void tell(CallResult result) {
        if (settle()) {
            peers.tell(from, new ProcessMessages.Answer(id, result));
        }
    }

    @Override
    public void onEnd(Runnable done) {
        CompletableFuture<Void> _ = ended.thenRun(done);
    }

    /**
     * What is done when nobody waits for the answer any more and none was given.
     *
     * @param undo it must not block
     */
    public void onCancel(Runnable undo) {
        onEnd(() -> {
            if (cancelled) {
                undo.run();
            }
        });
    }
}
