package io.heliodor.benchmarks.cluster;

import java.util.List;
import java.util.concurrent.TimeoutException;

/** A member of a cluster: it hands each message that comes to the {@link Part} that it was made with. */
interface Member extends AutoCloseable {
    /** Where it listens for other members. */
    int port();

    /** Waits until it can speak to all members: they listen at these ports, in the order in which they were started. */
    void meet(List<Integer> ports) throws InterruptedException, TimeoutException;

    /** Sends to one other member. It may wait for room. The message is not changed any more. */
    void send(int to, byte[] message) throws Exception;

    /** Sends to all other members, in the way of the operation. It may wait for room. */
    void sendToAll(Operation how, byte[] message) throws Exception;

    /** Asks the second member in a way of this kind of member, and waits for the answer. */
    void ask(Operation how, byte[] message) throws Exception;

    @Override
    void close();
}
