package io.heliodor.link.memory;

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
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A network in memory, for tests: its nodes are wires in one JVM, who is a member is what the test says, and it fails when
 * told to. There is a path from each peer to each other; every path keeps order, and has a fault of its own.
 *
 * <p>With {@link #atOnce} packets are delivered at once, by a thread for each path, and all methods may be called by any thread.
 * With {@link #stepped} nothing moves but by {@link #step}: one thread does everything, and the same calls with the same
 * seed give the same history.
 */
public final class MemoryNetwork {
    /** How much may wait on a path before a sender waits, in production-like tests: 1 MiB. */
    public static final int WINDOW = 1 << 20;

    private record Route(Peer from, Peer to) {}

    private final @Nullable RandomGenerator random;
    private final int window;

    // In the order of their making, so that a seed finds them in the same one. Guarded by this.
    private final Map<Peer, MemoryWire> wires = new LinkedHashMap<>();
    private final Map<Route, Path> paths = new LinkedHashMap<>();

    private MemoryNetwork(@Nullable RandomGenerator random, int window) {
        this.random = random;
        this.window = window;
    }

    /**
     * A network with real threads: who sends waits while the other end takes nothing and the window is full.
     *
     * @return a network without nodes
     */
    public static MemoryNetwork atOnce() {
        return new MemoryNetwork(null, WINDOW);
    }

    /**
     * A network that is driven by one thread.
     *
     * @param random decides which packet arrives next
     * @param window how many bytes a path takes before {@link #takes} says no; sending beyond it is an error
     * @return a network without nodes
     */
    public static MemoryNetwork stepped(RandomGenerator random, int window) {
        return new MemoryNetwork(random, window);
    }

    /**
     * Adds a node. It knows of no view before one is installed. A node that is started again is another peer of the same
     * name.
     *
     * @param self the node
     * @param listener what its wire tells
     * @return its wire
     * @throws IllegalArgumentException when this peer is here, or was
     */
    public synchronized Wire open(Peer self, Wire.Listener listener) {
        if (wires.containsKey(self)) {
            throw new IllegalArgumentException(self + " was opened before: a node that starts again has another life.");
        }
        var wire = new MemoryWire(this, self, listener);
        wires.put(self, wire);
        return wire;
    }

    /**
     * Installs a view at one of its members. One that is paused is told when it goes on.
     *
     * @param view what to install
     * @param at where
     * @throws IllegalArgumentException when the node is no member
     */
    public void install(View view, Peer at) {
        if (!view.has(at)) {
            throw new IllegalArgumentException(at + " is no member of view " + view + ": install it at members.");
        }
        wire(at).install(view);
    }

    /**
     * Makes the next view of these members, and installs it at each of them in turn. Its number is above all that they
     * had, its creator is the first, and it is merged when they come from different views.
     *
     * @param members who belongs to it, in order
     * @return the view
     */
    public View form(List<Peer> members) {
        View view = next(members);
        members.forEach(member -> install(view, member));
        return view;
    }

    /**
     * Makes the next view of these members, as {@link #form} does, and installs it nowhere.
     *
     * @param members who belongs to it, in order
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
        members.forEach(member -> wire(member).made(view));
        return view;
    }

    /**
     * Tells a node what it thinks of another.
     *
     * @param at who is told
     * @param peer of whom
     * @param suspect whether it seems to be dead
     */
    public void suspect(Peer at, Peer peer, boolean suspect) {
        wire(at).suspect(peer, suspect);
    }

    /**
     * Loses what is sent from now on. What is under way arrives.
     *
     * @param from who sends
     * @param to to whom
     */
    public void lose(Peer from, Peer to) {
        path(from, to).ifPresent(path -> path.state(Path.State.LOSING));
    }

    /**
     * Delays what is under way and what is sent from now on, until it is healed.
     *
     * @param from who sends
     * @param to to whom
     */
    public void hold(Peer from, Peer to) {
        path(from, to).ifPresent(path -> path.state(Path.State.HELD));
    }

    /**
     * Lets packets pass; those that were held come first.
     *
     * @param from who sends
     * @param to to whom
     */
    public void heal(Peer from, Peer to) {
        path(from, to).ifPresent(path -> {
            path.state(Path.State.OPEN);
            flow(path);
        });
    }

    /**
     * Loses all between two sides, in both directions.
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

    /** Lets packets pass everywhere. */
    public void heal() {
        each(path -> {
            path.state(Path.State.OPEN);
            flow(path);
        });
    }

    /**
     * Sends an old packet once more, behind what is under way: one that arrived, or was lost.
     *
     * @param from who sent it
     * @param to to whom
     * @param back which: 0 is the last, 1 the one before
     * @return false when there is none
     */
    public boolean repeat(Peer from, Peer to, int back) {
        Optional<Path> path = path(from, to).filter(p -> p.repeat(back));
        path.ifPresent(this::flow);
        return path.isPresent();
    }

    /**
     * Freezes a node: nothing reaches it, and who sends in it waits, as does who sends to it when the window is full.
     *
     * @param node which
     */
    public void pause(Peer node) {
        wire(node).pause();
    }

    /**
     * Lets a frozen node go on: first it is told what happened meanwhile.
     *
     * @param node which
     */
    public void resume(Peer node) {
        wire(node).resume();
        each(path -> {
            path.wake();
            flow(path);
        });
    }

    /**
     * Kills a node: it hears nothing more, and says nothing more. What it sent is under way.
     *
     * @param node which
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
     * @param from who sends
     * @param to to whom
     * @return false when the window is full, or the sender is paused
     */
    public boolean takes(Peer from, Peer to) {
        return !wire(from).paused() && path(from, to).map(Path::takes).orElse(true);
    }

    /**
     * Delivers one packet: the first of any path where one can arrive.
     *
     * @return false when nothing can arrive
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
     * Whether nothing moves, and nothing will before somebody acts.
     *
     * @return false while packets are delivered, or could be
     */
    public boolean quiet() {
        List<Path> all;
        synchronized (this) {
            all = List.copyOf(paths.values());
        }
        return all.stream().noneMatch(Path::moves);
    }

    /**
     * How many packets wait on their way.
     *
     * @param from who sent them
     * @param to to whom
     * @return how many
     */
    public int underWay(Peer from, Peer to) {
        return path(from, to).map(Path::underWay).orElse(0);
    }

    void send(MemoryWire from, Peer to, byte[] packet) throws InterruptedException {
        Optional<Path> path = path(from.self(), to);
        if (path.isPresent()) {
            if (random != null && !takes(from.self(), to)) {
                throw new IllegalStateException("The path from " + from.self() + " to " + to
                        + " is full or paused: ask takes() before a turn that sends.");
            }
            path.get().put(packet, from);
            flow(path.get());
        }
    }

    private void flow(Path path) {
        if (random == null) {
            path.flow();
        }
    }

    /** A node closed its wire: waits until nothing is delivered to it. */
    void closed(MemoryWire wire) {
        List<Path> toIt = new ArrayList<>();
        synchronized (this) {
            paths.forEach((route, path) -> {
                if (route.to().equals(wire.self())) {
                    toIt.add(path);
                }
            });
        }
        each(Path::wake);
        toIt.forEach(Path::end);
    }

    private synchronized MemoryWire wire(Peer peer) {
        MemoryWire wire = wires.get(peer);
        if (wire == null) {
            throw new IllegalArgumentException(peer + " is no node of this network: open it first.");
        }
        return wire;
    }

    /** None to a peer that is not here. */
    private synchronized Optional<Path> path(Peer from, Peer to) {
        MemoryWire wire = wires.get(to);
        if (wire == null) {
            return Optional.empty();
        }
        return Optional.of(paths.computeIfAbsent(new Route(from, to), route -> new Path(from, wire, window)));
    }

    /** Outside of the lock: what is done may call listeners. */
    private void each(Consumer<Path> action) {
        List<Path> all;
        synchronized (this) {
            all = List.copyOf(paths.values());
        }
        all.forEach(action);
    }
}
