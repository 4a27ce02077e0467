package io.heliodor.link;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who takes which type of message. Filled before the link starts, then only read.
 *
 * <p>A type that nobody takes is skipped: a newer version of the program may send it.
 */
public final class Routes {
    /** How a type of message is read, and who gets it. */
    private record Route<M extends Message>(Reader<M> reader, Receiver<? super M> receiver) {
        void pass(Peer from, String correlation, ByteReader in) throws DecodeException {
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
         * Reads one.
         *
         * @param in its fields; what is behind those that are known is left alone
         * @return the message
         * @throws DecodeException when it is none
         */
        M read(ByteReader in) throws DecodeException;
    }

    /**
     * Gets messages.
     *
     * @param <M> the type of message
     */
    @FunctionalInterface
    public interface Receiver<M extends Message> {
        /**
         * Takes one. On the thread of the link: for one peer one call at a time, for several peers at once. It must not
         * block.
         *
         * @param from who sent it
         * @param message what it says
         * @param correlation the correlation id of whoever said it; empty for none
         */
        void received(Peer from, M message, String correlation);
    }

    /** Without routes. */
    public Routes() {}

    private final @Nullable Route<?>[] routes = new Route<?>[128];

    /**
     * Says who takes a type of message.
     *
     * @param type which: 1 to 127
     * @param reader how it is read
     * @param receiver who gets it
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
     * Hands an envelope to whom it is for.
     *
     * @param from who sent it
     * @param envelope as {@link Envelope#toBytes} wrote it
     * @return why it went to nobody, if so
     */
    public Optional<String> pass(Peer from, byte[] envelope) {
        ByteReader in = new ByteReader(envelope);
        try {
            int type = in.get();
            Route<?> route = type < routes.length ? routes[type] : null;
            if (route == null) {
                return Optional.of("nobody takes messages of type " + type);
            }
            route.pass(from, in.text(), in);
            return Optional.empty();
        } catch (DecodeException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
