package io.heliodor.protocol;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.link.Invariant;
import io.heliodor.link.Peer;
import io.heliodor.protocol.VoterAnswer.Owner;
import io.heliodor.protocol.VoterCommand.Request;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The names and elections that the voters decide: a deterministic state machine of the commands in their log. One thread.
 *
 * <p>The first candidate of an election leads; the others wait in order of arrival. The term of a leader is the index of the
 * command that made it the leader, so the terms of an election grow.
 */
public final class VoterNames {
    /** The maximum number of names, and of candidacies. */
    public static final int MAX_NAMES = 100_000;

    /** How many answers are kept of each client session: the newest. */
    public static final int MAX_ANSWERS = 256;

    /** How many client sessions are kept; more only if their clients own something. */
    static final int MAX_SESSIONS = 512;

    private static final int VERSION = 1;

    /** A change of the state. */
    public sealed interface Change {
        /**
         * The owner of a name changed.
         *
         * @param name the name
         * @param owner the new owner; empty if there is none
         */
        record NameChanged(String name, Optional<Owner> owner) implements Change {}

        /**
         * The leader of an election changed, or its term.
         *
         * @param election the election
         * @param lead the new leader; empty if there is none
         */
        record LeadChanged(String election, Optional<Lead> lead) implements Change {}
    }

    /**
     * The leader of an election.
     *
     * @param peer the node
     * @param term the index of the command that made it the leader
     */
    public record Lead(Peer peer, long term) {}

    /**
     * The result of a command.
     *
     * @param answer the answer, as {@link VoterAnswer#toBytes} encodes it
     * @param changes the changes of the state
     */
    @SuppressWarnings("ArrayRecordComponent") // bytes on their way, never compared
    public record Applied(byte[] answer, List<Change> changes) {}

    /** The candidates of an election, the leader first. */
    private static final class ElectionState {
        final List<Peer> candidates = new ArrayList<>();
        long term;
    }

    /** The requests of one node, by which a repeated one is found (Ongaro's dissertation, 6.3). */
    private static final class ClientSession {
        /** The index of the last request. */
        long lastRequest;

        /** The answers up to this number are dropped. */
        long dropped;

        final TreeMap<Long, byte[]> answers = new TreeMap<>();
    }

    private final TreeMap<String, Owner> names = new TreeMap<>();
    private final TreeMap<String, ElectionState> elections = new TreeMap<>();
    private final TreeMap<Peer, ClientSession> sessions = new TreeMap<>();
    private int candidacies;
    private long index;

    // The changes by the command that is being applied.
    private List<Change> changes = new ArrayList<>();

    /** The empty state before the first command. */
    public VoterNames() {}

    /**
     * Applies a command.
     *
     * @param at its index in the log; nothing is done if it is not above the last one
     * @param command as {@link Request#toBytes} encodes it
     * @return the result
     * @throws DecodeException when it is not a command of this version; nothing was done
     */
    public Applied apply(long at, byte[] command) throws DecodeException {
        if (at <= index) {
            return new Applied(new VoterAnswer.Stale().toBytes(), List.of());
        }
        Request request = Request.of(command);
        index = at;
        changes = new ArrayList<>();
        byte[] answer = applyOnce(request);
        return new Applied(answer, List.copyOf(changes));
    }

    private byte[] applyOnce(Request request) {
        if (request.number() == 0) {
            return perform(request).toBytes();
        }
        ClientSession session = sessions.computeIfAbsent(request.from(), unknown -> new ClientSession());
        session.lastRequest = index;
        byte[] before = session.answers.get(request.number());
        if (before != null) {
            return before;
        }
        if (request.number() <= session.dropped) {
            return new VoterAnswer.Stale().toBytes();
        }
        byte[] answer = perform(request).toBytes();
        session.answers.put(request.number(), answer);
        if (session.answers.size() > MAX_ANSWERS) {
            session.dropped = session.answers.firstKey();
            session.answers.remove(session.dropped);
        }
        dropSession();
        return answer;
    }

    private void dropSession() {
        if (sessions.size() > MAX_SESSIONS) {
            Set<Peer> owners = owners();
            sessions.entrySet().stream()
                    .filter(session -> !owners.contains(session.getKey()))
                    .min(Comparator.comparingLong(session -> session.getValue().lastRequest))
                    .map(Map.Entry::getKey)
                    .ifPresent(sessions::remove);
        }
    }

