package io.heliodor.jwt;

import io.heliodor.channel.ConnectOutcome;

/**
 * Accepts or refuses the client of a valid token.
 *
 * @param <S> the type of the connection's assigns
 */
@FunctionalInterface
public interface JwtHandler<S> {
    /**
     * Handles a valid token. Called on the thread that called {@link Jwts#accept}, and may block as that may.
     *
     * @param jwt the claims of the token
     * @return accepted with assigns made of the claims, or refused
     * @throws Exception on any failure; {@code accept} passes it on
     */
    ConnectOutcome<S> accept(Jwt jwt) throws Exception;
}
