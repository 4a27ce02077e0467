package io.heliodor.pubsub;

import java.util.Optional;

/**
 * The binary format in which the messages of a {@link Topic} are sent to other nodes. A topic without one uses the codecs of the node.
 *
 * <p>Several threads may use it at the same time; it does not block. Nodes with two versions of an application may run together. So a
 * format that may change begins with a version number.
 *
 * @param <T> the type of the messages
 */
public interface MessageFormat<T> {
    /**
     * Writes a message. It is called once for a message, whatever the number of receiving nodes, and not at all if there are none.
     *
     * @param message the message
     * @return its bytes, which the caller does not modify
     */
    byte[] write(T message);

    /**
     * Reads a message that another node wrote.
     *
     * @param bytes the result of {@link #write} there, or anything else, since they came over the network. The message may keep
     *     them; they are not modified
     * @return the message; empty if the bytes are not a message, which is then dropped and counted
     */
    Optional<T> read(byte[] bytes);
}
