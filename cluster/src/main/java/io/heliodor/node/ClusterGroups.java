package io.heliodor.node;

import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.process.Monitor;
import io.heliodor.process.Name;
import io.heliodor.process.Pid;
import io.heliodor.process.ProcessGroup;
import io.heliodor.process.engine.ProcessId;
import io.heliodor.process.engine.Processes;
import io.heliodor.process.engine.Recipients;
import io.heliodor.protocol.ReplicatedMaps;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Who belongs to which process group: an owned set, and a copy of all of them that can be read at once. */
final class ClusterGroups {
    /** Hears who joins and leaves one group. On the node's loop. */
    interface Listener {
        void joined(ProcessId process);

        void left(ProcessId process);
    }

    private static final char SEPARATOR = ' ';

    /** How long who joins or leaves waits until all know. */
    private static final Duration KNOWN = Duration.ofSeconds(1);

    private final Peer self;
    private final NodeLoop loop;
    private final Time time;
    private final ReplicatedMaps maps;
    private final Waits waits;
    private final Processes processes;
    private final Counters counters;

    /** By group. Those of other nodes are written on the loop; this node's own under the lock of this. */
    private final ConcurrentHashMap<String, GroupMembers> members = new ConcurrentHashMap<>();

    private final ConcurrentHashMap<String, Set<Listener>> listeners = new ConcurrentHashMap<>();

    /** This node's own memberships, and of which processes the end is awaited. Under the lock of this. */
    private final Map<Long, Set<String>> own = new HashMap<>();

    private int ownEntries;

    ClusterGroups(
            Peer self,
            NodeLoop loop,
            Time time,
            ReplicatedMaps maps,
            Waits waits,
            Processes processes,
            Counters counters) {
        this.counters = counters;
        this.self = self;
        this.loop = loop;
        this.time = time;
        this.maps = maps;
        this.waits = waits;
        this.processes = processes;
    }

    <M> ProcessGroup<M> group(Name<M> name) {
        return new ClusterGroup<>(this, name);
    }

    List<String> names() {
        return members.keySet().stream().sorted().toList();
    }

    List<ProcessId> members(String group) {
        GroupMembers known = members.get(group);
        return known == null ? List.of() : known.list();
    }

    private Recipients recipients(String group) {
        GroupMembers known = members.get(group);
        return known == null ? Recipients.of(self, List.of()) : known.recipients();
    }

    List<ProcessId> membersHere(String group) {
        return recipients(group).here();
    }

    <M> int broadcast(Name<M> group, M message) {
        return processes.sendAll(recipients(group.value()), group.type(), message);
    }

    <M> int broadcastFrom(Name<M> group, Pid<M> sender, M message) {
        return processes.sendAll(recipients(group.value()).without(Processes.idOf(sender)), group.type(), message);
    }

    void join(String group, Pid<?> pid) {
        checkOwn(pid);
        long process = Processes.idOf(pid).number();
        boolean first;
        CompletableFuture<Boolean> known;
        synchronized (this) {
            if (own.getOrDefault(process, Set.of()).contains(group)) {
                return;
            }
            if (ownEntries >= Kinds.MAX_GROUP_ENTRIES) {
                throw new IllegalStateException(
                        "A node has at most " + Kinds.MAX_GROUP_ENTRIES + " memberships in groups.");
            }
            first = !own.containsKey(process);
            own.computeIfAbsent(process, unknown -> new HashSet<>()).add(group);
            ownEntries++;
            added(group, new ProcessId(self, process));
            known = change(group, process, Optional.of(""));
        }
        if (first) {
            // Behind the entry: a process that has ended is taken out again by this very call.
            Monitor _ = processes.monitor(pid, down -> ended(process));
        }
        await(known);
    }

    private CompletableFuture<Boolean> change(String group, long process, Optional<String> value) {
        CompletableFuture<Boolean> known = new CompletableFuture<>();
        boolean runs = loop.execute(() -> {
            if (maps.change(Kinds.GROUPS, key(group, process), value)
                    instanceof ReplicatedMaps.Change.Made(long version)) {
                maps.awaitAcks(Kinds.GROUPS, version, waits.add(known), time.nanos() + KNOWN.toNanos());
            } else {
                known.complete(true);
            }
        });
        if (!runs) {
            known.complete(true);
        }
        return known;
    }

    private void await(CompletableFuture<Boolean> known) {
        try {
            // Those who do not say so in time will know when they can be reached.
            time.await(known, 2 * KNOWN.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void checkOwn(Pid<?> pid) {
        if (!Processes.idOf(pid).peer().equals(self)) {
            throw new IllegalArgumentException("A node says which of its own processes belong to a group, but " + pid
                    + " is one of " + pid.node() + ". Let it join there.");
        }
    }

    void leave(String group, Pid<?> pid) {
        checkOwn(pid);
        await(leave(group, Processes.idOf(pid).number()));
    }

    private synchronized CompletableFuture<Boolean> leave(String group, long process) {
        Set<String> groups = own.get(process);
        if (groups == null || !groups.remove(group)) {
            return CompletableFuture.completedFuture(true);
        }
        if (groups.isEmpty()) {
            own.remove(process);
        }
        ownEntries--;
        removed(group, new ProcessId(self, process));
        return change(group, process, Optional.empty());
    }

    private synchronized void ended(long process) {
        for (String group : List.copyOf(own.getOrDefault(process, Set.of()))) {
            CompletableFuture<Boolean> _ = leave(group, process);
        }
    }

    /** Adds a listener and says who is there, in one step: nobody who joins meanwhile is missed or told twice. */
    synchronized void listen(String group, Listener listener) {
        loop.execute(() -> {
            synchronized (this) {
                members(group).forEach(listener::joined);
                listeners
                        .computeIfAbsent(group, unknown -> ConcurrentHashMap.newKeySet())
                        .add(listener);
            }
        });
    }

    void unlisten(String group, Listener listener) {
        listeners.computeIfPresent(group, (name, present) -> {
            present.remove(listener);
            return present.isEmpty() ? null : present;
        });
    }

    /** What another node says of its processes. On the loop. */
    synchronized void received(Peer peer, String key, boolean member) {
        int at = key.lastIndexOf(SEPARATOR);
        if (at < 1 || peer.equals(self)) {
            return;
        }
        long process;
        try {
            process = Long.parseLong(key.substring(at + 1), 36);
        } catch (NumberFormatException e) {
            return;
        }
        ProcessId id = new ProcessId(peer, process);
        if (member) {
            added(key.substring(0, at), id);
        } else {
            removed(key.substring(0, at), id);
        }
    }

    private static String key(String group, long process) {
        return group + SEPARATOR + Long.toString(process, 36);
    }

    private void added(String group, ProcessId process) {
        members.computeIfAbsent(group, unknown -> new GroupMembers(self)).add(process);
        for (Listener listener : listeners.getOrDefault(group, Set.of())) {
            listener.joined(process);
        }
    }

    private void removed(String group, ProcessId process) {
        members.computeIfPresent(group, (name, present) -> present.remove(process) ? null : present);
        for (Listener listener : listeners.getOrDefault(group, Set.of())) {
            listener.left(process);
        }
    }

    /** The address of a process, whose messages are those of the group. */
    <M> Pid<M> pid(ProcessId process, Name<M> group) {
        return processes.pid(process, group.type());
    }

    Counters counters() {
        return counters;
    }
}
