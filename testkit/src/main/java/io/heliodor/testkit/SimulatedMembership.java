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
 * A simulation of failure detection and membership, by the clock of the kit. A node suspects a member from which it receives
 * nothing for some time. The first member that suspects all members before it excludes its suspects. Parts that reach each
 * other merge. Its monitor guards all state.
 */
final class SimulatedMembership {
    /** The timeouts of failure detection and merges. */
    record Timing(Duration silence, Duration verify, Duration merge) {}

    private final MemoryNetwork network;
    private final VirtualClock clock;
    private final NetworkFaults faults;
    private final Timing timing;

    /** All incarnations in the order of their starts. */
    private final List<NodeIncarnation> incarnations = new ArrayList<>();

    /** The time since which parts could merge. */
    private final Map<Set<NodeIncarnation>, Long> mergeable = new HashMap<>();

    SimulatedMembership(MemoryNetwork network, VirtualClock clock, NetworkFaults faults, Timing timing) {
        this.network = network;
        this.clock = clock;
        this.faults = faults;
        this.timing = timing;
    }

    synchronized List<NodeIncarnation> incarnations() {
        return List.copyOf(incarnations);
    }

    /** Adds a new incarnation to the part that reaches it, or to a view of its own. It replaces an earlier one of its name. */
    synchronized void join(NodeIncarnation incarnation) {
        incarnations.add(incarnation);
        faults.apply(incarnations);
        List<NodeIncarnation> part = parts().stream()
                .filter(members -> members.stream().anyMatch(NodeIncarnation::runs))
                .filter(members -> together(members, List.of(incarnation)))
                .max(Comparator.comparingInt(List::size))
                .orElse(List.of());
        List<NodeIncarnation> members = new ArrayList<>(part);
        members.removeIf(member -> member.equals(incarnation));
        members.add(incarnation);
        form(members, members, false);
    }

    /** Applies the passing of time: suspicions, exclusions and merges. */
    synchronized void tick() {
        incarnations.removeIf(incarnation -> !incarnation.exists()
                && incarnations.stream().noneMatch(other -> other.exists() && other.sees(incarnation)));
        updateContacts();
        exclude();
        merge();
    }

    private void updateContacts() {
        for (NodeIncarnation at : incarnations) {
            if (at.runs()) {
                incarnations.stream()
                        .filter(of -> !of.equals(at) && at.sees(of))
                        .forEach(of -> updateContact(at, of));
            }
        }
    }

    private void updateContact(NodeIncarnation at, NodeIncarnation of) {
        boolean passes = faults.passes(of, at);
        if (of.runs() && passes) {
            at.lastContact.put(of, clock.now());
            if (at.suspects.remove(of) != null) {
                network.suspect(at.peer(), of.peer(), false);
            }
        } else if (!at.suspects.containsKey(of) && (broken(at, of) || silent(at, of))) {
            at.suspects.put(of, clock.now());
            network.suspect(at.peer(), of.peer(), true);
        }
    }

    /** Whether a member's process has ended, and its peer could detect the closed connection. */
    private boolean broken(NodeIncarnation at, NodeIncarnation of) {
        return !of.exists() && faults.passes(of, at);
    }

    private boolean silent(NodeIncarnation at, NodeIncarnation of) {
        return clock.now() - at.lastContact.getOrDefault(of, clock.now())
                >= timing.silence().toNanos();
    }

    private boolean certain(NodeIncarnation at, NodeIncarnation of) {
        Long since = at.suspects.get(of);
        return since != null
                && (broken(at, of) || clock.now() - since >= timing.verify().toNanos());
    }

