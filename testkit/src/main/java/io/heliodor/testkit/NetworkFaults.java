package io.heliodor.testkit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.link.memory.MemoryNetwork;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The faults of the routes of a network, by the names of nodes. They also apply to a restarted node. */
final class NetworkFaults {
    private record Route(String from, String to) {
        static final Comparator<Route> ORDER = Comparator.comparing(Route::from).thenComparing(Route::to);

        @Override
        public String toString() {
            return from + " > " + to;
        }
    }

    private final MemoryNetwork network;

    @GuardedBy("this")
    private final Set<Route> lost = new TreeSet<>(Route.ORDER);

    @GuardedBy("this")
    private final Set<Route> held = new TreeSet<>(Route.ORDER);

    @GuardedBy("this")
    private final Set<Route> losingPacket = new TreeSet<>(Route.ORDER);

    @GuardedBy("this")
    private final Set<Route> refusingMessage = new TreeSet<>(Route.ORDER);

    NetworkFaults(MemoryNetwork network) {
        this.network = network;
    }

    synchronized void lose(String from, String to) {
        lost.add(new Route(from, to));
    }

    synchronized void hold(String from, String to) {
        held.add(new Route(from, to));
    }

    synchronized void release(String from, String to) {
        held.remove(new Route(from, to));
    }

    /** Loses the next packet. */
    synchronized void losePacket(String from, String to) {
        losingPacket.add(new Route(from, to));
    }

    /** Whether a packet that is being sent is lost. */
    synchronized boolean losesPacket(String from, String to) {
        return !losingPacket.isEmpty() && losingPacket.remove(new Route(from, to));
    }

    /** Refuses the next message. */
    synchronized void refuseMessage(String from, String to) {
        refusingMessage.add(new Route(from, to));
    }

    /** Whether a message that is being sent is refused. */
    synchronized boolean refusesMessage(String from, String to) {
        return !refusingMessage.isEmpty() && refusingMessage.remove(new Route(from, to));
    }

    synchronized void heal() {
        lost.clear();
        held.clear();
        losingPacket.clear();
        refusingMessage.clear();
    }

    synchronized boolean passes(NodeIncarnation from, NodeIncarnation to) {
        Route route = new Route(from.name(), to.name());
        return !lost.contains(route) && !held.contains(route);
    }

    /** Applies the faults to the network. */
    synchronized void apply(Collection<NodeIncarnation> incarnations) {
        List<NodeIncarnation> present =
                incarnations.stream().filter(NodeIncarnation::exists).toList();
        for (NodeIncarnation from : present) {
            for (NodeIncarnation to : present) {
                if (!to.equals(from)) {
                    apply(from, to);
                }
            }
        }
    }

    @GuardedBy("this")
    private void apply(NodeIncarnation from, NodeIncarnation to) {
        Route route = new Route(from.name(), to.name());
        if (lost.contains(route)) {
            network.lose(from.peer(), to.peer());
        } else if (held.contains(route)) {
            network.hold(from.peer(), to.peer());
        } else {
            network.heal(from.peer(), to.peer());
        }
    }

    @Override
    public synchronized String toString() {
        return Stream.concat(
                        lost.stream().map(route -> "lost: " + route + "\n"),
                        held.stream().map(route -> "delayed: " + route + "\n"))
                .reduce("", String::concat);
    }
}
