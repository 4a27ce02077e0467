package io.heliodor.pubsub;

import java.util.Optional;

/**
 * How the messages of a {@link Topic} go to other nodes, as bytes. A topic without one uses the codecs of the node.
 *
 * <p>Any thread may use it, several at once; it does not block. Nodes of two versions of an application may run together, so
 * a format begins with a version when it is to be changed one day.
 *
 * @param <T> the type of the messages
 */
public interface MessageFormat<T> {
    /**
     * Writes a message. Called once for a message, however many nodes get it, and not at all when no node does.
     *
     * @param message the message
     * @return its bytes; the caller does not change them
     */
    byte[] write(T message);

    /**
     * Reads a message that another node wrote.
     *
     * @param bytes what {@link #write} returned there, or anything else: it came over the network. The message may keep
     *     them; they are not changed
     * @return the message; empty if they are none. It is dropped and counted then
     */
    Optional<T> read(byte[] bytes);
}
