package io.heliodor.channel;

/**
 * Accepts or refuses connections.
 *
 * @param <S> the type of the connection's assigns
 */
@FunctionalInterface
public interface ConnectHandler<S> {
    /**
     * Handles a connection request, before the upgrade.
     *
     * <p><b>Threads:</b> a virtual thread for each request. <b>Blocking:</b> may block; the client waits.
     *
     * @param connect the request
     * @return accepted with assigns, or refused
     * @throws Exception on any failure; it is logged, and the client gets status 500
     */
    ConnectOutcome<? extends S> connect(Connect connect) throws Exception;
}
