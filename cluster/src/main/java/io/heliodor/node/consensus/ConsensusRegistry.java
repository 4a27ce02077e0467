package io.heliodor.node.consensus;

import io.heliodor.link.Time;
import io.heliodor.membership.ClusterException;
import io.heliodor.node.consensus.RaftClient.Result;
import io.heliodor.node.registry.NodeRegistry;
import io.heliodor.process.Monitor;
import io.heliodor.process.Name;
import io.heliodor.process.Pid;
import io.heliodor.process.engine.ProcessId;
import io.heliodor.process.engine.Processes;
import io.heliodor.protocol.VoterAnswer;
import io.heliodor.protocol.VoterAnswer.Owner;
import io.heliodor.protocol.VoterCommand;
import io.heliodor.pubsub.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Names that the voters decide. */
public final class ConsensusRegistry extends NodeRegistry {
    private static final long LOOKUP_INTERVAL = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long RETRY_DELAY = TimeUnit.MILLISECONDS.toNanos(20);

    private final RaftClient client;
    private final NamesStateMachine replica;
    private final RetryQueue retries;

    /** Processes that have or may get names, until they end. */
    private final Set<Long> watched = ConcurrentHashMap.newKeySet();

    public ConsensusRegistry(
            RaftClient client, NamesStateMachine replica, RetryQueue retries, Processes processes, Time time) {
        super(processes, time);
        this.client = client;
        this.replica = replica;
        this.retries = retries;
    }

    @Override
    public <M> Registered register(Name<M> name, Pid<M> pid) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(pid, "pid");
        ProcessId id = idOfOwn(pid);
        long process = id.number();
        if (!processes.runs(id)) {
            return new Registered.NoProcess();
        }
        boolean first = watched.add(process);
        Result result = client.execute(new VoterCommand.Register(name.value(), process), TIMEOUT.toNanos());
        if (first) {
            // After the request: for a process that has ended, its end is reported after its name.
            Monitor _ = processes.monitor(pid, down -> {
                watched.remove(process);
                retries.add(new VoterCommand.ProcessEnded(process));
            });
        }
        return switch (result) {
            case Result.Answered(long _, VoterAnswer.Done _) ->
                processes.runs(id) ? new Registered.Ok() : new Registered.NoProcess();
            case Result.Answered(long _, VoterAnswer.Owned(Owner owner)) ->
                new Registered.Taken(owner.peer().node());
            case Result.Answered(long _, VoterAnswer.Full _) -> new Registered.Full();
            case Result.NoQuorum _ -> new Registered.NoQuorum();
            case Result.Answered _, Result.Unknown _ -> new Registered.Unknown();
        };
    }

    @Override
    public Unregistered unregister(Name<?> name) {
        Objects.requireNonNull(name, "name");
        Result result = client.execute(new VoterCommand.Release(name.value()), TIMEOUT.toNanos());
        return switch (result) {
            case Result.Answered(long _, VoterAnswer.Done _) -> new Unregistered.Ok();
            case Result.Answered(long _, VoterAnswer.Owned(Owner owner)) ->
                new Unregistered.NotOwner(owner.peer().node());
            case Result.Answered(long _, VoterAnswer.NoOwner _) -> new Unregistered.NoProcess();
            case Result.NoQuorum _ -> new Unregistered.NoQuorum();
            case Result.Answered _, Result.Unknown _ -> new Unregistered.Unknown();
        };
    }

    @Override
    public <M> Optional<Pid<M>> lookup(Name<M> name) {
        Objects.requireNonNull(name, "name");
        return look(name, TIMEOUT.toNanos());
    }

    private <M> Optional<Pid<M>> look(Name<M> name, long nanos) {
        Result result = client.read(new VoterCommand.Lookup(name.value()), nanos);
        return switch (result) {
            case Result.Answered(long _, VoterAnswer.Owned(Owner owner)) ->
                Optional.of(pid(owner.peer(), owner.process(), name));
            case Result.Answered _ -> Optional.empty();
            case Result.NoQuorum _, Result.Unknown _ ->
                throw new ClusterException(
                        ClusterException.Code.NO_QUORUM,
                        "Too few voters can be reached to find the process of the name '" + name.value()
                                + "'. Look it up when a majority of them is up, or use lookupLocal.");
        };
    }

    @Override
    public <M> Optional<Pid<M>> lookupLocal(Name<M> name) {
        Objects.requireNonNull(name, "name");
        return replica.owner(name.value()).map(owner -> pid(owner.peer(), owner.process(), name));
    }

    @Override
    public <M> Optional<Pid<M>> await(Name<M> name, Duration timeout) throws InterruptedException {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(timeout, "timeout");
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
                time.await(new CompletableFuture<>(), RETRY_DELAY); // the local copy is out of date
            } else {
                // The local copy wakes this thread; it may lag, so the voters are read at an interval, too.
                replica.awaitOwner(name.value(), Math.min(left, LOOKUP_INTERVAL));
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
    public List<String> names() {
        return replica.names();
    }

    /** How many names there are. */
    public int size() {
        return replica.size();
    }

    @Override
    public Subscription onConflict(Consumer<? super Conflict> listener) {
        Objects.requireNonNull(listener, "listener");
        return () -> {};
    }

    /** Frees the names of processes that have ended: a name may be committed after its process ended. */
    public void sweep() {
        if (retries.isEmpty()) {
            replica.processes(processes.self()).stream()
                    .filter(process -> !watched.contains(process))
                    .forEach(process -> retries.add(new VoterCommand.ProcessEnded(process)));
        }
    }
}
