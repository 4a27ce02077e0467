package io.heliodor.spring.boot;

import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.Invocation;
import io.heliodor.channel.Reply;
import io.heliodor.channel.Socket;
import io.heliodor.channel.UserSocket;
import io.heliodor.log.BoundedLog;
import io.heliodor.spring.JwtAssigns;
import io.heliodor.spring.boot.HeliodorProperties.JwtTokens;
import io.heliodor.type.text.EscapedException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.convert.converter.Converter;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;

/**
 * A socket for clients with a token that the application's {@link JwtDecoder} accepts.
 *
 * @param <S> the type of the connection's assigns
 */
final class JwtAccess<S> extends SocketAccess<S> {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.spring");
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    /** By default a {@link JwtDecoder} accepts a token for as long after its expiry, and its own value cannot be read from it. */
    private static final Duration CLOCK_SKEW = Duration.ofSeconds(60);

    /** All such users would have the id {@code users:}, with the pushes and the once-only replies of each other. */
    private static final String NO_NAME =
            "its token is valid, but names no user. Spring Security takes the name from the claim"
                    + " spring.security.oauth2.resourceserver.jwt.principal-claim-name, by default sub";

    private static final BoundedLog NAMELESS = new BoundedLog(LOG, "clients without a name", System::nanoTime);

    private final JwtDecoder decoder;
    private final Converter<Jwt, ? extends AbstractAuthenticationToken> converter;
    private final JwtAssigns<S> users;
    private final JwtTokens settings;

    JwtAccess(
            JwtDecoder decoder,
            Converter<Jwt, ? extends AbstractAuthenticationToken> converter,
            Class<S> assigns,
            JwtAssigns<S> users,
            JwtTokens settings) {
        super(assigns);
        this.decoder = decoder;
        this.converter = converter;
        this.users = users;
        this.settings = settings;
    }

    @Override
    UserSocket.Builder<S> socket() {
        UserSocket.Builder<S> socket = UserSocket.<S>connect(this::connect)
                .onRefresh(this::refresh)
                .around(JwtAccess::withSecurityContext)
                .onException(AccessDeniedException.class, _ -> Reply.error("forbidden"));
        return settings.refuseAfterUpgrade() ? socket.refuseAfterUpgrade() : socket;
    }

    @Override
    String source() {
        return "the JwtDecoder bean";
    }

    private ConnectOutcome<? extends S> connect(Connect connect) throws Exception {
        Optional<String> token = connect.bearerToken()
                .or(connect::authToken)
                .or(() -> settings.inUrl() ? connect.param("token") : Optional.empty());
        return token.isPresent() ? accept(token.get()) : Connect.<S>refuse(401).text("no token");
    }

    private ConnectOutcome<? extends S> refresh(String token, Socket<S> socket) throws Exception {
        return accept(token);
    }

    private ConnectOutcome<? extends S> accept(String token) throws Exception {
        try {
            Jwt jwt = decoder.decode(token);
            if (jwt == null) {
                throw new IllegalStateException(
                        "The JwtDecoder bean, a " + decoder.getClass().getName()
                                + ", returned null for a token; a mock needs an answer, or the tokens of TestJwt.");
            }
            Authentication user = converter.convert(jwt);
            if (user == null) {
                return Connect.<S>refuse(401).text("invalid token").because("the converter made no user of it");
            }
            if (user.getName() == null || user.getName().isBlank()) {
                NAMELESS.warn("A client was refused with 403: {}.", NO_NAME);
                return Connect.<S>refuse(403).text("no name").because(NO_NAME);
            }
            return switch (users.connect(jwt, user)) {
                case ConnectOutcome.Refused<? extends S> refused -> refused;
                case ConnectOutcome.Accepted<? extends S> accepted -> limited(accepted.principal(user), jwt);
            };
        } catch (BadJwtException | AuthenticationException e) {
            LOG.debug("A client was refused: {}", e.getMessage());
            return Connect.<S>refuse(401).text("invalid token").because(String.valueOf(e.getMessage()));
        } catch (AccessDeniedException e) {
            return Connect.<S>refuse(403).text("forbidden").because(String.valueOf(e.getMessage()));
        } catch (JwtException e) {
            // The server logs the status and the cause, at a rate.
            LOG.debug("A token could not be checked.", EscapedException.of(e));
            return Connect.<S>refuse(503).retryAfter(RETRY_AFTER).because(String.valueOf(e.getMessage()));
        }
    }

    /** The connection lasts as long as a decoder accepts its token. */
    private static <T> ConnectOutcome.Accepted<T> limited(ConnectOutcome.Accepted<T> accepted, Jwt jwt) {
        Instant expires = jwt.getExpiresAt();
        return expires == null ? accepted : accepted.validUntil(expires.plus(CLOCK_SKEW));
    }

    /** Handlers of this thread, and what they call, see the user of the connection. */
    private static void withSecurityContext(Invocation<?> invocation) throws Exception {
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        invocation.socket().principal().ifPresent(user -> context.setAuthentication((Authentication) user));
        SecurityContextHolder.setContext(context);
        try {
            invocation.proceed();
        } finally {
            SecurityContextHolder.clearContext();
        }
    }
}
