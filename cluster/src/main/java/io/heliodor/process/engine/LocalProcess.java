package io.heliodor.process.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.codec.Codec;
import io.heliodor.link.Time;
import io.heliodor.process.Body;
import io.heliodor.process.Exit;
import io.heliodor.process.Monitor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process of this node: its thread, its mailbox, and the monitors and calls that its end completes. No other code runs
 * under its lock.
 *
 * @param <M> the type of its messages
 */
final class LocalProcess<M> {
    private static final Logger log = LoggerFactory.getLogger("io.heliodor.process.engine.Processes");

    private final Processes node;
    private final NodePid<M> pid;
    private final Codec<M> codec;
    private final Body<M> body;
    private final Mailbox<M> mailbox;
    private final @Nullable LocalProcess<?> parent;
    private final Thread thread;
    private final CompletableFuture<Exit> ended = new CompletableFuture<>();
    private final Set<OpenCall> calls = ConcurrentHashMap.newKeySet();
    private final Set<Monitor> monitors = ConcurrentHashMap.newKeySet();

    @GuardedBy("this")
    private final Map<ProcessId, Consumer<Exit>> watchers = new java.util.HashMap<>();

    @GuardedBy("this")
    private final Deque<LocalProcess<?>> children = new ArrayDeque<>();

    @GuardedBy("this")
    private boolean running = true;

    @GuardedBy("this")
    private @Nullable Exit exit;

    private volatile @Nullable Exit closing;
    private volatile boolean endRequested;

    LocalProcess(
            Processes node,
            NodePid<M> pid,
            Codec<M> codec,
            Body<M> body,
            @Nullable LocalProcess<?> parent,
            String type) {
        this.node = node;
        this.pid = pid;
        this.codec = codec;
        this.body = body;
        this.parent = parent;
        this.mailbox = new Mailbox<>(node.limits().inbox(), node.time());
        this.thread = Thread.ofVirtual()
                .name("process " + pid.id().number() + " " + type)
                .inheritInheritableThreadLocals(false)
                .unstarted(this::run);
    }

    NodePid<M> pid() {
        return pid;
    }

    Codec<M> codec() {
        return codec;
    }

    Mailbox<M> mailbox() {
        return mailbox;
    }

    Thread thread() {
        return thread;
    }

    Set<Monitor> monitors() {
        return monitors;
    }

    CompletableFuture<Exit> ended() {
        return ended;
    }

    @Nullable
    LocalProcess<?> parent() {
        return parent;
    }

    void start() {
        thread.start();
    }

    /** Puts an entry into the mailbox. Returns false if it is full or closed. */
    boolean put(MailboxEntry<M> item) {
        return switch (mailbox.put(item)) {
            case DONE -> true;
            case CLOSED -> {
                node.counters().increment(NodeCounter.NO_PROCESS);
                yield false;
            }
            case FULL -> {
                node.counters().increment(NodeCounter.INBOX_DROPPED);
                yield false;
            }
            case FULL_NOW -> {
                node.counters().increment(NodeCounter.INBOX_DROPPED);
                node.inboxes()
                        .warn(
                                "The inbox of {} is full: {} messages wait, newer ones are dropped until there is room.",
                                thread.getName(),
                                node.limits().inbox());
                yield false;
            }
        };
    }

    /** Puts an entry with a call into the mailbox. The call is completed in any case. */
    void put(MailboxEntry<M> item, OpenCall call) {
        calls.add(call);
        call.onEnd(() -> calls.remove(call));
        // The process may end at the same time: either it finds the call, or its end is seen here.
        if (!put(item) && closing == null) {
            call.failed("inbox_full", "the process has too many messages waiting");
        }
        Exit why = closing;
        if (why != null) {
            call.down(why);
        }
    }

    /** Adds a callback for the end of the process. If it has ended, calls back at once and returns false. */
    boolean watch(ProcessId watcher, Consumer<Exit> callback) {
        Exit over;
        synchronized (this) {
            over = exit;
            if (over == null) {
                watchers.put(watcher, callback);
                return true;
            }
        }
        callback.accept(over);
        return false;
    }

    synchronized void unwatch(ProcessId watcher) {
        watchers.remove(watcher);
    }

    /** Called by the own body, so the process is not ending. */
    synchronized void adopt(LocalProcess<?> child) {
        children.addLast(child);
    }

    private synchronized void disown(LocalProcess<?> child) {
        children.remove(child);
    }

    /** Requests the end: the next receive throws. */
    void requestEnd() {
        endRequested = true;
        mailbox.end();
    }

    /** Interrupts the body. After the body the thread notifies others, and must not be interrupted. */
    synchronized void interrupt() {
        if (running) {
            node.counters().increment(NodeCounter.INTERRUPTED);
            thread.interrupt();
        }
    }

    /** Requests the end, interrupts after the grace period, and gives up after another one. Returns whether it has ended. */
    boolean stop(long grace) throws InterruptedException {
        requestEnd();
        CompletableFuture<Boolean> over = new CompletableFuture<>();
        Time.Task interrupt = node.time().after(grace, this::interrupt);
        Time.Task giveUp = node.time().after(2 * grace, () -> over.complete(false));
        CompletableFuture<Void> _ = ended.thenRun(() -> over.complete(true));
        try {
            boolean done = over.get();
            if (!done) {
                log.error("{} does not end though it was interrupted; it is abandoned.", thread.getName());
            }
            return done;
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException("An end is never an exception.", e);
        } finally {
            interrupt.cancel();
            giveUp.cancel();
        }
    }

    private void run() {
        ProcessInbox<M> inbox = new ProcessInbox<>(node, this);
        Exit how = new Exit.Normal();
        try {
            body.run(inbox);
        } catch (Throwable thrown) {
            if (!(endRequested && isInterruption(thrown))) {
                how = new Exit.Failed(Thrown.describe(thrown));
                node.counters().increment(NodeCounter.PROCESSES_FAILED);
                node.failures().error(thread.getName(), thrown, () -> "has failed.");
            }
        }
        inbox.close();
        end(how);
    }

    private static boolean isInterruption(Throwable thrown) {
        for (@Nullable Throwable at = thrown; at != null; at = at.getCause()) {
            if (at instanceof InterruptedException) {
                return true;
            }
        }
        return false;
    }

    private void end(Exit how) {
        List<LocalProcess<?>> orphans;
        synchronized (this) {
            running = false;
            orphans = new ArrayList<>(children.reversed());
        }
        // Clears an interrupt that was meant for the body.
        boolean _ = Thread.interrupted();
        closing = how;
        mailbox.close();
        calls.forEach(call -> call.down(how));
        monitors.forEach(Monitor::close);
        for (LocalProcess<?> orphan : orphans) {
            stopOrphan(orphan);
        }
        node.ended(this);
        if (parent != null) {
            parent.disown(this);
        }
        List<Consumer<Exit>> notified;
        synchronized (this) {
            exit = how;
            notified = List.copyOf(watchers.values());
            watchers.clear();
        }
        notified.forEach(watcher -> watcher.accept(how));
        ended.complete(how);
    }

    private void stopOrphan(LocalProcess<?> orphan) {
        try {
            boolean _ = orphan.stop(node.limits().grace().toNanos());
        } catch (InterruptedException e) {
            throw new IllegalStateException("A process that is ending was interrupted.", e);
        }
    }
}
