package io.heliodor.session;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds handlers of one lane that do not return: each gets a line in the log, and at its timeout its channel ends. It looks
 * when the lane looks at the clocks. Handlers do nothing for it: one that is found twice in the same run has run for the time
 * in between.
 *
 * <p>On the lane's thread, except where stated.
 */
final class HandlerWatch {
    /** A handler that runs for this long is logged. */
    private static final long WARN_NANOS = 5_000_000_000L;

    /** The runs that the last sweep found. */
    private Map<ChannelProcess<?, ?>, Run> runs = new HashMap<>();

    /** The runs that the present sweep has found. */
    private Map<ChannelProcess<?, ?>, Run> found = new HashMap<>();

    /** Channels that are closed on the wire, or run leave hooks, while a thread runs them. Any thread. */
    private final Set<ChannelProcess<?, ?>> ending = ConcurrentHashMap.newKeySet();

    /** One run of a handler, from the sweep that found it first. */
    private static final class Run {
        final ChannelLife.Running running;
        final long since;
        boolean logged;
        boolean timedOut;

        Run(ChannelLife.Running running, long since) {
            this.running = running;
            this.since = since;
        }
    }

    /** A channel is ending, and a thread may still run it. Any thread. */
    void ending(ChannelProcess<?, ?> channel) {
        ending.add(channel);
        // It may have finished in between, and was then not found by the removal.
        if (channel.life().finished()) {
            ending.remove(channel);
        }
    }

    /** No thread runs the channel any more, and its life is finished. Any thread. */
    void finished(ChannelProcess<?, ?> channel) {
        ending.remove(channel);
    }

    /** Looks at the handlers of a connection. */
    void look(Session<?> session, long now) {
        // A message is held until its handler has returned, so most sessions need no look at their channels.
        if (session.memory().passing() > 0) {
            for (ChannelProcess<?, ?> channel : session.channels()) {
                look(channel, now);
            }
        }
    }

    private void look(ChannelProcess<?, ?> channel, long now) {
        ChannelLife.Running running = channel.life().running();
        if (running == null) {
            return;
        }
        Run before = runs.get(channel);
        found.put(channel, before != null && before.running.isSameRun(running) ? before : new Run(running, now));
    }

    /** Ends a sweep over all connections; returns for how many nanoseconds the oldest handler has run. */
    long swept(long now) {
        for (ChannelProcess<?, ?> channel : ending) {
            look(channel, now);
        }
        runs = found;
        found = new HashMap<>();
        long oldest = 0;
        for (Map.Entry<ChannelProcess<?, ?>, Run> each : runs.entrySet()) {
            oldest = Math.max(oldest, now - each.getValue().since);
            judge(each.getKey(), each.getValue(), now);
        }
        return oldest;
    }

    private static void judge(ChannelProcess<?, ?> channel, Run run, long now) {
        long nanos = now - run.since;
        try {
            if (!run.logged && nanos >= WARN_NANOS) {
                run.logged = true;
                channel.logHanging(run.running, nanos);
            }
            if (!run.timedOut && nanos >= channel.handlerTimeoutNanos()) {
                run.timedOut = true;
                channel.timeOut(run.running);
            }
        } catch (Throwable e) {
            channel.fault(e);
        }
    }
}
