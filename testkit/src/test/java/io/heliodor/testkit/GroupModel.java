package io.heliodor.testkit;

import io.heliodor.group.Group;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Changes of a group by nodes that do not receive those of the others yet, against a model: an add-wins observed-remove set. A node
 * removes the entries that it has received, and not those that another one adds meanwhile.
 */
final class GroupModel {
    private static final String GROUP = "green";
    private static final int ROUNDS = 3;

    /** The entry of a topic in the contribution of a node. */
    private record Entry(String topic, String node, int number) {}

    private final SimulatedNodes nodes;
    private final Random random;

    /** The entries that all nodes have received. */
    private final Set<Entry> agreed = new HashSet<>();

    private int added;

    GroupModel(SimulatedNodes nodes, Random random) {
        this.nodes = nodes;
        this.random = random;
    }

    /** Makes changes while the network holds all messages, and waits for the topics of the model at all nodes. */
    void check() {
        for (int round = 0; round < ROUNDS; round++) {
            nodes.holdAll();
            Map<String, Set<Entry>> views = new HashMap<>();
            nodes.servers().forEach(server -> views.put(server.node(), changed(server)));
            nodes.cluster().heal();
            merge(views.values());
            nodes.await(() -> nodes.servers().stream()
                            .allMatch(server -> topics(server).equals(topics()))
                    ? null
                    : "groups: "
                            + nodes.servers().stream().map(GroupModel::topics).toList() + "\n expected: " + topics());
        }
    }

    /** Changes the group at a node; the entries that this node has then. */
    private Set<Entry> changed(SimulatedServer server) {
        Set<Entry> view = new HashSet<>(agreed);
        for (int i = random.nextInt(4); i > 0; i--) {
            GroupChange change = GroupChange.draw(random, List.of(GROUP));
            nodes.tell(server.node() + " " + change);
            change.make(server.groups());
            apply(change, server.node(), view);
        }
        return view;
    }

    private void apply(GroupChange change, String node, Set<Entry> view) {
        switch (change.kind()) {
            case DELETE -> view.clear();
            case REMOVE -> view.removeIf(entry -> entry.topic().equals(change.topic()));
            case ADD -> {
                boolean has = view.stream()
                        .anyMatch(entry -> entry.topic().equals(change.topic())
                                && entry.node().equals(node));
                if (!has) {
                    view.add(new Entry(change.topic(), node, added++));
                }
            }
        }
    }

    /** An entry stays if no node that had received it has removed it. */
    private void merge(Iterable<Set<Entry>> views) {
        Set<Entry> before = Set.copyOf(agreed);
        for (Set<Entry> view : views) {
            before.stream().filter(entry -> !view.contains(entry)).forEach(agreed::remove);
            view.stream().filter(entry -> !before.contains(entry)).forEach(agreed::add);
        }
    }

    private Set<String> topics() {
        return agreed.stream().map(Entry::topic).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> topics(SimulatedServer server) {
        return new TreeSet<>(server.groups().find(GROUP).map(Group::topics).orElse(Set.of()));
    }
}
