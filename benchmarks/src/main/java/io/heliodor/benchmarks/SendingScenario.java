package io.heliodor.benchmarks;

import org.jspecify.annotations.Nullable;

/** A scenario that sends messages: at a fixed rate, or in a closed loop, where an arrival lets the next message go. */
abstract class SendingScenario implements Scenario {
    private final Load load;
    private final ArrivalStatistics tally;
    private @Nullable Pace pace;
    private boolean stopped = true;

    SendingScenario(Load load) {
        this.load = load;
        tally = new ArrivalStatistics(load.fixedRate());
    }

    /** Sends the next message of the schedule, which is due at this time; false if nothing can be sent now. */
    abstract boolean sendDue(long due);

    /** Sends as many messages as may be in flight, when a closed loop begins. */
    void refill(long now) {}

    boolean isClosedLoop() {
        return pace == null && !stopped;
    }

    @Override
    public final void begin(long now) {
        stopped = false;
        if (load.fixedRate()) {
            pace = new Pace(load.rate(), now);
        } else {
            refill(now);
        }
    }

    @Override
    public final long tick(long now) {
        if (pace == null || stopped) {
            return LATER;
        }
        while (pace.next() <= now) {
            if (!sendDue(pace.next())) {
                return LATER;
            }
            pace.advance();
        }
        return pace.next();
    }

    @Override
    public final void stop(long now) {
        stopped = true;
        tally.unsent(pace == null ? 0 : pace.behind(now));
    }

    @Override
    public final ArrivalStatistics tally() {
        return tally;
    }
}
