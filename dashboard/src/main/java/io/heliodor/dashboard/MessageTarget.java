package io.heliodor.dashboard;

/**
 * The message that an operator is about to send as a client.
 *
 * @param socket the path of the socket
 * @param topic the topic
 * @param event the event, {@code phx_join} for a join
 */
record MessageTarget(String socket, String topic, String event) {
    MessageTarget {
        Search.check("socket", socket);
        Search.check("topic", topic);
        Search.check("event", event);
    }
}
