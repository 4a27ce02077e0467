package io.heliodor.history;

import java.util.Optional;

/**
 * How far a client is, as a text: {@code @}, the streams with their counters, and a hash of those that have ended.
 *
 * @param named the streams with a counter above 0 that may go on, or of which something is kept; of an empty log its own stream,
 *     so that a log of another life does not take the token for one of its own
 * @param ended a hash of the ids and counters of the others, of 48 bits; 0 if there are none
 */
public record ResumeToken(VersionVector named, long ended) {
    /** Follows the token of the first message after others that are lost. */
    public static final String GAP = "~";

    /** A longer one is {@code @}. */
    static final int MAX_LENGTH = 1_024;

    private static final int RADIX = 36;
    private static final int MAX_STREAMS = 256;
    private static final long MASK = (1L << 48) - 1;

    /** Mixes an ended stream into a hash. The order of the streams does not count. */
    static long hash(long hash, long stream, long counter) {
        long mixed = (stream * 0x9e3779b97f4a7c15L ^ counter) * 0xbf58476d1ce4e5b9L;
        return hash + (mixed ^ mixed >>> 29) & MASK;
    }

    /** The hash of ended streams. */
    static long hash(VersionVector streams) {
        long hash = 0;
        for (int i = 0; i < streams.size(); i++) {
            hash = hash(hash, streams.stream(i), streams.counter(i));
        }
        return hash;
    }

    /**
     * The token of a member that has more.
     *
     * @param more what it has
     * @return the greater of both
     */
    public ResumeToken with(VersionVector more) {
        return named.covers(more) ? this : new ResumeToken(named.max(more), ended);
    }

    /**
     * As clients get it.
     *
     * @return the text; {@code @} if it is too long, which no log takes
     */
    public String text() {
        StringBuilder text = new StringBuilder("@");
        for (int i = 0; i < named.size(); i++) {
            text.append(Long.toString(named.stream(i), RADIX))
                    .append('-')
                    .append(Long.toString(named.counter(i), RADIX))
                    .append('.');
        }
        text.append(Long.toString(ended, RADIX));
        return text.length() > MAX_LENGTH ? "@" : text.toString();
    }

    /**
     * Reads the text of a client.
     *
     * @param text what came
     * @return the token; empty if it is none
     */
    public static Optional<ResumeToken> of(String text) {
        if (!text.startsWith("@") || text.length() < 2 || text.length() > MAX_LENGTH + 1) {
            return Optional.empty();
        }
        int end = text.length() - (text.endsWith(GAP) ? 1 : 0);
        String[] parts = text.substring(1, end).split("\\.", MAX_STREAMS + 2);
        VersionVector named = VersionVector.NONE;
        try {
            for (int i = 0; i < parts.length - 1; i++) {
                int dash = parts[i].indexOf('-');
                long stream = number(parts[i].substring(0, Math.max(0, dash)));
                long counter = number(parts[i].substring(dash + 1));
                if (named.has(stream)) {
                    return Optional.empty();
                }
                named = named.with(stream, counter);
            }
            return Optional.of(new ResumeToken(named, number(parts[parts.length - 1])));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static long number(String text) {
        char first = text.isEmpty() ? '-' : text.charAt(0);
        if (first == '-' || first == '+') {
            throw new NumberFormatException(text);
        }
        return Long.parseLong(text, RADIX);
    }
}
