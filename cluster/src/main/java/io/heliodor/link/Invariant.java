package io.heliodor.link;

import java.util.Arrays;

/**
 * A statement about a pure state that holds after each event. Cheap ones are checked in production: a violation of consensus
 * ends the node, any other one drops the event and is logged. The tests check all of them, by a method {@code checkInvariants}
 * of each state.
 */
public final class Invariant {
    private Invariant() {}

    /**
     * Checks a statement.
     *
     * @param holds whether it holds
     * @param statement the statement
     * @param values the values that it is about
     * @throws IllegalStateException if it does not hold: an earlier event broke a rule, and the state cannot be used any more
     */
    public static void check(boolean holds, String statement, Object... values) {
        if (!holds) {
            throw new IllegalStateException("Not true any more: " + statement + ". " + Arrays.toString(values));
        }
    }
}
