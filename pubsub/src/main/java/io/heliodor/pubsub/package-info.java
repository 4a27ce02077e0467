/**
 * Publish/subscribe by topic.
 *
 * <p>Start at {@link io.heliodor.pubsub.PubSub}. A {@link io.heliodor.pubsub.Topic} binds a name to the type of its messages. A
 * {@link io.heliodor.pubsub.Subscription} is the registration of a listener, until it is closed.
 */
package io.heliodor.pubsub;
