package io.heliodor.simulation;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The time, the random source and the queue of events. All events are noted, and the notes make a hash. */
final class World {
    static final long MILLIS = 1_000_000L;
    static final long SECONDS = 1_000 * MILLIS;
    private static final int KEPT = 400;

    private record Event(long at, long number, Runnable what) {}

    final Random random;
    /** The share of large values in owned maps: at times a snapshot has many pages. */
    final double large;

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
    private final Deque<String> last = new ArrayDeque<>();
    private long now = 7 * SECONDS;
    private long numbers;
    private long hash = 1;
    /** The number of occurrences of each kind of event. */
    final Map<String, Integer> seen = new TreeMap<>();

    World(long seed) {
        random = new Random(seed * 0x9E3779B97F4A7C15L + 1);
        large = chance(0.1) ? 0.9 : 0.05;
    }

    long now() {
        return now;
    }

    void after(long nanos, Runnable what) {
        events.add(new Event(now + nanos, numbers++, what));
    }

    void runUntil(long time) {
        while (!events.isEmpty() && events.peek().at() <= time) {
            Event event = events.remove();
            now = event.at();
            event.what().run();
        }
        now = time;
    }

    /** Any time up to this, short ones more often. */
    long upTo(long nanos) {
        double part = random.nextDouble();
        return (long) (nanos * part * part);
    }

    boolean chance(double of) {
        return random.nextDouble() < of;
    }

    <T> T any(List<T> some) {
        return some.get(random.nextInt(some.size()));
    }

    void note(String what) {
        for (int at = 0; at < what.length(); at++) {
            hash = hash * 31 + what.charAt(at);
        }
        hash = hash * 31 + now;
        last.addLast(now / MILLIS + " " + what);
        if (last.size() > KEPT) {
            last.removeFirst();
        }
    }

    void saw(String what) {
        seen.merge(what, 1, Integer::sum);
    }

    long hash() {
        return hash;
    }

    /** The last events, the latest at the end. */
    String story() {
        return String.join("\n", last);
    }

    void check(boolean holds, String otherwise) {
        check(holds, () -> otherwise);
    }

    /** Fails if the condition does not hold. The text is computed only then. */
    void check(boolean holds, Supplier<String> otherwise) {
        if (!holds) {
            note("BROKEN: " + otherwise.get());
            throw new AssertionError(otherwise.get());
        }
    }
}
