package io.heliodor.process;

import java.util.Objects;

/**
 * A monitored process has ended.
 *
 * @param pid which
 * @param exit why
 */
public record Down(Pid<?> pid, Exit exit) {
    /** Checks that no value is null. */
    public Down {
        Objects.requireNonNull(pid, "pid");
        Objects.requireNonNull(exit, "exit");
    }
}
