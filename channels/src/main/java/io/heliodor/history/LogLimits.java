package io.heliodor.history;

/**
 * How much a log keeps.
 *
 * @param messages of each stream
 * @param bytes of all together
 * @param age in nanoseconds
 */
public record LogLimits(int messages, long bytes, long age) {}
