package io.heliodor.process;

/** Too few voters can be reached to say who has a name. Only where voters decide; nothing has happened. */
public final class NoQuorum extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Too few voters can be reached.
     *
     * @param question what could not be answered
     */
    public NoQuorum(String question) {
        super("Too few voters can be reached to say " + question + ". Ask again later, or ask what this node knows.");
    }
}
