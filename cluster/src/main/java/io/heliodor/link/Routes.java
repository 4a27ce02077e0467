package io.heliodor.link;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The receivers of messages by type. Routes are added before the link starts; afterwards it is only read, by any
 * thread.
 *
 * <p>Messages of a type without a receiver are skipped: a newer version of the program may send them.
 */
public final class Routes {
    /** The decoder and the receiver of a type. */
    private record Route<M extends Message>(Reader<M> reader, Receiver<? super M> receiver) {
        void dispatch(Peer from, String correlation, ByteReader in) throws DecodeException {
            receiver.received(from, reader.read(in), correlation);
        }
    }

    /**
     * Reads the fields of a message.
     *
     * @param <M> the type of message
     */
    @FunctionalInterface
    public interface Reader<M extends Message> {
        /**
         * Reads a message.
         *
         * @param in its fields; bytes after the known fields are ignored
         * @return the message
         * @throws DecodeException when it is malformed
         */
        M read(ByteReader in) throws DecodeException;
    }

    /**
     * Receives messages of a type.
     *
     * @param <M> the type of message
     */
    @FunctionalInterface
    public interface Receiver<M extends Message> {
        /**
         * Receives a message, on a thread of the link: one call at a time for each peer, at once for several. It must
         * not block.
         *
         * @param from its sender
         * @param message the message
         * @param correlation the correlation id of its sender; empty for none
         */
        void received(Peer from, M message, String correlation);
    }

    /** No routes yet. */
    public Routes() {}

    private final @Nullable Route<?>[] routes = new Route<?>[128];

    /**
     * Adds a route.
     *
     * @param type the type, 1 to 127
     * @param reader decodes the messages
     * @param receiver receives them
     * @param <M> the type of message
     * @return this
     * @throws IllegalStateException when the type is taken
     */
    public <M extends Message> Routes add(int type, Reader<M> reader, Receiver<? super M> receiver) {
        if (routes[type] != null) {
            throw new IllegalStateException("Messages of type " + type + " have a receiver already.");
        }
        routes[type] = new Route<>(reader, receiver);
        return this;
    }

    /**
     * Decodes an envelope and passes its message to the receiver of the type.
     *
     * @param from its sender
     * @param envelope as {@link Envelope#toBytes} wrote it
     * @return the problem if it reached no receiver
     */
    public Optional<String> dispatch(Peer from, byte[] envelope) {
        ByteReader in = new ByteReader(envelope);
        try {
            int type = in.get();
            Route<?> route = type < routes.length ? routes[type] : null;
            if (route == null) {
                return Optional.of("no handler takes messages of type " + type);
            }
            route.dispatch(from, in.text(), in);
            return Optional.empty();
        } catch (DecodeException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
