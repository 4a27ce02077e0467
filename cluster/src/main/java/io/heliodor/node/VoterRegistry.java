package io.heliodor.node;

import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.membership.ClusterException;
import io.heliodor.node.VoterAsking.Asked;
import io.heliodor.process.Monitor;
import io.heliodor.process.Name;
import io.heliodor.process.Pid;
import io.heliodor.process.Registry;
import io.heliodor.process.engine.ProcessId;
import io.heliodor.process.engine.Processes;
import io.heliodor.protocol.VoterAnswer;
import io.heliodor.protocol.VoterAnswer.Owner;
import io.heliodor.protocol.VoterCommand;
import io.heliodor.pubsub.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Names that the voters decide. */
final class VoterRegistry implements Registry {
    private static final long LOOK_AGAIN = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long BEHIND = TimeUnit.MILLISECONDS.toNanos(20);

    private final Peer self;
    private final VoterAsking asking;
    private final VoterReplica replica;
    private final VoterWishes wishes;
    private final Time time;
    private final Processes processes;

    /** Processes that have or may get names, until they end. */
    private final Set<Long> watched = ConcurrentHashMap.newKeySet();

    VoterRegistry(
            Peer self, VoterAsking asking, VoterReplica replica, VoterWishes wishes, Processes processes, Time time) {
        this.self = self;
        this.time = time;
        this.asking = asking;
        this.replica = replica;
        this.wishes = wishes;
        this.processes = processes;
    }

    @Override
    public <M> Registered register(Name<M> name, Pid<M> pid) {
        ProcessId id = Processes.idOf(pid);
        if (!id.peer().equals(self)) {
            throw new IllegalArgumentException("A node gives names to its own processes, but " + pid + " is one of "
                    + pid.node() + ". Register it there.");
        }
        long process = id.number();
        if (!processes.runs(id)) {
            return new Registered.NoProcess();
        }
        boolean first = watched.add(process);
        Asked asked = asking.once(new VoterCommand.Register(name.value(), process), TIMEOUT.toNanos());
        if (first) {
            // Behind the request: for a process that has ended already the end is told behind its name.
            Monitor _ = processes.monitor(pid, down -> {
                watched.remove(process);
                wishes.add(new VoterCommand.Ended(process));
            });
        }
        return switch (asked) {
            case Asked.Answered(long _, VoterAnswer.Done _) ->
                processes.runs(id) ? new Registered.Ok() : new Registered.NoProcess();
            case Asked.Answered(long _, VoterAnswer.Owned(Owner owner)) ->
                new Registered.Taken(owner.peer().node());
            case Asked.Answered(long _, VoterAnswer.Full _) -> new Registered.Full();
            case Asked.NoQuorum _ -> new Registered.NoQuorum();
            case Asked.Answered _, Asked.Unknown _ -> new Registered.Unknown();
        };
    }

    @Override
    public Unregistered unregister(Name<?> name) {
        Asked asked = asking.once(new VoterCommand.Release(name.value()), TIMEOUT.toNanos());
        return switch (asked) {
            case Asked.Answered(long _, VoterAnswer.Done _) -> new Unregistered.Ok();
            case Asked.Answered(long _, VoterAnswer.Owned(Owner owner)) ->
                new Unregistered.NotOwner(owner.peer().node());
            case Asked.Answered(long _, VoterAnswer.Nobody _) -> new Unregistered.NoProcess();
            case Asked.NoQuorum _ -> new Unregistered.NoQuorum();
            case Asked.Answered _, Asked.Unknown _ -> new Unregistered.Unknown();
        };
    }

    @Override
    public <M> Optional<Pid<M>> lookup(Name<M> name) {
        return look(name, TIMEOUT.toNanos());
    }

    private <M> Optional<Pid<M>> look(Name<M> name, long nanos) {
        Asked asked = asking.read(new VoterCommand.Lookup(name.value()), nanos);
        return switch (asked) {
            case Asked.Answered(long _, VoterAnswer.Owned(Owner owner)) -> Optional.of(pid(owner, name));
            case Asked.Answered _ -> Optional.empty();
            case Asked.NoQuorum _, Asked.Unknown _ ->
                throw new ClusterException(
                        ClusterException.Code.NO_QUORUM,
                        "Too few voters can be reached to find the process of the name '" + name.value()
                                + "'. Look it up when a majority of them is up, or use lookupLocal.");
        };
    }

    private <M> Pid<M> pid(Owner owner, Name<M> name) {
        return processes.pid(new ProcessId(owner.peer(), owner.process()), name.type());
    }

    @Override
    public <M> Optional<Pid<M>> lookupLocal(Name<M> name) {
        return replica.owner(name.value()).map(owner -> pid(owner, name));
    }

    @Override
    public <M> Optional<Pid<M>> await(Name<M> name, Duration timeout) throws InterruptedException {
        long deadline = time.nanos() + timeout.toNanos();
        Optional<ClusterException> failure = Optional.empty();
        do {
            try {
                long left = Math.max(0, deadline - time.nanos());
                Optional<Pid<M>> found = look(name, Math.min(left, TIMEOUT.toNanos()));
                if (found.isPresent()) {
                    return found;
                }
                failure = Optional.empty();
            } catch (ClusterException e) {
                failure = Optional.of(e);
            }
            long left = deadline - time.nanos();
            if (lookupLocal(name).isPresent()) {
                time.await(new CompletableFuture<>(), BEHIND); // what is known here is over
            } else {
                // It tells when to ask again, and now and then it is asked anyway.
                replica.awaitOwner(name.value(), Math.min(left, LOOK_AGAIN));
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        } while (deadline - time.nanos() > 0);
        if (failure.isPresent()) {
            throw failure.get();
        }
        return Optional.empty();
    }

    @Override
    public <M> List<Pid<M>> lookupPool(Name<M> pool, int size) {
        List<Pid<M>> found = new ArrayList<>();
        for (int i = 1; i <= size; i++) {
            lookup(pool.member(i)).ifPresent(found::add);
        }
        return List.copyOf(found);
    }

    @Override
    public List<Sent> sendAll(List<? extends Addressed<?>> messages) {
        return new Batch(this, time).send(messages);
    }

    @Override
    public List<String> names() {
        return replica.names();
    }

    /** How many names there are. */
    int size() {
        return replica.size();
    }

    @Override
    public Subscription onConflict(Consumer<? super Conflict> listener) {
        return () -> {};
    }

    /** Frees what processes have that ended: a name may come after its process ended. */
    void sweep() {
        if (wishes.isEmpty()) {
            replica.processes(self).stream()
                    .filter(process -> !watched.contains(process))
                    .forEach(process -> wishes.add(new VoterCommand.Ended(process)));
        }
    }
}
