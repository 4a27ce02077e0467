package io.heliodor.benchmarks.cluster;

import java.nio.ByteBuffer;

/**
 * The header of each measured message.
 *
 * @param kind what it is for
 * @param from the number of the node that sends it
 * @param trial to which trial it belongs
 * @param number in its stream from 0; of an acknowledgement, how many have come
 */
record MessageHeader(Kind kind, int from, int trial, long number) {
    /** The size in bytes, the minimum of a message. */
    static final int BYTES = 14;

    private static final Kind[] KINDS = Kind.values();

    /** The kinds of messages. */
    enum Kind {
        /** One of a stream. */
        DATA,
        /** One of a stream: the measured time begins with it. */
        BEGIN,
        /** The last of a stream: the measured time ends with it. */
        END,
        /** So many of a stream have come. */
        RECEIVED,
        /** A call that needs a reply. */
        REQUEST,
        /** Of a request of the same number. */
        ANSWER
    }

    /** A message of so many bytes that begins with this. */
    @SuppressWarnings("EnumOrdinal") // all nodes run this very program
    byte[] toBytes(int size) {
        byte[] message = new byte[size];
        ByteBuffer.wrap(message)
                .put((byte) kind.ordinal())
                .put((byte) from)
                .putInt(trial)
                .putLong(number);
        return message;
    }

    /** Parses the header of a message that {@link #toBytes} created. */
    static MessageHeader of(byte[] message, int offset, int length) {
        ByteBuffer in = ByteBuffer.wrap(message, offset, length);
        return new MessageHeader(KINDS[in.get()], in.get(), in.getInt(), in.getLong());
    }
}
