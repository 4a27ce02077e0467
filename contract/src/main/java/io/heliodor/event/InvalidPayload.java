package io.heliodor.event;

/**
 * Refuses a value of a payload: thrown by the constructor of a payload record, or by a handler that finds the value to be
 * wrong. The client gets an error reply with the reason {@code invalid_payload}, the field and the message, a join is refused
 * with them, and the channel lives on. If a record's constructor throws it, the handler is not called.
 *
 * <p>Thrown by the handler of an info or published message, it is logged and counted, since no client waits for a reply.
 * Thrown by an onJoined hook or an intercept, it ends the channel as any other exception does.
 */
public class InvalidPayload extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** The field that does not fit. */
    private final String field;

    /** What is wrong with it. */
    private final String problem;

    /**
     * A refusal of one field.
     *
     * @param field the name of the field, as the client wrote it
     * @param problem what is wrong with it, to follow its name: {@code "must be at most 2000 characters"}; the client
     *     sees it
     */
    public InvalidPayload(String field, String problem) {
        super(field + " " + problem);
        this.field = field;
        this.problem = problem;
    }

    /**
     * The field that does not fit.
     *
     * @return its name
     */
    public String field() {
        return field;
    }

    /**
     * What is wrong with it.
     *
     * @return a phrase to follow the field's name; {@code message} in the error reply
     */
    public String problem() {
        return problem;
    }
}
