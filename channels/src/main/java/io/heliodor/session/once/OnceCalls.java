package io.heliodor.session.once;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.binary.DecodeException;
import io.heliodor.directory.Directory;
import io.heliodor.once.CallKey;
import io.heliodor.once.Finding;
import io.heliodor.once.Fingerprint;
import io.heliodor.once.KeptAnswer;
import io.heliodor.once.KeptCall;
import io.heliodor.once.KeyOwner;
import io.heliodor.once.KeyWindow;
import io.heliodor.once.OnceLimits;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls that are executed once, of all endpoints of this node over one pub/sub. Any thread may use it. See
 * {@code docs/design/calls-once.md}.
 */
public final class OnceCalls {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.session");

    /** Claims of a key that yield to another node, in a row. */
    private static final int MAX_CLAIMS = 5;

    /** The nodes without a response that end the search for one that keeps a call. */
    private static final int MAX_SILENCES = 3;

    private static final int MAX_LOOKUPS = 1_000;

    /** The calls that are sent to other nodes at the same time, by a sweep or a node that leaves. */
    private static final int COPIES_AT_ONCE = 32;

    /** The calls that no node takes after which a sweep ends: the next one tries again. */
    private static final int MAX_UNPLACED = 100;

    private static final ThreadFactory COPIES =
            Thread.ofVirtual().name("heliodor-once-copies").factory();

    private final Nodes nodes;
    private final boolean spansNodes;
    private final OnceLimits limits;
    private final LongSupplier clock;
    private final MemoryBudget memory;
    private final Nodes.HandlerRegistration handler;
    private final KeyOwner self;
    private final OnceRequests requests;
    private final AtomicBoolean placing = new AtomicBoolean();
    private @Nullable Subscription registered;

    @GuardedBy("this")
    private final KeyWindow window;

    @GuardedBy("this")
    private long counted;

    @GuardedBy("this")
    private long countedTaken;

    /** The answers of the calls that are claimed or run here, and are awaited. */
    @GuardedBy("this")
    private final Map<CallKey, CompletableFuture<Void>> changes = new HashMap<>();

    /** The number of waiting repeats; an id without one is not kept. */
    @GuardedBy("this")
    private final Map<String, Integer> waiting = new HashMap<>();

    @GuardedBy("this")
    private CompletableFuture<Void> nextSweep = new CompletableFuture<>();

    @GuardedBy("this")
    private int users = 1;

    @GuardedBy("this")
    private int leaving;

    private OnceCalls(PubSub scope, OnceLimits limits, LongSupplier clock, MemoryBudget memory) {
        this.nodes = ClusterPubSub.nodesOf(scope);
        this.spansNodes = scope.spansNodes();
        this.limits = limits;
        this.clock = clock;
        this.memory = memory;
        // A request that comes before the last line fails, and its call is not executed.
        this.handler = nodes.handle(OnceRequests.NAME, this::respond);
        this.self = new KeyOwner(nodes.self().toString(), handler.generation());
        this.requests = new OnceRequests(nodes, self);
        this.window = new KeyWindow(self, limits);
        // So that a pause before the first sweep is noticed, too.
        List<KeptCall> _ = window.sweep(requests.members(), clock.getAsLong());
    }

