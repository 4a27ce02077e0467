package io.heliodor.simulation;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.protocol.Claim;
import io.heliodor.protocol.Key;
import io.heliodor.protocol.NameOutcome;
import io.heliodor.protocol.Names;
import io.heliodor.protocol.NamesEffects;
import io.heliodor.protocol.NamesMessage;
import io.heliodor.protocol.Term;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The names of one node, and a model of the names and leads that its processes have. */
final class SimNames implements NamesEffects {
    private static final int NAMES = 5;
    private static final int ELECTIONS = 2;

    private record Request(boolean release, String name, long process, long since, long action) {}

    private record Lead(long process, Term term) {}

    private final World world;
    private final SimNode node;
    private final Set<String> resolved;
    private final Names state;
    private final Set<Long> processes = new TreeSet<>();
    private final Map<Long, Request> requests = new TreeMap<>();
    /** The process that each name was committed for. */
    private final Map<String, Long> held = new TreeMap<>();

    private final Map<String, Lead> leads = new TreeMap<>();
    private final Map<String, Set<Long>> campaigns = new TreeMap<>();
    private final Map<Key, Claim> table = new LinkedHashMap<>();
    private final Set<String> lost = new TreeSet<>();
    /** For each name and process, the number of the action that last requested it. */
    private final Map<String, Map<Long, Long>> requested = new TreeMap<>();

    private final Set<Peer> suspects = new TreeSet<>();
    /** The peers that it suspected, by view: these may lag. */
    private final Map<ViewId, Set<Peer>> lagging = new LinkedHashMap<>();

    private long actions;
    private long numbers;
    private boolean strict;

    SimNames(World world, SimNode node, Set<String> resolved) {
        this.world = world;
        this.node = node;
        this.resolved = resolved;
        state = new Names(node.peer(), this, Names.MAX_NAMES);
    }

    void view(View view) {
        suspects.retainAll(view.members());
        lagging.put(view.id(), new TreeSet<>(suspects));
        state.view(view);
        table.forEach((key, claim) -> check(view.has(claim.peer()), () -> key + " is of " + claim + " which is gone"));
        after();
    }

    void suspected(Peer peer, boolean suspect) {
        if (suspect) {
            suspects.add(peer);
            lagging.computeIfAbsent(node.view().id(), first -> new TreeSet<>()).add(peer);
        } else {
            suspects.remove(peer);
        }
        state.suspected(peer, suspect);
        after();
    }

    void opened(Peer to) {
        state.opened(to);
        after();
    }

    void closed(Peer to) {
        state.closed(to);
        after();
    }

    void received(Peer from, NamesMessage message) {
        state.received(from, message);
        after();
    }

    void tick(long now) {
        state.tick(now);
        after();
        requests.forEach((ticket, request) -> check(
                now - request.since() < 8 * World.SECONDS,
                () -> "no answer in eight seconds to " + ticket + " " + request));
        held.forEach((name, process) -> checkClaim(new Key(false, name), process, false));
        leads.forEach((election, lead) -> checkClaim(new Key(true, election), lead.process(), false));
    }

    private void check(boolean holds, String otherwise) {
        world.check(holds, () -> node.name() + ": " + otherwise);
    }

    private void check(boolean holds, Supplier<String> otherwise) {
        world.check(holds, () -> node.name() + ": " + otherwise.get());
    }

    private void after() {
        state.checkInvariants();
        check(lost.isEmpty(), () -> "lost without a conflict: " + lost);
        check(state.ownNames().containsAll(held.keySet()), () -> "does not own " + held + " but " + state.ownNames());
    }

    void act() {
        switch (world.random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5, 6, 7 -> register("name" + world.random.nextInt(NAMES), process());
            case 8 -> {
                // Each crosses the answer to the one before.
                String name = "name" + world.random.nextInt(NAMES);
                long process = process();
                register(name, process);
                release(name, process);
                register(name, process);
            }
            case 9, 10, 11, 12 -> releaseSomething();
            case 13, 14 -> end();
            case 15, 16, 17 -> campaign("election" + world.random.nextInt(ELECTIONS), process());
            default -> resignSomewhere();
        }
    }

    private long process() {
        if (processes.isEmpty() || world.chance(0.3)) {
            processes.add(++numbers);
            return numbers;
        }
        return world.any(List.copyOf(processes));
    }

    private void register(String name, long process) {
        node.note("registers " + name + " for " + process);
        requested.computeIfAbsent(name, _ -> new TreeMap<>()).put(process, ++actions);
        requests.put(++numbers, new Request(false, name, process, world.now(), ++actions));
        state.register(name, process, numbers, world.now());
        after();
    }

    private void releaseSomething() {
        String name = held.isEmpty() || world.chance(0.3)
                ? "name" + world.random.nextInt(NAMES)
                : world.any(List.copyOf(held.keySet()));
        long process = held.getOrDefault(name, process());
        release(name, process);
        if (world.chance(0.2)) {
            register(name, process);
        }
    }

