package io.heliodor.history;

/**
 * The place of a log.
 *
 * @param node a life of a node
 * @param number of the logs there, from 0: more than one if several endpoints share a pub/sub
 */
public record LogLocation(String node, int number) {}
