package io.heliodor.node.registry;

import io.heliodor.counter.EnumCounters;
import io.heliodor.link.Peer;
import io.heliodor.link.Signal;
import io.heliodor.link.Time;
import io.heliodor.log.BoundedLog;
import io.heliodor.log.FailureLog;
import io.heliodor.node.loop.EventPublisher;
import io.heliodor.node.loop.EventQueue;
import io.heliodor.node.loop.NodeLoop;
import io.heliodor.node.loop.PendingRequests;
import io.heliodor.process.ConflictResolver;
import io.heliodor.process.ConflictResolver.Claimant;
import io.heliodor.process.Monitor;
import io.heliodor.process.Name;
import io.heliodor.process.Pid;
import io.heliodor.process.engine.NodeCounter;
import io.heliodor.process.engine.Processes;
import io.heliodor.protocol.Claim;
import io.heliodor.protocol.NameOutcome;
import io.heliodor.protocol.Names;
import io.heliodor.pubsub.Subscription;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The registry without voters: it submits requests to {@link Names} on the node's loop, and has a copy of its table for all
 * threads.
 */
public final class CoordinatorRegistry extends NodeRegistry {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.process");

    /** Longer than the timeout of the state, for a loop that has ended. */
    private static final long WAIT = TIMEOUT.plusSeconds(1).toNanos();

    private final NodeLoop loop;
    private final Names names;
    private final ConflictResolver resolver;
    private final EventPublisher<Conflict> conflicts;

    private final ConcurrentHashMap<String, Claim> table = new ConcurrentHashMap<>();
    private final Signal changes = new Signal();

    /** The monitored processes: those that requested names, until they end. */
    private final Set<Long> watched = ConcurrentHashMap.newKeySet();

    private final PendingRequests<NameOutcome> pending = new PendingRequests<>();

    private final FailureLog failures;
    private final BoundedLog twoOwners;
    private final BoundedLog wrongChoices;

    public CoordinatorRegistry(
            NodeLoop loop,
            Time time,
            Names names,
            Processes processes,
            ConflictResolver resolver,
            EnumCounters<NodeCounter> counters) {
        super(processes, time);
        this.loop = loop;
        this.names = names;
        this.resolver = resolver;
        this.failures = new FailureLog(LOG, time::nanos);
        this.twoOwners = new BoundedLog(LOG, "names with two owners", time::nanos);
        this.wrongChoices = new BoundedLog(LOG, "wrong choices of the resolver", time::nanos);
        this.conflicts = new EventPublisher<>("conflicts", CoordinatorRegistry::latest, counters);
    }

    /** Keeps the last conflict about each name. */
    private static List<Conflict> latest(List<Conflict> waiting) {
        Map<String, Conflict> byName = new LinkedHashMap<>();
        waiting.forEach(conflict -> byName.put(conflict.name(), conflict));
        return List.copyOf(byName.values());
    }

