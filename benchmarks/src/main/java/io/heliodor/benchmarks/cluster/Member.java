package io.heliodor.benchmarks.cluster;

import java.util.List;
import java.util.concurrent.TimeoutException;

/** A member of a cluster, which passes each message to its {@link NodeWorkload}. */
interface Member extends AutoCloseable {
    /** The port on which it listens for other members. */
    int port();

    /** Waits until all members are reachable; they listen at these ports, in the order of their starts. */
    void meet(List<Integer> ports) throws InterruptedException, TimeoutException;

    /** Sends to one other member. It may block for room. The message must not change afterwards. */
    void send(int to, byte[] message) throws Exception;

    /** Sends to all other members, in the way of the operation. It may wait for room. */
    void sendToAll(Operation how, byte[] message) throws Exception;

    /** Sends a request to the second member in the way of this kind of member, and waits for the reply. */
    void ask(Operation how, byte[] message) throws Exception;

    @Override
    void close();
}
