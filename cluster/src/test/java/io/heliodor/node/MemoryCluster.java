package io.heliodor.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.link.Peer;
import io.heliodor.link.SessionLink;
import io.heliodor.link.Time;
import io.heliodor.link.Wire;
import io.heliodor.link.memory.MemoryNetwork;
import io.heliodor.membership.Member;
import io.heliodor.node.wiring.NodeWire;
import io.heliodor.node.wiring.WiredNode;
import io.heliodor.node.wiring.Wiring;
import io.heliodor.process.ConflictResolver;
import io.heliodor.raft.NoStorage;
import io.heliodor.raft.Storage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** Real nodes in one JVM over a network in memory; the test decides their views. */
public final class MemoryCluster implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    final MemoryNetwork network = MemoryNetwork.atOnce();
    private final Random random = new Random(1);
    private final List<Peer> peers = new ArrayList<>();
    private final List<WiredNode> nodes = new ArrayList<>();
    private final Minority minority;

    private MemoryCluster(Minority minority) {
        this.minority = minority;
    }

    /** A wire of that network. */
    private record InMemory(Wire wire, Runnable leaving) implements NodeWire {
        @Override
        public int port() {
            return 0;
        }

        @Override
        public ConnectOutcome connect(String address) {
            return new ConnectOutcome.TimedOut();
        }

        @Override
        public void disconnect() {
            leaving.run();
        }
    }

    /** Starts this number of nodes with one view of all. */
    public static MemoryCluster of(int size) {
        return of(size, ConflictResolver.oldest());
    }

    public static MemoryCluster of(int size, ConflictResolver resolver) {
        return of(size, resolver, Minority.CONTINUE);
    }

    public static MemoryCluster of(int size, Minority minority) {
        return of(size, ConflictResolver.oldest(), minority);
    }

    private static MemoryCluster of(int size, ConflictResolver resolver, Minority minority) {
        MemoryCluster cluster = new MemoryCluster(minority);
        for (int i = 0; i < size; i++) {
            cluster.start("n" + i + "@host", resolver);
        }
        cluster.view(0, cluster.all());
        cluster.awaitView(cluster.all());
        return cluster;
    }

    private int[] all() {
        int[] all = new int[nodes.size()];
        Arrays.setAll(all, i -> i);
        return all;
    }

    /** Starts a node in a view of its own. */
    public int start(String name, ConflictResolver resolver) {
        return start(name, resolver, List.of(), Time.machine(name));
    }

    /** Starts a node with a time of its own, in a view of its own. */
    public int start(String name, Time time) {
        return start(name, ConflictResolver.oldest(), List.of(), time);
    }

    /** Starts a node that becomes a member during its start, as one that finds a cluster does. */
    public int join(String name) {
        return start(name, ConflictResolver.oldest(), List.copyOf(peers), Time.machine(name));
    }

    private int start(String name, ConflictResolver resolver, List<Peer> present, Time time) {
        Peer peer = new Peer(name, random.nextLong() & Long.MAX_VALUE);
        List<Peer> view = new ArrayList<>(present);
        view.add(peer);
        Wiring wiring = new Wiring(
                peer.incarnation(),
                time,
                new NoStorage(Storage.Content.NONE),
                SessionLink.CAPACITY,
                Wiring.MAX_TOPICS,
                listener -> {
                    InMemory wire = new InMemory(network.open(peer, listener), () -> network.form(List.of(peer)));
                    network.form(view);
                    return wire;
                });
        peers.add(peer);
        nodes.add(wiring.start(Node.builder(name).onConflict(resolver).minority(minority)));
        return nodes.size() - 1;
    }

    public Node node(int index) {
        return nodes.get(index);
    }

    public Peer peer(int index) {
        return peers.get(index);
    }

    /** These nodes install a view of themselves, the first as its coordinator. */
    public void view(int first, int... members) {
        List<Peer> view = new ArrayList<>();
        view.add(peers.get(first));
        for (int member : members) {
            if (member != first) {
                view.add(peers.get(member));
            }
        }
        network.form(view);
    }

    /** Returns when each of these nodes has a view of them, and gets answers from the others. */
    public void awaitView(int... members) {
        Set<Peer> all = Arrays.stream(members).mapToObj(peers::get).collect(Collectors.toSet());
        for (int i : members) {
            // By incarnation: another one of the same name may leave with this view.
            await().atMost(DEADLINE)
                    .untilAsserted(() -> assertThat(nodes.get(i).membership().members())
                            .filteredOn(member -> member.status() == Member.Status.ALIVE)
                            .extracting(member -> new Peer(member.node(), member.incarnation()))
                            .containsExactlyInAnyOrderElementsOf(all));
            for (Peer other : all) {
                assertThat(nodes.get(i).ping(other.node(), DEADLINE)).isPresent();
            }
        }
    }

    @Override
    public void close() {
        // Each close waits briefly for the others to receive its leave notice.
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            nodes.forEach(node -> threads.execute(node::close));
        }
    }
}
