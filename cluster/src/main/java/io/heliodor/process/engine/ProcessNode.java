package io.heliodor.process.engine;

import io.heliodor.codec.Codecs;
import io.heliodor.counter.EnumCounters;
import io.heliodor.link.Peer;
import io.heliodor.link.Time;

/** The node of processes, as pids and reply addresses use it. Any thread may use it. */
interface ProcessNode {
    /** The peer of this node. */
    Peer self();

    /** The clock and the timers of this node. */
    Time time();

    /** The codecs of user values, which include pids and reply addresses. */
    Codecs codecs();

    /** The counters of this node. */
    EnumCounters<NodeCounter> counters();

    Peers peers();

    /** The calls of this node that wait for an answer. */
    Calls calls();

    /** Sends a message to a process of this node. Returns whether it has it. */
    <M> boolean send(long number, M message);

    /** Delivers the message of a call to a process of this node; without the process, the call ends. */
    <M> void deliver(NodePid<M> pid, M request, PendingCall<?> call);
}
