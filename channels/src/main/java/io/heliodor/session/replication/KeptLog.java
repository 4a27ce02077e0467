package io.heliodor.session.replication;

import io.heliodor.history.CatchUpRequest;
import io.heliodor.history.CatchUpResponse;
import io.heliodor.history.Dot;
import java.util.Optional;
import java.util.Set;

/**
 * The log of a topic, as the exchange with other nodes uses it. A topic may end, and has no log then. Any thread may use it.
 *
 * @param <T> the type of what is kept
 */
public interface KeptLog<T> {
    /** The name of the topic. */
    String name();

    /** Whether a message would be lost if no other node had this log. */
    boolean keepsMessages();

    /** The other nodes that have a log, or soon will. */
    Set<String> others();

    /** The hash of its position; 0 after its end. */
    int hash();

    /** Whether it has a history with another position. */
    boolean differsFrom(int hash);

    /** The log of a node has another position. */
    void differs(String node);

    /** The request of its log to others; empty if it has none any more. */
    Optional<CatchUpRequest> request(Optional<Dot> after);

    Optional<CatchUpResponse<T>> respond(CatchUpRequest request, int maxBytes);

    /** Takes a part of the response of a node. Blocks while a lane is full. */
    void answered(String node, long round, CatchUpResponse<T> answer);

    /** No more responses of a node arrive in this round. */
    void over(String node, long round, boolean responded);

    /** The number of {@linkplain CopyPlacement#attempt failed attempts} to place a copy. */
    int copyAttempt();

    /** Handles the result of a request for a copy. */
    void copied(String node, CopyPlacement.Reply answer);

    /** Handles a tick; returns whether it is quiescent. */
    boolean tick();
}
