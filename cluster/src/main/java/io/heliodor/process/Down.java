package io.heliodor.process;

/**
 * A monitored process has ended.
 *
 * @param pid which
 * @param exit why
 */
public record Down(Pid<?> pid, Exit exit) {}
