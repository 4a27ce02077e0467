package io.heliodor.inspect;

import io.heliodor.channel.Channels;
import io.heliodor.directory.Directory;
import io.heliodor.observe.AuditEvent;
import io.heliodor.pubsub.PubSub;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An endpoint that operators act on. Actions on users are those of {@link Channels}.
 *
 * <p>Any thread but an event loop may use it.
 */
public interface Operable {
    /**
     * The endpoints in this JVM over a pub/sub.
     *
     * @param pubsub the pub/sub
     * @return the endpoints in the order in which they were built; none if the pub/sub is closed
     */
    static List<Operable> over(PubSub pubsub) {
        return new Directory<>(pubsub, Channels.class)
                .all().stream()
                        .filter(Operable.class::isInstance)
                        .map(Operable.class::cast)
                        .toList();
    }

    /**
     * The state of the endpoint.
     *
     * @return always the same object
     */
    Inspectable inspection();

    /**
     * Disconnects the open connections of this endpoint with a correlation id; there is one, unless a client has chosen the id of another.
     * Waits a second at most for the event loops if they have no id.
     *
     * @param connection the correlation id
     * @param id the id of the connection, if it has one
     * @return the number of connections
     */
    int disconnectConnection(String connection, Optional<String> id);

    /**
     * Begins to drain the server of this endpoint, unless it drains, and returns before its end.
     *
     * @return false if it has no server that runs
     */
    boolean beginDrain();

    /**
     * Writes an audit event.
     *
     * @param event the event
     * @param fields its fields in their order
     */
    void audit(AuditEvent event, Map<String, String> fields);
}
