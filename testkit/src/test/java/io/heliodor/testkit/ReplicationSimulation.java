package io.heliodor.testkit;

import io.heliodor.link.SessionLink;
import io.heliodor.node.wiring.Wiring;
import io.heliodor.testkit.SimulatedServer.Text;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All that nodes replicate above their links, in one cluster with faults: presence with grace, histories, groups,
 * revocations, interest in topics, and the ends of connections and channels by id, while clients come, go and hop between
 * nodes. One seed decides on the settings, on the steps, and on the order of the threads.
 */
final class ReplicationSimulation implements AutoCloseable {
    /** By the time of the threads. The clock of the nodes advances by more than a minute meanwhile. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** A disconnect reaches the nodes that can be reached within a minute. */
    private static final Duration EVICTION = Duration.ofSeconds(20);

    /** A time that does not pass. Revocations have the time of the machine, and not of the kit. */
    private final Instant distant = Instant.now().plus(Duration.ofDays(10));

    private final Random random;
    private final ClusterKit cluster;
    private final SimulatedNodes nodes;
    private final SimulatedMembers members;
    private final SimulatedWords words;
    private final NameClaims names = new NameClaims();

    /** The users whose tokens nodes have revoked, each with the node that did. */
    private final Set<Map.Entry<String, String>> revoked = new HashSet<>();

    ReplicationSimulation(long seed) {
        random = new Random(seed);
        cluster = ClusterKit.builder()
                .nodes("a@host", "b@host", "c@host")
                .seed(seed)
                .capacity(random.nextBoolean() ? SessionLink.CAPACITY : 16 << 10)
                .maxTopics(random.nextBoolean() ? Wiring.MAX_TOPICS : random.nextInt(2))
                .patience(PATIENCE)
                .start();
        nodes = new SimulatedNodes(cluster);
        members = new SimulatedMembers(nodes);
        words = new SimulatedWords(nodes);
        cluster.nodes().forEach(this::serve);
    }

    private void serve(String node) {
        nodes.serve(node);
        names.start(cluster.node(node));
    }

    /**
     * Runs steps, and checks the end.
     *
     * @throws AssertionError if a check fails; its message has the story so far
     */
    void run(List<Step> steps) {
        try {
            steps.forEach(this::perform);
            endFaults();
            check();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(e.getMessage() + "\n" + nodes.story() + "\n" + cluster, e);
        }
    }

    private void perform(Step step) {
        switch (step) {
            case Step.Fault(long seed) -> follow(cluster.chaos(seed).next());
            case Step.Join join -> members.join(join);
            case Step.Leave leave -> members.leave(leave);
            case Step.Hop hop -> members.hop(hop);
            case Step.ChangeMood change -> members.changeMood(change);
            case Step.Publish(int node, List<String> rooms) ->
                rooms.forEach(room -> {
                    Text _ = publish(nodes.server(nodes.running(node)), room);
                });
            case Step.ChangeGroup(int node, GroupChange change) -> changeGroup(nodes.running(node), change);
            case Step.Subscribe subscribe -> words.subscribe(subscribe);
            case Step.Speak speak -> words.speak(speak);
            case Step.Evict evict -> members.evict(evict);
            case Step.Revoke(int node, String user, int hours) -> revoke(nodes.running(node), user, hours);
            case Step.Lose(int from, int to, boolean packet) -> loseOne(nodes.running(from), to, packet);
            case Step.ChangeName(int node, int name, boolean registers) ->
                changeName(nodes.running(node), name, registers);
            case Step.Pass(Duration time) -> cluster.advance(time);
        }
    }

    private void follow(String fault) {
        nodes.tell(fault);
        String[] parts = fault.split(" ", -1);
        if (parts[0].equals("crash")) {
            crashed(parts[1]);
        } else if (parts[0].equals("restart")) {
            serve(parts[1]);
        }
    }

    private void crashed(String node) {
        nodes.crashed(node);
        names.crashed(node);
        members.crashed(node);
        words.crashed(node);
        // Its last revocations may be lost with it.
        revoked.removeIf(each -> each.getValue().equals(node));
    }

