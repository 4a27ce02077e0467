package io.heliodor.raft;

import io.heliodor.link.Input;
import io.heliodor.link.Malformed;
import io.heliodor.link.Output;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The nodes that vote.
 *
 * @param nodes their names, sorted; 1 or more
 */
public record Voters(List<String> nodes) {
    /**
     * A list of voters.
     *
     * @throws IllegalArgumentException when it is empty or has a name twice
     */
    public Voters {
        nodes = nodes.stream().sorted().toList();
        if (nodes.isEmpty() || nodes.stream().distinct().count() < nodes.size()) {
            throw new IllegalArgumentException("Each voter is named once, and there is at least one: " + nodes);
        }
    }

    /**
     * Whether a node votes.
     *
     * @param node its name
     * @return whether it is in the list
     */
    public boolean has(String node) {
        return nodes.contains(node);
    }

    /**
     * Whether some nodes contain a majority of the voters.
     *
     * @param some names of nodes; those that do not vote do not count
     * @return whether more than half of the voters are among them
     */
    public boolean majority(Set<String> some) {
        return 2 * nodes.stream().filter(some::contains).count() > nodes.size();
    }

    /** Whether one list becomes the other by one node that is added or removed. */
    boolean differsByOne(Voters other) {
        Set<String> added = new HashSet<>(other.nodes);
        nodes.forEach(added::remove);
        Set<String> removed = new HashSet<>(nodes);
        other.nodes.forEach(removed::remove);
        return added.size() + removed.size() == 1;
    }

    byte[] toBytes() {
        Output out = new Output(64);
        write(out);
        return out.toBytes();
    }

    void write(Output out) {
        out.number(nodes.size());
        nodes.forEach(out::text);
    }

    static Voters read(Input in) throws Malformed {
        List<String> nodes = new ArrayList<>();
        for (int left = in.count(1); left > 0; left--) {
            nodes.add(in.text());
        }
        try {
            return new Voters(nodes);
        } catch (IllegalArgumentException e) {
            throw new Malformed("a list of voters with " + nodes);
        }
    }

    static Voters of(byte[] bytes) {
        try {
            return read(new Input(bytes));
        } catch (Malformed e) {
            throw new IllegalStateException("An entry of the log does not hold the voters that it should.", e);
        }
    }
}
