package io.heliodor.dashboard;

/**
 * The answer of a node to {@link Query#TRACE} and {@link Query#UNTRACE}.
 *
 * @param running whether the node has the trace; false if it has too many others
 */
record TraceState(boolean running) {}
