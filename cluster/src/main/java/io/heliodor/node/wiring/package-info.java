/**
 * What a node stands on: a wire and a time, given by the builder, or by the test kit.
 *
 * <p>Read {@link io.heliodor.node.wiring.Wiring} first.
 */
package io.heliodor.node.wiring;
