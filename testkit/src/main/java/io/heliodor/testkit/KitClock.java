package io.heliodor.testkit;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** The clock of a kit as a date, for code that wants one. */
final class KitClock extends Clock {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    private final Turning turning;
    private final ZoneId zone;

    private KitClock(Turning turning, ZoneId zone) {
        this.turning = turning;
        this.zone = zone;
    }

    static KitClock of(Turning turning) {
        return new KitClock(turning, ZoneOffset.UTC);
    }

    @Override
    public ZoneId getZone() {
        return zone;
    }

    @Override
    public Clock withZone(ZoneId other) {
        return new KitClock(turning, other);
    }

    @Override
    public Instant instant() {
        return BEGIN.plusNanos(turning.now() - Turning.BEGIN);
    }
}
