/**
 * Presence: the users of a topic with their metadata, replicated between nodes. Start at {@link io.heliodor.presence.Presence}.
 */
package io.heliodor.presence;
