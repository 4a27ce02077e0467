package io.heliodor.spring;

import io.heliodor.channel.UserSocket;

/**
 * Changes the socket of all {@link ChannelMapping} channels before it is built, in a bean: expected exceptions, hooks around handlers.
 *
 * {@snippet lang="java" :
 * @Bean
 * SocketCustomizer exceptions() {
 *     return socket -> socket.onException(DuplicateKeyException.class, _ -> Reply.error("exists"));
 * }
 * }
 *
 * <p>The socket has its channels and the validator then, and with a {@code JwtDecoder} bean the user of the connection in the {@code
 * SecurityContextHolder} and the refusal {@code forbidden} for an {@code AccessDeniedException}. A {@link UserSocket} bean has its own
 * settings: a customizer next to it would have no effect, and the start fails.
 */
@FunctionalInterface
public interface SocketCustomizer {
    /**
     * Changes the settings.
     *
     * @param socket the socket of the channels
     */
    void customize(UserSocket.Builder<?> socket);
}
