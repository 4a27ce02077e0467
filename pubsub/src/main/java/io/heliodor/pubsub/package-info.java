/**
 * Publish/subscribe by topic, and the context that messages carry.
 *
 * <p>Start at {@link io.heliodor.pubsub.PubSub}. A {@link io.heliodor.pubsub.Topic} binds a name to the type of its messages. A
 * {@link io.heliodor.pubsub.Subscription} is the registration of a listener, until it is closed.
 * {@link io.heliodor.pubsub.Correlation} is the context that a message has from the thread that sent it.
 */
package io.heliodor.pubsub;
