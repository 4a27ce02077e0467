package io.heliodor.pubsub.engine;

import java.util.List;

/**
 * The address of a topic: its name, and its scope in the PubSub.
 *
 * @param scopes the names of the scopes, the outermost first; empty for the PubSub itself
 * @param topic the name of the topic
 */
public record TopicAddress(List<String> scopes, String topic) {
    /**
     * Checks the names.
     *
     * @throws IllegalArgumentException if a name breaks the rule
     */
    public TopicAddress {
        scopes = List.copyOf(scopes);
        scopes.forEach(scope -> NameRule.check("scope", scope));
        NameRule.check("topic", topic);
    }
}
