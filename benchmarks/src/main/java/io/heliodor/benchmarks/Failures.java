package io.heliodor.benchmarks;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** The counts of failures by kind. */
final class Failures {
    private static final int MAX_KINDS = 20;
    private static final String OTHERS = "others";

    private final Map<String, Long> kinds = new TreeMap<>();
    private long total;

    void count(String kind) {
        total++;
        boolean room = kinds.size() < MAX_KINDS || kinds.containsKey(kind);
        kinds.merge(room ? kind : OTHERS, 1L, Long::sum);
    }

    long total() {
        return total;
    }

    Map<String, Long> kinds() {
        return Collections.unmodifiableMap(kinds);
    }

    /** For people: {@code 3 errors {closed with 4408=3}}. */
    @Override
    public String toString() {
        return total + " errors" + (total == 0 ? "" : " " + kinds);
    }
}
