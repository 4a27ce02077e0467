package io.heliodor.session.telemetry;

import io.heliodor.observe.Metric;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;

/** The counters of one endpoint. Any thread may use it. */
public final class Counters {
    private final Map<Counter, LongAdder> adders = new EnumMap<>(Counter.class);

    /** The figures of the lanes, each counted by its own thread. Lanes are few, and none ends before the endpoint. */
    private final List<LaneTraffic> lanes = new CopyOnWriteArrayList<>();

    /** All zero. */
    public Counters() {
        for (Counter count : Counter.values()) {
            adders.put(count, new LongAdder());
        }
    }

    /**
     * Counts one more.
     *
     * @param count of what
     */
    public void increment(Counter count) {
        add(count, 1);
    }

    /**
     * Counts more, or less.
     *
     * @param count of what
     * @param n how many
     */
    public void add(Counter count, long n) {
        adder(count).add(n);
    }

    /**
     * The value of a counter.
     *
     * @param count of what
     * @return the sum at this moment
     */
    public long get(Counter count) {
        return adder(count).sum();
    }

    /** The figures of a further lane. */
    public LaneTraffic traffic() {
        LaneTraffic traffic = new LaneTraffic();
        lanes.add(traffic);
        return traffic;
    }

    /** All counters and the figures of the lanes, as metrics. */
    public List<Metric> metrics() {
        List<Metric> all = new ArrayList<>();
        for (Counter count : Counter.values()) {
            LongAdder adder = adder(count);
            all.add(new Metric(count.metric(), count.reason(), count.kind(), "", count.description(), adder::sum));
        }
        all.add(lanes("frames.out", Metric.Kind.COUNTER, "", "Frames given to clients.", LaneTraffic::framesOut));
        all.add(lanes(
                "traffic.in",
                Metric.Kind.COUNTER,
                "bytes",
                "Messages of clients that were read.",
                LaneTraffic::bytesIn));
        all.add(lanes(
                "traffic.out",
                Metric.Kind.COUNTER,
                "bytes",
                "Frames given to clients, before compression and without what the transport adds.",
                LaneTraffic::bytesOut));
        all.add(lanes(
                "outboxes",
                Metric.Kind.GAUGE,
                "bytes",
                "What waits for clients that read slowly.",
                LaneTraffic::outboxes));
        all.add(lanes(
                "lanes",
                Metric.Kind.GAUGE,
                "bytes",
                "What waits for the event loops to take it.",
                LaneTraffic::queued));
        all.add(lanes(
                "connections.paused",
                Metric.Kind.GAUGE,
                "",
                "Connections that are not read, since a mailbox of theirs or the memory is full.",
                LaneTraffic::paused));
        all.add(new Metric(
                "heliodor.handlers.oldest",
                Optional.empty(),
                Metric.Kind.GAUGE,
                "seconds",
                "For how long the oldest of the handlers that run has run.",
                () -> lanes.stream().mapToLong(LaneTraffic::oldestHandler).max().orElse(0) / 1_000_000_000));
        return all;
    }

    private Metric lanes(
            String name, Metric.Kind kind, String unit, String description, ToLongFunction<LaneTraffic> figure) {
        return new Metric(
                "heliodor." + name,
                Optional.empty(),
                kind,
                unit,
                description,
                () -> lanes.stream().mapToLong(figure).sum());
    }

    private LongAdder adder(Counter count) {
        return java.util.Objects.requireNonNull(adders.get(count));
    }
}
