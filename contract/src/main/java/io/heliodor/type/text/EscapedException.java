package io.heliodor.type.text;

/**
 * An exception of user code as it is logged. Its messages may have text of clients, which must not forge lines of the log: a back end
 * writes the line feeds of a message as they are.
 */
public final class EscapedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The depth of causes to which messages are examined; deeper ones are left out. */
    private static final int MAX_CAUSES = 20;

    private EscapedException(String text) {
        super(text);
    }

    /**
     * An exception that can be logged.
     *
     * @param thrown an exception or error
     * @return itself if no message of it, its causes and suppressed exceptions has a character that could forge a line; otherwise a copy
     *     with its stack, whose messages begin with the classes and have such characters as {@code \}{@code u000a}
     */
    public static Throwable of(Throwable thrown) {
        try {
            return isSafe(thrown, 0) ? thrown : copy(thrown, 0);
        } catch (RuntimeException | Error unreadable) {
            return thrown; // its message cannot be computed
        }
    }

    private static boolean isSafe(Throwable thrown, int depth) {
        if (depth > MAX_CAUSES || ControlCharacters.isIn(thrown.toString())) {
            return false;
        }
        for (Throwable each : thrown.getSuppressed()) {
            if (!isSafe(each, depth + 1)) {
                return false;
            }
        }
        return thrown.getCause() == null || isSafe(thrown.getCause(), depth + 1);
    }

    private static EscapedException copy(Throwable thrown, int depth) {
        EscapedException copy = new EscapedException(ControlCharacters.escaped(thrown.toString()));
        copy.setStackTrace(thrown.getStackTrace());
        if (depth < MAX_CAUSES) {
            if (thrown.getCause() != null) {
                copy.initCause(copy(thrown.getCause(), depth + 1));
            }
            for (Throwable each : thrown.getSuppressed()) {
                copy.addSuppressed(copy(each, depth + 1));
            }
        }
        return copy;
    }
}
