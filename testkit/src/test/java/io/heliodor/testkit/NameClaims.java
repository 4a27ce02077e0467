package io.heliodor.testkit;

import io.heliodor.election.Election;
import io.heliodor.node.Node;
import io.heliodor.process.Name;
import io.heliodor.process.Pid;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * The names and an election of a cluster without voters: nodes register names for processes, and all stand for election.
 * Each side of a split has owners and a leader of its own; when all nodes are together, each name has one owner at most, and
 * the election one leader.
 */
final class NameClaims {
    record Idle() {}

    private static final List<Name<Idle>> NAMES =
            List.of(Name.of("mail", Idle.class), Name.of("audit", Idle.class), Name.of("bill", Idle.class));

    private final Map<String, Node> nodes = new TreeMap<>();
    private final Map<String, Election> elections = new TreeMap<>();

    /** The leaders whose duties run. */
    private final Set<Node> onDuty = ConcurrentHashMap.newKeySet();

    /** Lets the present incarnation of a node stand for election. */
    void start(Node node) {
        nodes.put(node.name(), node);
        elections.put(node.name(), node.election("jobs").whileLeading(_ -> {
            onDuty.add(node);
            try {
                new CountDownLatch(1).await();
            } finally {
                onDuty.remove(node);
            }
        }));
    }

    /** A node has crashed. */
    void crashed(String node) {
        nodes.remove(node);
        elections.remove(node);
    }

    /** A change of one of the names at a node. */
    static Change change(String node, int name, boolean registers) {
        return new Change(node, SimulatedNodes.one(NAMES, name), registers);
    }

    /**
     * A registration, or the end of one.
     *
     * @param node the node
     * @param name the name
     * @param registers whether a new process of the node gets the name, if it is free; else a process of the node loses it
     */
    record Change(String node, Name<Idle> name, boolean registers) {
        @Override
        public String toString() {
            return node + (registers ? " registers " : " unregisters ") + name.value();
        }
    }

    /** Makes a change. It may wait for the clock. */
    void make(Change change) {
        Node node = nodes.get(change.node());
        if (node == null) {
            throw new IllegalStateException(change.node() + " has crashed.");
        }
        if (change.registers()) {
            Pid<Idle> process = node.spawn(Idle.class, inbox -> {
                while (true) {
                    Idle _ = inbox.receive();
                }
            });
            var _ = node.registry().register(change.name(), process);
        } else {
            var _ = node.registry().unregister(change.name());
        }
    }

    /** The first thing on which the nodes do not agree; null if all is well. */
    @Nullable
    String disagreement() {
        for (Name<Idle> name : NAMES) {
            Set<Optional<Pid<Idle>>> owners = new HashSet<>();
            nodes.values().forEach(node -> owners.add(node.registry().lookupLocal(name)));
            if (owners.size() > 1) {
                return "the owners of " + name.value() + ": " + owners;
            }
        }
        Set<Optional<Election.Leader>> leaders = new HashSet<>();
        elections.values().forEach(election -> leaders.add(election.leader()));
        List<String> leading = elections.entrySet().stream()
                .filter(each -> each.getValue().leading())
                .map(Map.Entry::getKey)
                .toList();
        List<String> duties = onDuty.stream().map(Node::name).toList();
        boolean isOne = leaders.size() == 1
                && leaders.iterator()
                        .next()
                        .map(Election.Leader::node)
                        .map(List::of)
                        .equals(Optional.of(leading));
        return isOne && duties.equals(leading)
                ? null
                : "leaders: " + leaders + ", leading: " + leading + ", on duty: " + duties;
    }
}
