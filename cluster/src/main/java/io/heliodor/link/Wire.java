package io.heliodor.link;

/**
 * The transport below the sessions of a link: packets between peers, views and suspicions. Packets may be lost,
 * repeated or late across views. Thread-safe.
 */
public interface Wire extends AutoCloseable {
    /**
     * The peer that is this node.
     *
     * @return the peer
     */
    Peer self();

    /**
     * Sends a packet to a member; does nothing for other peers. It may block, so only one thread for each peer calls
     * it. The caller limits the bytes in flight: a wire keeps the packets that a peer does not read. Packets to a peer
     * arrive in order while both are in each other's view.
     *
     * @param to the member
     * @param packet the bytes, which must not change afterwards
     * @throws InterruptedException when interrupted while waiting; the packet may be lost then
     */
    void send(Peer to, byte[] packet) throws InterruptedException;

    /**
     * Whether a member takes envelopes in parts.
     *
     * @param to the member
     * @return false if its release does not, or is not known at present
     */
    boolean takesParts(Peer to);

    /** Leaves the cluster and closes the wire. Blocks; after it returns the listener is not called any more. */
    @Override
    void close();

    /**
     * Gets the events of a wire. {@code view} and {@code suspected} are called one at a time; {@code received} one at a
     * time for each peer. No method may block.
     */
    interface Listener {
        /**
         * A view was installed.
         *
         * @param view the view; this node is a member
         */
        void view(View view);

        /**
         * A suspicion of a member begins or ends.
         *
         * @param peer a member
         * @param suspect whether it begins
         */
        void suspected(Peer peer, boolean suspect);

        /**
         * A packet has arrived.
         *
         * @param from its sender
         * @param bytes contains it; must not be kept
         * @param offset the index of its first byte
         * @param length its number of bytes
         */
        void received(Peer from, byte[] bytes, int offset, int length);
    }
}
