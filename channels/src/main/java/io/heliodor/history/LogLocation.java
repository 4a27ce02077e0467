package io.heliodor.history;

/**
 * The location of a log.
 *
 * @param node an incarnation of a node
 * @param number the number of the log on that node, from 0. There are several if several endpoints share a pub/sub
 */
public record LogLocation(String node, int number) {}
