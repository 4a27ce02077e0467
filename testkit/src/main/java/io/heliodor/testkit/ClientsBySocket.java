package io.heliodor.testkit;

import io.heliodor.channel.Socket;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The clients of a kit by the sockets that their handlers get. Any thread may use it. */
final class ClientsBySocket {
    private record Numbered(TestClient client, int number) {}

    private final Map<Socket<?>, Numbered> clients = new ConcurrentHashMap<>();

    /** Adds a client; on the loop, before its first handler runs. */
    void add(Socket<?> socket, TestClient client) {
        clients.put(socket, new Numbered(client, clients.size() + 1));
    }

    /** The join of a topic that a test holds. */
    Optional<HeldJoin> held(Socket<?> socket, String topic) {
        return Optional.ofNullable(clients.get(socket))
                .flatMap(each -> each.client().takeHeld(topic));
    }

    /** The client for people: its id, or its number in the order of the connections. */
    String name(Socket<?> socket) {
        return socket.id()
                .orElseGet(() -> "number "
                        + Optional.ofNullable(clients.get(socket))
                                .map(Numbered::number)
                                .orElse(0));
    }
}
