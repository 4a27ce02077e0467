package io.heliodor.presence.crdt;

import java.util.Arrays;

/** A statement about a set that holds after each operation. Cheap ones are checked in production, all of them by the tests. */
final class Invariant {
    private Invariant() {}

    /**
     * Checks a statement.
     *
     * @param holds whether it holds
     * @param statement the statement
     * @param values the values that it is about
     * @throws IllegalStateException if it does not hold: an event broke a rule
     */
    static void check(boolean holds, String statement, Object... values) {
        if (!holds) {
            throw new IllegalStateException("Not true any more: " + statement + ". " + Arrays.toString(values));
        }
    }
}
