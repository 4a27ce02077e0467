package io.heliodor.session.replication;

import io.heliodor.history.CatchUpFormat;
import io.heliodor.history.VersionVector;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The logs of one endpoint, as the exchange with other nodes uses them. Any thread may use it.
 *
 * @param <T> the type of what is kept
 */
public interface KeptLogs<T> {
    /** The log of a topic; empty for one without a history. */
    Optional<? extends KeptLog<T>> find(String topic);

    /** Those of topics that have a history. */
    List<? extends KeptLog<T>> all();

    /** Keeps a copy of a topic's history for other nodes, unless there are too many, or no channel of this node keeps one. */
    Optional<CompletableFuture<Void>> keepCopy(String topic);

    /** Keeps a copy up to a position; whether it has all of that then. Empty if it keeps no copy. */
    Optional<CompletableFuture<Boolean>> takeOver(String topic, VersionVector position);

    /** Begins a comparison with a node. */
    void compare(String node);

    /** Whether the endpoint is about to stop. */
    boolean isLeaving();

    /** Writes and reads what is kept. */
    CatchUpFormat<T> format();

    /** The maximum number of topics of a request. */
    int topicsOfRequest();

    long now();
}
