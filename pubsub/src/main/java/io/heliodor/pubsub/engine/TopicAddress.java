package io.heliodor.pubsub.engine;

import java.util.List;

/**
 * A topic of a PubSub or of one of its scopes.
 *
 * @param scopes the names of the scopes, the outermost first; empty for the PubSub itself
 * @param topic the name of the topic
 */
public record TopicAddress(List<String> scopes, String topic) {
    /**
     * A topic of a scope.
     *
     * @throws IllegalArgumentException when a name is none
     */
    public TopicAddress {
        scopes = List.copyOf(scopes);
        scopes.forEach(scope -> NameRule.check("scope", scope));
        NameRule.check("topic", topic);
    }
}
