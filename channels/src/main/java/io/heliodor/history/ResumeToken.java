package io.heliodor.history;

import java.util.Optional;

/**
 * The position of a client in the history, as an opaque text: {@code @}, the streams with their counters, and {@code 0}. A stream that
 * was retired before the token was issued is not named: the client has all of its messages.
 *
 * @param named the streams with a counter above 0. For an empty log, its own stream: a log of another incarnation then recognises that
 *     the token is not its own
 * @param maxLength the maximum length of the text. A longer one is sent as {@code @}
 */
public record ResumeToken(VersionVector named, int maxLength) {
    /** The suffix of the token of a message before which others are missing. */
    public static final String GAP = "~";

    private static final int RADIX = 36;

    /** The maximum length of a stream in the text: its id, its counter, and two separators. */
    private static final int MAX_STREAM = 10 + 13 + 2;

    /** The text of a token that would be too long. */
    private static final String TOO_LONG = "@";

    /** The end of each token. Nodes of an earlier version write a hash of ended streams, 0 for none. */
    private static final String END = "0";

    /**
     * A token of the usual maximum length.
     *
     * @param named the streams with a counter above 0
     */
    public ResumeToken(VersionVector named) {
        this(named, LogLimits.TOKEN_LENGTH);
    }

    /**
     * The token of a member with additional messages.
     *
     * @param more a position of the member
     * @return a token that covers both
     */
    public ResumeToken with(VersionVector more) {
        return named.covers(more) ? this : new ResumeToken(named.max(more), maxLength);
    }

    /** Whether the text would be too long. */
    boolean isTooLong() {
        // Most tokens have so few streams that no text is necessary.
        return named.size() * MAX_STREAM >= maxLength && text().equals(TOO_LONG);
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
        text.append(END);
        return text.length() > maxLength ? TOO_LONG : text.toString();
    }

    /**
     * Parses the text of a client.
     *
     * @param text the text
     * @return the token; empty if the text is not a token, which names at least one stream
     */
    public static Optional<ResumeToken> of(String text) {
        if (!text.startsWith("@") || text.length() < 2 || text.length() > LogLimits.TOKEN_LENGTH + 1) {
            return Optional.empty();
        }
        int end = text.length() - (text.endsWith(GAP) ? 1 : 0);
        String[] parts = text.substring(1, end).split("\\.", -1);
        VersionVector named = VersionVector.NONE;
        try {
            if (!parts[parts.length - 1].equals(END)) {
                return Optional.empty();
            }
            for (int i = 0; i < parts.length - 1; i++) {
                int dash = parts[i].indexOf('-');
                long stream = number(parts[i].substring(0, Math.max(0, dash)));
                long counter = number(parts[i].substring(dash + 1));
                if (named.has(stream)) {
                    return Optional.empty();
                }
                named = named.with(stream, counter);
            }
            return named.size() == 0 ? Optional.empty() : Optional.of(new ResumeToken(named));
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
