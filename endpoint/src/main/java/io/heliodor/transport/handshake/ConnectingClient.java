package io.heliodor.transport.handshake;

import io.heliodor.channel.ConnectOutcome;
import io.heliodor.pubsub.Correlation;
import io.heliodor.session.Session;
import io.heliodor.session.eviction.Acceptance;
import io.heliodor.session.lane.Connection;
import io.heliodor.transport.http.HttpConnection;
import io.heliodor.wire.Serializer;
import java.util.Optional;

/**
 * A client whose connect handler was called.
 *
 * @param http the connection of its request
 * @param serializer the serializer of its version
 * @param acceptance detects a disconnect by the application in the meantime
 * @param correlation the id of its request in logs
 * @param trace the trace of its request
 */
public record ConnectingClient(
        HttpConnection http,
        Serializer serializer,
        Acceptance acceptance,
        Optional<String> correlation,
        Optional<Correlation.Trace> trace) {
    /**
     * Creates its session.
     *
     * @param connection the connection that the session writes to
     * @param mount the socket that it requested
     * @param accepted the outcome of the connect handler
     * @param <S> the type of the connection's assigns
     * @return the session
     */
    public <S> Session<?> session(
            Connection connection, Mount<S> mount, ConnectOutcome.Accepted<? extends S> accepted) {
        Session<S> session = http.hub()
                .session(http.lane(), connection, mount.routes(), serializer, accepted, acceptance, correlation);
        trace.ifPresent(session::continueTrace);
        return session;
    }

    /**
     * Creates its session if it is refused after the upgrade.
     *
     * @param connection the connection that the session writes to
     * @param refused the outcome of the connect handler
     * @return the session
     */
    public Session<?> refused(Connection connection, ConnectOutcome.Refused<?> refused) {
        return http.hub().refusedSession(http.lane(), connection, serializer, refused, acceptance, correlation);
    }
}
