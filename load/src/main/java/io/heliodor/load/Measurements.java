package io.heliodor.load;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** The counters of a run. Any thread may use them. */
final class Measurements {
    /** Reasons come from the server. */
    private static final int MAX_REASONS = 20;

    private static final String OTHER = "other";

    final Latencies replies = new Latencies();
    final Latencies deliveries = new Latencies();
    final LongAdder sent = new LongAdder();
    final LongAdder notSent = new LongAdder();
    final LongAdder repliesMissing = new LongAdder();
    final LongAdder answered = new LongAdder();
    final LongAdder received = new LongAdder();
    final LongAdder repeated = new LongAdder();
    final LongAdder late = new LongAdder();
    final Map<Integer, LongAdder> disconnects = new ConcurrentHashMap<>();
    final Map<Integer, LongAdder> failedAttempts = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> errors = new ConcurrentHashMap<>();

    void error(String reason) {
        String counted = errors.containsKey(reason) || errors.size() < MAX_REASONS ? reason : OTHER;
        count(errors, counted);
    }

    static <K> void count(Map<K, LongAdder> of, K key) {
        of.computeIfAbsent(key, added -> new LongAdder()).increment();
    }

    Map<String, Long> errors() {
        return sums(errors);
    }

    static <K> Map<K, Long> sums(Map<K, LongAdder> of) {
        Map<K, Long> sums = new TreeMap<>();
        of.forEach((key, counter) -> sums.put(key, counter.sum()));
        return sums;
    }
}
