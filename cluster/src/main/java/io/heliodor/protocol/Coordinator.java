package io.heliodor.protocol;

import io.heliodor.link.Invariant;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.protocol.NamesMessage.ClaimEntry;
import io.heliodor.protocol.NamesMessage.Claims;
import io.heliodor.protocol.NamesMessage.ClaimsRequest;
import io.heliodor.protocol.NamesMessage.Committed;
import io.heliodor.protocol.NamesMessage.Freed;
import io.heliodor.protocol.NamesMessage.Granted;
import io.heliodor.protocol.NamesMessage.Register;
import io.heliodor.protocol.NamesMessage.Rejected;
import io.heliodor.protocol.NamesMessage.Release;
import io.heliodor.protocol.NamesMessage.Released;
import io.heliodor.protocol.NamesMessage.Row;
import io.heliodor.protocol.NamesMessage.TableAck;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Grants names and elections in one view. It collects the claims of all members, makes the table of them, and changes the
 * table from then on. {@link TableDistribution} sends it to the members.
 */
final class Coordinator {
    /** A row of the table, and the number of the change that made it; 0 if it was made of claims. */
    private record Entry(Claim claim, long number) {}

    /** The state of one member. */
    private static final class MemberState {
        private final Peer peer;
        private final int rank;
        /** Whether it is a duplicate: then its claims and candidacies do not count in this view. */
        private final boolean duplicate;
        /** Its claims by the number of the registration, and how many pages of them arrived. */
        private final Map<Long, ClaimEntry> claimed = new LinkedHashMap<>();

        private int parts;
        private boolean complete;
        /** The table of the previous view that it has. */
        private Optional<Term> base = Optional.empty();

        MemberState(Peer peer, int rank, boolean duplicate) {
            this.peer = peer;
            this.rank = rank;
            this.duplicate = duplicate;
        }

        Collection<ClaimEntry> counted() {
            return duplicate ? List.of() : claimed.values();
        }
    }

    /** A candidate of an election. */
    private record Candidate(MemberState member, long registration, long process) {
        private static final Comparator<Candidate> IN_ORDER =
                Comparator.<Candidate>comparingInt(some -> some.member.rank).thenComparingLong(Candidate::registration);
    }

    private final View view;
    private final int maxNames;
    private final NamesOutbox outgoing;

    /**
     * The table of the previous view on this node, and its rows. A member with the same base has the same rows of other
     * nodes.
     */
    private final Optional<Term> base;

    private final Map<Key, Claim> before;
    private final ConflictResolution conflicts;
    private final Map<Peer, MemberState> members = new LinkedHashMap<>();
    private final Map<Key, Entry> table = new LinkedHashMap<>();
    private final Map<Key, NavigableSet<Candidate>> candidates = new LinkedHashMap<>();
    private final TableDistribution distribution;
    private List<Row> conflictRows = List.of();
    private boolean tableMade;

    Coordinator(
            View view,
            int maxNames,
            Participant own,
            NamesOutbox outgoing,
            NamesEffects effects,
            LongSupplier conflictNumbers) {
        this.view = view;
        base = own.base();
        before = new LinkedHashMap<>(own.table());
        this.maxNames = maxNames;
        this.outgoing = outgoing;
        conflicts = new ConflictResolution(effects, conflictNumbers);
        distribution = new TableDistribution(view, outgoing, this::rows);
        int rank = 0;
        for (Peer peer : view.members()) {
            members.put(peer, new MemberState(peer, rank++, view.isDuplicate(peer)));
        }
    }

    void start() {
        members.values().forEach(this::requestClaims);
    }

    private void requestClaims(MemberState member) {
        outgoing.send(member.peer, new ClaimsRequest(view.id(), member.parts));
    }

    private MemberState member(Peer peer) {
        @Nullable MemberState member = members.get(peer);
        if (member == null) {
            throw new IllegalArgumentException(peer + " is not a member of view " + view.id());
        }
        return member;
    }

    /** A new session is open: messages of the previous one may be lost, so they are sent again. */
    void opened(Peer peer) {
        MemberState member = member(peer);
        if (tableMade) {
            distribution.send(peer, rows(), false);
        } else if (!member.complete) {
            requestClaims(member);
        }
    }

