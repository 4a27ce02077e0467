package io.heliodor.protocol;

import io.heliodor.link.Peer;
import java.util.List;
import java.util.Optional;

/** The actions of the names of a node. No method may call back. */
public interface NamesEffects {
    /**
     * Sends a message to a peer with an open session.
     *
     * @param to the peer
     * @param message the message
     */
    void send(Peer to, NamesMessage message);

    /**
     * Reports the outcome of a request. Called once for each ticket, within eight seconds.
     *
     * @param ticket the ticket of the request
     * @param outcome the outcome
     */
    void answered(long ticket, NameOutcome outcome);

    /**
     * A process of this node lost its name without giving it up.
     *
     * @param name the name
     * @param process the process
     */
    void lost(String name, long process);

    /**
     * A name had owners on two sides of a split. Called on the node of the winner, if it still has the name, and on
     * that of the loser.
     *
     * @param name the name
     * @param winner the owner from now on; empty if the resolver chose none
     * @param loser the former owner
     */
    void conflict(String name, Optional<Peer> winner, Peer loser);

    /**
     * A process of this node was elected.
     *
     * @param election the election
     * @param process the process
     * @param term its term
     */
    void leading(String election, long process, Term term);

    /**
     * The term of a process of this node is over. Called once for each {@link #leading}.
     *
     * @param election the election
     * @param process the process
     * @param term its term
     */
    void deposed(String election, long process, Term term);

    /**
     * A row of the local table changed.
     *
     * @param key the key of the row
     * @param owner the new owner; empty if there is none
     */
    void changed(Key key, Optional<Claim> owner);

    /**
     * Calls the resolver, which answers by {@link Names#resolved}. After a second without an answer the oldest claim
     * wins.
     *
     * @param conflict the number of the conflict
     * @param name the name
     * @param claims the claims: two or more
     */
    void resolve(long conflict, String name, List<Claim> claims);
}
