package io.heliodor.channel;

import io.heliodor.event.Empty;
import io.heliodor.event.InvalidPayload;
import java.util.Map;
import java.util.function.Function;

/**
 * One client's request to join a topic.
 *
 * @param <S> the type of the connection's assigns
 */
public interface Join<S> {
    /**
     * The topic.
     *
     * @return its full name
     */
    String topic();

    /**
     * What the pattern's {@code *} stands for: {@code 42} for {@code room:42} under {@code room:*}.
     *
     * @return the rest of the topic; the whole topic under a pattern without a wildcard
     */
    String subtopic();

    /**
     * The same as a value: {@code join.subtopic(UUID::fromString)}.
     *
     * @param parser reads it; an {@link IllegalArgumentException} of the parser refuses the client with {@code unmatched topic}, as a
     *     topic does that matches no pattern
     * @param <K> the type of the value
     * @return the value; keep it in the assigns for the handlers
     */
    <K> K subtopic(Function<String, K> parser);

    /**
     * The connection.
     *
     * @return the client's socket
     */
    Socket<S> socket();

    /**
     * What the client sent with the request.
     *
     * @param type the type to read it as
     * @param <P> the type
     * @return the payload
     * @throws InvalidPayload if it does not fit; a join handler that lets it pass refuses the client with the reason
     *     {@code invalid_payload}, the field and the message
     */
    <P> P payload(Class<P> type);

    /**
     * Accepts the client; it gets {@code ok} with {@code {}}.
     *
     * @param assigns what the channel's handlers will see as {@link Context#assigns()}
     * @param <A> their type
     * @return the outcome
     */
    static <A> JoinOutcome<A> ok(A assigns) {
        return new JoinOutcome.Joined<>(assigns, Empty.EMPTY);
    }

    /**
     * Accepts the client with a reply.
     *
     * @param assigns what the channel's handlers will see as {@link Context#assigns()}
     * @param reply what Jackson writes as a JSON object
     * @param <A> the type of the assigns
     * @return the outcome
     */
    static <A> JoinOutcome<A> ok(A assigns, Object reply) {
        return new JoinOutcome.Joined<>(assigns, reply);
    }

    /**
     * Refuses the client with {@code {"reason": reason}}.
     *
     * @param reason seen by the client
     * @param <A> the type of the assigns
     * @return the outcome
     */
    static <A> JoinOutcome<A> refuse(String reason) {
        return new JoinOutcome.Refused<>(Map.of("reason", reason));
    }

    /**
     * Refuses the client with a payload.
     *
     * @param reason what Jackson writes as a JSON object
     * @param <A> the type of the assigns
     * @return the outcome
     */
    static <A> JoinOutcome<A> refuse(Object reason) {
        return new JoinOutcome.Refused<>(reason);
    }
}
