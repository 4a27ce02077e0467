/**
 * The protocols between the nodes of a view, as pure state machines: maps, names, elections and the roster.
 *
 * <p>A protocol is a class with one method for each event, and an interface {@code Effects} of its actions. It has no
 * clock, no thread and no randomness: time is a parameter, in nanoseconds of a monotonic clock. All methods of one object
 * are called one at a time, and no effect may call back into it.
 *
 * <p>Read {@link io.heliodor.protocol.ReplicatedMaps} first.
 */
package io.heliodor.protocol;
