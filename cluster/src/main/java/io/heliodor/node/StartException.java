package io.heliodor.node;

/** A node did not start. Nothing of it is left. */
public sealed class StartException extends RuntimeException permits PortInUseException {
    private static final long serialVersionUID = 1L;

    /** Why it did not start. */
    private final Problem problem;

    /** Why a node did not start. */
    public enum Problem {
        /** The name of the node is not one. */
        BAD_NAME,
        /** The cookie is missing, or too weak for a node that can be reached from other machines. */
        BAD_COOKIE,
        /** A seed refused the cookie or the name of the cluster, and no other one accepted them. */
        REFUSED,
        /** Another program has the port: a {@link PortInUseException}. */
        PORT_IN_USE,
        /** A living node of the cluster has this name. */
        NAME_TAKEN,
        /**
         * The directory of a voter is damaged, belongs to another node or to other voters, is in use, or cannot be written.
         */
        BAD_DIRECTORY,
        /** The builder has started a node already. */
        ALREADY_STARTED,
        /** The settings are inconsistent, or refer to something that the machine does not have. */
        BAD_SETTING
    }

    /**
     * A node did not start.
     *
     * @param problem why
     * @param message what was wrong, with which value, and what to do
     */
    public StartException(Problem problem, String message) {
        super(message);
        this.problem = problem;
    }

    /**
     * Why it did not start.
     *
     * @return the problem
     */
    public Problem problem() {
        return problem;
    }
}