    void claims(Peer from, Claims message) {
        MemberState member = member(from);
        // Too late for the table. Claims that differ from it are released later.
        if (tableMade || conflicts.started()) {
            return;
        }
        if (message.part() == 1) {
            member.claimed.clear();
            member.parts = 0;
            member.complete = false;
        }
        if (message.part() != member.parts + 1 || member.complete) {
            return;
        }
        member.parts++;
        member.base = message.base();
        message.claims().forEach(entry -> member.claimed.put(entry.registration(), entry));
        if (!message.last()) {
            requestClaims(member);
            return;
        }
        member.complete = true;
        if (members.values().stream().allMatch(each -> each.complete)) {
            conflicts.start(claims());
            makeTable();
        }
    }

    /** The answer of the resolver. */
    void resolved(long conflict, Optional<Claim> winner) {
        if (!tableMade && conflicts.resolved(conflict, winner)) {
            makeTable();
        }
    }

    void tick(long now) {
        if (!tableMade && conflicts.started() && conflicts.tick(now)) {
            makeTable();
        }
    }

    /**
     * The claims by key: the committed ones, or all if none is. A claim that is not committed was reported to no application.
     */
    private Map<Key, List<Claim>> claims() {
        Map<Key, List<Claim>> committed = new LinkedHashMap<>();
        Map<Key, List<Claim>> others = new LinkedHashMap<>();
        for (MemberState member : members.values()) {
            for (ClaimEntry entry : member.counted()) {
                entry.since()
                        .ifPresent(since -> (entry.committed() ? committed : others)
                                .computeIfAbsent(entry.key(), _ -> new ArrayList<>())
                                .add(new Claim(member.peer, entry.process(), entry.registration(), since)));
            }
        }
        Map<Key, List<Claim>> claims = new LinkedHashMap<>(committed);
        others.forEach((key, some) -> claims.computeIfAbsent(key, _ -> {
            // No application knows of any of them, so the oldest wins without the resolver.
            return List.of(some.stream().min(Claim.BY_AGE).orElseThrow());
        }));
        return claims;
    }

    /** Makes the table once all conflicts are resolved. */
    private void makeTable() {
        if (tableMade || !conflicts.complete()) {
            return;
        }
        tableMade = true;
        List<Row> rows = new ArrayList<>();
        claims().forEach((key, claims) -> {
            // The leader of an election is the first in the order of the view, which is the order of this list.
            Optional<Claim> owner = key.election() ? Optional.of(claims.getFirst()) : conflicts.choose(key, claims);
            if (!key.election() && claims.size() > 1) {
                rows.add(new Row(
                        key,
                        owner,
                        claims.stream()
                                .filter(claim -> !claim.equals(owner.orElse(null)))
                                .toList()));
            }
            owner.ifPresent(claim -> enter(key, claim));
        });
        conflictRows = rows;
        for (MemberState member : members.values()) {
            for (ClaimEntry entry : member.counted()) {
                if (entry.key().election()) {
                    candidate(entry.key(), new Candidate(member, entry.registration(), entry.process()));
                }
            }
        }
        candidates.keySet().stream()
                .filter(key -> !table.containsKey(key))
                .toList()
                .forEach(this::elect);
        members.values().forEach(member -> member.claimed.clear());
        members.values().forEach(member -> distribution.send(member.peer, rows(member), isBased(member)));
        before.clear();
    }

    private boolean isBased(MemberState member) {
        return base.isPresent() && base.equals(member.base);
    }

    /** The rows that a member needs, given its base. */
    private List<Row> rows(MemberState member) {
        if (!isBased(member)) {
            return rows();
        }
        List<Row> rows = new ArrayList<>(conflictRows);
        table.forEach((key, entry) -> {
            Claim claim = entry.claim();
            // A node removes its own claims at once, so the two copies may differ in these.
            boolean shared = !claim.peer().equals(member.peer) && !claim.peer().equals(view.coordinator());
            if (!shared || !claim.equals(before.get(key))) {
                rows.add(new Row(key, Optional.of(claim), List.of()));
            }
        });
        before.keySet().stream()
                .filter(key -> !table.containsKey(key))
                .forEach(key -> rows.add(new Row(key, Optional.empty(), List.of())));
        return rows;
    }

    private List<Row> rows() {
        List<Row> rows = new ArrayList<>(conflictRows);
        table.forEach((key, entry) -> rows.add(new Row(key, Optional.of(entry.claim()), List.of())));
        return rows;
    }

    private void enter(Key key, Claim claim) {
        ClaimEntry entry = member(claim.peer()).claimed.get(claim.registration());
        table.put(key, new Entry(claim, 0));
        if (entry != null && !entry.committed()) {
            distribution.sendWhenAgreed(0, claim.peer(), new Committed(view.id(), claim.registration()));
        }
    }

