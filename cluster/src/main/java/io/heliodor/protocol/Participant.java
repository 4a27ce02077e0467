package io.heliodor.protocol;

import io.heliodor.link.Invariant;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
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
import io.heliodor.protocol.NamesMessage.Table;
import io.heliodor.protocol.NamesMessage.TableAck;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The counterpart of the {@link Coordinator} on each member of the view. It reports the claims of this node, keeps a copy of
 * the table, acknowledges its changes, and requests the registrations of this node.
 */
final class Participant {
    /** A withdrawn registration, until all members know of it. */
    private record PendingRelease(Key key, List<Registration.Request> requests) {}

    private final Peer self;
    private final NamesEffects effects;
    private final NamesOutbox outgoing;
    private final Registrations registrations = new Registrations();
    private final TableCopy table;
    /** The granted registrations of this node. */
    private final Map<Key, Registration> own = new LinkedHashMap<>();

    private final Map<Long, PendingRelease> releases = new LinkedHashMap<>();
    private ViewId view;
    private Peer coordinator;
    /** Whether this node is a duplicate in this view: then its names are suspended, and it requests nothing. */
    private boolean duplicate;
    /** The table of the previous view, if it is complete on this node except for rows of members that left. */
    private Optional<Term> base = Optional.empty();
    /** The claims that are reported in this view; null until the coordinator requests them. */
    private @Nullable Pages<Registration> pendingClaims;
    /** Whether this node has the table of this view. */
    private boolean synced;
    /** The number of the last change of the table. */
    private long number;

    Participant(Peer self, NamesEffects effects, NamesOutbox outgoing) {
        this.self = self;
        this.effects = effects;
        this.outgoing = outgoing;
        table = new TableCopy(effects);
        view = new ViewId(0, self);
        coordinator = self;
    }

    Map<Key, Claim> table() {
        return table.claims();
    }

    Map<Key, Registration> own() {
        return own;
    }

    Registrations registrations() {
        return registrations;
    }

    boolean isSynced() {
        return synced;
    }

    Optional<Term> base() {
        return base;
    }

    /** Whether the limit of registrations is reached. */
    boolean full() {
        return registrations.size() + releases.size() >= Names.MAX_NAMES;
    }

    void view(View next) {
        // Only a complete table: otherwise rows of a member that left and came back may be missing on this node alone.
        base = synced ? Optional.of(new Term(view, number)) : Optional.empty();
        view = next.id();
        coordinator = next.coordinator();
        duplicate = next.isDuplicate(self);
        pendingClaims = null;
        synced = false;
        for (Registration registration : registrations.all()) {
            registration.requested = false;
            registration.known = false;
            registration.committedInView = false;
        }
        table.view(next);
    }

    /** A new session to the coordinator is open: messages of the previous one may be lost, so they are sent again. */
    void repeat() {
        registrations.all().forEach(registration -> registration.requested = false);
        if (pendingClaims != null && !synced) {
            pendingClaims = null;
            sendClaims();
        }
        if (table.parts() > 0) {
            outgoing.send(coordinator, new TableAck(view, table.incoming(), table.parts()));
        }
        if (synced) {
            outgoing.send(coordinator, new TableAck(view, number, 0));
        }
        releases.forEach((registration, release) -> release(registration, release.key()));
        request();
    }

    /** Takes a message of the coordinator. */
    void received(NamesMessage message) {
        switch (message) {
            case ClaimsRequest request -> claimsRequested(request);
            case Table page -> page(page);
            case Granted granted -> granted(granted);
            case Freed freed -> freed(freed);
            case Committed committed -> committed(committed);
            case Rejected rejected -> rejected(rejected);
            case Released released -> {
                @Nullable PendingRelease release = releases.remove(released.registration());
                if (release != null) {
                    release.requests().forEach(request -> request.answer(effects, new NameOutcome.Released()));
                }
            }
            default -> throw new IllegalArgumentException("Not a message to a member: " + message);
        }
    }

    private void claimsRequested(ClaimsRequest message) {
        if (synced) {
            return;
        }
        if (pendingClaims != null) {
            pendingClaims.acknowledge(message.parts());
        }
        sendClaims();
    }

    private void sendClaims() {
        if (pendingClaims == null) {
            pendingClaims = new Pages<>(
                    registrations.all().stream()
                            .filter(registration -> registration.since != null || registration.key.election())
                            .toList(),
                    registration -> 80 + registration.key.name().length());
        }
        pendingClaims.send((part, last, page) -> {
            List<ClaimEntry> claims = new ArrayList<>();
            for (Registration registration : page) {
                // Registrations that were withdrawn since are left out.
                if (registrations.find(registration.number) == registration) {
                    registration.known = true;
                    claims.add(new ClaimEntry(
                            registration.key,
                            registration.process,
                            registration.number,
                            registration.committed,
                            Optional.ofNullable(registration.since)));
                }
            }
            outgoing.send(coordinator, new Claims(view, part, last, claims, base));
        });
    }