    private Text publish(SimulatedServer server, String room) {
        List<Text> published = new ArrayList<>();
        nodes.perform(() -> published.add(server.publish(room)));
        return published.getFirst();
    }

    private void changeGroup(String node, GroupChange change) {
        nodes.tell(node + " " + change);
        change.make(nodes.server(node).groups());
    }

    private void changeName(String node, int name, boolean registers) {
        NameClaims.Change change = NameClaims.change(node, name, registers);
        nodes.tell(change.toString());
        nodes.perform(() -> names.make(change));
    }

    /** Revokes the tokens of a user until a time that does not pass. */
    private void revoke(String node, String user, int hours) {
        nodes.tell(node + " revokes the tokens of " + user);
        nodes.perform(() -> nodes.server(node).revocations().revoke(user, distant.plus(Duration.ofHours(hours))));
        revoked.add(Map.entry(user, node));
    }

    /**
     * Loses one message of a node. It was refused, and the session goes on; or its packet is lost, which the link notices by
     * the next one, and ends the session.
     */
    private void loseOne(String from, int number, boolean packet) {
        String to = nodes.other(from, number);
        if (packet) {
            nodes.tell("the next packet is lost, from " + from + " to " + to);
            cluster.losePacket(from, to);
        } else {
            nodes.tell("the next message is refused, from " + from + " to " + to);
            cluster.refuseMessage(from, to);
        }
    }

    private void endFaults() {
        members.spareBefore(cluster.elapsed().minus(EVICTION));
        Chaos end = cluster.chaos(0);
        end.end();
        end.done().forEach(nodes::tell);
        cluster.nodes().stream().filter(node -> !nodes.serves(node)).forEach(this::serve);
        cluster.await(nodes::isWhole);
    }

    private void check() {
        Map<String, List<Text>> last = new HashMap<>();
        for (String room : Step.ROOMS) {
            last.put(
                    room,
                    nodes.servers().stream()
                            .map(server -> publish(server, room))
                            .toList());
        }
        // In the view that stays: a table that is made anew would hide what was wrong before.
        for (int i = 0; i < 4; i++) {
            for (SimulatedServer server : nodes.servers()) {
                Step.ChangeName change = Step.drawName(random, 0);
                changeName(server.node(), change.name(), change.registers());
            }
        }
        nodes.await(this::disagreement);
        members.checkReceived(last);
        words.checkReceived();
        new GroupModel(nodes, random).check();
    }

    /** The first thing on which nodes do not agree, or that is not as it should be; null if all is well. */
    private @Nullable String disagreement() {
        return Stream.<Supplier<@Nullable String>>of(
                        members::problem,
                        this::histories,
                        this::groups,
                        this::revocations,
                        words::problem,
                        names::disagreement)
                .map(Supplier::get)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private @Nullable String histories() {
        for (String room : Step.ROOMS) {
            Set<List<Text>> kept = nodes.servers().stream()
                    .map(server -> sorted(server.kept(room)))
                    .collect(Collectors.toSet());
            if (kept.size() > 1) {
                return "the history of " + room + ": " + kept;
            }
        }
        return null;
    }

    private static List<Text> sorted(List<Text> texts) {
        return texts.stream().sorted(Comparator.comparing(Text::toString)).toList();
    }

    private @Nullable String groups() {
        Set<Object> groups =
                nodes.servers().stream().map(SimulatedServer::topicsOfGroups).collect(Collectors.toSet());
        return groups.size() == 1 ? null : "groups: " + groups;
    }

    private @Nullable String revocations() {
        Set<String> users = revoked.stream().map(Map.Entry::getKey).collect(Collectors.toSet());
        Set<Set<String>> refused =
                nodes.servers().stream().map(SimulatedServer::revoked).collect(Collectors.toSet());
        return refused.size() == 1 && refused.iterator().next().containsAll(users)
                ? null
                : "revoked: " + revoked + "\n at the nodes: " + refused;
    }

    @Override
    public void close() {
        nodes.close();
    }
}
