package io.heliodor.transport.handshake;

import io.heliodor.channel.UserSocket;
import io.heliodor.channel.definition.SocketDefinition;
import io.heliodor.session.ChannelRoutes;
import io.heliodor.session.Hub;

/**
 * A socket and its path.
 *
 * @param path the path, without the suffix of a transport
 * @param socket the socket's definition
 * @param routes the socket's channels by topic
 * @param <S> the type of the connections' assigns
 */
public record Mount<S>(String path, SocketDefinition<S> socket, ChannelRoutes<S> routes) {
    /**
     * Mounts a socket.
     *
     * @param path the path
     * @param socket the definition
     * @param <S> the type of the connections' assigns
     * @return the mount
     */
    public static <S> Mount<S> of(String path, UserSocket<S> socket) {
        return new Mount<>(path, SocketDefinition.of(socket), Hub.routes(socket));
    }
}