    /** Whether another member reaches a suspect: a fault of one link must not exclude a member. */
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
        for (NodeIncarnation at : List.copyOf(incarnations)) {
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

    /** The members in the view of a node, in order, including those that have ended and are not excluded yet. */
    private List<NodeIncarnation> members(NodeIncarnation at) {
        return at.view.members().stream().flatMap(peer -> find(peer).stream()).toList();
    }

    private Optional<NodeIncarnation> find(Peer peer) {
        return incarnations.stream()
                .filter(incarnation -> incarnation.peer().equals(peer))
                .findFirst();
    }

    /** The groups of members with the same view, in its order; the largest first. */
    private List<List<NodeIncarnation>> parts() {
        Map<ViewId, List<NodeIncarnation>> parts = new LinkedHashMap<>();
        for (NodeIncarnation incarnation : incarnations) {
            if (incarnation.exists() && !incarnation.disconnected) {
                parts.computeIfAbsent(incarnation.view.id(), id -> new ArrayList<>())
                        .add(incarnation);
            }
        }
        parts.values()
                .forEach(part -> part.sort(Comparator.comparingInt(
                        incarnation -> incarnation.view.members().indexOf(incarnation.peer()))));
        return parts.values().stream()
                .filter(part -> part.stream().anyMatch(NodeIncarnation::runs))
                .sorted(Comparator.<List<NodeIncarnation>>comparingInt(List::size)
                        .reversed())
                .toList();
    }

    /** Whether all of them reach each other. Paused members are ignored: they belong to the part already. */
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
                Set<NodeIncarnation> all = Set.copyOf(merged);
                long since = mergeable.getOrDefault(all, clock.now());
                if (clock.now() - since >= timing.merge().toNanos()) {
                    form(merged, merged, true);
                } else {
                    still.put(all, since);
                }
            }
        }
        mergeable.clear();
        mergeable.putAll(still);
    }

    /** Creates the next view of some members, and installs it at some of them. */
    private void form(List<NodeIncarnation> members, List<NodeIncarnation> at, boolean merged) {
        long number = members.stream()
                        .mapToLong(incarnation -> incarnation.view.id().number())
                        .max()
                        .orElse(0)
                + 1;
        List<Peer> peers = members.stream().map(NodeIncarnation::peer).toList();
        View view = new View(new ViewId(number, peers.getFirst()), peers, merged);
        for (NodeIncarnation incarnation : at) {
            incarnation.view = view;
            members.forEach(member -> incarnation.lastContact.put(member, clock.now()));
            incarnation.lastContact.keySet().retainAll(members);
            incarnation.suspects.keySet().retainAll(members);
            network.install(view, incarnation.peer());
        }
    }

    synchronized void crash(NodeIncarnation incarnation) {
        incarnation.state = NodeIncarnation.State.CRASHED;
        network.crash(incarnation.peer());
        tick();
    }

    synchronized void pause(NodeIncarnation incarnation) {
        incarnation.state = NodeIncarnation.State.PAUSED;
        network.pause(incarnation.peer());
    }

    synchronized void resume(NodeIncarnation incarnation) {
        incarnation.state = NodeIncarnation.State.RUNS;
        // It has had no contact during the pause, but must not suspect members before it could have.
        incarnation.lastContact.replaceAll((other, at) -> clock.now());
        network.resume(incarnation.peer());
    }

    /** Removes a node that closes from the views of the members that it reaches. */
    synchronized void close(NodeIncarnation incarnation) {
        if (incarnation.exists()) {
            incarnation.state = NodeIncarnation.State.CLOSED;
            leave(incarnation);
        }
    }

    private void leave(NodeIncarnation incarnation) {
        List<NodeIncarnation> stay = members(incarnation).stream()
                .filter(member -> !member.equals(incarnation) && member.exists() && member.shares(incarnation))
                .toList();
        if (stay.stream().anyMatch(member -> member.runs() && faults.passes(incarnation, member))) {
            form(
                    stay,
                    stay.stream()
                            .filter(member -> faults.passes(incarnation, member))
                            .toList(),
                    false);
        }
    }

    /** Moves a node to a view of its own. */
    synchronized void disconnect(NodeIncarnation incarnation) {
        if (incarnation.exists() && !incarnation.disconnected) {
            leave(incarnation);
            incarnation.disconnected = true;
            form(List.of(incarnation), List.of(incarnation), false);
        }
    }

    /** Merges the parts of two nodes if they reach each other; returns whether it did. */
    synchronized boolean connect(NodeIncarnation incarnation, NodeIncarnation to) {
        if (!to.runs() || to.disconnected || !together(List.of(incarnation), List.of(to))) {
            return false;
        }
        incarnation.disconnected = false;
        if (!incarnation.shares(to)) {
            List<NodeIncarnation> members = new ArrayList<>();
            parts().stream()
                    .filter(part -> part.contains(to) || part.contains(incarnation))
                    .forEach(members::addAll);
            form(members, members, true);
        }
        return true;
    }

    synchronized void faults(Runnable change) {
        change.run();
        faults.apply(incarnations);
    }

    @Override
    public synchronized String toString() {
        StringBuilder all = new StringBuilder();
        for (NodeIncarnation incarnation : incarnations) {
            all.append(incarnation).append(' ').append(incarnation.state.name().toLowerCase(java.util.Locale.ROOT));
            if (incarnation.exists()) {
                all.append(", view ")
                        .append(incarnation.view.id().number())
                        .append(" of ")
                        .append(incarnation.view.members().stream()
                                .map(Peer::node)
                                .toList());
            }
            if (!incarnation.suspects.isEmpty()) {
                all.append(", suspects ").append(incarnation.suspects.keySet());
            }
            incarnations.stream()
                    .filter(other ->
                            !other.equals(incarnation) && network.underWay(other.peer(), incarnation.peer()) > 0)
                    .forEach(other -> all.append(", ")
                            .append(network.underWay(other.peer(), incarnation.peer()))
                            .append(" packets of ")
                            .append(other)
                            .append(" wait for it"));
            all.append('\n');
        }
        return all.toString();
    }
}
