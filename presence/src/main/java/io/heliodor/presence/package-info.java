/**
 * Says who is present on a topic, and tells who came and went. Begin with {@link io.heliodor.presence.Presence}.
 */
package io.heliodor.presence;
