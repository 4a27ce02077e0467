package io.heliodor.channel;

import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Messages that a topic's {@link History} keeps, as the server reads them. Immutable.
 *
 * <p>What is kept grows and expires all the time: two calls see two states. Of a cluster it is what this node has: all that it has
 * delivered, as far as its bounds keep it.
 *
 * @param messages the messages
 * @param token for a call that continues: of the last message of those that followed a token, else for all that was kept at the
 *     time of the call; empty if the topic has no history
 * @param recovered whether no message is missing between the token that was given and the first message; false without a token
 */
public record KeptMessages(List<Message> messages, Optional<String> token, boolean recovered) {
    /** Takes a copy. */
    public KeptMessages {
        messages = List.copyOf(messages);
    }

    /** A kept message. */
    public interface Message {
        /**
         * The name of its event.
         *
         * @return the name
         */
        String event();

        /**
         * Its token: what follows it can be read with it, by the server and by a client.
         *
         * @return the token
         */
        String token();

        /**
         * For how long it has been kept.
         *
         * @return zero or more
         */
        Duration age();

        /**
         * Its payload, if it is of an event.
         *
         * @param event the event; one of {@link Raw} for the JSON as it is
         * @param <T> the type of the payload
         * @return the payload; empty if the message is of another event
         * @throws IllegalArgumentException if its JSON does not fit the type of the event
         */
        <T> Optional<T> as(Event<T> event);
    }
}
