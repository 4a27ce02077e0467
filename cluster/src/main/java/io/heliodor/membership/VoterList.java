package io.heliodor.membership;

import io.heliodor.membership.ClusterException.Code;
import java.util.List;

/**
 * The voters of a cluster, and how they are replaced while it runs.
 *
 * <p><b>Guarantees.</b> One voter changes at a time, by an entry of the log that the voters agree on (Ongaro, "Consensus:
 * Bridging Theory and Practice", 4.1). Nothing that was decided is lost, and names and leaders stay, as long as a majority of
 * the voters goes on. All nodes follow the list of the log. The lists in their settings count only for a cluster that begins:
 * give all settings the new list before a voter gets an empty directory, or two empty voters may begin a log of their own.
 *
 * <p><b>Threads:</b> any. {@link #add} and {@link #remove} block for up to 10 s.
 */
public interface VoterList {
    /**
     * The voters as far as this node knows.
     *
     * @return their names, sorted; empty in a cluster without voters
     */
    List<String> nodes();

    /**
     * The voters whose votes do not count yet, as far as this node knows: they were never started, or lost their directory
     * and do not have all entries. Replace no voter while there is one.
     *
     * @return their names, sorted
     */
    List<String> notVoting();

    /**
     * Makes a node vote. It must be a member, started with a directory, and have all entries: this waits up to 10 s until
     * it has.
     *
     * @param node its name, {@code app@host}
     * @return how it ended
     * @throws IllegalArgumentException when it is not a name of a node
     * @throws IllegalStateException when the cluster has no voters
     */
    Changed add(String node);

    /**
     * Takes the vote of a node. It may be a member or gone for good.
     *
     * @param node its name, {@code app@host}
     * @return how it ended
     * @throws IllegalArgumentException when it is not a name of a node
     * @throws IllegalStateException when the cluster has no voters
     */
    Changed remove(String node);

    /** How a change ended. */
    sealed interface Changed {
        /**
         * All votes count by the new list, or did so before. {@link VoterList#nodes} of this node shows it, unless another
         * change undid it or its entry did not arrive within the 10 s.
         */
        record Ok() implements Changed {}

        /**
         * The node cannot vote yet: it is not a member, was started without a directory, or did not get all entries in time.
         * Nothing has changed.
         */
        record NotReady() implements Changed {}

        /** Of the voters that would be left too few can be reached. Nothing has changed. */
        record TooFew() implements Changed {}

        /** Too few of the present voters can be reached, or another change takes too long. Nothing has changed. */
        record NoQuorum() implements Changed {}

        /**
         * The answer did not come: the change may have been executed, or may still be. {@link VoterList#nodes} shows it; a
         * repetition is safe.
         */
        record Unknown() implements Changed {}

        /**
         * For callers that treat every other outcome as a failure.
         *
         * @throws ClusterException for any outcome but {@link Ok}
         */
        default void orThrow() {
            String not = "The voters were not changed: ";
            switch (this) {
                case Ok() -> {}
                case NotReady() ->
                    throw new ClusterException(
                            Code.NOT_READY,
                            not + "the node is not a member, has no directory, or did not get all entries within 10 s."
                                    + " Start it with a directory, and try again.");
                case TooFew() ->
                    throw new ClusterException(
                            Code.NO_QUORUM,
                            not + "too few of the voters that would be left can be reached. Start these first.");
                case NoQuorum() ->
                    throw new ClusterException(
                            Code.NO_QUORUM,
                            not + "too few voters can be reached, or another change takes too long. Try again later.");
                case Unknown() ->
                    throw new ClusterException(
                            Code.UNKNOWN,
                            "Whether the voters were changed is unknown: no answer came within 10 s."
                                    + " Read nodes(), or repeat the change, which does no harm.");
            }
        }
    }
}
