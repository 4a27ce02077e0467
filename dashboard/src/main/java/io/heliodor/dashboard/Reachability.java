package io.heliodor.dashboard;

/**
 * How a node reaches the other members.
 *
 * @param suspects members without contact for some time
 * @param detours members that are reached through another one
 * @param lostMessages published messages that could not be sent to a node with subscribers, since the start
 */
record Reachability(long suspects, long detours, long lostMessages) {}
