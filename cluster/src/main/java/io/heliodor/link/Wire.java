package io.heliodor.link;

/**
 * Moves packets between peers, and says who is a member. Below the sessions: what it carries may be lost, repeated or late
 * across views.
 */
public interface Wire extends AutoCloseable {
    /**
     * This node.
     *
     * @return its peer
     */
    Peer self();

    /**
     * Sends a packet to a member; to others it does nothing. It may block, so it is called by a thread of that peer's
     * session alone. The caller limits what is in flight: a wire keeps the packets that a peer does not read. Packets that
     * are sent to one peer one after the other arrive in order while both stay in each other's view.
     *
     * @param to whom
     * @param packet the bytes; not to be changed any more
     * @throws InterruptedException when interrupted while waiting; the packet may be lost then
     */
    void send(Peer to, byte[] packet) throws InterruptedException;

    /** Leaves and closes; nothing is told any more when it returned. */
    @Override
    void close();

    /** What a wire tells: view and suspected one at a time; packets for each peer one at a time. */
    interface Listener {
        /**
         * A view was installed.
         *
         * @param view the view; this node is a member
         */
        void view(View view);

        /**
         * What this node thinks of a member changed.
         *
         * @param peer a member
         * @param suspect whether it seems to be dead
         */
        void suspected(Peer peer, boolean suspect);

        /**
         * A peer sent a packet.
         *
         * @param from who
         * @param bytes where it is; not to be kept
         * @param offset its first byte
         * @param length how many bytes it has
         */
        void received(Peer from, byte[] bytes, int offset, int length);
    }
}
