package io.heliodor.process.engine;

/** Exceptions of user code, as other nodes get them. */
public final class Thrown {
    private static final int LONGEST_REASON = 1_000;

    private Thrown() {}

    /**
     * The class and the message of an exception, shortened if it is long.
     *
     * @param thrown the exception
     * @return the text
     */
    public static String describe(Throwable thrown) {
        String message = thrown.getMessage();
        String all = thrown.getClass().getName() + (message == null ? "" : ": " + message);
        return all.length() > LONGEST_REASON ? all.substring(0, LONGEST_REASON) : all;
    }
}
