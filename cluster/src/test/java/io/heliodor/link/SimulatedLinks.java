package io.heliodor.link;

import io.heliodor.link.memory.MemoryNetwork;
import io.heliodor.process.engine.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Links over a network in memory, all run by one thread. The seed decides the next step: a turn of a link, or the
 * arrival of a packet. The time of a node advances when the test calls {@link #tick}.
 */
public final class SimulatedLinks {
    private record Turn(Peer node, Peer about, BooleanSupplier turn) {}

    private static final Duration TICK = Duration.ofMillis(200);

    private final Random random;
    private final MemoryNetwork network;
    private final int capacity;
    private final List<Turn> turns = new ArrayList<>();
    private final Map<Peer, ManualTime> times = new LinkedHashMap<>();
    private final Set<Peer> frozen = new HashSet<>();
    private final Set<Peer> busy = new HashSet<>();

    /** The capacity is that of a session's queue and of a path of the network, in bytes. */
    public SimulatedLinks(Random random, int capacity) {
        this.random = random;
        this.capacity = capacity;
        this.network = MemoryNetwork.stepped(random, capacity);
    }

    /** The network below, for its faults. Nodes are paused, resumed and crashed here, not there. */
    public MemoryNetwork network() {
        return network;
    }

    /** Starts a node. */
    public Link start(Peer node, Link.Listener listener) {
        return SessionLink.start(
                wire -> network.open(node, wire),
                listener,
                times.computeIfAbsent(node, unknown -> new ManualTime()),
                capacity,
                (about, turn) -> turns.add(new Turn(node, about, turn)));
    }

    /** Runs one step. Returns false if none is possible. */
    public boolean step() {
        List<Turn> ready = turns.stream().filter(this::ready).toList();
        if (ready.isEmpty() || random.nextInt(ready.size() + 2) < 2) {
            if (network.step()) {
                return true;
            }
        }
        if (ready.isEmpty()) {
            return false;
        }
        Turn next = ready.get(random.nextInt(ready.size()));
        if (!next.turn().getAsBoolean()) {
            turns.remove(next);
        }
        return true;
    }

    private boolean ready(Turn turn) {
        if (turn.about().equals(turn.node())) {
            return !frozen.contains(turn.node()) && !busy.contains(turn.node());
        }
        return !frozen.contains(turn.node()) && network.takes(turn.node(), turn.about());
    }

    /** Runs all steps that are possible without the time advancing. */
    public void drain() {
        boolean more = true;
        for (int i = 0; more; i++) {
            if (i == 1_000_000) {
                throw new AssertionError("The links do not come to rest; turns: " + turns);
            }
            more = step();
        }
    }

    /** Lets 200 ms pass for a node, unless it is frozen. */
    public void tick(Peer node) {
        ManualTime time = times.get(node);
        if (time != null && !frozen.contains(node)) {
            time.advance(TICK);
        }
    }

    /** Lets 200 ms pass for all nodes. */
    public void tick() {
        List.copyOf(times.keySet()).forEach(this::tick);
    }

    /** Freezes a node, as SIGSTOP does. */
    public void pause(Peer node) {
        frozen.add(node);
        network.pause(node);
    }

    /** Resumes a frozen node. */
    public void resume(Peer node) {
        network.resume(node);
        frozen.remove(node);
    }

    /** Keeps the listener of a node busy, or not. A busy listener receives envelopes only. */
    public void busy(Peer node, boolean is) {
        if (is) {
            busy.add(node);
        } else {
            busy.remove(node);
        }
    }

    /** Kills a node. */
    public void crash(Peer node) {
        network.crash(node);
        times.remove(node);
        frozen.remove(node);
        turns.removeIf(turn -> turn.node().equals(node));
    }
}
