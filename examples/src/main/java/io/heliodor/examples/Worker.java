package io.heliodor.examples;

import static io.heliodor.examples.SeveralNodes.MESSAGE;

import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.examples.SeveralNodes.Message;
import io.heliodor.examples.SeveralNodes.User;
import io.heliodor.node.Node;

/** A process of the cluster that publishes, and to which no client connects. */
final class Worker {
    private Worker() {}

    // @start region=worker
    /** With the socket of the servers: its channels declare which events are kept. It is not started. */
    static Endpoint publisher(Node node, UserSocket<User> socket) {
        return Endpoint.builder()
                .pubsub(node.pubsub())
                .socket("/socket", socket)
                .build();
    }

    static void work(Endpoint publisher) {
        publisher.channels().broadcast("room:lobby", MESSAGE, new Message("worker", "the report is ready"));
    }
    // @end
}
