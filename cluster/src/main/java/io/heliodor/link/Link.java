package io.heliodor.link;

/**
 * What connects a node to its peers: views, sessions, suspicion. It promises what its page in {@code docs/design} says of
 * sessions, and nothing more; the real one and the simulated one are judged by the same checkers.
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
     * Queues an envelope for a peer, if there is room. Never blocks.
     *
     * @param to whom
     * @param envelope as {@link Envelope#toBytes} wrote it
     * @return what became of it; when it was not queued nothing else happened
     */
    Sent offer(Peer to, byte[] envelope);

    /**
     * Queues an envelope that the peer must get or else be told everything anew: where there is no room the session
     * ends. Never blocks.
     *
     * @param to whom
     * @param envelope as {@link Envelope#toBytes} wrote it
     * @return what became of it: {@link Sent#FULL} when the session ended by it
     */
    Sent post(Peer to, byte[] envelope);

    /**
     * Queues an envelope; waits for room, and ends the session when none came. On a virtual thread.
     *
     * @param to whom
     * @param envelope as {@link Envelope#toBytes} wrote it
     * @param nanos how long to wait
     * @return what became of it: {@link Sent#FULL} when the session ended by it
     * @throws InterruptedException when interrupted while waiting; it was not queued then
     */
    Sent send(Peer to, byte[] envelope, long nanos) throws InterruptedException;

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
