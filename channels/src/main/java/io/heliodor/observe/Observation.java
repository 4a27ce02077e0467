package io.heliodor.observe;

import io.heliodor.channel.LeaveReason;
import java.util.Objects;
import java.util.Optional;

/**
 * An event of an endpoint. Topics and ids come from clients, so their number is not limited: use them in logs, not as tags of metrics.
 */
public sealed interface Observation {
    /**
     * A client connected.
     *
     * @param connection the correlation id of its connection
     * @param socketId the id that {@code connect} gave it
     */
    record Connected(String connection, Optional<String> socketId) implements Observation {
        /** Checks that no value is null. */
        public Connected {
            Objects.requireNonNull(connection, "connection");
            Objects.requireNonNull(socketId, "socketId");
        }
    }

    /**
     * A connection ended. A client that reads too slowly is closed with code 4408.
     *
     * @param connection its correlation id
     * @param code the close code of the side that closed; 1006 if the connection broke
     * @param reason the text of the server's close frame, {@code closed by the client}, or {@code the connection broke}
     */
    record Disconnected(String connection, int code, String reason) implements Observation {
        /** Checks that no value is null. */
        public Disconnected {
            Objects.requireNonNull(connection, "connection");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * A client joined a topic.
     *
     * @param connection the correlation id of its connection
     * @param topic the topic, 1 to 255 bytes without control characters
     */
    record Joined(String connection, String topic) implements Observation {
        /** Checks that no value is null. */
        public Joined {
            Objects.requireNonNull(connection, "connection");
            Objects.requireNonNull(topic, "topic");
        }
    }

    /**
     * A join was refused.
     *
     * @param connection the correlation id of its connection
     * @param topic the topic, 1 to 255 bytes without control characters; empty if it was not valid
     * @param reason {@code unmatched topic}, {@code invalid topic}, {@code too many channels joined}, {@code draining},
     *     {@code refused} by the join handler, {@code invalid_payload}, {@code join crashed}, or that of another limit
     */
    record JoinRefused(String connection, String topic, String reason) implements Observation {
        /** Checks that no value is null. */
        public JoinRefused {
            Objects.requireNonNull(connection, "connection");
            Objects.requireNonNull(topic, "topic");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * A joined channel ended.
     *
     * @param connection the correlation id of its connection
     * @param topic the topic
     * @param why the reason
     */
    record Left(String connection, String topic, LeaveReason why) implements Observation {
        /** Checks that no value is null. */
        public Left {
            Objects.requireNonNull(connection, "connection");
            Objects.requireNonNull(topic, "topic");
            Objects.requireNonNull(why, "why");
        }
    }

    /**
     * A request was refused before a connection was established.
     *
     * @param reason as in the metric {@code heliodor.requests.refused}
     * @param status the HTTP status; 0 if there was no response
     */
    record RequestRefused(String reason, int status) implements Observation {
        /** Checks that no value is null. */
        public RequestRefused {
            Objects.requireNonNull(reason, "reason");
        }
    }
}
