package io.heliodor.link;

import java.util.List;
import java.util.function.IntFunction;

/**
 * The connections of a node to its peers: views of the members, sessions that deliver envelopes in order, and
 * suspicions. {@code docs/design/link.md} states its guarantees, which the same checkers verify for the real link and
 * the simulated one.
 *
 * <p>Thread-safe.
 */
public interface Link extends AutoCloseable {
    /**
     * The peer that is this node.
     *
     * @return the peer
     */
    Peer self();

    /**
     * Queues an envelope for a peer if there is room. Does not block.
     *
     * @param to the peer
     * @param envelope as {@link Envelope#toBytes} wrote it
     * @return the result; an envelope that was not queued has no other effect
     */
    Sent offer(Peer to, byte[] envelope);

    /**
     * Queues an envelope of a protocol, which must arrive, or be repeated from a known state. It goes before the
     * senders that wait for room, and may use a reserve of the same size. The session ends when the reserve is full as
     * well. Does not block.
     *
     * @param to the peer
     * @param envelope as {@link Envelope#toBytes} wrote it
     * @return the result; {@link Sent#FULL} if the session ends by it
     */
    Sent post(Peer to, byte[] envelope);

    /**
     * Queues a message of a protocol, as {@link #post(Peer, byte[])} does.
     *
     * @param to the peer
     * @param message the message
     * @return the result
     */
    default Sent post(Peer to, Message message) {
        return post(to, Envelope.of(message).toBytes());
    }

    /**
     * Queues an envelope. Blocks until there is room, after all senders that wait already.
     *
     * @param to the peer
     * @param envelope as {@link Envelope#toBytes} wrote it
     * @param nanos the maximum time to wait; 0 or less is {@link #offer}
     * @return the result; {@link Sent#FULL} if there was no room in this time, and the session goes on
     * @throws InterruptedException when interrupted while waiting; the envelope was not queued then
     */
    Sent send(Peer to, byte[] envelope, long nanos) throws InterruptedException;

    /**
     * Queues an envelope for each of several peers. It offers to each first, then blocks until there is room at the
     * full ones, for all of them together. It does not wait for a peer that has confirmed nothing for 200 ms, so a
     * frozen one delays the others once. An interrupt ends the wait, and stays set.
     *
     * @param to the peers; one that occurs twice gets two envelopes
     * @param envelopes returns the envelope for an index in {@code to}, as {@link Envelope#toBytes} wrote it; called
     *     once for each index
     * @param nanos the maximum time to wait for all of them; with 0 or less it does not wait
     * @param refusals called, before this returns, for each that was not queued
     */
    void sendAll(List<Peer> to, IntFunction<byte[]> envelopes, long nanos, Refusals refusals);

    /** Called for envelopes of {@link #sendAll} that were not queued, on the thread of the caller. */
    @FunctionalInterface
    interface Refusals {
        /**
         * An envelope was not queued.
         *
         * @param index the index of its peer in the list
         * @param why {@link Sent#FULL} or {@link Sent#NO_SESSION}
         */
        void refused(int index, Sent why);
    }

    /**
     * The seeds that are not in the view, as of the last attempt.
     *
     * @return each with its address and the reason
     */
    default List<String> absentSeeds() {
        return List.of();
    }

    /** Leaves the cluster and closes the link. Blocks. */
    @Override
    void close();

    /** The result of sending an envelope. */
    enum Sent {
        /** It is in the queue of the session. It arrives unless the session ends before. */
        QUEUED,
        /** There was no room. */
        FULL,
        /** There is no session to that peer. */
        NO_SESSION
    }

    /**
     * Gets the events of a link. {@code view}, {@code opened}, {@code closed} and {@code suspected} are called one at a
     * time. A session opens only to a member of the last view; sessions with nodes that are not in a view close before
     * that view. No method may block.
     */
    interface Listener {
        /**
         * A view was installed.
         *
         * @param view the view; this node is a member
         */
        void view(View view);

        /**
         * A session to a peer is open: envelopes sent from now on arrive once and in order until it is closed.
         *
         * @param peer a member of the view
         */
        void opened(Peer peer);

        /**
         * A session was closed. Envelopes in flight are lost.
         *
         * @param peer its peer
         */
        void closed(Peer peer);

        /**
         * A suspicion of a member begins or ends.
         *
         * @param peer a member of the view
         * @param suspect whether it begins; alternates for each member
         */
        void suspected(Peer peer, boolean suspect);

        /**
         * An envelope has arrived. Called one at a time for each peer, at once for several. Between two calls for a
         * peer its session may have ended, and another one begun.
         *
         * @param from the peer
         * @param envelope as {@link Envelope#toBytes} wrote it
         */
        void received(Peer from, byte[] envelope);
    }
}
