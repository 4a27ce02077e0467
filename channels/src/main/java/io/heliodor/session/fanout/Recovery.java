package io.heliodor.session.fanout;

import io.heliodor.session.lane.Replay;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;

/**
 * The kept messages that a channel gets with its join. It holds them until they are written, handled or {@linkplain #dispose disposed}.
 */
public interface Recovery {
    /**
     * A kept message, as its member gets it.
     *
     * @param ref its token
     * @param encoded the message as bytes
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Message(Broadcast broadcast, Ref ref, byte[] encoded) {}

    /** The reply to a join with the state of the recovery. */
    Payload.Json in(Payload.Json reply);

    boolean isEmpty();

    long bytes();

    /** Writes the messages, and gives them back. */
    Replay replay(Serializer serializer, String topic);

    /** The messages in order. Each is encoded when it is read. */
    Iterable<Message> messages(Serializer serializer, String topic);

    /** Gives the messages back. */
    void dispose();
}
