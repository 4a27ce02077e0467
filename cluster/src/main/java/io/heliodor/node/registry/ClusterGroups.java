package io.heliodor.node.registry;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.counter.EnumCounters;
import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.node.loop.NodeLoop;
import io.heliodor.node.loop.PendingRequests;
import io.heliodor.process.Monitor;
import io.heliodor.process.Name;
import io.heliodor.process.Pid;
import io.heliodor.process.ProcessGroup;
import io.heliodor.process.engine.NodeCounter;
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

/** The process groups: a replicated map of memberships, and a copy that any thread may read. */
public final class ClusterGroups {
    /** The number of its map on the wire. */
    public static final int MAP = 1;

    public static final int MAX_ENTRIES = 100_000;

    /** Receives the changes of one group. On the node's loop. */
    public interface Listener {
        void joined(ProcessId process);

        void left(ProcessId process);
    }

    private static final char SEPARATOR = ' ';

    /** How long a join or leave waits for acknowledgements. */
    private static final Duration ACK_TIMEOUT = Duration.ofSeconds(1);

    private final Peer self;
    private final NodeLoop loop;
    private final Time time;
    private final ReplicatedMaps maps;
    private final PendingRequests<Boolean> acks;
    private final Processes processes;
    private final EnumCounters<NodeCounter> counters;

    /** By group. Members of other nodes are written on the loop, those of this node under the lock of this. */
    private final ConcurrentHashMap<String, GroupMembers> members = new ConcurrentHashMap<>();

    private final ConcurrentHashMap<String, Set<Listener>> listeners = new ConcurrentHashMap<>();

    /** The groups of each process of this node that is monitored. */
    @GuardedBy("this")
    private final Map<Long, Set<String>> own = new HashMap<>();

    @GuardedBy("this")
    private int ownEntries;

    public ClusterGroups(
            Peer self,
            NodeLoop loop,
            Time time,
            ReplicatedMaps maps,
            PendingRequests<Boolean> acks,
            Processes processes,
            EnumCounters<NodeCounter> counters) {
        this.counters = counters;
        this.self = self;
        this.loop = loop;
        this.time = time;
        this.maps = maps;
        this.acks = acks;
        this.processes = processes;
    }

    public <M> ProcessGroup<M> group(Name<M> name) {
        return new ClusterGroup<>(this, name);
    }

    public List<String> names() {
        return members.keySet().stream().sorted().toList();
    }

    public List<ProcessId> members(String group) {
        GroupMembers known = members.get(group);
        return known == null ? List.of() : known.list();
    }

    private Recipients recipients(String group) {
        GroupMembers known = members.get(group);
        return known == null ? Recipients.of(self, List.of()) : known.recipients();
    }

    public List<ProcessId> membersHere(String group) {
        return recipients(group).here();
    }

    public <M> int broadcast(Name<M> group, M message) {
        return processes.sendAll(recipients(group.value()), group.type(), message);
    }

    public <M> int broadcastFrom(Name<M> group, Pid<M> sender, M message) {
        return processes.sendAll(recipients(group.value()).without(Processes.idOf(sender)), group.type(), message);
    }

    public void join(String group, Pid<?> pid) {
        checkOwn(pid);
        long process = Processes.idOf(pid).number();
        boolean first;
        CompletableFuture<Boolean> known;
        synchronized (this) {
            if (own.getOrDefault(process, Set.of()).contains(group)) {
                return;
            }
            if (ownEntries >= MAX_ENTRIES) {
                throw new IllegalStateException("A node has at most " + MAX_ENTRIES + " memberships in groups.");
            }
            first = !own.containsKey(process);
            own.computeIfAbsent(process, unknown -> new HashSet<>()).add(group);
            ownEntries++;
            added(group, new ProcessId(self, process));
            known = change(group, process, Optional.of(""));
        }
        if (first) {
            // After the entry was added: for a process that has ended, this call removes it again.
            Monitor _ = processes.monitor(pid, down -> ended(process));
        }
        await(known);
    }

    private CompletableFuture<Boolean> change(String group, long process, Optional<String> value) {
        CompletableFuture<Boolean> known = new CompletableFuture<>();
        boolean runs = loop.execute(() -> {
            if (maps.change(MAP, key(group, process), value) instanceof ReplicatedMaps.Change.Made(long version)) {
                maps.awaitAcks(MAP, version, acks.add(known), time.nanos() + ACK_TIMEOUT.toNanos());
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
            // Nodes that do not acknowledge in time get the change when they can be reached.
            time.await(known, 2 * ACK_TIMEOUT.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void checkOwn(Pid<?> pid) {
        if (!Processes.idOf(pid).peer().equals(self)) {
            throw new IllegalArgumentException("A node adds only its own processes to a group, but " + pid
                    + " is one of " + pid.node() + ". Let it join there.");
        }
    }

    public void leave(String group, Pid<?> pid) {
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

    /** Adds a listener, after reporting the present members to it. One step, so that no join is missed or reported twice. */
    public synchronized void listen(String group, Listener listener) {
        loop.execute(() -> {
            synchronized (this) {
                members(group).forEach(listener::joined);
                listeners
                        .computeIfAbsent(group, unknown -> ConcurrentHashMap.newKeySet())
                        .add(listener);
            }
        });
    }

    public void unlisten(String group, Listener listener) {
        listeners.computeIfPresent(group, (name, present) -> {
            present.remove(listener);
            return present.isEmpty() ? null : present;
        });
    }

    /** Takes a change of the memberships of another node. On the loop. */
    public synchronized void received(Peer peer, String key, boolean member) {
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

    /** The pid of a member. */
    public <M> Pid<M> pid(ProcessId process, Name<M> group) {
        return processes.pid(process, group.type());
    }

    public EnumCounters<NodeCounter> counters() {
        return counters;
    }
}
