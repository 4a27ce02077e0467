package io.heliodor.protocol;

import io.heliodor.link.Invariant;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.protocol.NamesMessage.Claims;
import io.heliodor.protocol.NamesMessage.ClaimsRequest;
import io.heliodor.protocol.NamesMessage.Register;
import io.heliodor.protocol.NamesMessage.Release;
import io.heliodor.protocol.NamesMessage.TableAck;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names of processes and the leaders of elections, without voters. The coordinator of the view grants; each node
 * reports the claims of its own processes to the next coordinator. A claim is committed when all members of the view have
 * it, except those that the coordinator suspects.
 *
 * <p>Each side of a split grants by itself. After a merge the resolver decides about names with two owners.
 */
public final class Names {
    /** The maximum number of names of a cluster, and of registrations of a node. */
    public static final int MAX_NAMES = 100_000;

    /** Longer than the 5 s until a silent member is suspected, whose confirmation a request waits for. */
    private static final long REQUEST_NANOS = 8_000_000_000L;

    private final Peer self;
    private final NamesEffects effects;
    private final Participant participant;
    private final NamesOutbox outgoing;
    /** By peer, the last request of a coordinator in a view that is not installed on this node yet. */
    private final Map<Peer, ClaimsRequest> early = new HashMap<>();
    /** The requests without an answer, in the order of their deadlines. */
    private final Deque<Registration.Request> requests = new ArrayDeque<>();

    private final Set<Peer> suspects = new HashSet<>();
    private final int maxNames;
    private View view;
    private @Nullable Coordinator coordinator;
    private long conflicts;

    /**
     * An empty table, in a view of this node alone.
     *
     * @param self this node
     * @param effects the actions
     * @param maxNames how many names and elections this node grants while it is the coordinator, up to {@link #MAX_NAMES}
     */
    public Names(Peer self, NamesEffects effects, int maxNames) {
        this.maxNames = maxNames;
        this.self = self;
        this.effects = effects;
        view = new View(new ViewId(0, self), List.of(self), false);
        outgoing = new NamesOutbox(self, effects);
        participant = new Participant(self, effects, outgoing);
    }

    /**
     * A view was installed.
     *
     * @param next the view
     */
    public void view(View next) {
        view = next;
        outgoing.retain(next.members());
        suspects.retainAll(next.members());
        participant.view(next);
        coordinator = null;
        if (next.coordinator().equals(self)) {
            Coordinator own = new Coordinator(next, maxNames, participant, outgoing, effects, () -> ++conflicts);
            coordinator = own;
            suspects.forEach(peer -> own.suspected(peer, true));
            own.start();
        }
        ClaimsRequest request = early.remove(next.coordinator());
        early.values().removeIf(other -> other.view().number() <= next.id().number());
        if (request != null) {
            received(next.coordinator(), request);
        }
        drain();
    }

    /**
     * The suspicion of a peer changed. A coordinator does not wait for acknowledgements of suspects.
     *
     * @param peer the peer; not this node
     * @param suspect whether it is suspected
     */
    public void suspected(Peer peer, boolean suspect) {
        if (view.has(peer) && (suspect ? suspects.add(peer) : suspects.remove(peer)) && coordinator != null) {
            coordinator.suspected(peer, suspect);
            drain();
        }
    }

    /**
     * A session to a peer was opened.
     *
     * @param peer the peer
     */
    public void opened(Peer peer) {
        outgoing.opened(peer);
        if (peer.equals(view.coordinator())) {
            participant.repeat();
        }
        if (coordinator != null && view.has(peer)) {
            coordinator.opened(peer);
        }
        drain();
    }

    /**
     * A session to a peer was closed.
     *
     * @param peer the peer
     */
    public void closed(Peer peer) {
        outgoing.closed(peer);
    }

    /**
     * Takes a message of a peer. Messages of another view are dropped.
     *
     * @param from the peer
     * @param message the message
     */
    public void received(Peer from, NamesMessage message) {
        if (!message.view().equals(view.id())) {
            // Only this message can be early: a member sends nothing in a view before its claims are requested there.
            if (message instanceof ClaimsRequest request
                    && request.view().number() > view.id().number()) {
                early.put(from, request);
            }
            return;
        }
        if (view.has(from)) {
            take(from, message);
            drain();
        }
    }

    private void take(Peer from, NamesMessage message) {
        switch (message) {
            case Claims claims when coordinator != null -> coordinator.claims(from, claims);
            case TableAck accepted when coordinator != null -> coordinator.accepted(from, accepted);
            case Register register when coordinator != null -> coordinator.register(from, register);
            case Release release when coordinator != null -> coordinator.released(from, release);
            case Claims _, TableAck _, Register _, Release _ -> {}
            case NamesMessage fromCoordinator
            when from.equals(view.coordinator()) -> participant.received(fromCoordinator);
            default -> {}
        }
    }

    /** Delivers the messages of this node to itself, after the call that sent them is done. */
    private void drain() {
        for (NamesMessage message = outgoing.pollToMyself(); message != null; message = outgoing.pollToMyself()) {
            if (message.view().equals(view.id())) {
                take(self, message);
            }
        }
    }

