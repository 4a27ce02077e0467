package io.heliodor.link;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.DecodeException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The receivers of messages by type. Routes are added before the link starts; afterwards it is only read, by any
 * thread.
 *
 * <p>Messages of a type without a receiver are skipped: a newer version of the program may send them.
 */
public final class MessageRoutes {
    /** The decoder and the receiver of a type. */
    private record Route<M extends Message>(Reader<M> reader, Receiver<? super M> receiver) {
        void dispatch(Peer from, int type, String correlation, BinaryReader in) throws DecodeException {
            receiver.received(from, reader.read(type, in), correlation);
        }
    }

    /**
     * Reads the fields of messages of several types.
     *
     * @param <M> the type of message
     */
    @FunctionalInterface
    public interface Reader<M extends Message> {
        /**
         * Reads a message.
         *
         * @param type its type
         * @param in its fields; bytes after the known fields are ignored
         * @return the message
         * @throws DecodeException when it is malformed
         */
        M read(int type, BinaryReader in) throws DecodeException;
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
    public MessageRoutes() {}

    private final @Nullable Route<?>[] routes = new Route<?>[128];

    /**
     * Adds a route for one type.
     *
     * @param type the type, 1 to 127
     * @param decoder decodes the fields of the messages; bytes after the known fields are ignored
     * @param receiver receives them
     * @param <M> the type of message
     * @return this
     * @throws IllegalStateException when the type is taken
     */
    public <M extends Message> MessageRoutes add(
            int type, BinaryReader.Decoder<M> decoder, Receiver<? super M> receiver) {
        return add(type, type, (_, in) -> decoder.read(in), receiver);
    }

    /**
     * Adds a route for several types.
     *
     * @param first the first type, 1 to 127
     * @param last the last type, 1 to 127
     * @param reader decodes the messages
     * @param receiver receives them
     * @param <M> the type of message
     * @return this
     * @throws IllegalStateException when one of the types is taken
     */
    public <M extends Message> MessageRoutes add(int first, int last, Reader<M> reader, Receiver<? super M> receiver) {
        for (int type = first; type <= last; type++) {
            if (routes[type] != null) {
                throw new IllegalStateException("Messages of type " + type + " have a receiver already.");
            }
            routes[type] = new Route<>(reader, receiver);
        }
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
        BinaryReader in = new BinaryReader(envelope);
        try {
            int type = in.get();
            Route<?> route = type < routes.length ? routes[type] : null;
            if (route == null) {
                return Optional.of("no handler takes messages of type " + type);
            }
            route.dispatch(from, type, in.text(), in);
            return Optional.empty();
        } catch (DecodeException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
