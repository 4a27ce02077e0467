package io.heliodor.channel;

import io.heliodor.event.Empty;
import io.heliodor.event.InvalidPayload;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * A join request of a client.
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
     * The part of the topic for which the pattern's {@code *} stands: {@code 42} for {@code room:42} under {@code room:*}.
     *
     * @return the rest of the topic; the whole topic under a pattern without a wildcard
     */
    String subtopic();

    /**
     * The subtopic as a value: {@code join.subtopic(UUID::fromString)}.
     *
     * @param parser parses it. After an {@link IllegalArgumentException} of the parser the join is refused with {@code unmatched topic},
     *     like a topic that matches no pattern
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
     * The payload of the request.
     *
     * @param type the type of the payload
     * @param <P> the type
     * @return the payload
     * @throws InvalidPayload if it is not valid. If the join handler does not catch it, the join is refused with the reason
     *     {@code invalid_payload}, the field and the message
     * @throws IllegalStateException if the type has annotations of Bean Validation, and the socket has no validator
     */
    <P> P payload(Class<P> type);

    /**
     * The channels of the endpoint: to read kept messages for a state, or to reach members of other topics.
     *
     * @return always the same
     */
    Channels channels();

    /**
     * The position of the topic's {@link History} at the time of the call: the token of all kept messages that this node has
     * delivered. See {@link JoinOutcome.Joined#since}.
     *
     * @return the position; greater than or equal to that at which the join handler began
     * @throws IllegalStateException if the channel keeps no history
     */
    String position();

    /**
     * Accepts the join; the client gets {@code ok} with {@code {}}.
     *
     * @param assigns the initial assigns of the channel, for {@link Context#assigns()}
     * @param <A> their type
     * @return the outcome
     */
    static <A> JoinOutcome.Joined<A> ok(A assigns) {
        return new JoinOutcome.Joined<>(assigns, Empty.EMPTY);
    }

    /**
     * Accepts the join with a reply, which may be a state that broadcasts change.
     *
     * <p><b>Guarantee:</b> each broadcast to the topic that is published after the join handler began reaches the client after the
     * reply, once, and in the order of its publisher. So no change is missed if it is committed before it is broadcast. The client may
     * get a change that the state has already: {@link JoinOutcome.Joined#since} prevents that. On several nodes a broadcast of a node
     * that did not respond for a second may be missed. While a handler runs, 4 MiB of broadcasts wait for it; beyond that the join is refused
     * with {@code overloaded}, and clients repeat it.
     *
     * @param assigns the initial assigns of the channel, for {@link Context#assigns()}
     * @param reply a value that Jackson writes as a JSON object
     * @param <A> the type of the assigns
     * @return the outcome
     */
    static <A> JoinOutcome.Joined<A> ok(A assigns, Object reply) {
        return new JoinOutcome.Joined<>(assigns, reply);
    }

    /**
     * Refuses the join with {@code {"reason": reason}}.
     *
     * @param reason the reason for the client
     * @param <A> the type of the assigns
     * @return the outcome
     * @throws IllegalArgumentException if it is empty
     */
    static <A> JoinOutcome<A> refuse(String reason) {
        Objects.requireNonNull(reason, "reason");
        if (reason.isEmpty()) {
            throw new IllegalArgumentException(
                    "The reason of a refused join is empty, so a page could not tell it from others; give one such as \"full\".");
        }
        return new JoinOutcome.Refused<>(Map.of("reason", reason));
    }

    /**
     * Refuses the join with a payload.
     *
     * @param reason a value that Jackson writes as a JSON object
     * @param <A> the type of the assigns
     * @return the outcome
     */
    static <A> JoinOutcome<A> refuse(Object reason) {
        return new JoinOutcome.Refused<>(reason);
    }
}
