package io.heliodor.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The clock of a {@link ChannelKit}, which exists before the kit and its channels, so that both have the same time.
 *
 * {@snippet :
 * TestClock clock = TestClock.create();
 * UserSocket<User> socket = Rooms.socket(clock); // a java.time.Clock, or an InstantSource
 * ChannelKit kit = ChannelKit.builder(socket).clock(clock).start();
 * kit.advance(Duration.ofMinutes(5)); // moves both
 * }
 *
 * <p>It begins at 2026-01-01T00:00:00Z, in UTC, and only {@link ChannelKit#advance} moves it. It belongs to one open kit at a
 * time; after the close of that kit it continues with the next one, as time does when a server restarts.
 * A {@link ClusterKit} has {@link ClusterKit#clock its own}.
 *
 * <p>Any thread may use it. It never blocks.
 */
public final class TestClock extends Clock {
    private final AtomicBoolean taken = new AtomicBoolean();
    private final KitClock shown = KitClock.of(this::nanos);

    /** Written by the loop of its kit. */
    private volatile long nanos;

    private TestClock() {}

    /**
     * Creates a clock that belongs to no kit yet.
     *
     * @return a clock at 2026-01-01T00:00:00Z
     */
    public static TestClock create() {
        return new TestClock();
    }

    /** The nanoseconds since its creation. */
    long nanos() {
        return nanos;
    }

    void moveTo(long now) {
        nanos = now;
    }

    void take() {
        if (!taken.compareAndSet(false, true)) {
            throw new IllegalStateException(
                    "This clock belongs to another ChannelKit, which is open: close that one, or create another clock.");
        }
    }

    void giveBack() {
        taken.set(false);
    }

    @Override
    public ZoneId getZone() {
        return shown.getZone();
    }

    @Override
    public Clock withZone(ZoneId zone) {
        Objects.requireNonNull(zone, "zone");
        return shown.withZone(zone);
    }

    @Override
    public Instant instant() {
        return shown.instant();
    }

    /** The time, for the failures of tests. */
    @Override
    public String toString() {
        return "TestClock[" + instant() + ", advanced by " + Duration.ofNanos(nanos) + "]";
    }
}
