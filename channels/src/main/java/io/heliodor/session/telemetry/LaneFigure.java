package io.heliodor.session.telemetry;

import io.heliodor.observe.Metric;
import java.util.Optional;
import java.util.function.LongSupplier;

/** A figure of a lane. The metric of a figure has the sum of all lanes. */
public enum LaneFigure {
    FRAMES_OUT("frames.out", Metric.Kind.COUNTER, "", "Frames given to clients."),
    BYTES_IN("traffic.in", Metric.Kind.COUNTER, "bytes", "Messages of clients that were read."),
    BYTES_OUT(
            "traffic.out",
            Metric.Kind.COUNTER,
            "bytes",
            "Frames given to clients, before compression and without what the transport adds."),
    OUTBOXES("outboxes", Metric.Kind.GAUGE, "bytes", "What waits for clients that read slowly."),
    QUEUED("lanes", Metric.Kind.GAUGE, "bytes", "What waits for the event loops to take it."),
    PAUSED(
            "connections.paused",
            Metric.Kind.GAUGE,
            "",
            "Connections that are not read, since a mailbox of theirs or the memory is full."),
    LONG_STAYS(
            "handlers.long",
            Metric.Kind.COUNTER,
            "",
            "Handlers that held an event loop for long, and run on threads of the pool again."),
    /** In nanoseconds. The metric has the maximum of all lanes in seconds. */
    OLDEST_HANDLER(
            "handlers.oldest",
            Metric.Kind.GAUGE,
            "seconds",
            "For how long the oldest of the handlers that run has run.");

    private final String name;
    private final Metric.Kind kind;
    private final String unit;
    private final String description;

    LaneFigure(String name, Metric.Kind kind, String unit, String description) {
        this.name = name;
        this.kind = kind;
        this.unit = unit;
        this.description = description;
    }

    Metric metric(LongSupplier reading) {
        return new Metric("heliodor." + name, Optional.empty(), kind, unit, description, reading);
    }
}
