package io.heliodor.observe;

import io.heliodor.channel.LeaveReason;
import java.util.Optional;

/**
 * Something that happened on an endpoint. Topics and ids are those of clients, and there may be any number of them: good for
 * a log, not for the tags of a metric.
 */
public sealed interface Observation {
    /**
     * A client connected.
     *
     * @param connection the correlation id of its connection
     * @param socketId the id that {@code connect} gave it
     */
    record Connected(String connection, Optional<String> socketId) implements Observation {}

    /**
     * A connection ended. A client that reads too slowly is closed with 4408.
     *
     * @param connection its correlation id
     * @param code the close code: the server's, the client's if that closed, 1006 if the connection broke
     * @param reason the server's words for people, {@code closed by the client}, or {@code the connection broke}
     */
    record Disconnected(String connection, int code, String reason) implements Observation {}

    /**
     * A client joined a topic.
     *
     * @param connection the correlation id of its connection
     * @param topic the topic, 1 to 255 bytes without control characters
     */
    record Joined(String connection, String topic) implements Observation {}

    /**
     * A client was not let into a topic.
     *
     * @param connection the correlation id of its connection
     * @param topic the topic, 1 to 255 bytes without control characters; empty if it was no valid one
     * @param reason {@code unmatched topic}, {@code invalid topic}, {@code too many channels joined}, {@code draining},
     *     {@code refused} by the join handler, {@code invalid_payload}, {@code join crashed}, or that of another limit
     */
    record JoinRefused(String connection, String topic, String reason) implements Observation {}

    /**
     * A channel that was joined ended.
     *
     * @param connection the correlation id of its connection
     * @param topic the topic
     * @param why why
     */
    record Left(String connection, String topic, LeaveReason why) implements Observation {}

    /**
     * A request was refused before there was a connection.
     *
     * @param reason as in the metric {@code heliodor.requests.refused}
     * @param status the HTTP status; 0 if the client was not answered
     */
    record RequestRefused(String reason, int status) implements Observation {}
}
