package io.heliodor.raft;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The nodes that vote, each with the directory that it votes with. Whether a vote counts depends on both: a node whose
 * directory was lost does not remember what it promised (KIP-853 has the same rule).
 *
 * @param directories by the name of the node: the id of its directory, or nothing while it has none; 1 node or more
 */
public record Voters(SortedMap<String, String> directories) {
    /**
     * A list of voters.
     *
     * @throws IllegalArgumentException when it is empty
     */
    public Voters {
        if (directories.isEmpty()) {
            throw new IllegalArgumentException("There is at least one voter.");
        }
        directories = Collections.unmodifiableSortedMap(new TreeMap<>(directories));
    }

    /**
     * The voters of a cluster that begins: no directory is known.
     *
     * @param nodes their names
     * @return the list
     * @throws IllegalArgumentException when it is empty or has a name twice
     */
    public static Voters named(Collection<String> nodes) {
        TreeMap<String, String> directories = new TreeMap<>();
        nodes.forEach(node -> directories.put(node, ""));
        if (directories.size() < nodes.size()) {
            throw new IllegalArgumentException("Each voter is named once: " + nodes);
        }
        return new Voters(directories);
    }

    /**
     * The names of the voters.
     *
     * @return sorted
     */
    public Set<String> nodes() {
        return directories.keySet();
    }

    /**
     * Whether a node votes, with whichever directory.
     *
     * @param node its name
     * @return whether it is in the list
     */
    public boolean has(String node) {
        return directories.containsKey(node);
    }

    /**
     * The nodes without a directory: their votes do not count yet.
     *
     * @return sorted
     */
    public Set<String> withoutDirectory() {
        return nodes(true);
    }

    /**
     * The nodes with a directory: their votes count.
     *
     * @return sorted
     */
    public Set<String> withDirectory() {
        return nodes(false);
    }

    private Set<String> nodes(boolean withoutDirectory) {
        return directories.entrySet().stream()
                .filter(each -> each.getValue().isEmpty() == withoutDirectory)
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Whether votes of a node with this directory count. */
    boolean has(String node, String directory) {
        return !directory.isEmpty() && directory.equals(directories.get(node));
    }

    /**
     * Whether some nodes contain a majority of the voters.
     *
     * @param some names of nodes; those that do not vote do not count
     * @return whether more than half of the voters are among them
     */
    public boolean majority(Set<String> some) {
        return 2 * directories.keySet().stream().filter(some::contains).count() > directories.size();
    }

    /** The same with another directory of a node, which may be new. */
    Voters with(String node, String directory) {
        TreeMap<String, String> next = new TreeMap<>(directories);
        next.put(node, directory);
        return new Voters(next);
    }

    Voters without(String node) {
        TreeMap<String, String> next = new TreeMap<>(directories);
        next.remove(node);
        return new Voters(next);
    }

    byte[] toBytes() {
        BinaryWriter out = new BinaryWriter(64 * directories.size());
        write(out);
        return out.toBytes();
    }

    void write(BinaryWriter out) {
        out.number(directories.size());
        directories.forEach((node, directory) -> out.text(node).text(directory));
    }

    static Voters read(BinaryReader in) throws DecodeException {
        TreeMap<String, String> directories = new TreeMap<>();
        for (int left = in.count(2); left > 0; left--) {
            if (directories.put(in.text(), in.text()) != null) {
                throw new DecodeException("a voter that is named twice");
            }
        }
        if (directories.isEmpty()) {
            throw new DecodeException("a list without voters");
        }
        return new Voters(directories);
    }

    static Voters of(byte[] bytes) {
        try {
            return read(new BinaryReader(bytes));
        } catch (DecodeException e) {
            throw new IllegalStateException("An entry of the log does not hold the voters that it should.", e);
        }
    }

    @Override
    public String toString() {
        StringBuilder all = new StringBuilder();
        for (Map.Entry<String, String> each : directories.entrySet()) {
            all.append(all.isEmpty() ? "" : ", ").append(each.getKey());
            if (each.getValue().isEmpty()) {
                all.append(" (no directory)");
            }
        }
        return all.toString();
    }
}
