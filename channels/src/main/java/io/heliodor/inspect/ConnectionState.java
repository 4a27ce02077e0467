package io.heliodor.inspect;

import java.util.List;
import java.util.Optional;

/**
 * The state of one connection.
 *
 * @param connection its correlation id
 * @param id the id that the connect handler gave it
 * @param address the IP address of the client
 * @param transport {@code websocket} or {@code long_poll}
 * @param channels the number of its channels that are joined or joining
 * @param topics the topics of the first of them
 * @param waitingBytes the bytes that the client has not taken
 */
public record ConnectionState(
        String connection,
        Optional<String> id,
        String address,
        String transport,
        int channels,
        List<String> topics,
        long waitingBytes) {
    /** Copies the list. */
    public ConnectionState {
        topics = List.copyOf(topics);
    }
}
