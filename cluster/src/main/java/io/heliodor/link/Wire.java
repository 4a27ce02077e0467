package io.heliodor.link;

import java.util.List;
import org.jspecify.annotations.Nullable;

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
     * Sends a packet to a member; does nothing for other peers. It may block, so threads of this peer alone call
     * it. The caller limits the bytes in flight: a wire keeps the packets that a peer does not read. The packets of a thread to a
     * peer arrive in order while both are in each other's view. The order of packets that go different ways is not kept.
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

    /**
     * Whether something came lately by the short way of a member, or waits there.
     *
     * @param from the member
     * @return false without such a way; true if the wire does not know
     */
    default boolean hasInput(Peer from) {
        return true;
    }

    /**
     * The short way to a member at present: past the protocols of the wire, for packets that their sender repeats when the way
     * ends. Requesting it may begin one, which is there some time later. Does not block.
     *
     * @param to the member
     * @return null if there is none: then packets go by {@link #send}
     */
    @Nullable
    Way way(Peer to);

    /**
     * A short way to a member. It keeps the order of packets and loses none until it ends; of those under way at its end, the last
     * may be lost. Which were lost is known by their confirmation only.
     */
    interface Way {
        /**
         * Sends a packet. It may block, so only one thread calls it. After the end of the way it does nothing.
         *
         * @param packet the bytes, which must not change afterwards
         * @throws InterruptedException when interrupted while waiting; the way has ended then
         */
        void send(byte[] packet) throws InterruptedException;

        /**
         * Gives it up, also if it is blocked, because nothing is confirmed over it. {@link Wire#way} does not return it any more,
         * and no other one for a time.
         */
        void end();
    }

    /**
     * The seeds that are not in the view, as of the last attempt.
     *
     * @return each with its address and the reason
     */
    default List<String> absentSeeds() {
        return List.of();
    }

    /** Leaves the cluster and closes the wire. Blocks; after it returns the listener is not called any more. */
    @Override
    void close();

    /**
     * Gets the events of a wire. {@code view} and {@code suspected} are called one at a time; {@code received} one at a
     * time for each peer, and {@code wayEnded} at any time. No method may block.
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
         * A short way to a member has ended. Packets under way may be lost.
         *
         * @param to the member
         */
        void wayEnded(Peer to);

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
