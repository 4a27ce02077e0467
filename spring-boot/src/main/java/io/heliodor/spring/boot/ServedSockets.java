package io.heliodor.spring.boot;

import io.heliodor.channel.UserSocket;
import io.heliodor.limit.Limits;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * The sockets of an application, and the settings with which an endpoint or the kit of a test serves them. The beans are read when
 * this one is made: before the endpoint, or at the first use by a test. Public for the module of tests.
 *
 * @param sockets the sockets; empty if there is neither a socket nor a channel
 * @param limits the limits by the property and the customizers
 * @param json the application's JSON mapper; empty if there is none, or several
 */
public record ServedSockets(List<Served> sockets, Limits limits, Optional<JsonMapper> json) {
    /**
     * Copies the list.
     */
    public ServedSockets {
        sockets = List.copyOf(sockets);
    }

    /**
     * A socket and its path.
     *
     * @param path the path
     * @param socket the socket
     * @param mapped the bean whose {@link io.heliodor.spring.SocketMapping} has the path; empty if the property has it
     */
    public record Served(String path, UserSocket<?> socket, Optional<String> mapped) {}
}