    private void page(Table page) {
        if (!table.add(page)) {
            return;
        }
        if (!page.last()) {
            outgoing.send(coordinator, new TableAck(view, page.number(), table.parts()));
            return;
        }
        number = page.number();
        install(table.takeRows(), page.changes());
        outgoing.send(coordinator, new TableAck(view, number, 0));
        // After a second table of one view: replies may have been lost with the previous session.
        registrations.all().forEach(registration -> registration.requested = false);
        request();
    }

    /** Replaces the table. */
    private void install(List<Row> rows, boolean changes) {
        Map<Key, Claim> next = new LinkedHashMap<>();
        if (changes) {
            next.putAll(table.claims());
            next.values()
                    .removeIf(claim -> claim.peer().equals(self) || claim.peer().equals(coordinator));
        }
        for (Row row : rows) {
            if (row.losers().isEmpty()) {
                row.owner().ifPresentOrElse(claim -> next.put(row.key(), claim), () -> next.remove(row.key()));
            } else if (!synced) {
                conflictResolved(row);
            }
        }
        synced = true;
        for (Map.Entry<Key, Registration> mine : List.copyOf(own.entrySet())) {
            Claim claim = next.get(mine.getKey());
            if (isSuspended(mine.getValue())) {
                ownClaim(mine.getValue()).ifPresent(own -> next.putIfAbsent(mine.getKey(), own));
            } else if (claim == null || !same(claim, mine.getValue())) {
                // With another term the claim was lost, and granted again before this table arrived.
                lose(mine.getValue());
            }
        }
        for (Map.Entry<Long, PendingRelease> release : List.copyOf(releases.entrySet())) {
            Claim claim = next.get(release.getValue().key());
            release.getValue().requests().removeIf(Registration.Request::answered);
            boolean over = claim == null || !claim.is(self, release.getKey());
            if (over && release.getValue().requests().isEmpty()) {
                releases.remove(release.getKey());
            } else {
                // Only the coordinator knows when the other members have this table, too.
                release(release.getKey(), release.getValue().key());
            }
        }
        next.entrySet().removeIf(row -> row.getValue().peer().equals(self) && !enter(row.getKey(), row.getValue()));
        table.replace(next);
    }

    /**
     * Whether a name is kept without a row in the table of the coordinator. The node reports it again in the next view, in
     * which the other incarnation may be dead.
     */
    private boolean isSuspended(Registration registration) {
        return duplicate && !registration.key.election();
    }

    private Optional<Claim> ownClaim(Registration registration) {
        return Optional.ofNullable(registration.since)
                .map(since -> new Claim(self, registration.process, registration.number, since));
    }

    private boolean same(Claim claim, Registration registration) {
        return claim.is(self, registration.number) && claim.since().equals(registration.since);
    }

    /**
     * Takes a claim of this node from the table. Returns false, and gives the claim back, if its registration was withdrawn.
     */
    private boolean enter(Key key, Claim claim) {
        @Nullable Registration registration = registrations.find(claim.registration());
        if (registration == null) {
            releases.computeIfAbsent(claim.registration(), _ -> new PendingRelease(key, new ArrayList<>()));
            release(claim.registration(), key);
            return false;
        }
        registration.since = claim.since();
        registration.known = true;
        own.put(key, registration);
        return true;
    }

    /** Takes the resolution of a conflict. */
    private void conflictResolved(Row row) {
        String name = row.key().name();
        Optional<Peer> winner = row.owner().map(Claim::peer);
        @Nullable Registration registration = own.get(row.key());
        if (registration == null) {
            return;
        }
        for (Claim loser : row.losers()) {
            if (loser.is(self, registration.number)) {
                lose(registration);
                effects.conflict(name, winner, self);
            } else if (row.owner().isPresent() && row.owner().get().is(self, registration.number)) {
                effects.conflict(name, winner, loser.peer());
            }
        }
    }

    /** A process lost its claim without giving it up. The registration goes on for elections and requests that wait. */
    private void lose(Registration registration) {
        own.remove(registration.key);
        Term since = registration.since;
        boolean committed = registration.committed;
        registration.since = null;
        registration.committed = false;
        registration.committedInView = false;
        if (committed && registration.key.election() && since != null) {
            effects.deposed(registration.key.name(), registration.process, since);
        } else if (committed) {
            effects.lost(registration.key.name(), registration.process);
        }
        registration.requests.removeIf(Registration.Request::answered);
        if (!registration.key.election() && registration.requests.isEmpty()) {
            registrations.forget(registration);
        }
    }

