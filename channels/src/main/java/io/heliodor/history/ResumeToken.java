package io.heliodor.history;

import java.util.Optional;

/**
 * The position of a client in the history, as an opaque text: {@code @}, the streams with their counters, and a hash of ended streams.
 *
 * @param named the streams with a counter above 0 that may continue, or of which messages are kept. For an empty log, its own stream: a
 *     log of another incarnation then recognises that the token is not its own
 * @param ended a hash of 48 bits of the ids and counters of all other streams; 0 if there are none
 */
public record ResumeToken(VersionVector named, long ended) {
    /** The suffix of the token of a message before which others are missing. */
    public static final String GAP = "~";

    /** The maximum length. A longer token is sent as {@code @}. */
    static final int MAX_LENGTH = 1_024;

    private static final int RADIX = 36;
    private static final int MAX_STREAMS = 256;
    private static final long MASK = (1L << 48) - 1;

    /** Adds an ended stream to a hash, which does not depend on the order of streams. */
    static long hash(long hash, long stream, long counter) {
        long mixed = (stream * 0x9e3779b97f4a7c15L ^ counter) * 0xbf58476d1ce4e5b9L;
        return hash + (mixed ^ mixed >>> 29) & MASK;
    }

    /** The hash of a set of ended streams. */
    static long hash(VersionVector streams) {
        long hash = 0;
        for (int i = 0; i < streams.size(); i++) {
            hash = hash(hash, streams.stream(i), streams.counter(i));
        }
        return hash;
    }

    /**
     * The token of a member with additional messages.
     *
     * @param more a position of the member
     * @return a token that covers both
     */
    public ResumeToken with(VersionVector more) {
        return named.covers(more) ? this : new ResumeToken(named.max(more), ended);
    }

    /**
     * The text for clients.
     *
     * @return the text; {@code @} if it is too long, which no log accepts
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
     * Parses the text of a client.
     *
     * @param text the text
     * @return the token; empty if the text is not a token
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
