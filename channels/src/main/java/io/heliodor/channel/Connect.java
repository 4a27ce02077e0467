package io.heliodor.channel;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/** A connection request of a client. */
public interface Connect {
    /**
     * The path of the request.
     *
     * @return the mounted path with the suffix of the client: {@code /socket/websocket} or {@code /socket/longpoll}
     */
    String path();

    /**
     * The transport of the connection.
     *
     * @return by a WebSocket or long poll
     */
    Socket.Transport transport();

    /**
     * The parameters of the request's query.
     *
     * @return their values, decoded, by name; immutable
     */
    Map<String, List<String>> params();

    /**
     * A parameter of the request's query.
     *
     * @param name its name
     * @return its value, decoded; the last one if there are several
     */
    Optional<String> param(String name);

    /**
     * The headers of the request.
     *
     * @return their values by their names in lower case; immutable
     */
    Map<String, List<String>> headers();

    /**
     * A header of the request.
     *
     * @param name its name, in any case
     * @return its first value
     */
    Optional<String> header(String name);

    /**
     * The cookies of the request. A browser sends them also for pages of other origins: see {@code Endpoint.Builder.origins}.
     *
     * @return their values by name; of repeated names the first value; immutable
     */
    Map<String, String> cookies();

    /**
     * A cookie of the request.
     *
     * @param name its name
     * @return its value; the first one if there are several
     */
    default Optional<String> cookie(String name) {
        Objects.requireNonNull(name, "name");
        return Optional.ofNullable(cookies().get(name));
    }

    /**
     * The token of the header {@code Authorization: Bearer}, which clients other than browsers send (RFC 6750).
     *
     * @return the token, if there is one
     */
    default Optional<String> bearerToken() {
        String scheme = "Bearer ";
        return header("authorization")
                .filter(value -> value.regionMatches(true, 0, scheme, 0, scheme.length()))
                .map(value -> value.substring(scheme.length()).strip())
                .filter(token -> !token.isEmpty());
    }

    /**
     * The token that phoenix.js sends for its {@code authToken} option.
     *
     * @return the token, decoded
     */
    Optional<String> authToken();

    /**
     * The address of the client: that of the peer, or the one that a trusted proxy reports.
     *
     * @return an IP address as text, without the port
     */
    String remoteAddress();

    /**
     * The scheme of the request: {@code https} with TLS on the endpoint, or the one that a trusted proxy reports.
     *
     * @return {@code http} or {@code https}; empty if it is not known
     */
    Optional<String> scheme();

    /**
     * The session of TLS between the client, or its proxy, and the endpoint: protocol, cipher suite, and the certificates of
     * the peer if the endpoint requests them ({@code Tls.requestingClientCertificates}).
     *
     * @return the session; empty without {@code Endpoint.Builder.tls}
     */
    Optional<SSLSession> tls();

    /**
     * Accepts the connection.
     *
     * @param assigns the assigns of the connection, for {@link Socket#assigns()}
     * @param <S> their type
     * @return the outcome; {@link ConnectOutcome.Accepted#validFor(Duration)} limits its time
     */
    static <S> ConnectOutcome.Accepted<S> ok(S assigns) {
        return new ConnectOutcome.Accepted<>(
                assigns, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * Accepts the connection with an id.
     *
     * @param assigns the assigns of the connection, for {@link Socket#assigns()}
     * @param id the name under which it can be disconnected, for example {@code "users:42"}; 1 to 1 000 bytes of UTF-8
     * @param <S> the type of the assigns
     * @return the outcome; {@link ConnectOutcome.Accepted#validFor(Duration)} limits its time
     */
    static <S> ConnectOutcome.Accepted<S> ok(S assigns, String id) {
        Objects.requireNonNull(id, "id");
        return new ConnectOutcome.Accepted<>(
                assigns, Optional.of(id), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * Refuses the connection with HTTP status 403.
     *
     * @param <S> the type of the assigns
     * @return the outcome; {@link ConnectOutcome.Refused#retryAfter(Duration)} and {@link ConnectOutcome.Refused#text(String)} add to it
     */
    static <S> ConnectOutcome.Refused<S> refuse() {
        return refuse(403);
    }

    /**
     * Refuses the connection.
     *
     * @param status the HTTP status, 400 to 599
     * @param <S> the type of the assigns
     * @return the outcome; {@link ConnectOutcome.Refused#retryAfter(Duration)} and {@link ConnectOutcome.Refused#text(String)} add to it
     */
    static <S> ConnectOutcome.Refused<S> refuse(int status) {
        return new ConnectOutcome.Refused<>(status, Optional.empty(), "", Optional.empty());
    }
}
