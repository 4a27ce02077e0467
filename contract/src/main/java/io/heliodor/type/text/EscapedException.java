package io.heliodor.type.text;

/**
 * An exception of user code as it is logged. Its messages may have text of clients, which must not forge lines of the log: a back end
 * writes the line feeds of a message as they are. Nor may they fill it: a message is as long as the text that a client sent, in
 * {@link NumberFormatException} for example.
 */
public final class EscapedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The depth of causes to which messages are examined; deeper ones are left out. */
    private static final int MAX_CAUSES = 20;

    /** The exceptions with their causes and suppressed ones; further ones are left out. */
    private static final int MAX_EXCEPTIONS = 50;

    /** The characters of a message. */
    private static final int MAX_LENGTH = 1_000;

    private EscapedException(String text) {
        super(text);
    }

    /**
     * An exception that can be logged.
     *
     * @param thrown an exception or error
     * @return itself if it has at most 50 causes and suppressed exceptions, and each message at most 1 000 characters, none of which
     *     could forge a line; otherwise a copy with its stack, whose messages begin with the classes, are cut, and have such characters
     *     as {@code \}{@code u000a}
     */
    public static Throwable of(Throwable thrown) {
        try {
            return isSafe(thrown, 0, new int[1]) ? thrown : copy(thrown, 0, new int[1]);
        } catch (RuntimeException | Error unreadable) {
            return thrown; // its message cannot be computed
        }
    }

    private static boolean isSafe(Throwable thrown, int depth, int[] seen) {
        if (depth > MAX_CAUSES || ++seen[0] > MAX_EXCEPTIONS) {
            return false;
        }
        String text = thrown.toString();
        if (text.length() > MAX_LENGTH || ControlCharacters.isIn(text)) {
            return false;
        }
        for (Throwable each : thrown.getSuppressed()) {
            if (!isSafe(each, depth + 1, seen)) {
                return false;
            }
        }
        return thrown.getCause() == null || isSafe(thrown.getCause(), depth + 1, seen);
    }

    private static EscapedException copy(Throwable thrown, int depth, int[] seen) {
        seen[0]++;
        EscapedException copy = new EscapedException(cut(thrown.toString()));
        copy.setStackTrace(thrown.getStackTrace());
        if (thrown.getCause() != null && depth < MAX_CAUSES && seen[0] < MAX_EXCEPTIONS) {
            copy.initCause(copy(thrown.getCause(), depth + 1, seen));
        }
        for (Throwable each : thrown.getSuppressed()) {
            if (depth < MAX_CAUSES && seen[0] < MAX_EXCEPTIONS) {
                copy.addSuppressed(copy(each, depth + 1, seen));
            }
        }
        return copy;
    }

    private static String cut(String text) {
        return text.length() <= MAX_LENGTH
                ? ControlCharacters.escaped(text)
                : ControlCharacters.escaped(text.substring(0, MAX_LENGTH)) + "... (" + text.length() + " characters)";
    }
}
