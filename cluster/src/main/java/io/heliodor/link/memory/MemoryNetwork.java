package io.heliodor.link.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.link.Wire;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A network in memory for tests, with faults: its nodes are wires in one JVM, and the test decides on their views.
 * There is a path from each peer to each other one, which keeps the order of packets and has a fault of its own.
 *
 * <p>The network of {@link #atOnce} delivers packets at once, by a thread for each path, and is thread-safe. That of
 * {@link #stepped} only delivers by {@link #step}: one thread does everything, and the same calls with the same seed
 * give the same history.
 */
public final class MemoryNetwork {
    /** The bytes that may be in flight on a path of {@link #atOnce} before its sender waits: 1 MiB. */
    public static final int WINDOW = 1 << 20;

    private record Route(Peer from, Peer to) {}

    private final @Nullable RandomGenerator random;
    private final int window;

    /** How often deliveries on a path have begun. */
    private final AtomicLong wakes = new AtomicLong();

    // In the order of creation, so that the same seed has the same effect.

    @GuardedBy("this")
    private final Map<Peer, MemoryWire> wires = new LinkedHashMap<>();

    @GuardedBy("this")
    private final Map<Route, Path> paths = new LinkedHashMap<>();

    /** The short ways that have not ended, and those whose last packets are still to arrive. */
    @GuardedBy("this")
    private final Map<Route, MemoryWay> ways = new LinkedHashMap<>();

    @GuardedBy("this")
    private final List<MemoryWay> endedWays = new ArrayList<>();

    private MemoryNetwork(@Nullable RandomGenerator random, int window) {
        this.random = random;
        this.window = window;
    }

    /**
     * A network with threads. A sender waits while the window of its path is full.
     *
     * @return a network without nodes
     */
    public static MemoryNetwork atOnce() {
        return new MemoryNetwork(null, WINDOW);
    }

    /**
     * A network that one thread drives.
     *
     * @param random draws the packet that arrives next
     * @param window the bytes in flight after which {@link #takes} returns false for a path; sending more is an error
     * @return a network without nodes
     */
    public static MemoryNetwork stepped(RandomGenerator random, int window) {
        return new MemoryNetwork(random, window);
    }

    /**
     * Adds a node. It has no view before one is installed. A node that starts again is another peer of the same name.
     *
     * @param self the node
     * @param listener gets the events of its wire
     * @return its wire
     * @throws IllegalArgumentException when this peer was added before
     */
    public synchronized Wire open(Peer self, Wire.Listener listener) {
        if (wires.containsKey(self)) {
            throw new IllegalArgumentException(
                    self + " was opened before: a node that starts again has another incarnation.");
        }
        var wire = new MemoryWire(this, self, listener);
        wires.put(self, wire);
        return wire;
    }

    /**
     * Installs a view at one of its members; at a paused one when it is resumed.
     *
     * @param view the view
     * @param at the member
     * @throws IllegalArgumentException when the node is not a member
     */
    public void install(View view, Peer at) {
        if (!view.has(at)) {
            throw new IllegalArgumentException(at + " is not a member of view " + view + ": install it at members.");
        }
        wire(at).install(view);
    }

    /**
     * Creates the next view of these members, and installs it at each of them in turn. Its number is above those of
     * their former views, its creator is the first member, and it is merged if they had different views.
     *
     * @param members the members in order
     * @return the view
     */
    public View form(List<Peer> members) {
        View view = next(members);
        members.forEach(member -> install(view, member));
        return view;
    }

    /**
     * Creates the next view of these members as {@link #form} does, without installing it.
     *
     * @param members the members in order
     * @return the view
     */
    public View next(List<Peer> members) {
        List<View> before = members.stream()
                .map(member -> wire(member).latest())
                .flatMap(Optional::stream)
                .toList();
        long number =
                1 + before.stream().mapToLong(view -> view.id().number()).max().orElse(0);
        boolean merged = before.stream().map(View::id).distinct().count() > 1
                && before.stream().anyMatch(view -> view.members().size() > 1);
        View view = new View(new ViewId(number, members.getFirst()), members, merged);
        members.forEach(member -> wire(member).created(view));
        return view;
    }

    /**
     * Begins or ends a suspicion at a node.
     *
     * @param at the node that suspects
     * @param peer the suspect
     * @param suspect whether the suspicion begins
     */
    public void suspect(Peer at, Peer peer, boolean suspect) {
        wire(at).suspect(peer, suspect);
    }

    /**
     * Begins a short way from a node to another one, unless there is one.
     *
     * @param from the sender
     * @param to the receiver
     */
    public void connect(Peer from, Peer to) {
        Optional<Path> path = path(from, to);
        synchronized (this) {
            MemoryWire sender = wires.get(from);
            if (sender != null && path.isPresent()) {
                ways.computeIfAbsent(
                        new Route(from, to),
                        _ -> new MemoryWay(this, sender, to, path.get().another()));
            }
        }
    }

    /**
     * Ends a short way: of the packets under way the last ones are lost.
     *
     * @param from the sender
     * @param to the receiver
     * @param arriving the number of packets that still arrive
     */
    public void cut(Peer from, Peer to, int arriving) {
        MemoryWay way = way(from, to);
        if (way != null) {
            way.cut(arriving);
            wire(from).wayEnded(to);
        }
    }

    /**
     * Loses packets from now on. Those in flight arrive; those of a short way are held, as TCP sends them again.
     *
     * @param from the sender
     * @param to the receiver
     */
    public void lose(Peer from, Peer to) {
        path(from, to).ifPresent(path -> path.state(Path.State.LOSING));
        hang(from, to);
    }

    /**
     * Holds packets, also those in flight, until {@link #heal(Peer, Peer)}.
     *
     * @param from the sender
     * @param to the receiver
     */
    public void hold(Peer from, Peer to) {
        path(from, to).ifPresent(path -> path.state(Path.State.HELD));
        hang(from, to);
    }

    /**
     * Holds the packets of a short way only, until {@link #heal(Peer, Peer)}.
     *
     * @param from the sender
     * @param to the receiver
     */
    public void hang(Peer from, Peer to) {
        MemoryWay way = way(from, to);
        if (way != null) {
            way.path().state(Path.State.HELD);
        }
    }

    /**
     * Ends the fault of a path. Held packets arrive first.
     *
     * @param from the sender
     * @param to the receiver
     */
    public void heal(Peer from, Peer to) {
        path(from, to).ifPresent(this::open);
        MemoryWay way = way(from, to);
        if (way != null) {
            open(way.path());
        }
    }

    private void open(Path path) {
        path.state(Path.State.OPEN);
        flow(path);
    }

    /**
     * Loses all packets between two sides, in both directions.
     *
     * @param one one side
     * @param other the other
     */
    public void partition(Collection<Peer> one, Collection<Peer> other) {
        for (Peer a : one) {
            for (Peer b : other) {
                lose(a, b);
                lose(b, a);
            }
        }
    }

    /** Ends the faults of all paths. */
    public void heal() {
        each(this::open);
    }

    /**
     * Sends an old packet again, after those in flight: one that arrived or was lost.
     *
     * @param from the sender
     * @param to the receiver
     * @param back 0 for the last packet, 1 for the one before
     * @return false if there is none
     */
    public boolean repeat(Peer from, Peer to, int back) {
        Optional<Path> path = path(from, to).filter(p -> p.repeat(back));
        path.ifPresent(this::flow);
        return path.isPresent();
    }

    /**
     * Freezes a node: no packets and events reach it, its senders wait, and senders to it wait when the window is full.
     *
     * @param node the node
     */
    public void pause(Peer node) {
        wire(node).pause();
    }

    /**
     * Resumes a frozen node. First its listener gets the events since {@link #pause}.
     *
     * @param node the node
     */
    public void resume(Peer node) {
        wire(node).resume();
        each(path -> {
            path.wake();
            flow(path);
        });
    }

    /**
     * Kills a node: it neither receives nor sends packets any more. Those in flight from it arrive.
     *
     * @param node the node
     */
    public void crash(Peer node) {
        MemoryWire wire = wire(node);
        if (wire.stop()) {
            each(Path::wake);
        }
    }

    /**
     * Whether a packet would be sent without waiting.
     *
     * @param from the sender
     * @param to the receiver
     * @return false when the window is full, or the sender is paused
     */
    public boolean takes(Peer from, Peer to) {
        MemoryWay way = way(from, to);
        return !wire(from).paused()
                && path(from, to).map(Path::takes).orElse(true)
                && (way == null || way.path().takes());
    }

    /**
     * Delivers one packet, the first of a path that is drawn.
     *
     * @return false when no packet can arrive
     * @throws IllegalStateException when this network was not made by {@link #stepped}
     */
    public boolean step() {
        if (random == null) {
            throw new IllegalStateException(
                    "Packets of this network are delivered at once: step one made by stepped().");
        }
        List<Path> ready = new ArrayList<>();
        each(path -> {
            if (path.deliverable()) {
                ready.add(path);
            }
        });
        return !ready.isEmpty() && ready.get(random.nextInt(ready.size())).deliverNext();
    }

    /**
     * Whether no packet is being delivered or can be.
     *
     * @return false while packets are delivered, or could be
     */
    public boolean quiet() {
        return paths().stream().noneMatch(Path::moves);
    }

    /**
     * How often an idle path has begun to deliver. Paths that were found idle one after the other are idle all, if this has
     * not changed meanwhile.
     *
     * @return a count that never decreases
     */
    public long wakes() {
        return wakes.get();
    }

    /**
     * The number of packets in flight on a path.
     *
     * @param from the sender
     * @param to the receiver
     * @return 0 or more
     */
    public int underWay(Peer from, Peer to) {
        return path(from, to).map(Path::underWay).orElse(0);
    }

    void send(MemoryWire from, Peer to, byte[] packet) throws InterruptedException {
        Optional<Path> path = path(from.self(), to);
        if (path.isPresent()) {
            checkRoom(path.get(), from.self(), to);
            path.get().put(packet, from);
            flow(path.get());
        }
    }

    /** In a network that one thread drives, a sender cannot wait. */
    void checkRoom(Path path, Peer from, Peer to) {
        if (random != null && (wire(from).paused() || !path.takes())) {
            throw new IllegalStateException("The path from " + from + " to " + to
                    + " is full or paused: ask takes() before a turn that sends.");
        }
    }

    /** The short way from a node to another one; null without one. */
    synchronized @Nullable MemoryWay way(Peer from, Peer to) {
        return ways.get(new Route(from, to));
    }

    synchronized void ended(MemoryWay way) {
        if (ways.remove(new Route(way.from(), way.to()), way)) {
            endedWays.removeIf(former -> former.path().underWay() == 0);
            endedWays.add(way);
        }
    }

    /** Ends the short ways between a node and those that are not in its view. */
    void retainWays(Peer node, View view) {
        List<MemoryWay> gone;
        synchronized (this) {
            gone = ways.values().stream()
                    .filter(way -> (way.from().equals(node) && !view.has(way.to()))
                            || (way.to().equals(node) && !view.has(way.from())))
                    .toList();
        }
        gone.forEach(way -> cut(way.from(), way.to(), 0));
    }

    void flow(Path path) {
        if (random == null) {
            path.flow();
        }
    }

    /** Drops the packets to a node that closed its wire. Waits for deliveries to it. */
    void closed(MemoryWire wire) {
        List<Path> toIt = new ArrayList<>();
        synchronized (this) {
            paths.forEach((route, path) -> {
                if (route.to().equals(wire.self())) {
                    toIt.add(path);
                }
            });
            ways.forEach((route, way) -> {
                if (route.to().equals(wire.self())) {
                    toIt.add(way.path());
                }
            });
        }
        each(Path::wake);
        toIt.forEach(Path::end);
    }

    private synchronized MemoryWire wire(Peer peer) {
        MemoryWire wire = wires.get(peer);
        if (wire == null) {
            throw new IllegalArgumentException(peer + " is not a node of this network: open it first.");
        }
        return wire;
    }

    /** The path to a peer; empty if that was never opened. */
    private synchronized Optional<Path> path(Peer from, Peer to) {
        MemoryWire wire = wires.get(to);
        if (wire == null) {
            return Optional.empty();
        }
        return Optional.of(paths.computeIfAbsent(new Route(from, to), route -> new Path(from, wire, window, wakes)));
    }

    /** Called without the lock, because actions may call listeners. */
    private void each(Consumer<Path> action) {
        paths().forEach(action);
    }

    private synchronized List<Path> paths() {
        List<Path> all = new ArrayList<>(paths.values());
        ways.values().forEach(way -> all.add(way.path()));
        endedWays.forEach(way -> all.add(way.path()));
        return all;
    }
}
