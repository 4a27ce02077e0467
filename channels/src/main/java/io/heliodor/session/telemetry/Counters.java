package io.heliodor.session.telemetry;

import io.heliodor.observe.Metric;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;

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
        for (LaneFigure figure : LaneFigure.values()) {
            all.add(figure.metric(() -> value(figure)));
        }
        return all;
    }

    private long value(LaneFigure figure) {
        LongStream values = lanes.stream().mapToLong(lane -> lane.get(figure));
        return figure == LaneFigure.OLDEST_HANDLER ? values.max().orElse(0) / 1_000_000_000 : values.sum();
    }

    private LongAdder adder(Counter count) {
        return java.util.Objects.requireNonNull(adders.get(count));
    }
}
