package io.heliodor.dashboard;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.channel.HandlerName;
import io.heliodor.inspect.Inspectable;
import io.heliodor.observe.HandlerObserver;
import io.heliodor.pubsub.PubSub;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The times of the handlers of this node, measured {@linkplain WhileRead while they are read}. Any thread may use it. */
final class HandlerTimes implements HandlerObserver {
    static final int MAX_HANDLERS = 200;

    /** The last one has all times of 2^30 microseconds, about 18 minutes, and more. */
    private static final int BUCKETS = 32;

    private static final long WINDOW_NANOS = Duration.ofSeconds(10).toNanos();

    private final ConcurrentHashMap<HandlerName, Times> byHandler = new ConcurrentHashMap<>();
    private final WhileRead<Inspectable> measuring;
    private final LongSupplier clock;

    /** The totals of the readings of the last ten seconds, the oldest first. */
    @GuardedBy("this")
    private final ArrayDeque<Totals> read = new ArrayDeque<>();

    private record Totals(long at, Map<HandlerName, HandlerTime> byHandler) {}

    /** The calls of one handler, by time. */
    private record Times(AtomicLong refused, AtomicLong failed, AtomicLongArray buckets) {
        Times() {
            this(new AtomicLong(), new AtomicLong(), new AtomicLongArray(BUCKETS));
        }

        long calls() {
            return IntStream.range(0, BUCKETS).mapToLong(buckets::get).sum();
        }
    }

    HandlerTimes(PubSub pubsub, LongSupplier clock) {
        this.clock = clock;
        this.measuring =
                new WhileRead<>(() -> Inspectable.over(pubsub), each -> each.observe(this), this::clear, clock);
    }

    @Override
    public void handled(HandlerName handler, Result result, Duration time) {
        if (handler.channel().equals(PageSettings.TOPIC)) {
            return;
        }
        Times times = byHandler.get(handler);
        if (times == null) {
            // Names are declared, so there are few; those of a socket whose channels are made by a program may be many.
            if (byHandler.size() >= MAX_HANDLERS) {
                return;
            }
            times = byHandler.computeIfAbsent(handler, _ -> new Times());
        }
        switch (result) {
            case OK -> {}
            case REFUSED -> times.refused().incrementAndGet();
            case FAILED -> times.failed().incrementAndGet();
        }
        long micros = Math.max(0, time.toNanos() / 1_000);
        times.buckets().incrementAndGet(Math.min(BUCKETS - 1, Long.SIZE - Long.numberOfLeadingZeros(micros)));
    }

    /** The calls since the oldest reading of the last ten seconds, none at the first one. */
    HandlerReport read() {
        // Not under the lock, which its end takes under its own one.
        measuring.read();
        return readTotals();
    }

    private synchronized HandlerReport readTotals() {
        long now = clock.getAsLong();
        read.removeIf(each -> now - each.at() > WINDOW_NANOS);
        Totals totals = new Totals(
                now,
                byHandler.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, each -> time(each.getKey(), each.getValue()))));
        Totals before = read.isEmpty() ? totals : read.getFirst();
        read.addLast(totals);
        return new HandlerReport(
                TimeUnit.NANOSECONDS.toMillis(now - before.at()),
                totals.byHandler().entrySet().stream()
                        .map(each -> before.byHandler().containsKey(each.getKey())
                                ? each.getValue().minus(before.byHandler().get(each.getKey()))
                                : each.getValue())
                        .filter(each -> each.calls() > 0)
                        .sorted(Comparator.comparingLong(HandlerTime::calls).reversed())
                        .toList());
    }

    private synchronized void clear() {
        byHandler.clear();
        read.clear();
    }

    private static HandlerTime time(HandlerName handler, Times times) {
        int used = BUCKETS;
        while (used > 0 && times.buckets().get(used - 1) == 0) {
            used--;
        }
        return new HandlerTime(
                handler.channel(),
                handler.kind().name().toLowerCase(Locale.ROOT),
                handler.name(),
                times.calls(),
                times.refused().get(),
                times.failed().get(),
                IntStream.range(0, used).mapToObj(times.buckets()::get).toList());
    }

    /** Measures no more. */
    void close() {
        measuring.close();
    }
}
