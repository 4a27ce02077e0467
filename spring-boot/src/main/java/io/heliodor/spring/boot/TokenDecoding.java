package io.heliodor.spring.boot;

import org.springframework.security.oauth2.jwt.JwtDecoder;

/** Replaces the decoder of the sockets' tokens, and not that of the web server. Public for the module of tests. */
@FunctionalInterface
public interface TokenDecoding {
    /**
     * Returns the decoder of the sockets.
     *
     * @param decoder the application's
     * @return the decoder
     */
    JwtDecoder over(JwtDecoder decoder);
}
