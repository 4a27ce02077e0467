package io.heliodor.session;

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
public final class Counts {
    private final Map<Count, LongAdder> adders = new EnumMap<>(Count.class);

    /** What the lanes carry, each counted by its own thread; there are a few, and none ends before the endpoint. */
    private final List<Traffic> lanes = new CopyOnWriteArrayList<>();

    /** All zero. */
    public Counts() {
        for (Count count : Count.values()) {
            adders.put(count, new LongAdder());
        }
    }

    /**
     * Counts one more.
     *
     * @param count of what
     */
    public void increment(Count count) {
        add(count, 1);
    }

    /**
     * Counts more, or less.
     *
     * @param count of what
     * @param n how many
     */
    public void add(Count count, long n) {
        adder(count).add(n);
    }

    /**
     * How many there are.
     *
     * @param count of what
     * @return the sum at this moment
     */
    public long get(Count count) {
        return adder(count).sum();
    }

    /** Where one more lane counts. */
    Traffic traffic() {
        Traffic traffic = new Traffic();
        lanes.add(traffic);
        return traffic;
    }

    /** All counters, and what the lanes carry, as metrics. */
    List<Metric> metrics() {
        List<Metric> all = new ArrayList<>();
        for (Count count : Count.values()) {
            LongAdder adder = adder(count);
            all.add(new Metric(count.metric(), count.reason(), count.kind(), "", count.description(), adder::sum));
        }
        all.add(lanes("frames.out", Metric.Kind.COUNTER, "", "Frames given to clients.", Traffic::framesOut));
        all.add(lanes(
                "traffic.in", Metric.Kind.COUNTER, "bytes", "Messages of clients that were read.", Traffic::bytesIn));
        all.add(lanes(
                "traffic.out",
                Metric.Kind.COUNTER,
                "bytes",
                "Frames given to clients, before compression and without what the transport adds.",
                Traffic::bytesOut));
        all.add(lanes(
                "outboxes", Metric.Kind.GAUGE, "bytes", "What waits for clients that read slowly.", Traffic::outboxes));
        all.add(lanes(
                "lanes", Metric.Kind.GAUGE, "bytes", "What waits for the event loops to take it.", Traffic::queued));
        all.add(lanes(
                "connections.paused",
                Metric.Kind.GAUGE,
                "",
                "Connections that are not read, since a mailbox of theirs or the memory is full.",
                Traffic::paused));
        all.add(new Metric(
                "heliodor.handlers.oldest",
                Optional.empty(),
                Metric.Kind.GAUGE,
                "seconds",
                "For how long the oldest of the handlers that run has run.",
                () -> lanes.stream().mapToLong(Traffic::oldestHandler).max().orElse(0) / 1_000_000_000));
        return all;
    }

    private Metric lanes(
            String name, Metric.Kind kind, String unit, String description, ToLongFunction<Traffic> figure) {
        return new Metric(
                "heliodor." + name,
                Optional.empty(),
                kind,
                unit,
                description,
                () -> lanes.stream().mapToLong(figure).sum());
    }

    private LongAdder adder(Count count) {
        return java.util.Objects.requireNonNull(adders.get(count));
    }
}
