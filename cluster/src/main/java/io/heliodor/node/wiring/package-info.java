/**
 * Starts nodes on another wire and another time, for the test kit.
 *
 * <p>Read {@link io.heliodor.node.wiring.Wiring} first.
 */
package io.heliodor.node.wiring;
