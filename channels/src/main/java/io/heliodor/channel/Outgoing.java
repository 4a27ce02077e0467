package io.heliodor.channel;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A message that is to be sent, as a {@link SendHook} gets it. {@link #run} sends it. It throws what the method of the sender would throw,
 * such as an {@link IllegalArgumentException} for a payload that cannot be written.
 *
 * @param kind what is sent
 * @param topics the topics of a broadcast, of a push to the client of a context, or of a removal; else none
 * @param event the name of the event; empty for {@link Kind#DISCONNECT}, {@link Kind#REMOVE} and {@link Kind#RECHECK}
 * @param action sends the message when it is run, once, on any thread
 */
public record Outgoing(Kind kind, List<String> topics, Optional<String> event, Runnable action) implements Runnable {
    /** The kinds of messages. */
    public enum Kind {
        /** To all members of one or several topics. */
        BROADCAST,
        /** To one client, or to all connections of an id. */
        PUSH,
        /** A {@link Channels#disconnect}. */
        DISCONNECT,
        /** A {@link Channels#kick}. */
        KICK,
        /** A {@link Channels#remove}. */
        REMOVE,
        /** A {@link Channels#recheck}. */
        RECHECK
    }

    /** Copies the topics. */
    public Outgoing {
        Objects.requireNonNull(kind, "kind");
        topics = List.copyOf(Objects.requireNonNull(topics, "topics"));
        Objects.requireNonNull(event, "event");
        Objects.requireNonNull(action, "action");
    }

    /** Sends the message. */
    @Override
    public void run() {
        action.run();
    }

    /**
     * The same message, sent by other code.
     *
     * @param sender sends it, within a scope or a measurement for example
     * @return the message
     */
    public Outgoing by(Runnable sender) {
        Objects.requireNonNull(sender, "sender");
        return new Outgoing(kind, topics, event, sender);
    }
}
