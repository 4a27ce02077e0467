package io.heliodor.testkit;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.link.memory.MemoryNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a failure detector and a membership service do on a real network, by the clock of the kit: who hears nothing of a
 * member for some time suspects it; the first member that suspects all before it excludes its suspects; parts that hear each
 * other become one. All state under its monitor.
 */
final class SimulatedMembership {
    /** How long things take. */
    record Timing(Duration silence, Duration verify, Duration merge) {}

    private final MemoryNetwork network;
    private final VirtualClock clock;
    private final NetworkFaults faults;
    private final Timing timing;

    /** All lives, in the order in which they were started. */
    private final List<NodeIncarnation> lives = new ArrayList<>();

    /** Since when these could become one. */
    private final Map<Set<NodeIncarnation>, Long> mergeable = new HashMap<>();

    SimulatedMembership(MemoryNetwork network, VirtualClock clock, NetworkFaults faults, Timing timing) {
        this.network = network;
        this.clock = clock;
        this.faults = faults;
        this.timing = timing;
    }

    synchronized List<NodeIncarnation> lives() {
        return List.copyOf(lives);
    }

    /** A new life joins those that hear it, or begins alone. It takes the place of an earlier one of its name. */
    synchronized void join(NodeIncarnation life) {
        lives.add(life);
        faults.apply(lives);
        List<NodeIncarnation> part = parts().stream()
                .filter(members -> members.stream().anyMatch(NodeIncarnation::runs))
                .filter(members -> together(members, List.of(life)))
                .max(Comparator.comparingInt(List::size))
                .orElse(List.of());
        List<NodeIncarnation> members = new ArrayList<>(part);
        members.removeIf(member -> member.equals(life));
        members.add(life);
        form(members, members, false);
    }

    /** Time has passed. */
    synchronized void tick() {
        lives.removeIf(life -> !life.exists() && lives.stream().noneMatch(other -> other.exists() && other.sees(life)));
        hear();
        exclude();
        merge();
    }

    private void hear() {
        for (NodeIncarnation at : lives) {
            if (at.runs()) {
                lives.stream().filter(of -> !of.equals(at) && at.sees(of)).forEach(of -> hear(at, of));
            }
        }
    }

    private void hear(NodeIncarnation at, NodeIncarnation of) {
        boolean passes = faults.passes(of, at);
        if (of.runs() && passes) {
            at.heard.put(of, clock.now());
            if (at.suspects.remove(of) != null) {
                network.suspect(at.peer(), of.peer(), false);
            }
        } else if (!at.suspects.containsKey(of) && (broken(at, of) || silent(at, of))) {
            at.suspects.put(of, clock.now());
            network.suspect(at.peer(), of.peer(), true);
        }
    }

    /** A process that ends breaks its connections, and whoever can be told of that knows. */
    private boolean broken(NodeIncarnation at, NodeIncarnation of) {
        return !of.exists() && faults.passes(of, at);
    }

    private boolean silent(NodeIncarnation at, NodeIncarnation of) {
        return clock.now() - at.heard.getOrDefault(of, clock.now())
                >= timing.silence().toNanos();
    }

    private boolean certain(NodeIncarnation at, NodeIncarnation of) {
        Long since = at.suspects.get(of);
        return since != null
                && (broken(at, of) || clock.now() - since >= timing.verify().toNanos());
    }

    /** By one of the others, which says so: the link of one pair is no reason to exclude anybody. */
    private boolean isReached(NodeIncarnation at, NodeIncarnation of) {
        return of.runs()
                && members(at).stream()
                        .anyMatch(other -> !other.equals(at)
                                && !other.equals(of)
                                && !at.suspects.containsKey(other)
                                && together(List.of(other), List.of(at, of))
                                && other.runs());
    }

    private void exclude() {
        for (NodeIncarnation at : List.copyOf(lives)) {
            List<NodeIncarnation> members = members(at);
            List<NodeIncarnation> gone = members.stream()
                    .filter(member -> certain(at, member) && !isReached(at, member))
                    .toList();
            boolean leads = gone.containsAll(members.subList(0, members.indexOf(at)));
            if (at.runs() && !gone.isEmpty() && leads) {
                List<NodeIncarnation> stay = members.stream()
                        .filter(member -> !gone.contains(member) && member.exists() && member.shares(at))
                        .toList();
                form(
                        stay,
                        stay.stream()
                                .filter(member -> member.equals(at) || faults.passes(at, member))
                                .toList(),
                        false);
            }
        }
    }

    /** Who is in the view of a node, in its order; also those that are gone and not excluded yet. */
    private List<NodeIncarnation> members(NodeIncarnation at) {
        return at.view.members().stream().flatMap(peer -> find(peer).stream()).toList();
    }

    private Optional<NodeIncarnation> find(Peer peer) {
        return lives.stream().filter(life -> life.peer().equals(peer)).findFirst();
    }

    /** Who shares a view, in its order; the largest part first. */
    private List<List<NodeIncarnation>> parts() {
        Map<ViewId, List<NodeIncarnation>> parts = new LinkedHashMap<>();
        for (NodeIncarnation life : lives) {
            if (life.exists() && !life.apart) {
                parts.computeIfAbsent(life.view.id(), id -> new ArrayList<>()).add(life);
            }
        }
        parts.values()
                .forEach(part -> part.sort(
                        Comparator.comparingInt(life -> life.view.members().indexOf(life.peer()))));
        return parts.values().stream()
                .filter(part -> part.stream().anyMatch(NodeIncarnation::runs))
                .sorted(Comparator.<List<NodeIncarnation>>comparingInt(List::size)
                        .reversed())
                .toList();
    }

