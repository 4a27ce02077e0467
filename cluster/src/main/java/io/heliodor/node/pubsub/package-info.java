/**
 * The pub/sub over all nodes: interest, publishing and delivery.
 *
 * <p>Read {@link io.heliodor.node.pubsub.NodeTransport} first.
 */
package io.heliodor.node.pubsub;
