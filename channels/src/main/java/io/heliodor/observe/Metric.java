package io.heliodor.observe;

import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A number of an endpoint that can be read at any time. Neither its name nor its reason ever comes from a client: there are
 * as many metrics as the code has.
 *
 * <p>Any thread may read it; reading takes no lock and does not block.
 *
 * @param name such as {@code heliodor.connections}: lower case, words separated by dots
 * @param reason what tells it from others of the same name, such as {@code slow} of {@code heliodor.connections.closed}
 * @param kind what may become of the number
 * @param unit {@code bytes} or {@code seconds}, or empty where things are counted
 * @param description one sentence
 * @param reading how to read it
 */
public record Metric(
        String name, Optional<String> reason, Kind kind, String unit, String description, LongSupplier reading) {
    /** What may become of a number. */
    public enum Kind {
        /** It says how much there is now: it goes up and down. */
        GAUGE,
        /** It says how much there was since the start: it never falls. */
        COUNTER
    }

    /**
     * Reads the number.
     *
     * @return its value now
     */
    public long value() {
        return reading.getAsLong();
    }
}
