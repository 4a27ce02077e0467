package io.heliodor.node.registry;

import io.heliodor.node.loop.EventQueue;
import io.heliodor.process.Name;
import io.heliodor.process.Pid;
import io.heliodor.process.ProcessGroup;
import io.heliodor.process.engine.ProcessId;
import io.heliodor.pubsub.Subscription;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** One process group, as this node sees it. */
public record ClusterGroup<M>(ClusterGroups groups, Name<M> group) implements ProcessGroup<M> {
    @Override
    public String name() {
        return group.value();
    }

    @Override
    public void join(Pid<M> pid) {
        Objects.requireNonNull(pid, "pid");
        groups.join(group.value(), pid);
    }

    @Override
    public void leave(Pid<M> pid) {
        Objects.requireNonNull(pid, "pid");
        groups.leave(group.value(), pid);
    }

    @Override
    public List<Pid<M>> members() {
        return pids(groups.members(name()));
    }

    @Override
    public List<Pid<M>> localMembers() {
        return pids(groups.membersHere(name()));
    }

    private List<Pid<M>> pids(List<ProcessId> processes) {
        return processes.stream().map(this::pid).toList();
    }

    private Pid<M> pid(ProcessId process) {
        return groups.pid(process, group);
    }

    @Override
    public int broadcast(M message) {
        Objects.requireNonNull(message, "message");
        return groups.broadcast(group, message);
    }

    @Override
    public int broadcastFrom(Pid<M> sender, M message) {
        Objects.requireNonNull(sender, "sender");
        Objects.requireNonNull(message, "message");
        return groups.broadcastFrom(group, sender, message);
    }

    @Override
    public Subscription subscribe(Consumer<? super GroupEvent<M>> listener) {
        Objects.requireNonNull(listener, "listener");
        EventQueue<GroupEvent<M>> queue =
                new EventQueue<>("group " + name(), listener, ClusterGroup::coalesce, groups.counters());
        ClusterGroups.Listener listening = new ClusterGroups.Listener() {
            @Override
            public void joined(ProcessId process) {
                queue.add(new GroupEvent.Joined<>(pid(process)));
            }

            @Override
            public void left(ProcessId process) {
                queue.add(new GroupEvent.Left<>(pid(process)));
            }
        };
        groups.listen(group.value(), listening);
        return () -> {
            groups.unlisten(group.value(), listening);
            queue.close();
        };
    }

    /** A join and the next leave of the same process cancel out, and so do a leave and the next join. */
    private static <M> List<GroupEvent<M>> coalesce(List<GroupEvent<M>> waiting) {
        Map<Pid<M>, GroupEvent<M>> changes = new LinkedHashMap<>();
        for (GroupEvent<M> event : waiting) {
            if (changes.remove(event.pid()) == null) {
                changes.put(event.pid(), event);
            }
        }
        return List.copyOf(changes.values());
    }
}
