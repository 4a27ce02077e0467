package io.heliodor.session.lane;

import io.heliodor.channel.Socket;
import io.heliodor.wire.Slice;
import java.util.List;

/** The connection of one client, implemented by the transport. Used on its {@link Loop} alone. */
public interface Connection {
    /**
     * Appends a text message to what is written with the next {@link #flush}.
     *
     * @param message a whole message
     */
    void write(byte[] message);

    /**
     * Appends a piece of a large text message. Nothing else is appended between its pieces.
     *
     * @param piece the bytes, in order
     * @param first whether the message begins with it
     * @param last whether the message ends with it
     */
    void write(List<Slice> piece, boolean first, boolean last);

    /**
     * Appends shared messages to what is written with the next {@link #flush}.
     *
     * @param messages the buffer; the connection retains it for itself
     */
    void write(Loop.Shared messages);

    /** Writes what was appended, as far as the socket takes it; goes on by itself when it takes more. */
    void flush();

    /**
     * Whether the socket keeps up. When it does again, the transport calls {@code Session.writable}.
     *
     * @return false while more than a few frames wait for the socket
     */
    boolean writable();

    /**
     * The number of bytes that wait for the socket.
     *
     * @return bytes that were appended and not taken yet, and up to 100 more for each buffer
     */
    long pending();

    /**
     * The number of bytes that the socket has accepted, to a precision of 64 KiB.
     *
     * @return bytes in total
     */
    long taken();

    /**
     * A figure that changes whenever the socket takes bytes.
     *
     * @return a mark of progress
     */
    long progress();

    /**
     * Checks whether the connection has broken without notice. Called by the sweeps of its lane.
     *
     * @return whether it must be checked again by the next sweep, also if nothing arrives until then
     */
    boolean check();

    /**
     * Reads on, or stops reading.
     *
     * @param on whether to read
     */
    void reading(boolean on);

    /**
     * Reads no more from the client, whose bytes are discarded from now on. When the messages that were read before are passed
     * on, calls {@code SessionClosing.inputEnded}, now or later.
     */
    void endInput();

    /** The session has finished: it handles nothing of the client any more, and the connection counts in no limit. */
    default void finished() {}

    /**
     * The kind of the connection.
     *
     * @return a WebSocket by default
     */
    default Socket.Transport transport() {
        return Socket.Transport.WEBSOCKET;
    }

    /**
     * Sends a close frame after the appended messages, then ends the connection.
     *
     * @param code the close code
     * @param reason for people, at most 123 bytes
     */
    void close(int code, String reason);
}
