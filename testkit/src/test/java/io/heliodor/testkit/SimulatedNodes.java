package io.heliodor.testkit;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The nodes of a {@link ReplicationSimulation} with their servers, and the story of all that happened. */
final class SimulatedNodes implements AutoCloseable {
    private final ClusterKit cluster;
    private final Map<String, SimulatedServer> servers = new TreeMap<>();
    private final List<SimulatedServer> dead = new ArrayList<>();
    private final Map<String, Integer> incarnations = new HashMap<>();
    private final List<String> story = new ArrayList<>();

    SimulatedNodes(ClusterKit cluster) {
        this.cluster = cluster;
    }

    ClusterKit cluster() {
        return cluster;
    }

    /** Starts the server of the present incarnation of a node. */
    void serve(String node) {
        servers.put(node, new SimulatedServer(cluster, node, incarnations.merge(node, 1, Integer::sum)));
    }

    /** A node has crashed. */
    void crashed(String node) {
        dead.add(server(node));
        servers.keySet().remove(node);
    }

    Collection<SimulatedServer> servers() {
        return servers.values();
    }

    SimulatedServer server(String node) {
        return Objects.requireNonNull(servers.get(node), node);
    }

    boolean serves(String node) {
        return servers.containsKey(node);
    }

    boolean runs(String node) {
        return serves(node) && cluster.runs(node);
    }

    /** One of the nodes that run. */
    String running(int number) {
        return one(servers.keySet().stream().filter(cluster::runs).toList(), number);
    }

    /** One of the other nodes, running or not. */
    String other(String node, int number) {
        return one(cluster.nodes().stream().filter(each -> !each.equals(node)).toList(), number);
    }

    static <T> T one(List<T> of, int number) {
        return of.get(number % of.size());
    }

    boolean isWhole() {
        return cluster.nodes().stream()
                .allMatch(node -> cluster.node(node).membership().peers().size() == 2);
    }

    /** Holds all messages between nodes, until the network heals. */
    void holdAll() {
        for (String from : cluster.nodes()) {
            for (String to : cluster.nodes()) {
                if (!from.equals(to)) {
                    cluster.delay(from, to);
                }
            }
        }
    }

    /** Performs work that may wait for the clock: a history that catches up first, for example. */
    void perform(Runnable work) {
        CompletableFuture<Object> done = cluster.async(Executors.callable(work));
        cluster.await(done::isDone);
        Object _ = done.join();
    }

    /**
     * Waits until there is not any problem left.
     *
     * @param problem returns the first one, or null
     */
    void await(Supplier<@Nullable String> problem) {
        var last = new Object() {
            @Nullable
            String problem;
        };
        try {
            cluster.await(() -> {
                last.problem = problem.get();
                return last.problem == null;
            });
        } catch (AssertionError e) {
            throw new AssertionError(last.problem + "\n" + e.getMessage(), e);
        }
    }

    void tell(String event) {
        story.add(cluster.elapsed().toMillis() + " " + event);
    }

    /** All that happened. */
    String story() {
        return String.join("\n", story);
    }

    @Override
    public void close() {
        servers.values().forEach(SimulatedServer::close);
        dead.forEach(SimulatedServer::close);
        cluster.close();
    }
}
