package io.heliodor.channel;

import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A part of the messages that the {@link History} of a topic keeps. Immutable.
 *
 * <p>It is a snapshot: messages are added and expire all the time. In a cluster it has the kept messages that this node has delivered.
 *
 * @param messages the messages
 * @param token the token for the next part: that of the last message after a given token, or else that of all messages kept at the time of
 *     the call; empty if the topic has no history
 * @param recovered whether no message is missing between the given token and the first message; false without a token
 */
public record KeptMessages(List<Message> messages, Optional<String> token, boolean recovered) {
    /** Copies the list. */
    public KeptMessages {
        Objects.requireNonNull(messages, "messages");
        Objects.requireNonNull(token, "token");
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
         * Its token, by which the server and clients can read the messages after it.
         *
         * @return the token
         */
        String token();

        /**
         * The time since it was kept.
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
         * @throws IllegalArgumentException if its JSON is not valid for the type of the event
         */
        <T> Optional<T> as(Event<T> event);
    }
}
