package io.heliodor.load;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.Locale;
import java.util.Map;

/**
 * The result of a run. With {@code --json} it is written as JSON, with names in snake case.
 *
 * @param clients the clients, all of which have joined
 * @param topics their different topics
 * @param seconds the time of the load
 * @param due the messages that were due in it
 * @param sent those that the clients sent
 * @param notSent those that they did not, because too many waited, or there was no connection
 * @param replies the latencies of replies to calls, from the time at which the call was due
 * @param errors calls and pushes that were answered with an error, by reason
 * @param repliesMissing calls without a reply in time
 * @param deliveries the latencies of messages that came back, from the time at which they were due
 * @param expected the messages that were expected to come back, for all receivers
 * @param missing those that did not come
 * @param repeated messages that came more than once
 * @param late messages that came long after their time; they are missing as well
 * @param disconnects the connections that ended during the load, by close code
 * @param failedAttempts the attempts to connect that failed, by status; 0 without a response
 * @param scheduleLag the largest delay of the generator itself, in milliseconds: a value near the latencies means that this machine is too slow
 */
record LoadResult(
        int clients,
        int topics,
        double seconds,
        long due,
        long sent,
        long notSent,
        Latency replies,
        Map<String, Long> errors,
        long repliesMissing,
        Latency deliveries,
        long expected,
        long missing,
        long repeated,
        long late,
        Map<Integer, Long> disconnects,
        Map<Integer, Long> failedAttempts,
        double scheduleLag) {
    /**
     * Latencies in milliseconds.
     *
     * @param count their number
     * @param p50 the median
     * @param p90 90 % are at most that
     * @param p99 99 %
     * @param p999 99.9 %
     * @param max the largest
     */
    record Latency(long count, double p50, double p90, double p99, double p999, double max) {}

    /** Whether all that was due was sent, and arrived once. */
    boolean isClean() {
        return notSent == 0
                && sent == due
                && errors.isEmpty()
                && repliesMissing == 0
                && missing == 0
                && repeated == 0
                && disconnects.isEmpty();
    }

    String table() {
        StringBuilder text = new StringBuilder();
        line(text, "clients", "%d in %d topics, %.1f s", clients, topics, seconds);
        if (due > 0) {
            line(text, "sent", "%d of %d, %.1f/s", sent, due, sent / seconds);
        }
        if (notSent > 0) {
            line(text, "not sent", "%d: too many waited, or there was no connection", notSent);
        }
        if (replies.count() > 0 || repliesMissing > 0) {
            line(text, "replies", "%d, %d missing", replies.count(), repliesMissing);
            latency(text, replies);
        }
        if (!errors.isEmpty()) {
            line(text, "errors", "%s", errors);
        }
        if (expected > 0 || deliveries.count() > 0) {
            line(
                    text,
                    "received",
                    "%d of %d, %d missing, %d repeated",
                    deliveries.count(),
                    expected,
                    missing,
                    repeated);
            latency(text, deliveries);
        }
        if (late > 0) {
            line(text, "late", "%d, which count as missing", late);
        }
        if (!disconnects.isEmpty()) {
            line(text, "closed", "by code %s", disconnects);
        }
        if (!failedAttempts.isEmpty()) {
            line(text, "failed attempts", "by status %s", failedAttempts);
        }
        if (due > 0) {
            line(text, "schedule lag", "%.1f ms", scheduleLag);
        }
        return text.toString();
    }

    private static void latency(StringBuilder text, Latency of) {
        if (of.count() == 0) {
            return;
        }
        line(
                text,
                "  latency",
                "p50 %.1f ms, p90 %.1f, p99 %.1f, p99.9 %.1f, max %.1f",
                of.p50(),
                of.p90(),
                of.p99(),
                of.p999(),
                of.max());
    }

    @FormatMethod
    private static void line(StringBuilder text, String name, @FormatString String format, Object... values) {
        text.append(String.format(Locale.ROOT, "%-16s", name))
                .append(String.format(Locale.ROOT, format, values))
                .append(System.lineSeparator());
    }
}
