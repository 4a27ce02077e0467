package io.heliodor.session;

import io.heliodor.session.channel.HandlerWatch;
import io.heliodor.session.lane.Lane;
import io.heliodor.session.lane.Loop;
import io.heliodor.session.lane.LoopHandlers;
import io.heliodor.session.telemetry.Counters;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The sessions of one {@link Lane}. Used on the lane's thread, except where stated. */
public final class LaneSessions {
    private final Lane lane;
    private final LoadShedder loadShedder;
    private final HandlerWatch handlers = new HandlerWatch();
    private final SweepSchedule<Session<?>> schedule = new SweepSchedule<>();

    /**
     * A new lane without sessions.
     *
     * @param loop the thread that runs the lane
     * @param counters the counters of the endpoint
     * @param loadShedder closes connections when memory is short
     */
    public LaneSessions(Loop loop, Counters counters, LoadShedder loadShedder) {
        this(loop, counters, loadShedder, Optional.empty());
    }

    /**
     * A new lane without sessions, whose short handlers run on its loop.
     *
     * @param loop the thread that runs the lane
     * @param counters the counters of the endpoint
     * @param loadShedder closes connections when memory is short
     * @param loopHandlers for short handlers; empty if all run on threads of the pool
     */
    public LaneSessions(Loop loop, Counters counters, LoadShedder loadShedder, Optional<LoopHandlers> loopHandlers) {
        this.loadShedder = loadShedder;
        this.lane = new Lane(
                loop,
                counters.traffic(),
                loadShedder::directIsShort,
                () -> loadShedder.closeLargest(closings()),
                loopHandlers);
    }

    /**
     * The thread that runs the lane. Any thread.
     *
     * @return the loop
     */
    public Loop loop() {
        return lane.loop();
    }

    /**
     * Runs a task in a later turn of the lane; on the calling thread if the loop has ended. Any thread.
     *
     * @param task what to run
     */
    public void performLater(Runnable task) {
        lane.performLater(task);
    }

    /**
     * The lane. Any thread.
     *
     * @return the lane
     */
    public Lane lane() {
        return lane;
    }

    /** Finds handlers of the sessions that do not return. */
    HandlerWatch handlers() {
        return handlers;
    }

    /**
     * Whether leave hooks or handlers of channels that are closed still run, also of sessions that have ended. Any thread.
     *
     * @return false when the last one has returned
     */
    public boolean hasEndingChannels() {
        return handlers.hasEnding();
    }

    /**
     * Checks the timeouts of the connections, and rests those for which nothing is due before their deadline: a connection that
     * is idle is not touched. To be called several times within the shortest of the {@code Limits}.
     *
     * @param now the present time, monotonic, in nanoseconds
     */
    public void sweep(long now) {
        long outboxes = 0;
        int paused = 0;
        List<Session<?>> sessions = schedule.begin(now);
        for (int i = sessions.size() - 1; i >= 0; i--) {
            Session<?> session = sessions.get(i);
            try {
                session.sweep(now);
                session.memory().settleExactly();
                if (!session.closed()) {
                    outboxes += session.outbox().bytes();
                    paused += session.flow().paused() ? 1 : 0;
                    handlers.inspect(session.memory(), session.table().channels(), now);
                    if (session.rests()) {
                        session.memory().settleExactly(); // again: a handler may have ended since
                        schedule.rest(session, session.nanosLeft(now));
                    }
                }
            } catch (Throwable e) {
                session.fault(e);
            }
        }
        lane.traffic().swept(outboxes, lane.queuedBytes(), paused, handlers.endSweep(now));
        loadShedder.sweep(this::closings, now);
    }

    /**
     * Calls an action for every session from the newest to the oldest, also for those that have ended and handle messages that
     * were read before.
     *
     * @param action the action; it may close the session. A session for which it throws is closed with 1011.
     */
    public void forEach(Consumer<Session<?>> action) {
        for (Session<?> session : schedule.newestFirst()) {
            try {
                action.accept(session);
            } catch (Throwable e) {
                session.fault(e);
            }
        }
    }

    private List<SessionClosing> closings() {
        return schedule.all().stream().map(Session::closing).toList();
    }

    /** The sessions that are not idle, at most so many. */
    Stream<Session<?>> awake(int limit) {
        return schedule.awake().stream().limit(limit);
    }

    /** The open sessions without an id. */
    List<Session<?>> withoutId() {
        return schedule.all().stream()
                .filter(session -> session.id().isEmpty() && !session.closed())
                .toList();
    }

    void add(Session<?> session) {
        schedule.add(session);
    }

    /** Has the next sweep look at a session that rests. */
    void wake(Session<?> session) {
        schedule.wake(session);
    }

    void remove(Session<?> session) {
        schedule.remove(session);
    }
}
