/**
 * Publish/subscribe by topic.
 *
 * <p>Start at {@link io.heliodor.pubsub.PubSub}. A {@link io.heliodor.pubsub.Topic} binds a name to the type of what is
 * published on it; a {@link io.heliodor.pubsub.Subscription} is the registration of a listener, and ends it.
 */
package io.heliodor.pubsub;
