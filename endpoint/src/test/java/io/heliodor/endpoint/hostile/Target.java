package io.heliodor.endpoint.hostile;

import static io.heliodor.transport.frame.ClientFrames.utf8;

import io.heliodor.endpoint.Live;
import io.heliodor.endpoint.RawClient;
import java.util.ArrayList;
import java.util.List;

/** A server, and the clients that one attack on it uses. */
final class Target implements AutoCloseable {
    /** A text of clients that no line of the log may contain. */
    static final String SECRET = "sesame";

    private final Live live;
    private final int round;
    private final List<RawClient> clients = new ArrayList<>();

    Target(Live live, int round) {
        this.live = live;
        this.round = round;
    }

    Live live() {
        return live;
    }

    /** The number of attacks before this one. */
    int round() {
        return round;
    }

    RawClient connect() {
        return closing(RawClient.connect(live.endpoint));
    }

    /** A WebSocket. */
    RawClient open() {
        return connect().upgrade("");
    }

    /** A WebSocket that has joined {@code room:a}. */
    RawClient member() {
        return open().joins("room:a");
    }

    RawClient closing(RawClient client) {
        clients.add(client);
        return client;
    }

    /** Sends a request, and returns the outcome. */
    String answer(String head) {
        RawClient client = connect().send(head + "\r\n");
        int status = client.response(!head.startsWith("HEAD")).status();
        return status + (status == 101 ? open(client) : client.restInOrder().isEmpty() ? ", closed" : ", and more");
    }

    private static String open(RawClient client) {
        client.joins("room:a");
        return "";
    }

    /** Sends bytes on a WebSocket, and returns how it ends. */
    String end(RawClient client, byte[] bytes) {
        return end(client.trySend(bytes));
    }

    /** Returns how a WebSocket ends: the code of the close frame, which must be the last frame. */
    String end(RawClient client) {
        RawClient.Frame frame = client.next();
        while (frame.opcode() != 8) {
            frame = client.next();
        }
        client.ends();
        return frame.toString();
    }

    static String payload() {
        return "{\"said\":\"" + SECRET + "\"}";
    }

    static byte[] secret() {
        return utf8(SECRET);
    }

    @Override
    public void close() {
        clients.forEach(RawClient::close);
    }
}
