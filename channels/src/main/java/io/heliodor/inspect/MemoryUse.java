package io.heliodor.inspect;

/**
 * Memory in use, and its limit.
 *
 * @param used the bytes in use
 * @param limit the limit in bytes
 */
public record MemoryUse(long used, long limit) {}
