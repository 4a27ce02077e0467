package io.heliodor.channel;

/**
 * Decides who may connect.
 *
 * @param <S> the type of the connection's assigns
 */
@FunctionalInterface
public interface ConnectHandler<S> {
    /**
     * Called once for each request, before the upgrade.
     *
     * <p><b>Threads:</b> a virtual thread for each request. <b>Blocking:</b> may block; the client waits.
     *
     * @param connect the request
     * @return accepted with assigns, or refused
     * @throws Exception whatever goes wrong: it is logged, the client gets status 500
     */
    ConnectOutcome<? extends S> connect(Connect connect) throws Exception;
}