    private VoterAnswer perform(Request request) {
        Peer from = request.from();
        return switch (request.command()) {
            case VoterCommand.Register(String name, long process) -> register(name, from, process);
            case VoterCommand.Release(String name) -> release(name, from);
            case VoterCommand.ProcessEnded(long process) -> {
                free(owner -> owner.process() == process && owner.peer().equals(from));
                yield new VoterAnswer.Done();
            }
            case VoterCommand.Lookup(String name) -> lookup(name);
            case VoterCommand.Campaign(String election) -> campaign(election, from);
            case VoterCommand.Resign(String election) -> {
                leave(election, from);
                yield new VoterAnswer.Done();
            }
            case VoterCommand.Evict(Peer peer) -> {
                free(owner -> owner.peer().equals(peer));
                List.copyOf(elections.keySet()).forEach(election -> leave(election, peer));
                yield new VoterAnswer.Done();
            }
        };
    }

    private VoterAnswer lookup(String name) {
        Owner owner = names.get(name);
        return owner == null ? new VoterAnswer.NoOwner() : new VoterAnswer.Owned(owner);
    }

    /**
     * Answers a query.
     *
     * @param query a {@link VoterCommand.Lookup}, as {@link Request#toBytes} encodes it
     * @return the answer
     * @throws DecodeException when it is not a query
     */
    public VoterAnswer read(byte[] query) throws DecodeException {
        if (Request.of(query).command() instanceof VoterCommand.Lookup(String name)) {
            return lookup(name);
        }
        throw new DecodeException("a command, where a query was to come");
    }

    private VoterAnswer register(String name, Peer from, long process) {
        Owner owner = names.get(name);
        if (owner != null) {
            return owner.peer().equals(from) && owner.process() == process
                    ? new VoterAnswer.Done()
                    : new VoterAnswer.Owned(owner);
        }
        if (names.size() >= MAX_NAMES) {
            return new VoterAnswer.Full();
        }
        Owner next = new Owner(from, process, index);
        names.put(name, next);
        changes.add(new Change.NameChanged(name, Optional.of(next)));
        return new VoterAnswer.Done();
    }

    private VoterAnswer release(String name, Peer from) {
        Owner owner = names.get(name);
        if (owner == null) {
            return new VoterAnswer.NoOwner();
        }
        if (!owner.peer().equals(from)) {
            return new VoterAnswer.Owned(owner);
        }
        names.remove(name);
        changes.add(new Change.NameChanged(name, Optional.empty()));
        return new VoterAnswer.Done();
    }

    private void free(Predicate<Owner> which) {
        names.entrySet().removeIf(entry -> {
            boolean free = which.test(entry.getValue());
            if (free) {
                changes.add(new Change.NameChanged(entry.getKey(), Optional.empty()));
            }
            return free;
        });
    }

    private VoterAnswer campaign(String election, Peer from) {
        ElectionState state = elections.get(election);
        if (state != null && state.candidates.contains(from)) {
            return new VoterAnswer.Done();
        }
        if (candidacies >= MAX_NAMES) {
            return new VoterAnswer.Full();
        }
        if (state == null) {
            state = new ElectionState();
            elections.put(election, state);
        }
        state.candidates.add(from);
        candidacies++;
        if (state.candidates.size() == 1) {
            grant(election, state);
        }
        return new VoterAnswer.Done();
    }

    private void leave(String election, Peer peer) {
        ElectionState state = elections.get(election);
        int place = state == null ? -1 : state.candidates.indexOf(peer);
        if (state == null || place < 0) {
            return;
        }
        state.candidates.remove(place);
        candidacies--;
        if (place == 0) {
            grant(election, state);
        }
    }

    private void grant(String election, ElectionState state) {
        state.term = index;
        if (state.candidates.isEmpty()) {
            elections.remove(election);
        }
        changes.add(new Change.LeadChanged(election, lead(state)));
    }

    private static Optional<Lead> lead(ElectionState state) {
        return state.candidates.isEmpty()
                ? Optional.empty()
                : Optional.of(new Lead(state.candidates.getFirst(), state.term));
    }

    /**
     * The owners of names.
     *
     * @return an unmodifiable view that changes with each command
     */
    public SortedMap<String, Owner> names() {
        return Collections.unmodifiableSortedMap(names);
    }

    /**
     * The leaders of elections.
     *
     * @return a copy
     */
    public SortedMap<String, Lead> leads() {
        SortedMap<String, Lead> leads = new TreeMap<>();
        elections.forEach((election, state) -> lead(state).ifPresent(lead -> leads.put(election, lead)));
        return leads;
    }

    /**
     * Whether a peer is a candidate of an election, or leads it.
     *
     * @param peer the peer
     * @param election the election
     * @return true from its candidacy to its end
     */
    public boolean isCandidate(Peer peer, String election) {
        ElectionState state = elections.get(election);
        return state != null && state.candidates.contains(peer);
    }

    /**
     * The peers that own a name or are candidates.
     *
     * @return a copy
     */
    public Set<Peer> owners() {
        Set<Peer> owners = new HashSet<>();
        names.values().forEach(owner -> owners.add(owner.peer()));
        elections.values().forEach(state -> owners.addAll(state.candidates));
        return owners;
    }