    private void granted(Granted message) {
        if (!synced || message.number() != number + 1) {
            return;
        }
        number++;
        Claim claim = message.claim();
        Registration before = own.get(message.key());
        if (before != null && !same(claim, before) && !isSuspended(before)) {
            lose(before);
        }
        if (!claim.peer().equals(self) || enter(message.key(), claim)) {
            table.put(message.key(), claim);
        }
        // After the table is changed: a process that gets a name finds it in the table of any member.
        outgoing.send(coordinator, new TableAck(view, number, 0));
    }

    private void freed(Freed message) {
        if (!synced || message.number() != number + 1) {
            return;
        }
        number++;
        Registration mine = own.get(message.key());
        if (mine != null && message.peer().equals(self) && mine.number == message.registration()) {
            lose(mine);
        }
        table.remove(message.key(), message.peer(), message.registration());
        outgoing.send(coordinator, new TableAck(view, number, 0));
    }

    private void committed(Committed message) {
        @Nullable Registration registration = registrations.find(message.registration());
        @Nullable Term since = registration == null ? null : registration.since;
        if (registration == null || since == null || !synced) {
            return;
        }
        boolean first = !registration.committed;
        registration.committed = true;
        registration.committedInView = true;
        if (first && registration.key.election()) {
            effects.leading(registration.key.name(), registration.process, since);
        }
        answer(
                registration,
                new NameOutcome.Committed(new Claim(self, registration.process, registration.number, since)));
    }

    private void rejected(Rejected message) {
        @Nullable Registration registration = registrations.find(message.registration());
        if (registration != null && registration.since == null) {
            registrations.forget(registration);
            answer(
                    registration,
                    message.owner().<NameOutcome>map(NameOutcome.Taken::new).orElseGet(NameOutcome.Full::new));
        }
    }

    private void answer(Registration registration, NameOutcome answer) {
        registration.requests.forEach(request -> request.answer(effects, answer));
        registration.requests.clear();
    }

    /** Requests all registrations that are due, in the order in which they were made. */
    private void request() {
        for (Registration registration : registrations.all()) {
            request(registration);
        }
    }

    void request(Registration registration) {
        registration.requests.removeIf(Registration.Request::answered);
        boolean lasting = registration.since != null || registration.key.election();
        boolean due = !registration.requests.isEmpty() || (lasting && !registration.committed);
        if (synced && due && !registration.requested && !duplicate) {
            registration.requested = true;
            registration.known |= outgoing.send(
                    coordinator, new Register(view, registration.number, registration.key, registration.process));
        }
    }

    /** Checks the registrations, the own claims and the table against each other, and the table against the view. */
    void checkInvariants(View installed) {
        registrations.checkInvariants();
        for (Registration registration : registrations.all()) {
            Key key = registration.key;
            Invariant.check(
                    (registration.since != null) == (own.get(key) == registration),
                    "a granted registration is an own claim",
                    key,
                    registration.number);
            Invariant.check(registration.since != null || !registration.committed, "a committed claim is granted", key);
            Invariant.check(
                    registration.committed || !registration.committedInView,
                    "a claim that is committed in a view is committed",
                    key);
            Invariant.check(
                    !releases.containsKey(registration.number), "a withdrawn registration is over", key, releases);
        }
        own.forEach((key, registration) -> {
            Invariant.check(
                    registrations.find(registration.number) == registration && registration.key.equals(key),
                    "an own claim is registered",
                    key,
                    registration.number);
            Claim claim = table.claims().get(key);
            Invariant.check(
                    !synced || duplicate || (claim != null && same(claim, registration)),
                    "the table has each own claim",
                    key,
                    registration.number,
                    claim == null ? "no claim" : claim);
        });
        table.claims().forEach((key, claim) -> {
            Invariant.check(installed.has(claim.peer()), "the owner of a name is a member", key, claim, installed);
            Registration mine = own.get(key);
            Invariant.check(
                    !claim.peer().equals(self) || (mine != null && same(claim, mine)),
                    "a row of this node is an own claim",
                    key,
                    claim);
        });
    }

    private void release(long registration, Key key) {
        // Before the claims are reported in this view, the coordinator does not know the registration.
        if (pendingClaims != null) {
            outgoing.send(coordinator, new Release(view, registration, key));
        }
    }

    void withdraw(Registration registration, List<Registration.Request> waiting) {
        registrations.forget(registration);
        answer(registration, new NameOutcome.Unknown());
        Term since = registration.since;
        if (own.remove(registration.key, registration)) {
            // The row of a suspended name may be of another process.
            table.remove(registration.key, self, registration.number);
            if (registration.key.election() && registration.committed && since != null) {
                effects.deposed(registration.key.name(), registration.process, since);
            }
        }
        if (registration.known || !waiting.isEmpty()) {
            releases.put(registration.number, new PendingRelease(registration.key, new ArrayList<>(waiting)));
            release(registration.number, registration.key);
        }
    }
}
