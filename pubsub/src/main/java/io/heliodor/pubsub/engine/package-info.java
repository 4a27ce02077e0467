/**
 * Runs a pub/sub and connects it with other nodes, for the modules of Heliodor only.
 *
 * <p>{@link io.heliodor.pubsub.engine.ClusterPubSub} is a pub/sub as those modules use it.
 * {@link io.heliodor.pubsub.engine.ClusterTransport} takes messages to other nodes, {@link io.heliodor.pubsub.engine.Nodes}
 * lists them and sends them requests.
 */
package io.heliodor.pubsub.engine;
