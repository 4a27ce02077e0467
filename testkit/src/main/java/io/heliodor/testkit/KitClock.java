package io.heliodor.testkit;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.function.LongSupplier;

/** The clock of a kit as a {@link Clock}. */
final class KitClock extends Clock {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    private final LongSupplier elapsed;
    private final ZoneId zone;

    private KitClock(LongSupplier elapsed, ZoneId zone) {
        this.elapsed = elapsed;
        this.zone = zone;
    }

    /** A clock in UTC; {@code elapsed} supplies the nanoseconds since its creation. */
    static KitClock of(LongSupplier elapsed) {
        return new KitClock(elapsed, ZoneOffset.UTC);
    }

    @Override
    public ZoneId getZone() {
        return zone;
    }

    @Override
    public Clock withZone(ZoneId other) {
        return new KitClock(elapsed, other);
    }

    @Override
    public Instant instant() {
        return BEGIN.plusNanos(elapsed.getAsLong());
    }
}