    private void release(String name, long process) {
        node.note("releases " + name + " of " + process);
        held.remove(name, process);
        requests.put(++numbers, new Request(true, name, process, world.now(), ++actions));
        state.release(name, process, numbers, world.now());
        check(
                requests.values().stream()
                        .noneMatch(request -> !request.release()
                                && request.process() == process
                                && request.name().equals(name)),
                () -> "a request outlives the release of " + name);
        after();
    }

    private void end() {
        if (processes.isEmpty()) {
            return;
        }
        long process = world.any(List.copyOf(processes));
        node.note("ends " + process);
        processes.remove(process);
        held.values().removeIf(owner -> owner == process);
        campaigns.values().forEach(some -> some.remove(process));
        state.ended(process);
        after();
    }

    private void campaign(String election, long process) {
        node.note("campaigns for " + election + " with " + process);
        campaigns.computeIfAbsent(election, _ -> new TreeSet<>()).add(process);
        check(state.campaign(election, process), "too many wishes");
        after();
    }

    private void resignSomewhere() {
        List<String> some = new ArrayList<>(campaigns.keySet());
        if (!some.isEmpty()) {
            String election = world.any(some);
            List<Long> candidates = List.copyOf(campaigns.get(election));
            if (!candidates.isEmpty()) {
                long process = world.any(candidates);
                node.note("resigns from " + election + " with " + process);
                campaigns.get(election).remove(process);
                state.resign(election, process);
                after();
            }
        }
    }

    @Override
    public void send(Peer to, NamesMessage message) {
        node.send(to, message);
    }

    @Override
    public void answered(long ticket, NameOutcome answer) {
        @Nullable Request request = requests.remove(ticket);
        if (request == null) {
            check(false, () -> "two answers to " + ticket);
            return;
        }
        node.note(request + " is answered " + answer.getClass().getSimpleName());
        world.saw("answer " + answer.getClass().getSimpleName());
        check(!strict || !(answer instanceof NameOutcome.Unknown), () -> "unknown without a fault: " + request);
        switch (answer) {
            case NameOutcome.Committed(Claim claim) -> {
                check(!request.release(), "held, but it was a release");
                check(processes.contains(request.process()), "held by a process that ended");
                check(
                        claim.peer().equals(node.peer()) && claim.process() == request.process(),
                        "held by another process");
                held.put(request.name(), request.process());
                checkClaim(new Key(false, request.name()), request.process(), true);
            }
            case NameOutcome.Taken(Claim owner) ->
                check(
                        !owner.peer().equals(node.peer()) || owner.process() != request.process(),
                        "taken by the requester");
            case NameOutcome.Released _ -> {
                check(request.release(), "released, but it was not a release");
                checkFree(request);
            }
            case NameOutcome.NotOwner _ -> check(request.release(), "not owner, but it was not a release");
            case NameOutcome.Full _ -> check(false, "full");
            case NameOutcome.Unknown _ -> {}
        }
    }

    /** Whether the coordinator suspects a peer: commits do not wait for suspects. */
    private boolean isSuspect(Peer peer) {
        View view = node.view();
        return node.node(view.coordinator())
                .names
                .lagging
                .getOrDefault(view.id(), Set.of())
                .contains(peer);
    }

    /** Checks that all members with this view and its table have the claim, and no other one. */
    private void checkClaim(Key key, long process, boolean first) {
        if (node.isDuplicate()) {
            check(!first, "granted to a duplicate");
            return;
        }
        if (!state.isSynced()) {
            check(!first, "granted without a table");
            return;
        }
        for (Peer peer : node.view().members()) {
            SimNode other = node.node(peer);
            if (other.alive() && other.view().equals(node.view()) && !isSuspect(peer)) {
                SimNames names = other.names;
                check(!first || names.state.isSynced(), () -> peer.node() + " has no table, but granted was " + key);
                if (names.state.isSynced()) {
                    Claim known = names.owner(key);
                    check(
                            known != null && known.peer().equals(node.peer()) && known.process() == process,
                            () -> peer.node() + " has " + known + " for " + key);
                    check(
                            other == node || other.isDuplicate() || !names.believes(key),
                            () -> peer.node() + " has " + key + " too");
                }
            }
        }
    }

    /** Checks that no member with this view has the claim, unless the process has requested the name again. */
    private void checkFree(Request request) {
        boolean renewed =
                requested.getOrDefault(request.name(), Map.of()).getOrDefault(request.process(), 0L) > request.action();
        for (Peer peer : node.view().members()) {
            SimNode other = node.node(peer);
            if (!renewed && other.alive() && other.view().equals(node.view()) && !isSuspect(peer)) {
                Claim known = other.names.owner(new Key(false, request.name()));
                check(
                        known == null || !known.peer().equals(node.peer()) || known.process() != request.process(),
                        () -> peer.node() + " still has " + known + " for " + request);
            }
        }
    }

