package io.heliodor.node;

import io.heliodor.link.Peer;
import io.heliodor.process.Pid;
import io.heliodor.pubsub.Type;
import java.util.List;

/** What names, groups and elections need to know of processes. */
interface Addresses {
    /** The address of a process. */
    <M> Pid<M> pid(Peer peer, long process, Type<M> type);

    /** Where a process is. */
    Peer peer(Pid<?> pid);

    /** Which it is there. */
    long process(Pid<?> pid);

    /** Sends a message to several processes. Returns to how many. */
    <M> int sendAll(List<Pid<M>> to, M message);

    /** Whether a process of this node runs. */
    boolean runs(Pid<?> pid);

    /** Runs something once when a process of this node has ended; at once if it has. On any thread; it must not block. */
    void onEnd(Pid<?> pid, Runnable task);
}
