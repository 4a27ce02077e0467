package io.heliodor.spring;

import io.heliodor.channel.ConnectOutcome;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.jwt.Jwt;

/**
 * The assigns and the id of a connection whose token is valid, in a bean. Without one the assigns are the {@code Authentication}, and the id is
 * {@code users:} and its name.
 *
 * {@snippet lang="java" :
 * @Bean
 * JwtAssigns<Person> assigns() {
 *     return (jwt, user) -> Connect.ok(new Person(jwt.getSubject(), jwt.getClaimAsString("name")), "users:" + user.getName());
 * }
 * }
 *
 * <p>Make the id of a name that each user has: {@code jwt.getSubject()} is null for a token without {@code sub}, and these users would share
 * one id.
 *
 * <p>It is called for the token of a connection, and for each fresh one. The connection ends with its token. In handlers the {@code
 * SecurityContextHolder} has the {@code Authentication} in each case.
 *
 * <p><b>Threads:</b> virtual threads, concurrently. <b>Blocking:</b> allowed; the client waits.
 *
 * @param <S> the type of the assigns, a class
 */
@FunctionalInterface
public interface JwtAssigns<S> {
    /**
     * Decides about a connection.
     *
     * @param jwt the valid token
     * @param authentication the user that the application's {@code JwtAuthenticationConverter} makes of it, with a name. A client whose
     *     name is missing or blank is refused with status 403 before
     * @return {@code Connect.ok(assigns, id)} or {@code Connect.refuse()}
     * @throws Exception if it fails: the client is refused with status 500
     */
    ConnectOutcome<? extends S> connect(Jwt jwt, Authentication authentication) throws Exception;
}
