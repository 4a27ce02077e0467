package io.heliodor.dashboard;

import java.util.List;

/**
 * The reply to the call {@code trace}.
 *
 * @param id the id of the trace
 * @param maxSeconds the time after which it ends
 * @param maxFrames the number of frames of a node at which it ends
 * @param full the nodes that have too many traces
 * @param silent the nodes without an answer
 */
record TraceBegun(String id, long maxSeconds, int maxFrames, List<String> full, List<String> silent) {}
