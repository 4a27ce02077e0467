/**
 * A member of the cluster: start, connect, close. The front door of the packages below.
 *
 * <p>Dependencies have one direction: {@code engine} knows all other parts, {@code pubsub} knows {@code membership},
 * {@code consensus} knows {@code registry} and {@code election}, and all of them know {@code loop}. No part knows this
 * package.
 *
 * <p>Read {@link io.heliodor.node.Node} first.
 */
package io.heliodor.node;
