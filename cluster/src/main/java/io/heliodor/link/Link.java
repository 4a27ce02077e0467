package io.heliodor.link;

import java.util.List;
import java.util.function.IntFunction;

/**
 * Connects a node to its peers: views, sessions, suspicion. Its guarantees are those of {@code docs/design/link.md}; the same
 * checkers judge the real link and the simulated one.
 *
 * <p>All methods may be called from any thread.
 */
public interface Link extends AutoCloseable {
    /**
     * This node.
     *
     * @return its peer
     */
    Peer self();

    /**
     * Queues an envelope for a peer if there is room. Never blocks.
     *
     * @param to the peer
     * @param envelope as {@link Envelope#toBytes} wrote it
     * @return what became of it; nothing else happens if it was not queued
     */
    Sent offer(Peer to, byte[] envelope);

    /**
     * Queues an envelope of a protocol, which must arrive or be repeated from a known state. It passes the senders that wait
     * for room, and may use a reserve of the same size; the session ends when that is used up as well. Never blocks.
     *
     * @param to the peer
     * @param envelope as {@link Envelope#toBytes} wrote it
     * @return what became of it: {@link Sent#FULL} when the session ended by it
     */
    Sent post(Peer to, byte[] envelope);

    /**
     * Queues an envelope, and waits for room after all senders that wait already. Any thread may wait.
     *
     * @param to the peer
     * @param envelope as {@link Envelope#toBytes} wrote it
     * @param nanos how long to wait; with 0 or less as {@link #offer}
     * @return what became of it: {@link Sent#FULL} when there was no room in this time. The session goes on
     * @throws InterruptedException when interrupted while waiting; it was not queued then
     */
    Sent send(Peer to, byte[] envelope, long nanos) throws InterruptedException;

    /**
     * Queues an envelope for each of several peers. It first offers each, then waits for the peers that are full, for all of
     * them together. A peer that has confirmed nothing for 200 ms is not waited for, so a frozen one delays the others once.
     * When the thread is interrupted it waits no longer, and is still interrupted afterwards.
     *
     * @param to the peers; one that occurs twice gets two envelopes
     * @param envelopes the envelope of each, by its index in {@code to}, as {@link Envelope#toBytes} wrote it; called once for
     *     each
     * @param nanos how long to wait for all of them; with 0 or less as {@link #offer}
     * @param refusals called, before this returns, for each that was not queued
     */
    void sendAll(List<Peer> to, IntFunction<byte[]> envelopes, long nanos, Refusals refusals);

    /** Receives the envelopes of several that were not queued. */
    @FunctionalInterface
    interface Refusals {
        /**
         * One was not.
         *
         * @param index that of the peer in the list
         * @param why {@link Sent#FULL} or {@link Sent#NO_SESSION}
         */
        void refused(int index, Sent why);
    }

    /** Leaves, and closes. */
    @Override
    void close();

    /** What became of an envelope. */
    enum Sent {
        /** It waits in the session. It arrives unless the session ends before. */
        QUEUED,
        /** There was no room. */
        FULL,
        /** There is no session to that peer. */
        NO_SESSION
    }

    /**
     * What a link tells its node. {@code view}, {@code opened}, {@code closed} and {@code suspected} come one at a time,
     * in an order that makes sense: a session opens only to a member of the view that was told last, and all sessions to
     * those who are no members of a view are closed before that view is told. No call may block.
     */
    interface Listener {
        /**
         * A view was installed.
         *
         * @param view the view; this node is a member
         */
        void view(View view);

        /**
         * A session to a peer is open: what is sent from now on arrives, once and in order, until it is closed.
         *
         * @param peer a member of the view
         */
        void opened(Peer peer);

        /**
         * A session was closed. What was under way is lost.
         *
         * @param peer to whom it was
         */
        void closed(Peer peer);

        /**
         * What this node thinks of a member changed.
         *
         * @param peer a member of the view
         * @param suspect whether it seems to be dead; never told twice in a row
         */
        void suspected(Peer peer, boolean suspect);

        /**
         * A peer sent something: one call at a time for each peer, several at once for several. Between two calls for a
         * peer its session may have ended, and begun anew.
         *
         * @param from who
         * @param envelope as {@link Envelope#toBytes} wrote it
         */
        void received(Peer from, byte[] envelope);
    }
}