    void accepted(Peer from, TableAck message) {
        distribution.acknowledged(from, message);
        // Suspects included: they need the resolved conflicts, too.
        if (distribution.isWithAll()) {
            conflictRows = List.of();
        }
    }

    void suspected(Peer peer, boolean suspect) {
        distribution.suspected(peer, suspect);
    }

    void register(Peer from, Register message) {
        MemberState member = member(from);
        if (!tableMade || member.duplicate) {
            return;
        }
        Key key = message.key();
        @Nullable Entry entry = table.get(key);
        if (entry != null && entry.claim().peer().equals(from) && entry.claim().process() == message.process()) {
            if (entry.claim().registration() == message.registration()) {
                distribution.sendWhenAgreed(entry.number(), from, new Committed(view.id(), message.registration()));
                return;
            }
            // Another registration of the same process: the withdrawal of the previous one was lost.
            withdraw(key, new Candidate(member, entry.claim().registration(), 0));
            free(key, entry);
            entry = null;
        }
        if (key.election()) {
            candidate(key, new Candidate(member, message.registration(), message.process()));
            if (entry == null) {
                elect(key);
            }
        } else if (entry != null) {
            outgoing.send(from, new Rejected(view.id(), message.registration(), Optional.of(entry.claim())));
        } else if (table.size() >= maxNames) {
            outgoing.send(from, new Rejected(view.id(), message.registration(), Optional.empty()));
        } else {
            grant(key, from, message.process(), message.registration());
        }
    }

    private void candidate(Key key, Candidate candidate) {
        candidates.computeIfAbsent(key, _ -> new TreeSet<>(Candidate.IN_ORDER)).add(candidate);
    }

    private void withdraw(Key key, Candidate candidate) {
        @Nullable NavigableSet<Candidate> some = candidates.get(key);
        if (some != null && some.remove(candidate) && some.isEmpty()) {
            candidates.remove(key);
        }
    }

    private void elect(Key key) {
        @Nullable NavigableSet<Candidate> some = candidates.get(key);
        if (some != null) {
            Candidate first = some.first();
            grant(key, first.member().peer, first.process(), first.registration());
        }
    }

    private void grant(Key key, Peer peer, long process, long registration) {
        long number = distribution.next();
        var claim = new Claim(peer, process, registration, new Term(view.id(), number));
        Entry before = table.put(key, new Entry(claim, number));
        Invariant.check(before == null, "a name has one owner", key, claim);
        distribution.change(new Granted(view.id(), number, key, claim), table.size());
        distribution.sendWhenAgreed(number, peer, new Committed(view.id(), registration));
    }

    private void free(Key key, Entry entry) {
        table.remove(key);
        Claim claim = entry.claim();
        distribution.change(
                new Freed(view.id(), distribution.next(), key, claim.peer(), claim.registration()), table.size());
    }

    /** Checks the table against the members, the candidates and the numbers of changes. */
    void checkInvariants() {
        table.forEach((key, entry) -> {
            MemberState owner = members.get(entry.claim().peer());
            Invariant.check(
                    owner != null && !owner.duplicate, "the owner of a name is a member, not a duplicate", key, entry);
            Invariant.check(entry.number() <= distribution.number(), "a row is of a change that was made", key, entry);
        });
        Invariant.check(
                candidates.values().stream().noneMatch(NavigableSet::isEmpty)
                        && (!tableMade || table.keySet().containsAll(candidates.keySet())),
                "an election with candidates has a leader",
                candidates.keySet(),
                table.keySet());
        table.forEach((key, entry) -> Invariant.check(
                !key.election()
                        || candidates.getOrDefault(key, new TreeSet<>(Candidate.IN_ORDER)).stream()
                                .anyMatch(each -> entry.claim().is(each.member().peer, each.registration())),
                "a leader is a candidate",
                key,
                entry));
        distribution.checkInvariants();
    }

    void released(Peer from, Release message) {
        MemberState member = member(from);
        if (!tableMade) {
            member.claimed.remove(message.registration());
            makeTable();
            return;
        }
        Key key = message.key();
        withdraw(key, new Candidate(member, message.registration(), 0));
        @Nullable Entry entry = table.get(key);
        if (entry != null && entry.claim().is(from, message.registration())) {
            free(key, entry);
            elect(key);
        }
        distribution.sendWhenAgreed(distribution.number(), from, new Released(view.id(), message.registration()));
    }
}