    @Override
    public <M> Registered register(Name<M> name, Pid<M> pid) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(pid, "pid");
        long process = idOfOwn(pid).number();
        NameOutcome answer = request(ticket -> names.register(name.value(), process, ticket, time.nanos()));
        if (watched.add(process)) {
            // After the request: for a process that has ended, the monitor fires now and releases its name.
            Monitor _ = processes.monitor(pid, down -> {
                watched.remove(process);
                loop.execute(() -> names.ended(process));
            });
        }
        return switch (answer) {
            case NameOutcome.Committed _ -> new Registered.Ok();
            case NameOutcome.Taken(Claim owner) ->
                new Registered.Taken(owner.peer().node());
            case NameOutcome.Full _ -> new Registered.Full();
            case NameOutcome.NotOwner _ -> new Registered.NoProcess();
            case NameOutcome.Released _, NameOutcome.Unknown _ -> new Registered.Unknown();
        };
    }

    @Override
    public Unregistered unregister(Name<?> name) {
        Objects.requireNonNull(name, "name");
        Claim claim = table.get(name.value());
        if (claim == null) {
            return new Unregistered.NoProcess();
        }
        if (!claim.peer().equals(processes.self())) {
            return new Unregistered.NotOwner(claim.peer().node());
        }
        NameOutcome answer = request(ticket -> names.release(name.value(), claim.process(), ticket, time.nanos()));
        return switch (answer) {
            case NameOutcome.Released _ -> new Unregistered.Ok();
            case NameOutcome.NotOwner _ -> new Unregistered.NoProcess();
            case NameOutcome.Taken(Claim owner) ->
                new Unregistered.NotOwner(owner.peer().node());
            case NameOutcome.Committed _, NameOutcome.Full _, NameOutcome.Unknown _ -> new Unregistered.Unknown();
        };
    }

    private NameOutcome request(Consumer<Long> start) {
        CompletableFuture<NameOutcome> future = new CompletableFuture<>();
        boolean runs = loop.execute(() -> start.accept(pending.add(future)));
        if (!runs) {
            throw new IllegalStateException("The node is closed.");
        }
        try {
            time.await(future, WAIT);
            return future.getNow(new NameOutcome.Unknown());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new NameOutcome.Unknown();
        }
    }

    @Override
    public <M> Optional<Pid<M>> lookup(Name<M> name) {
        Objects.requireNonNull(name, "name");
        return Optional.ofNullable(table.get(name.value())).map(claim -> pid(claim.peer(), claim.process(), name));
    }

    @Override
    public <M> Optional<Pid<M>> lookupLocal(Name<M> name) {
        Objects.requireNonNull(name, "name");
        return lookup(name);
    }

    @Override
    public <M> Optional<Pid<M>> await(Name<M> name, Duration timeout) throws InterruptedException {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(timeout, "timeout");
        boolean _ = changes.await(() -> table.containsKey(name.value()), timeout.toNanos(), time);
        return lookup(name);
    }

    @Override
    public List<String> names() {
        return table.keySet().stream().sorted().toList();
    }

    /** The number of names. */
    public int size() {
        return table.size();
    }

    @Override
    public Subscription onConflict(Consumer<? super Conflict> listener) {
        Objects.requireNonNull(listener, "listener");
        EventQueue<Conflict> queue = conflicts.prepare(listener);
        conflicts.begin(queue, List.of());
        return conflicts.subscription(queue);
    }

    // Actions of the state; on the loop.

    public void answered(long ticket, NameOutcome answer) {
        pending.complete(ticket, answer);
    }

    public void changed(String name, Optional<Claim> owner) {
        owner.ifPresentOrElse(claim -> table.put(name, claim), () -> table.remove(name));
        changes.signalAll();
    }

    public void conflict(String name, Optional<Peer> winner, Peer loser) {
        String owner = winner.map(Peer::node).orElse("none");
        // A merge may have one about each name.
        twoOwners.write(() -> LOG.atWarn()
                .addKeyValue("name", name)
                .addKeyValue("winner", owner)
                .addKeyValue("loser", loser.node())
                .log("The name {} had two owners: {} keeps it, {} loses it.", name, owner, loser.node()));
        conflicts.publish(new Conflict(name, winner.map(Peer::node), loser.node()));
    }

    /** Calls the resolver of the user, on a thread of its own, since it may block. */
    public void resolve(long conflict, String name, List<Claim> claims) {
        List<Claim> byAge = claims.stream().sorted(Claim.BY_AGE).toList();
        Thread.ofVirtual().name("resolver").start(() -> {
            Optional<Claim> winner = decide(name, byAge);
            loop.execute(() -> names.resolved(conflict, winner));
        });
    }

    private Optional<Claim> decide(String name, List<Claim> byAge) {
        List<Claimant> claimants = byAge.stream()
                .map(claim -> new Claimant(claim.peer().node(), claim.age()))
                .toList();
        try {
            Optional<Claimant> kept = resolver.keep(name, claimants);
            if (kept.isEmpty()) {
                return Optional.empty();
            }
            int at = claimants.indexOf(kept.get());
            if (at >= 0) {
                return Optional.of(byAge.get(at));
            }
            wrongChoices.write(() -> LOG.error(
                    "The resolver chose {} for name \"{}\", which is none of {}. The oldest keeps it.",
                    kept.get(),
                    name,
                    claimants));
        } catch (RuntimeException | Error e) {
            failures.error("The resolver", e, () -> "failed at name \"" + name + "\". The oldest keeps it.");
        }
        return Optional.of(byAge.getFirst());
    }

    public void close() {
        pending.close(new NameOutcome.Unknown());
        conflicts.close();
    }
}
