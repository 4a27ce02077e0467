package io.heliodor.node.registry;

import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.process.Name;
import io.heliodor.process.Pid;
import io.heliodor.process.Registry;
import io.heliodor.process.engine.ProcessId;
import io.heliodor.process.engine.Processes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The parts that the registries with and without voters share. */
public abstract class NodeRegistry implements Registry {
    /** The timeout of {@link #sendAll}, for all messages together. */
    private static final long SEND_TIMEOUT = Duration.ofSeconds(1).toNanos();

    protected final Processes processes;
    protected final Time time;

    protected NodeRegistry(Processes processes, Time time) {
        this.processes = processes;
        this.time = time;
    }

    /** The id of a process of this node. Processes of other nodes are refused: they get names there. */
    protected final ProcessId idOfOwn(Pid<?> pid) {
        ProcessId id = Processes.idOf(pid);
        if (!id.peer().equals(processes.self())) {
            throw new IllegalArgumentException("A node gives names to its own processes, but " + pid + " is one of "
                    + pid.node() + ". Register it there.");
        }
        return id;
    }

    /** The pid of the owner of a name. */
    protected final <M> Pid<M> pid(Peer peer, long process, Name<M> name) {
        return processes.pid(new ProcessId(peer, process), name.type());
    }

    @Override
    public final <M> List<Pid<M>> lookupPool(Name<M> pool, int size) {
        Objects.requireNonNull(pool, "pool");
        List<Pid<M>> found = new ArrayList<>();
        for (int i = 1; i <= size; i++) {
            lookup(pool.member(i)).ifPresent(found::add);
        }
        return List.copyOf(found);
    }

    @Override
    public final List<Sent> sendAll(List<? extends Addressed<?>> messages) {
        Objects.requireNonNull(messages, "messages");
        long begin = time.nanos();
        List<Sent> results = new ArrayList<>(messages.size());
        for (Addressed<?> each : List.copyOf(messages)) {
            results.add(send(each, time.nanos() - begin < SEND_TIMEOUT));
        }
        return List.copyOf(results);
    }

    private <M> Sent send(Addressed<M> each, boolean mayWait) {
        Optional<Pid<M>> found = lookupLocal(each.name());
        if (found.isEmpty()) {
            return new Sent.NoProcess();
        }
        Pid<M> pid = found.get();
        try {
            boolean sent = mayWait ? pid.send(each.message()) : pid.trySend(each.message());
            return sent ? new Sent.Ok() : new Sent.NotSent(pid.node());
        } catch (IllegalArgumentException e) {
            return new Sent.Refused(e);
        }
    }
}
