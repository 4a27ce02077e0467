/**
 * A member of the cluster: start, connect, close. The public API of the packages below.
 *
 * <p>Dependencies have one direction: {@code engine} depends on all other parts, {@code pubsub} on {@code membership},
 * {@code consensus} on {@code registry} and {@code election}, and all of them on {@code loop}. Of these parts, only
 * {@code wiring} depends on this package.
 *
 * <p>Read {@link io.heliodor.node.Node} first.
 */
package io.heliodor.node;