    /** Whether all of them hear each other. Who is paused is no obstacle: it is in the part already. */
    private boolean together(Collection<NodeIncarnation> some, Collection<NodeIncarnation> others) {
        return some.stream()
                .filter(NodeIncarnation::runs)
                .allMatch(one -> others.stream()
                        .filter(other -> other.runs() && !other.equals(one))
                        .allMatch(other -> faults.passes(one, other) && faults.passes(other, one)));
    }

    private void merge() {
        List<List<NodeIncarnation>> left = new ArrayList<>(parts());
        Map<Set<NodeIncarnation>, Long> still = new HashMap<>();
        while (!left.isEmpty()) {
            List<NodeIncarnation> merged = new ArrayList<>(left.removeFirst());
            int size = merged.size();
            for (List<NodeIncarnation> part : List.copyOf(left)) {
                if (together(merged, part)) {
                    merged.addAll(part);
                    left.remove(part);
                }
            }
            if (merged.size() > size) {
                Set<NodeIncarnation> who = Set.copyOf(merged);
                long since = mergeable.getOrDefault(who, clock.now());
                if (clock.now() - since >= timing.merge().toNanos()) {
                    form(merged, merged, true);
                } else {
                    still.put(who, since);
                }
            }
        }
        mergeable.clear();
        mergeable.putAll(still);
    }

    /** Makes the next view of these, and installs it at some of them. */
    private void form(List<NodeIncarnation> members, List<NodeIncarnation> at, boolean merged) {
        long number = members.stream()
                        .mapToLong(life -> life.view.id().number())
                        .max()
                        .orElse(0)
                + 1;
        List<Peer> peers = members.stream().map(NodeIncarnation::peer).toList();
        View view = new View(new ViewId(number, peers.getFirst()), peers, merged);
        for (NodeIncarnation life : at) {
            life.view = view;
            members.forEach(member -> life.heard.put(member, clock.now()));
            life.heard.keySet().retainAll(members);
            life.suspects.keySet().retainAll(members);
            network.install(view, life.peer());
        }
    }

    synchronized void crash(NodeIncarnation life) {
        life.state = NodeIncarnation.State.CRASHED;
        network.crash(life.peer());
        tick();
    }

    synchronized void pause(NodeIncarnation life) {
        life.state = NodeIncarnation.State.PAUSED;
        network.pause(life.peer());
    }

    synchronized void resume(NodeIncarnation life) {
        life.state = NodeIncarnation.State.RUNS;
        // It has heard nobody, but will before it can think so.
        life.heard.replaceAll((other, at) -> clock.now());
        network.resume(life.peer());
    }

    /** It has said farewell and closes; to those whom it can reach. */
    synchronized void close(NodeIncarnation life) {
        if (life.exists()) {
            life.state = NodeIncarnation.State.CLOSED;
            leave(life);
        }
    }

    private void leave(NodeIncarnation life) {
        List<NodeIncarnation> stay = members(life).stream()
                .filter(member -> !member.equals(life) && member.exists() && member.shares(life))
                .toList();
        if (stay.stream().anyMatch(member -> member.runs() && faults.passes(life, member))) {
            form(
                    stay,
                    stay.stream().filter(member -> faults.passes(life, member)).toList(),
                    false);
        }
    }

    /** It leaves, and lives on alone. */
    synchronized void disconnect(NodeIncarnation life) {
        if (life.exists() && !life.apart) {
            leave(life);
            life.apart = true;
            form(List.of(life), List.of(life), false);
        }
    }

    /** It joins another, if they hear each other. Returns whether it did. */
    synchronized boolean connect(NodeIncarnation life, NodeIncarnation to) {
        if (!to.runs() || to.apart || !together(List.of(life), List.of(to))) {
            return false;
        }
        life.apart = false;
        if (!life.shares(to)) {
            List<NodeIncarnation> members = new ArrayList<>();
            parts().stream()
                    .filter(part -> part.contains(to) || part.contains(life))
                    .forEach(members::addAll);
            form(members, members, true);
        }
        return true;
    }

    synchronized void faults(Runnable change) {
        change.run();
        faults.apply(lives);
    }

    @Override
    public synchronized String toString() {
        StringBuilder all = new StringBuilder();
        for (NodeIncarnation life : lives) {
            all.append(life).append(' ').append(life.state.name().toLowerCase(java.util.Locale.ROOT));
            if (life.exists()) {
                all.append(", view ")
                        .append(life.view.id().number())
                        .append(" of ")
                        .append(life.view.members().stream().map(Peer::node).toList());
            }
            if (!life.suspects.isEmpty()) {
                all.append(", suspects ").append(life.suspects.keySet());
            }
            lives.stream()
                    .filter(other -> !other.equals(life) && network.underWay(other.peer(), life.peer()) > 0)
                    .forEach(other -> all.append(", ")
                            .append(network.underWay(other.peer(), life.peer()))
                            .append(" packets of ")
                            .append(other)
                            .append(" wait for it"));
            all.append('\n');
        }
        return all.toString();
    }
}