    /**
     * The calls of a pub/sub: a new object, or that of another endpoint of this node, to be closed by each.
     *
     * @param pubsub the pub/sub of the endpoint
     * @param scope the scope of the requests
     * @param limits the limits, of the first endpoint
     * @param clock monotonic, in nanoseconds, of the first endpoint
     * @param memory has the bytes of the keys, of the first endpoint
     */
    public static OnceCalls of(
            PubSub pubsub, PubSub scope, OnceLimits limits, LongSupplier clock, MemoryBudget memory) {
        Directory<OnceCalls> directory = new Directory<>(pubsub, OnceCalls.class);
        for (int lookup = 1; ; lookup++) {
            Optional<OnceCalls> shared =
                    directory.all().stream().filter(OnceCalls::retain).findFirst();
            if (shared.isPresent()) {
                return shared.get();
            }
            try {
                OnceCalls calls = new OnceCalls(scope, limits, clock, memory);
                calls.registered = directory.add(calls);
                return calls;
            } catch (IllegalStateException e) {
                // Another endpoint registers its own now.
                if (lookup == MAX_LOOKUPS) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
    }

    private synchronized boolean retain() {
        if (users == 0) {
            return false;
        }
        users++;
        return true;
    }

    // A call of a client of this node.

    /**
     * Decides about a call. Blocks while other nodes are asked.
     *
     * @param key its key
     * @param fingerprint its content
     * @param counters those of the endpoint
     */
    public OnceOutcome begin(CallKey key, Fingerprint fingerprint, Counters counters) {
        for (int i = 0; i < MAX_CLAIMS; i++) {
            Finding found = claim(key, fingerprint, counters);
            if (!(found instanceof Finding.Claimed(long claim))) {
                return outcome(orAnswered(found, key, fingerprint), counters);
            }
            Finding decided = new Finding.Unsure();
            try {
                OnceRequests.Asked asked = requests.ask(OnceFormat.Kind.CLAIM, key, fingerprint, new Finding.Nothing());
                decided =
                        asked.finding() instanceof Finding.Nothing ? grant(key, claim, asked.nodes()) : asked.finding();
                if (decided instanceof Finding.Nothing) {
                    decided = placeFirst(key, claim, asked.nodes(), counters);
                }
            } finally {
                if (!(decided instanceof Finding.Nothing)) {
                    release(key, claim);
                }
            }
            if (decided instanceof Finding.Nothing) {
                return new OnceOutcome.Run(new OnceRun(this, key, claim, counters));
            }
            if (!(decided instanceof Finding.Claimed)) {
                return outcome(decided, counters);
            }
        }
        return refusal("unavailable", Counter.CALLS_ONCE_UNAVAILABLE, counters);
    }

    /**
     * Brings a granted call to another node before it runs.
     *
     * @return nothing if it may run, the claim if another node has it after all, and not sure if it must not be executed now
     */
    private Finding placeFirst(CallKey key, long claim, Set<String> asked, Counters counters) {
        HolderSearch.Outcome<NodeId> placed = copy(key, MAX_SILENCES, asked, new ConcurrentHashMap<>());
        boolean interrupted = Thread.currentThread().isInterrupted();
        if (placed instanceof HolderSearch.Outcome.Taken) {
            return new Finding.Claimed(claim);
        }
        // The time is compared last. A pause after it does no harm: the other node has the key.
        if (placed instanceof HolderSearch.Outcome.Silent
                || (placed instanceof HolderSearch.Outcome.Alone && interrupted)
                || !mayRun(key, claim)) {
            return new Finding.Unsure();
        }
        if (placed instanceof HolderSearch.Outcome.Alone && spansNodes) {
            counters.increment(Counter.CALLS_ONCE_ALONE);
        }
        return new Finding.Nothing();
    }

    /** If the owner of the copy of this node has left, another node may have the answer. */
    private Finding orAnswered(Finding found, CallKey key, Fingerprint fingerprint) {
        if (!(found instanceof Finding.Unknown)) {
            return found;
        }
        Finding elsewhere =
                requests.ask(OnceFormat.Kind.AWAIT, key, fingerprint, found).finding();
        return elsewhere instanceof Finding.Answered ? elsewhere : found;
    }

    private synchronized Finding claim(CallKey key, Fingerprint fingerprint, Counters counters) {
        Finding found = window.begin(key, fingerprint, requests.members(), clock.getAsLong());
        count();
        countTaken(counters);
        return found;
    }

    /** Also what copies of other nodes have taken, at the next call. */
    @GuardedBy("this")
    private void countTaken(Counters counters) {
        counters.add(Counter.CALLS_ONCE_TAKEN, window.taken() - countedTaken);
        countedTaken = window.taken();
    }

    private synchronized Finding grant(CallKey key, long claim, Set<String> asked) {
        return window.grant(key, claim, asked, requests.members(), clock.getAsLong());
    }

    private synchronized boolean mayRun(CallKey key, long claim) {
        return window.mayRun(key, claim, clock.getAsLong());
    }

    private synchronized void release(CallKey key, long number) {
        window.release(key, number);
        count();
        changed(key);
    }

    private static OnceOutcome outcome(Finding found, Counters counters) {
        return switch (found) {
            case Finding.Running _ -> new OnceOutcome.Due();
            case Finding.Answered(var answer) -> {
                counters.increment(Counter.CALLS_ONCE_REPEATED);
                yield new OnceOutcome.Reply(answer);
            }
            case Finding.Unknown _ -> {
                counters.increment(Counter.CALLS_ONCE_UNKNOWN);
                yield new OnceOutcome.Reply(KeptAnswer.UNKNOWN);
            }
            case Finding.Reused _ -> new OnceOutcome.Reply(KeptAnswer.error("key_reused"));
            case Finding.Full _ -> refusal("overloaded", Counter.CALLS_ONCE_REFUSED, counters);
            case Finding.Nothing _, Finding.Claimed _, Finding.Unsure _, Finding.Promised _ ->
                refusal("unavailable", Counter.CALLS_ONCE_UNAVAILABLE, counters);
        };
    }

    private static OnceOutcome.Reply refusal(String reason, Counter counter, Counters counters) {
        counters.increment(counter);
        return new OnceOutcome.Reply(KeptAnswer.error(reason));
    }

    /**
     * Reserves a place for a repeat that is to wait. {@link #await} gives it back.
     *
     * @param key its key
     * @param counters those of the endpoint
     * @return the refusal, if as many wait as may
     */
    public Optional<KeptAnswer> reserveWait(CallKey key, Counters counters) {
        if (addWaiting(key.id())) {
            return Optional.empty();
        }
        return Optional.of(
                refusal("overloaded", Counter.CALLS_ONCE_REFUSED, counters).answer());
    }

    /**
     * Waits for the answer to a call that is executed, at a reserved place. Blocks for a minute at most, or as the
     * limits say. For virtual threads.
     *
     * @param since when the place was reserved: the thread may run long after that
     * @param counters those of the endpoint
     */
    public KeptAnswer await(CallKey key, Fingerprint fingerprint, long since, Counters counters) {
        try {
            while (!isOver(since) && !isClosed()) {
                Finding found = awaitHere(key, fingerprint, since);
                found = orAnswered(found, key, fingerprint);
                if (found instanceof Finding.Nothing
                        || (found instanceof Finding.Running(var owner) && !owner.equals(self))) {
                    OptionalLong copy = copyNumber(key);
                    found = requests.ask(OnceFormat.Kind.AWAIT, key, fingerprint, found)
                            .finding();
                    if (found instanceof Finding.Nothing && copy.isPresent()) {
                        release(key, copy.getAsLong()); // so that the next repeat is executed
                    }
                }
                if (!(found instanceof Finding.Running)
                        && outcome(found, counters) instanceof OnceOutcome.Reply(var answer)) {
                    return answer;
                }
            }
            return KeptAnswer.error("still_running");
        } finally {
            removeWaiting(key.id());
        }
    }

    private synchronized OptionalLong copyNumber(CallKey key) {
        return window.copy(key);
    }

    /** The present time, in nanoseconds. */
    public long now() {
        return clock.getAsLong();
    }

    private boolean isOver(long since) {
        return clock.getAsLong() - since >= limits.waitNanos();
    }

    private synchronized boolean isClosed() {
        return users == 0;
    }

    private synchronized boolean addWaiting(String id) {
        int present = waiting.getOrDefault(id, 0);
        if (present >= limits.waitingOfId()) {
            return false;
        }
        waiting.put(id, present + 1);
        return true;
    }

    private synchronized void removeWaiting(String id) {
        waiting.computeIfPresent(id, (_, present) -> present == 1 ? null : present - 1);
    }

    /** The state of a key at this node; if the call runs here, after the next change of its state, or the next sweep. */
    private Finding awaitHere(CallKey key, Fingerprint fingerprint, long since) {
        CompletableFuture<Object> next;
        synchronized (this) {
            Finding found = window.find(key, fingerprint, requests.members(), clock.getAsLong());
            // The last sweep may have been that at the end of the time.
            boolean ends = users == 0 || isOver(since);
            if (ends || !(found instanceof Finding.Running(var owner)) || !owner.equals(self)) {
                return found;
            }
            next = CompletableFuture.anyOf(changes.computeIfAbsent(key, _ -> new CompletableFuture<>()), nextSweep);
        }
        Object _ = next.join();
        synchronized (this) {
            return window.find(key, fingerprint, requests.members(), clock.getAsLong());
        }
    }

    @GuardedBy("this")
    private void changed(CallKey key) {
        CompletableFuture<Void> change = changes.remove(key);
        if (change != null) {
            boolean _ = change.complete(null);
        }
    }

    /** Counts the bytes of the keys as memory of the endpoint. */
    @GuardedBy("this")
    private void count() {
        if (users == 0) {
            return;
        }
        memory.add(window.bytes() - counted);
        counted = window.bytes();
    }

    // Its answer.

    synchronized void answered(CallKey key, long claim, KeptAnswer answer, Counters counters) {
        if (!window.answered(key, claim, answer, clock.getAsLong())) {
            counters.increment(Counter.CALLS_ONCE_CUT);
        }
        count();
        countTaken(counters);
        changed(key);
    }

    // Other nodes.

    /**
     * Brings the present state of a call to another node: the one that has it, or else the first one that keeps it.
     *
     * @param silences the number of nodes without a response that end it
     * @param asked the names of the nodes that were asked for the key just before
     * @param useless the responses of nodes that are not asked again
     */
    private HolderSearch.Outcome<NodeId> copy(
            CallKey key, int silences, Set<String> asked, Map<NodeId, MergedFindings.Response> useless) {
        Optional<KeptCall> call;
        Optional<String> holder;
        synchronized (this) {
            call = window.call(key);
            holder = window.holder(key);
        }
        return call.isEmpty()
                ? new HolderSearch.Outcome.Alone<>()
                : place(call.get(), holder, silences, asked, useless);
    }

    /** Copies an answer to the node that has the call. Blocks for a second at most. */
    void copyAnswer(CallKey key) {
        HolderSearch.Outcome<NodeId> _ = copy(key, 1, Set.of(), new ConcurrentHashMap<>());
    }

    private HolderSearch.Outcome<NodeId> place(
            KeptCall call,
            Optional<String> holder,
            int silences,
            Set<String> asked,
            Map<NodeId, MergedFindings.Response> useless) {
        HolderSearch.Outcome<NodeId> outcome = requests.keep(call, holder, silences, asked, useless);
        if (outcome instanceof HolderSearch.Outcome.Kept(var node)) {
            placed(call, node.toString());
        } else if (outcome instanceof HolderSearch.Outcome.Taken(var node)) {
            placed(call, node.toString()); // of two calls, on two sides of a partition, each side keeps its own
        }
        return outcome;
    }

    private synchronized void placed(KeptCall call, String node) {
        window.placed(call, node, clock.getAsLong());
    }

    private byte[] respond(byte[] bytes) throws DecodeException {
        OnceFormat.Request request = OnceFormat.Request.read(bytes);
        KeptCall call = request.call();
        return switch (request.kind()) {
            case CLAIM -> new OnceFormat.Response(self, claimed(request.from(), call)).write();
            case AWAIT -> new OnceFormat.Response(self, awaitHere(call.key(), call.fingerprint(), now())).write();
            case KEEP -> OnceFormat.writeKept(self, keep(call, request.from()));
        };
    }

    private synchronized Finding claimed(String claimant, KeptCall call) {
        Finding found =
                window.claimedBy(claimant, call.key(), call.fingerprint(), requests.members(), clock.getAsLong());
        count();
        if (found instanceof Finding.Nothing) {
            changed(call.key());
        }
        return found;
    }

    /** A copy of a call that its owner has given up does not keep out another one. */
    private Finding keep(KeptCall call, String from) {
        OptionalLong copy;
        Optional<KeptCall> earlier;
        synchronized (this) {
            Finding kept = keepHere(call, from);
            copy = window.copy(call.key());
            earlier = window.call(call.key());
            if (!(kept instanceof Finding.Running) || copy.isEmpty() || earlier.isEmpty()) {
                return kept;
            }
        }
        if (requests.isGivenUp(earlier.get())) {
            release(call.key(), copy.getAsLong());
        }
        return keepHere(call, from);
    }

    private synchronized Finding keepHere(KeptCall call, String from) {
        Finding kept = leaving < users ? window.keep(call, from, clock.getAsLong()) : new Finding.Full();
        count();
        changed(call.key());
        return kept;
    }

    // Time.

    /** Forgets what is over, and copies again what no other node has. To be called every second or so. */
    public void sweep() {
        List<KeptCall> uncopied;
        synchronized (this) {
            uncopied = window.sweep(requests.members(), clock.getAsLong());
            count();
            CompletableFuture<Void> swept = nextSweep;
            nextSweep = new CompletableFuture<>();
            boolean _ = swept.complete(null);
        }
        if (!uncopied.isEmpty() && !nodes.others().isEmpty() && placing.compareAndSet(false, true)) {
            Collections.shuffle(uncopied); // those that no node takes keep out no others
            AtomicInteger left = new AtomicInteger(MAX_UNPLACED);
            Map<NodeId, MergedFindings.Response> useless = new ConcurrentHashMap<>();
            CompletableFuture<Void> _ = atOnce(uncopied, () -> left.get() > 0, call -> {
                        if (!isPlaced(copy(call.key(), MAX_SILENCES, Set.of(), useless))) {
                            left.decrementAndGet();
                        }
                    })
                    .whenComplete((_, _) -> placing.set(false));
        }
    }

    private static boolean isPlaced(HolderSearch.Outcome<NodeId> outcome) {
        return outcome instanceof HolderSearch.Outcome.Kept || outcome instanceof HolderSearch.Outcome.Taken;
    }

    /** Handles calls on threads, several at the same time, while a condition holds. */
    private static CompletableFuture<Void> atOnce(
            List<KeptCall> calls, BooleanSupplier goesOn, Consumer<KeptCall> handler) {
        Queue<KeptCall> due = new ConcurrentLinkedQueue<>(calls);
        Runnable handling = () -> {
            for (KeptCall call = due.poll(); call != null && goesOn.getAsBoolean(); call = due.poll()) {
                handler.accept(call);
            }
        };
        return CompletableFuture.allOf(IntStream.range(0, Math.min(COPIES_AT_ONCE, calls.size()))
                .mapToObj(_ -> CompletableFuture.runAsync(
                        handling, task -> COPIES.newThread(task).start()))
                .toArray(CompletableFuture[]::new));
    }

    /** Refuses copies from now on, if the other endpoints over the pub/sub do, too. */
    public synchronized void leave() {
        leaving++;
    }

    /**
     * Copies all calls to nodes that do not leave, several at the same time. A call that no node takes does not hold up the others.
     * Blocks for as long as is given, and for a request.
     *
     * @param timeout the maximum time
     */
    public void handOver(Duration timeout) {
        List<KeptCall> all;
        synchronized (this) {
            all = window.all();
        }
        if (nodes.others().isEmpty()) {
            return;
        }
        long begin = clock.getAsLong();
        AtomicInteger left = new AtomicInteger(all.size());
        atOnce(all, () -> clock.getAsLong() - begin < timeout.toNanos(), call -> {
                    if (isPlaced(place(call, holder(call.key()), MAX_SILENCES, Set.of(), new ConcurrentHashMap<>()))) {
                        left.decrementAndGet();
                    }
                })
                .join();
        if (left.get() > 0 && !nodes.others().isEmpty()) {
            LOG.warn(
                    "{} of {} calls that are executed once were not handed over within {} s. A repeat of one of them is executed"
                            + " again if no node that stays has a copy. Stop one node after the other. If"
                            + " heliodor.calls.once.refused grows at a node that stays, its keys have reached a limit.",
                    left,
                    all.size(),
                    timeout.toSeconds());
        }
    }

    private synchronized Optional<String> holder(CallKey key) {
        return window.holder(key);
    }

    /**
     * Ends the use by one endpoint. After the last one nothing is kept.
     *
     * @param left whether the endpoint has called {@link #leave}
     */
    public void close(boolean left) {
        synchronized (this) {
            users--;
            leaving -= left ? 1 : 0;
            if (users > 0) {
                return;
            }
            memory.add(-counted);
            counted = 0;
            changes.values().forEach(change -> change.complete(null));
            changes.clear();
            boolean _ = nextSweep.complete(null);
        }
        handler.close();
        Subscription subscription = registered;
        if (subscription != null) {
            subscription.close();
        }
    }
}
