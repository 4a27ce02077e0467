package io.heliodor.session.channel;

import io.heliodor.session.budget.ConnectionMemory;
import io.heliodor.session.telemetry.Counter;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;

/**
 * Finds handlers of one lane that do not return: it logs them, and ends their channels at their timeouts. It runs
 * with the sweep of the lane. Handlers do nothing for it: a handler found twice in the same run has run for the time
 * in between.
 *
 * <p>On the lane's thread, except where stated.
 */
public final class HandlerWatch {
    /** A channel whose handlers are inspected. Any thread, except where stated. */
    public interface Watched {
        ChannelMailbox mailbox();

        ChannelOwner<?> owner();

        ChannelServices services();

        String topic();

        /** The handler of a run, for logs. */
        String handler(ChannelMailbox.Running run);

        long handlerTimeoutNanos();

        /** Ends it with what waits for it, after a handler that did not return. False if it has ended. On its lane. */
        boolean endAfter(TimeoutException cause);

        /** A fault of the server. On its lane. */
        void fault(Throwable fault);
    }

    /** A handler that runs for this long is logged. */
    private static final long WARN_NANOS = 5_000_000_000L;

    /** The runs that the last sweep found. */
    private Map<Watched, Run> runs = new HashMap<>();

    /** The runs that the present sweep has found. */
    private Map<Watched, Run> found = new HashMap<>();

    /** Channels that are closed on the wire, or run leave hooks, while a thread runs them or is about to. Any thread. */
    private final Set<Watched> ending = ConcurrentHashMap.newKeySet();

    /** One run of a handler, from the sweep that found it first. */
    private static final class Run {
        final ChannelMailbox.Running running;
        final long since;
        boolean logged;
        boolean timedOut;

        Run(ChannelMailbox.Running running, long since) {
            this.running = running;
            this.since = since;
        }
    }

    /** Adds a channel that is ending while a thread may still run it. Any thread. */
    void ending(Watched channel) {
        ending.add(channel);
        // It may have finished in between, and was then not found by the removal.
        if (channel.mailbox().isFinished()) {
            ending.remove(channel);
        }
    }

    /** Removes a channel that is finished: no thread runs it any more. Any thread. */
    void finished(Watched channel) {
        ending.remove(channel);
    }

    /** Whether leave hooks or handlers of closed channels run, or are about to. Any thread. */
    public boolean hasEnding() {
        // Not isEmpty: its count rises after the element is there, so it misses one that another thread is adding.
        return ending.iterator().hasNext();
    }

    /** Inspects the handlers of a connection. */
    public void inspect(ConnectionMemory memory, List<? extends Watched> channels, long now) {
        // A message is held until its handler has returned, so most connections need no look at their channels.
        if (memory.transientBytes() > 0) {
            for (Watched channel : channels) {
                inspect(channel, now);
            }
        }
    }

    private void inspect(Watched channel, long now) {
        ChannelMailbox.Running running = channel.mailbox().running();
        if (running == null) {
            return;
        }
        Run before = runs.get(channel);
        found.put(channel, before != null && before.running.isSameRun(running) ? before : new Run(running, now));
    }

    /** Ends a sweep over all connections; returns for how many nanoseconds the oldest handler has run. */
    public long endSweep(long now) {
        for (Watched channel : ending) {
            inspect(channel, now);
        }
        runs = found;
        found = new HashMap<>();
        long oldest = 0;
        for (Map.Entry<Watched, Run> each : runs.entrySet()) {
            oldest = Math.max(oldest, now - each.getValue().since);
            act(each.getKey(), each.getValue(), now);
        }
        return oldest;
    }

    private static void act(Watched channel, Run run, long now) {
        long nanos = now - run.since;
        try {
            if (!run.logged && nanos >= WARN_NANOS) {
                run.logged = true;
                logHanging(channel, run.running, nanos);
            }
            if (!run.timedOut && nanos >= channel.handlerTimeoutNanos()) {
                run.timedOut = true;
                timeOut(channel, run.running);
            }
        } catch (Throwable e) {
            channel.fault(e);
        }
    }

    /** Logs the stack of the handler's thread, on a thread of its own, since a walk of a stack takes time. */
    private static void logHanging(Watched channel, ChannelMailbox.Running run, long nanos) {
        Thread.ofVirtual().name("heliodor-handlers").start(() -> {
            StackTraceElement[] stack = run.thread().getStackTrace();
            ChannelMailbox.Running now = channel.mailbox().running();
            if (now != null && now.isSameRun(run)) {
                channel.services()
                        .handlerLog()
                        .hanging(channel.owner(), channel.topic(), channel.handler(run), nanos, stack);
            }
        });
    }

    /** Interrupts a handler that has run for longer than its timeout; its channel ends as after a crash. */
    private static void timeOut(Watched channel, ChannelMailbox.Running run) {
        String name = channel.handler(run);
        Duration timeout = Duration.ofNanos(channel.handlerTimeoutNanos());
        channel.services().counters().increment(Counter.HANDLERS_TIMED_OUT);
        channel.services().handlerLog().timedOut(channel.owner(), channel.topic(), name, timeout);
        if (run.mail() == null || !channel.endAfter(new TimeoutException(name + " ran for longer than " + timeout))) {
            channel.mailbox().interrupt(run);
        }
    }
}
