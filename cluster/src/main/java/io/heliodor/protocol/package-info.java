/**
 * What the nodes of a view tell each other: owned sets, names and candidacies, the roster. Pure states.
 *
 * <p>A protocol is a class with a method for each thing that can happen, and an interface {@code Effects} of what it wants
 * done. It has no clock, no thread and no randomness: time comes as a parameter, in nanoseconds of a monotonic clock. All
 * methods of one state are called one at a time, and no effect may call the state back before the method that asked for
 * it has returned.
 *
 * <p>Read {@link io.heliodor.protocol.OwnedSets} first.
 */
package io.heliodor.protocol;
