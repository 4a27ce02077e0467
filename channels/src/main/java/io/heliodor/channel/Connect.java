package io.heliodor.channel;

import java.util.Optional;

/** One client's request to connect. */
public interface Connect {
    /**
     * A parameter of the request's query.
     *
     * @param name its name
     * @return its value, decoded; the last one if there are several
     */
    Optional<String> param(String name);

    /**
     * A header of the request.
     *
     * @param name its name, in any case
     * @return its first value
     */
    Optional<String> header(String name);

    /**
     * The token that phoenix.js sends for its {@code authToken} option.
     *
     * @return the token, decoded
     */
    Optional<String> authToken();

    /**
     * The address of the client: that of the other end of the connection, or what a proxy says that the endpoint trusts.
     *
     * @return an IP address as text, without the port
     */
    String remoteAddress();

    /**
     * Accepts the connection.
     *
     * @param assigns what its channels will see as {@link Socket#assigns()}
     * @param <S> their type
     * @return the outcome; {@link ConnectOutcome.Accepted#validFor} gives it an end
     */
    static <S> ConnectOutcome.Accepted<S> ok(S assigns) {
        return new ConnectOutcome.Accepted<>(assigns, Optional.empty(), Optional.empty());
    }

    /**
     * Accepts the connection and names it.
     *
     * @param assigns what its channels will see as {@link Socket#assigns()}
     * @param id the name under which it can be disconnected, for example {@code "users:42"}
     * @param <S> the type of the assigns
     * @return the outcome; {@link ConnectOutcome.Accepted#validFor} gives it an end
     */
    static <S> ConnectOutcome.Accepted<S> ok(S assigns, String id) {
        return new ConnectOutcome.Accepted<>(assigns, Optional.of(id), Optional.empty());
    }

    /**
     * Refuses the connection with HTTP status 403.
     *
     * @param <S> the type of the assigns
     * @return the outcome
     */
    static <S> ConnectOutcome<S> refuse() {
        return refuse(403);
    }

    /**
     * Refuses the connection.
     *
     * @param status the HTTP status, 400 to 599
     * @param <S> the type of the assigns
     * @return the outcome
     */
    static <S> ConnectOutcome<S> refuse(int status) {
        return new ConnectOutcome.Refused<>(status);
    }
}
