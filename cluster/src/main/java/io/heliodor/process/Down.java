package io.heliodor.process;

/**
 * A process that was watched has ended.
 *
 * @param pid which
 * @param exit why
 */
public record Down(Pid<?> pid, Exit exit) {}
