package io.heliodor.protocol;

import io.heliodor.link.Peer;

/** The actions of the replicated maps of a node. No method may call back. */
public interface MapsEffects {
    /**
     * Sends a message to a peer. It may be dropped if there is no session, or if the session ends by it.
     *
     * @param to the peer
     * @param message the message
     */
    void send(Peer to, MapMessage message);

    /**
     * A peer added an entry.
     *
     * @param kind the map
     * @param owner the peer
     * @param key the key
     * @param value the value
     */
    void added(int kind, Peer owner, String key, String value);

    /**
     * A peer changed the value of an entry.
     *
     * @param kind the map
     * @param owner the peer
     * @param key the key
     * @param before the old value
     * @param value the new value
     */
    void changed(int kind, Peer owner, String key, String before, String value);

    /**
     * A peer removed an entry, or left the view.
     *
     * @param kind the map
     * @param owner the peer
     * @param key the key
     * @param before the old value
     */
    void removed(int kind, Peer owner, String key, String before);

    /**
     * A wait for acknowledgements is over. Called once for each ticket.
     *
     * @param ticket the ticket of the wait
     * @param all whether all peers acknowledged or left; false after the deadline, or if suspects have not
     */
    void acked(long ticket, boolean all);
}
