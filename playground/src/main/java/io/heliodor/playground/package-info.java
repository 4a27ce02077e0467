/**
 * The command line, the demo and the playground server: an ordinary application of the public API.
 *
 * <p>Start at {@link io.heliodor.playground.Playground}; the behaviour of a room is in {@link io.heliodor.playground.RoomChannel}.
 */
package io.heliodor.playground;
