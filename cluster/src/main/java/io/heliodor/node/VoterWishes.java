package io.heliodor.node;

import io.heliodor.link.Time;
import io.heliodor.protocol.VoterCommand;
import io.heliodor.protocol.VoterCommand.Request;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Commands that nobody waits for: one after the other, each until it is answered. */
final class VoterWishes {
    private static final long ATTEMPT = TimeUnit.SECONDS.toNanos(5);
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(200);

    private final VoterAsking asking;
    private final Time time;

    /** Each is a wish of this node's own user, or the end of a process that had a name. */
    private final LinkedBlockingQueue<VoterCommand> queue = new LinkedBlockingQueue<>();

    private final AtomicInteger unanswered = new AtomicInteger();
    private final Thread thread = Thread.ofVirtual().name("voter wishes").unstarted(this::run);

    VoterWishes(VoterAsking asking, Time time) {
        this.asking = asking;
        this.time = time;
    }

    void start() {
        thread.start();
    }

    void add(VoterCommand command) {
        unanswered.incrementAndGet();
        queue.add(command);
    }

    /** Whether all were answered. */
    boolean isEmpty() {
        return unanswered.get() == 0;
    }

    private void run() {
        try {
            while (true) {
                // One number for all attempts: a late one must not undo what came after it.
                Request request = asking.number(queue.take());
                while (!(asking.again(request, ATTEMPT) instanceof VoterAsking.Asked.Answered)) {
                    time.await(new CompletableFuture<>(), PAUSE);
                }
                unanswered.decrementAndGet();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void close() {
        thread.interrupt();
    }
}
