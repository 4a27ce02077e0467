package io.heliodor.event;

import java.util.Objects;

/**
 * The refusal of a payload: thrown by the constructor of a payload record, or by a handler. The client gets an error reply with the
 * reason {@code invalid_payload}, the field and the message. A join is refused with them. The channel stays open. If a record's constructor
 * throws it, the handler is not called.
 *
 * <p>Thrown by the handler of an info or published message, it is logged and counted, since no client waits for a reply.
 * Thrown by an intercept, it ends the channel as any other exception does. Thrown by an onJoined hook, it ends the channel, too,
 * but is the payload of {@code phx_error}, counted as an invalid payload, and logged without its stack.
 */
public class InvalidPayload extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** The name of the invalid field. */
    private final String field;

    /** The problem of the field. */
    private final String problem;

    /**
     * A refusal of one field.
     *
     * @param field the name of the field, as the client wrote it
     * @param problem the problem, a phrase to follow the name: {@code "must be at most 2000 characters"}. It is sent to the client
     */
    public InvalidPayload(String field, String problem) {
        super(Objects.requireNonNull(field, "field") + " " + Objects.requireNonNull(problem, "problem"));
        this.field = field;
        this.problem = problem;
    }

    /**
     * The name of the invalid field.
     *
     * @return its name
     */
    public String field() {
        return field;
    }

    /**
     * The problem of the field.
     *
     * @return a phrase to follow the field's name; {@code message} in the error reply
     */
    public String problem() {
        return problem;
    }
}