    /**
     * Registers a name for a process of this node. Idempotent.
     *
     * @param name the name; at most {@link Key#MAX_BYTES} bytes
     * @param process a process that runs
     * @param ticket returned with the outcome
     * @param now the time
     */
    public void register(String name, long process, long ticket, long now) {
        var request = request(ticket, now);
        var key = key(false, name);
        if (participant.full() && participant.registrations().find(key, process) == null) {
            request.answer(effects, new NameOutcome.Full());
            return;
        }
        Registration registration = participant.registrations().make(key, process);
        Term since = registration.since;
        if (registration.committedInView && since != null) {
            request.answer(effects, new NameOutcome.Committed(new Claim(self, process, registration.number, since)));
            return;
        }
        if (registration.requests.stream().allMatch(Registration.Request::answered)) {
            registration.requested = false;
        }
        registration.requests.add(request);
        participant.request(registration);
        drain();
    }

    /**
     * Releases a name. The local table is without it when this returns, that of all members when the outcome is reported.
     *
     * @param name the name
     * @param process the process of this node that owns it
     * @param ticket returned with the outcome
     * @param now the time
     */
    public void release(String name, long process, long ticket, long now) {
        var request = request(ticket, now);
        @Nullable Registration registration = participant.registrations().find(new Key(false, name), process);
        if (registration == null) {
            request.answer(effects, new NameOutcome.NotOwner());
        } else {
            participant.withdraw(registration, List.of(request));
            drain();
        }
    }

    /**
     * Enters a process of this node into an election.
     *
     * @param election the election; at most {@link Key#MAX_BYTES} bytes
     * @param process a process that runs
     * @return false if the limit of registrations is reached
     */
    public boolean campaign(String election, long process) {
        if (participant.full()) {
            return false;
        }
        participant.request(participant.registrations().make(key(true, election), process));
        drain();
        return true;
    }

    /**
     * Withdraws a process of this node from an election.
     *
     * @param election the election
     * @param process the process
     */
    public void resign(String election, long process) {
        @Nullable Registration registration = participant.registrations().find(new Key(true, election), process);
        if (registration != null) {
            participant.withdraw(registration, List.of());
            drain();
        }
    }

    /**
     * A process of this node ended: all its registrations are withdrawn.
     *
     * @param process the process
     */
    public void ended(long process) {
        participant.registrations().of(process).forEach(registration -> participant.withdraw(registration, List.of()));
        drain();
    }

    private static Key key(boolean election, String name) {
        Texts.problem("The name", name, Key.MAX_BYTES).ifPresent(problem -> {
            throw new IllegalArgumentException(problem + ".");
        });
        return new Key(election, name);
    }

    private Registration.Request request(long ticket, long now) {
        var request = new Registration.Request(ticket, now + REQUEST_NANOS);
        requests.addLast(request);
        return request;
    }

    /**
     * The resolver decided a conflict.
     *
     * @param conflict the number of the conflict
     * @param winner the claim that keeps the name; empty if none shall
     */
    public void resolved(long conflict, Optional<Claim> winner) {
        if (coordinator != null) {
            coordinator.resolved(conflict, winner);
            drain();
        }
    }

    /**
     * Time passed.
     *
     * @param now the time
     */
    public void tick(long now) {
        while (!requests.isEmpty() && (requests.getFirst().answered() || now - requests.getFirst().deadline >= 0)) {
            requests.removeFirst().answer(effects, new NameOutcome.Unknown());
        }
        if (coordinator != null) {
            coordinator.tick(now);
            drain();
        }
    }

    /**
     * The owner of a name in the local table.
     *
     * @param name the name
     * @return its claim, if there is one
     */
    public Optional<Claim> lookup(String name) {
        return Optional.ofNullable(participant.table().get(new Key(false, name)));
    }

    /**
     * The leader of an election in the local table.
     *
     * @param election the election
     * @return its claim, if there is one
     */
    public Optional<Claim> leader(String election) {
        return Optional.ofNullable(participant.table().get(new Key(true, election)));
    }

    /**
     * The names in the local table.
     *
     * @return the names, sorted
     */
    public List<String> names() {
        return participant.table().keySet().stream()
                .filter(key -> !key.election())
                .map(Key::name)
                .sorted()
                .toList();
    }

    /**
     * The committed names of processes of this node.
     *
     * @return the names, sorted
     */
    public List<String> ownNames() {
        return participant.own().values().stream()
                .filter(registration -> registration.committed && !registration.key.election())
                .map(registration -> registration.key.name())
                .sorted()
                .toList();
    }

    /**
     * Checks the whole state. Tests call it after each event.
     *
     * @throws IllegalStateException if an invariant does not hold
     */
    public void checkInvariants() {
        Invariant.check(view.members().containsAll(suspects), "a suspect is a member", suspects, view);
        Invariant.check(
                (coordinator != null) == view.coordinator().equals(self)
                        || view.id().number() == 0,
                "the first member coordinates",
                view);
        Invariant.check(
                early.values().stream()
                        .allMatch(each -> each.view().number() > view.id().number()),
                "an early request is of a later view",
                early,
                view);
        participant.checkInvariants(view);
        if (coordinator != null) {
            coordinator.checkInvariants();
        }
    }

    /**
     * Whether this node has the table of the view. Until then it shows that of the previous view, without nodes that left.
     *
     * @return true if it has
     */
    public boolean isSynced() {
        return participant.isSynced();
    }
}