    private @Nullable Claim owner(Key key) {
        return (key.election() ? state.leader(key.name()) : state.lookup(key.name())).orElse(null);
    }

    private boolean believes(Key key) {
        return key.election() ? leads.containsKey(key.name()) : held.containsKey(key.name());
    }

    @Override
    public void lost(String name, long process) {
        node.note("loses " + name);
        held.remove(name, process);
        lost.add(name);
    }

    @Override
    public void conflict(String name, Optional<Peer> winner, Peer loser) {
        node.note("conflict about " + name + ", " + winner.map(Peer::node) + " wins, " + loser.node() + " loses");
        world.saw("conflict");
        check(loser.equals(node.peer()) || winner.equals(Optional.of(node.peer())), "a conflict of other nodes");
        check(
                !node.view().isDuplicate(loser)
                        && winner.filter(node.view()::isDuplicate).isEmpty(),
                "a conflict with a duplicate");
        if (loser.equals(node.peer())) {
            check(lost.remove(name), "a conflict without a loss");
        }
    }

    @Override
    public void leading(String election, long process, Term term) {
        node.note("leads " + election + " by " + process + " in " + term.view().number() + "." + term.number());
        world.saw("leading");
        check(leads.put(election, new Lead(process, term)) == null, "leads twice");
        check(campaigns.getOrDefault(election, Set.of()).contains(process), "leads without a campaign");
        checkClaim(new Key(true, election), process, true);
    }

    @Override
    public void deposed(String election, long process, Term term) {
        node.note("leads " + election + " no longer");
        world.saw("deposed");
        check(new Lead(process, term).equals(leads.remove(election)), "deposed without leading");
    }

    @Override
    public void changed(Key key, Optional<Claim> owner) {
        Claim before = owner.isPresent() ? table.put(key, owner.get()) : table.remove(key);
        check(!owner.equals(Optional.ofNullable(before)), () -> "changed to the same: " + key);
    }

    @Override
    public void resolve(long conflict, String name, List<Claim> claims) {
        check(resolved.add(node.view().id() + name), () -> "two calls of the resolver for " + name);
        check(claims.size() > 1, "no conflict to resolve");
        check(claims.stream().noneMatch(claim -> node.view().isDuplicate(claim.peer())), "a claim of a duplicate");
        node.note("calls the resolver for " + name);
        Optional<Claim> winner = world.chance(0.1)
                ? Optional.empty()
                : Optional.of(
                        world.chance(0.5)
                                ? world.any(claims)
                                : claims.stream().min(Claim.BY_AGE).orElseThrow());
        if (world.chance(0.9)) {
            world.saw("answer of the resolver");
            world.after(world.upTo(1_500 * World.MILLIS), () -> {
                if (node.alive() && !node.paused()) {
                    state.resolved(conflict, winner);
                    after();
                }
            });
        }
    }

    /** Sends requests. From now on each must be answered. */
    void demand() {
        strict = true;
        register("of " + node.name(), process());
        register("name0", process());
        long process = process();
        release("name1", held.getOrDefault("name1", process));
    }

    void checkEqual(List<SimNode> nodes) {
        check(state.isSynced(), "no table at the end");
        check(requests.isEmpty(), () -> "requests without an answer: " + requests);
        SimNames first = nodes.getFirst().names;
        check(state.names().equals(first.state.names()), "the names differ");
        check(table.equals(first.table), () -> "the tables differ: " + table + " and " + first.table);
        for (String name : state.names()) {
            check(state.lookup(name).equals(Optional.ofNullable(table.get(new Key(false, name)))), "lookup differs");
        }
        table.forEach((key, claim) -> {
            SimNode owner = node.node(claim.peer());
            check(nodes.contains(owner), () -> "owned by " + claim + " which is gone: " + key);
            check(owner.names.processes.contains(claim.process()), () -> "owned by a process that ended: " + key);
            check(
                    key.election()
                            ? owner.names.leads.containsKey(key.name())
                            : owner.names.state.ownNames().contains(key.name()),
                    () -> "its owner does not have " + key);
        });
        state.ownNames()
                .forEach(name -> check(
                        table.get(new Key(false, name)).peer().equals(node.peer()),
                        () -> "owns the name of another " + name));
        // Whatever happened to another incarnation of this node: names are lost by a conflict with another node only.
        held.forEach((name, process) -> {
            Claim claim = table.get(new Key(false, name));
            check(
                    claim != null && claim.peer().equals(node.peer()) && claim.process() == process,
                    () -> "has lost " + name + " to " + claim);
        });
        for (int number = 0; number < ELECTIONS; number++) {
            String election = "election" + number;
            boolean expected = nodes.stream()
                    .anyMatch(other -> !other.names
                            .campaigns
                            .getOrDefault(election, Set.of())
                            .isEmpty());
            long leaders = nodes.stream()
                    .filter(other -> other.names.leads.containsKey(election))
                    .count();
            check(leaders == (expected ? 1 : 0), () -> leaders + " leaders of " + election);
        }
    }
}
