package io.heliodor.session.channel;

import io.heliodor.channel.FirstMessages;
import io.heliodor.channel.History;
import io.heliodor.channel.InfoMessage;
import io.heliodor.channel.definition.ChannelDefinition;
import io.heliodor.channel.definition.TopicPattern;
import io.heliodor.event.Event;
import io.heliodor.history.ResumeToken;
import io.heliodor.pubsub.Topic;
import io.heliodor.type.text.ControlCharacters;

/**
 * Checks that the handlers of a channel use what its definition declares. A failure names the missing declaration.
 *
 * @param pattern the pattern of its topics
 * @param channel its definition
 */
record DeclarationCheck(TopicPattern pattern, ChannelDefinition<?, ?> channel) {
    /** Checks that the kept messages that a join handler asks for are kept. */
    void keeps(FirstMessages first) {
        if (first instanceof FirstMessages.SinceJoin) {
            return;
        }
        if (channel.history().isEmpty()) {
            throw new IllegalStateException("The join handler of " + pattern + " gives kept messages (" + first
                    + "), and the channel keeps none; add .history(History.of(...)) to its definition.");
        }
        if (first instanceof FirstMessages.Since(var position)
                && ResumeToken.of(position).isEmpty()) {
            throw new IllegalArgumentException("The join handler of " + pattern + " gives the state of the position '"
                    + ControlCharacters.escaped(position)
                    + "', which is none; give one of join.position(), or the token of a kept message.");
        }
        History history = channel.history().get();
        if (first instanceof FirstMessages.NewestOfEach<?>(var event, var _) && !history.keeps(event.name())) {
            throw new IllegalStateException("The join handler of " + pattern + " gives the newest '" + event.name()
                    + "' of each key, and its history keeps "
                    + history.events().stream().map(Event::name).toList()
                    + "; add the event to History.of(...).");
        }
    }

    void subscribes(Topic<?> topic) {
        if (!channel.topics().containsKey(topic)) {
            throw new IllegalArgumentException("Channel " + pattern + " has no handler for topic '" + topic.name()
                    + "'; add .onPublished(topic, handler) to its definition.");
        }
    }

    /** Checks that pushes under a topic are declared; a text that is not a topic is refused, too. */
    void pushesUnder(String topic) {
        if (!TopicPattern.validTopic(topic) || topic.equals("phoenix")) {
            throw new IllegalArgumentException(
                    "'" + ControlCharacters.escaped(topic)
                            + "' is not a topic for pushes: 1 to 255 bytes of UTF-8 without control characters, except 'phoenix'.");
        }
        if (channel.pushTopics().stream().noneMatch(pushed -> pushed.matches(topic))) {
            throw new IllegalArgumentException("Channel " + pattern + " does not declare pushes under the topic '"
                    + ControlCharacters.escaped(topic)
                    + "'; add .pushTopics(pattern) to its definition, or call push(event, payload).");
        }
    }

    void receives(InfoMessage<?> message) {
        if (!channel.infoMessages().containsKey(message)) {
            throw new IllegalArgumentException("Channel " + pattern + " has no handler for info message '"
                    + message.name() + "'; add .onInfo(message, handler) to its definition.");
        }
    }
}
