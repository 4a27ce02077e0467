package io.heliodor.channel;

/**
 * Replaces the identity of an open connection by that of a fresh token.
 *
 * @param <S> the type of the connection's assigns
 */
@FunctionalInterface
public interface RefreshHandler<S> {
    /**
     * Handles a fresh token of a client.
     *
     * <p><b>Threads:</b> a virtual thread, for one token of a connection at a time. <b>Blocking:</b> may block; the events of the
     * connection are handled meanwhile.
     *
     * @param token the token: 1 to 8 192 characters
     * @param socket the connection, whose assigns and id are those before
     * @return as of a {@link ConnectHandler}. If accepted, the assigns and the time limit replace those of the connection, and an id must be
     *     that of the connection. If refused, the client gets status and text, and the connection keeps its identity
     * @throws Exception on any failure; it is logged, the client gets status 500, and the connection keeps its identity
     */
    ConnectOutcome<? extends S> refresh(String token, Socket<S> socket) throws Exception;
}