    /**
     * The index of the last command.
     *
     * @return 0 before the first
     */
    public long index() {
        return index;
    }

    /**
     * Encodes the whole state.
     *
     * @return bytes; the same for the same state
     */
    public byte[] snapshot() {
        BinaryWriter out = new BinaryWriter(1_024).put(VERSION).number(index).number(names.size());
        names.forEach((name, owner) -> out.text(name).object(owner, Owner::write));
        out.number(elections.size());
        elections.forEach(
                (election, state) -> out.text(election).number(state.term).list(state.candidates, Peer::write));
        out.number(sessions.size());
        sessions.forEach((peer, session) -> {
            out.object(peer, Peer::write)
                    .number(session.lastRequest)
                    .number(session.dropped)
                    .number(session.answers.size());
            session.answers.forEach((number, answer) -> out.number(number).bytes(answer));
        });
        return out.toBytes();
    }

    /**
     * Decodes a state.
     *
     * @param snapshot as {@link #snapshot} returned it
     * @return the state
     * @throws DecodeException when the bytes are not a state
     */
    public static VoterNames of(byte[] snapshot) throws DecodeException {
        BinaryReader in = new BinaryReader(snapshot);
        int version = in.get();
        if (version != VERSION) {
            throw new DecodeException("a snapshot of version " + version);
        }
        VoterNames read = new VoterNames();
        read.index = in.number();
        for (int i = in.count(4); i > 0; i--) {
            read.names.put(in.text(), Owner.read(in));
        }
        for (int i = in.count(3); i > 0; i--) {
            ElectionState state = new ElectionState();
            read.elections.put(in.text(), state);
            state.term = in.number();
            for (int j = in.count(2); j > 0; j--) {
                state.candidates.add(Peer.read(in));
                read.candidacies++;
            }
        }
        for (int i = in.count(5); i > 0; i--) {
            ClientSession session = new ClientSession();
            read.sessions.put(Peer.read(in), session);
            session.lastRequest = in.number();
            session.dropped = in.number();
            for (int j = in.count(2); j > 0; j--) {
                session.answers.put(in.number(), in.bytes());
            }
        }
        return read;
    }

    /**
     * The changes that lead from this state to another one.
     *
     * @param next the other state
     * @return the changes
     */
    public List<Change> changesTo(VoterNames next) {
        List<Change> found = new ArrayList<>();
        for (String name : union(names.keySet(), next.names.keySet())) {
            Owner owner = next.names.get(name);
            if (!Objects.equals(names.get(name), owner)) {
                found.add(new Change.NameChanged(name, Optional.ofNullable(owner)));
            }
        }
        SortedMap<String, Lead> before = leads();
        SortedMap<String, Lead> after = next.leads();
        for (String election : union(before.keySet(), after.keySet())) {
            @Nullable Lead lead = after.get(election);
            if (!Objects.equals(before.get(election), lead)) {
                found.add(new Change.LeadChanged(election, Optional.ofNullable(lead)));
            }
        }
        return found;
    }

    /**
     * Checks the whole state. Tests call it after each command.
     *
     * @throws IllegalStateException if an invariant does not hold
     */
    public void checkInvariants() {
        Invariant.check(names.size() <= MAX_NAMES && candidacies <= MAX_NAMES, "names are limited", names.size());
        names.forEach((name, owner) -> Invariant.check(
                0 < owner.since() && owner.since() <= index, "a command gave the name", name, owner, index));
        elections.forEach((election, state) -> {
            Invariant.check(!state.candidates.isEmpty(), "an election has a leader", election);
            Invariant.check(
                    Set.copyOf(state.candidates).size() == state.candidates.size(),
                    "a candidate waits once",
                    election,
                    state.candidates);
            Invariant.check(
                    0 < state.term && state.term <= index,
                    "a term is the index of a command",
                    election,
                    state.term,
                    index);
        });
        int waiting = elections.values().stream()
                .mapToInt(state -> state.candidates.size())
                .sum();
        Invariant.check(waiting == candidacies, "the candidacies are counted", waiting, candidacies);
        sessions.forEach((peer, session) -> Invariant.check(
                session.lastRequest <= index
                        && session.answers.size() <= MAX_ANSWERS
                        && (session.answers.isEmpty() || session.dropped < session.answers.firstKey()),
                "the newest answers are kept",
                peer,
                session.lastRequest,
                session.dropped,
                session.answers.keySet()));
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> all = new TreeSet<>(one);
        all.addAll(other);
        return all;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof VoterNames that && Arrays.equals(snapshot(), that.snapshot());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(snapshot());
    }
}
