package io.heliodor.process;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Chooses the owner of a name with several owners after a split. The coordinator of the merged view asks its own
 * one, once for each conflict; so give all nodes the same. One that throws, or takes longer than a second, counts as
 * {@link #oldest()}.
 *
 * <p><b>Threads:</b> a virtual thread. <b>Blocking:</b> for up to a second.
 */
@FunctionalInterface
public interface ConflictResolver {
    /**
     * Decides.
     *
     * @param name the name
     * @param claimants the owners, two or more, the oldest first
     * @return one of them, or empty for none
     */
    Optional<Claimant> keep(String name, List<Claimant> claimants);

    /**
     * An owner of a name.
     *
     * @param node the name of the node
     * @param age the number of the view in which it got the name: smaller is older
     */
    record Claimant(String node, long age) {
        /** Checks that no value is null. */
        public Claimant {
            Objects.requireNonNull(node, "node");
        }
    }

    /**
     * The oldest owner keeps the name: the default.
     *
     * @return a resolver
     */
    static ConflictResolver oldest() {
        return (name, claimants) -> Optional.of(claimants.getFirst());
    }

    /**
     * The newest owner keeps the name.
     *
     * @return a resolver
     */
    static ConflictResolver newest() {
        return (name, claimants) -> Optional.of(claimants.getLast());
    }

    /**
     * The first of these nodes that has it keeps it; if none of them has, the oldest.
     *
     * @param nodes names of nodes, the most important first
     * @return a resolver
     */
    static ConflictResolver priority(List<String> nodes) {
        Objects.requireNonNull(nodes, "nodes");
        List<String> order = List.copyOf(nodes);
        Comparator<Claimant> byPlace = Comparator.comparingInt(
                claimant -> order.contains(claimant.node()) ? order.indexOf(claimant.node()) : order.size());
        return (name, claimants) -> claimants.stream().min(byPlace);
    }

    /**
     * Takes the name from all claimants.
     *
     * @return a resolver
     */
    static ConflictResolver none() {
        return (name, claimants) -> Optional.empty();
    }
}
