/**
 * The implementation of publish/subscribe, and its connection with other nodes. For the modules of Heliodor only.
 *
 * <p>{@link io.heliodor.pubsub.engine.ClusterPubSub} is a pub/sub with the operations for those modules.
 * {@link io.heliodor.pubsub.engine.ClusterTransport} sends messages to other nodes. {@link io.heliodor.pubsub.engine.Nodes} lists the
 * nodes and sends them requests.
 */
package io.heliodor.pubsub.engine;
