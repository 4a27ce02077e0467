package io.heliodor.history;

/**
 * The limits of a log.
 *
 * @param messages the maximum number of kept messages of each stream
 * @param bytes the maximum size of all kept messages
 * @param age the maximum age of a kept message in nanoseconds
 */
public record LogLimits(int messages, long bytes, long age) {}
