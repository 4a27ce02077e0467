package io.heliodor.session.telemetry;

import io.heliodor.counter.EnumCounters;
import io.heliodor.observe.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;

/** The counters of one endpoint. Any thread may use it. */
public final class Counters extends EnumCounters<Counter> {
    /** The figures of the lanes, each counted by its own thread. Lanes are few, and none ends before the endpoint. */
    private final List<LaneTraffic> lanes = new CopyOnWriteArrayList<>();

    /** All zero. */
    public Counters() {
        super(Counter.class);
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
        for (Counter each : Counter.values()) {
            all.add(new Metric(each.metric(), each.reason(), each.kind(), "", each.description(), () -> get(each)));
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
}
