package io.heliodor.election;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An election of one leader among its candidates. Each name is an election of its own.
 *
 * <p><b>Guarantees.</b> Without voters there is one leader for each view: the coordinator grants the lead to the first
 * candidate in the order of the view, who keeps it as long as it stays. On a split each side has a leader, until it heals.
 * With voters there is at most one leader for a term, terms grow, and only the side with most of the voters has one.
 *
 * <p>All methods may be called from any thread. None blocks but {@link #close()}.
 */
public interface Election extends AutoCloseable {
    /**
     * Its name.
     *
     * @return the name
     */
    String name();

    /**
     * The leader, as far as this node knows.
     *
     * @return the leader, if there is one
     */
    Optional<Leader> leader();

    /**
     * Whether this node leads, as far as it knows.
     *
     * @return true from the grant of the lead until the notice that it ended
     */
    boolean leading();

    /**
     * Campaigns, and runs a duty while this node leads.
     *
     * <p>One duty at a time for each node and election: the next one starts when the former has returned. When the lead
     * goes, the duty's thread is interrupted, again each second until it returns. A duty that returns resigns; one that
     * throws resigns too, and campaigns again after a second, later after up to 30.
     *
     * <p><b>Threads:</b> a virtual thread for each time that this node leads. <b>Blocking:</b> allowed.
     *
     * @param duty the work of the leader
     * @return this
     * @throws IllegalStateException when this node is a candidate already
     */
    Election whileLeading(Duty duty);

    /**
     * Resigns: ends the duty, and then gives the lead up, so that the next node begins when this one has returned. Waits for
     * the duty for up to 10 seconds, after which it gives the lead up all the same.
     */
    @Override
    void close();

    /**
     * The leader of an election.
     *
     * @param node the name of the node
     * @param term in which term
     */
    record Leader(String node, Term term) {
        /** Checks that no value is null. */
        public Leader {
            Objects.requireNonNull(node, "node");
            Objects.requireNonNull(term, "term");
        }
    }

    /**
     * One time of leading.
     *
     * @param label a unique label
     * @param fencing a number that grows with each term, for resources that refuse requests with a lower one; only where
     *     voters decide
     */
    record Term(String label, OptionalLong fencing) {
        /** Checks that no value is null. */
        public Term {
            Objects.requireNonNull(label, "label");
            Objects.requireNonNull(fencing, "fencing");
        }
    }

    /** The work of a leader. */
    @FunctionalInterface
    interface Duty {
        /**
         * Runs the work, until it is done.
         *
         * @param term in which term
         * @throws Exception for any failure; an interrupt requests the return
         */
        void run(Term term) throws Exception;
    }
}
