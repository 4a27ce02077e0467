package io.heliodor.protocol;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.DecodeException;
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
 * The names and elections that the voters decide: what the commands of a log make of them. The same log makes the same
 * state on each node. One thread.
 *
 * <p>A candidate that was there first leads; the others wait in the order in which they came. The term of a lead is the
 * index of the command that gave it, so the terms of an election grow.
 */
public final class VoterNames {
    /** The most names, and the most candidacies. */
    public static final int MOST = 100_000;

    /** Of how many commands of one life it is remembered that they were done: the newest. */
    public static final int REMEMBERED = 256;

    /** Of how many lives commands are remembered; of more only if they have something. */
    static final int LIVES = 512;

    private static final int VERSION = 1;

    /** Something that became another way. */
    public sealed interface Change {
        /**
         * A name has another owner, or none.
         *
         * @param name which
         * @param owner who has it now
         */
        record OfName(String name, Optional<Owner> owner) implements Change {}

        /**
         * An election has another leader, or none, or another term.
         *
         * @param election which
         * @param lead who leads now
         */
        record OfLead(String election, Optional<Lead> lead) implements Change {}
    }

    /**
     * Who leads.
     *
     * @param peer which life of which node
     * @param term the index of the command that made it so
     */
    public record Lead(Peer peer, long term) {}

    /**
     * What a command did.
     *
     * @param answer for whoever gave it, as {@link VoterAnswer#toBytes} made it
     * @param changes what became another way
     */
    @SuppressWarnings("ArrayRecordComponent") // bytes on their way, compared by nobody
    public record Applied(byte[] answer, List<Change> changes) {}

    /** Who stands, the leader first. */
    private static final class Contest {
        final List<Peer> candidates = new ArrayList<>();
        long term;
    }

    /** What a life has asked. */
    private static final class Life {
        /** When it asked last. */
        long asked;

        /** All numbers up to this one are forgotten. */
        long forgotten;

        final TreeMap<Long, byte[]> answers = new TreeMap<>();
    }

    private final TreeMap<String, Owner> names = new TreeMap<>();
    private final TreeMap<String, Contest> contests = new TreeMap<>();
    private final TreeMap<Peer, Life> lives = new TreeMap<>();
    private int candidacies;
    private long index;

    // What the command that is being applied has changed.
    private List<Change> changes = new ArrayList<>();

    /** Nothing, before the first command. */
    public VoterNames() {}

    /**
     * Does a command.
     *
     * @param at its index in the log; one that is not above the last one was done, and is not done again
     * @param command as {@link Request#toBytes} made it
     * @return what it did
     * @throws DecodeException when it is not a command of this version; nothing was done
     */
    public Applied apply(long at, byte[] command) throws DecodeException {
        if (at <= index) {
            return new Applied(new VoterAnswer.Stale().toBytes(), List.of());
        }
        Request request = Request.of(command);
        index = at;
        changes = new ArrayList<>();
        byte[] answer = once(request);
        return new Applied(answer, List.copyOf(changes));
    }

    private byte[] once(Request request) {
        if (request.number() == 0) {
            return perform(request).toBytes();
        }
        Life life = lives.computeIfAbsent(request.from(), unknown -> new Life());
        life.asked = index;
        byte[] before = life.answers.get(request.number());
        if (before != null) {
            return before;
        }
        if (request.number() <= life.forgotten) {
            return new VoterAnswer.Stale().toBytes();
        }
        byte[] answer = perform(request).toBytes();
        life.answers.put(request.number(), answer);
        if (life.answers.size() > REMEMBERED) {
            life.forgotten = life.answers.firstKey();
            life.answers.remove(life.forgotten);
        }
        forgetLives();
        return answer;
    }

    private void forgetLives() {
        if (lives.size() > LIVES) {
            Set<Peer> owners = owners();
            lives.entrySet().stream()
                    .filter(life -> !owners.contains(life.getKey()))
                    .min(Comparator.comparingLong(life -> life.getValue().asked))
                    .map(Map.Entry::getKey)
                    .ifPresent(lives::remove);
        }
    }

    private VoterAnswer perform(Request request) {
        Peer from = request.from();
        return switch (request.command()) {
            case VoterCommand.Register(String name, long process) -> register(name, from, process);
            case VoterCommand.Release(String name) -> release(name, from);
            case VoterCommand.Ended(long process) -> {
                free(owner -> owner.process() == process && owner.peer().equals(from));
                yield new VoterAnswer.Done();
            }
            case VoterCommand.Lookup(String name) -> lookup(name);
            case VoterCommand.Campaign(String election) -> campaign(election, from);
            case VoterCommand.Resign(String election) -> {
                leave(election, from);
                yield new VoterAnswer.Done();
            }
            case VoterCommand.Gone(Peer peer) -> {
                free(owner -> owner.peer().equals(peer));
                List.copyOf(contests.keySet()).forEach(election -> leave(election, peer));
                yield new VoterAnswer.Done();
            }
        };
    }

    private VoterAnswer lookup(String name) {
        Owner owner = names.get(name);
        return owner == null ? new VoterAnswer.Nobody() : new VoterAnswer.Owned(owner);
    }

    /**
     * Answers a question.
     *
     * @param question a {@link VoterCommand.Lookup}, as {@link Request#toBytes} made it
     * @return the answer
     * @throws DecodeException when it is something else
     */
    public VoterAnswer read(byte[] question) throws DecodeException {
        if (Request.of(question).command() instanceof VoterCommand.Lookup(String name)) {
            return lookup(name);
        }
        throw new DecodeException("a command, where a question was to come");
    }

    private VoterAnswer register(String name, Peer from, long process) {
        Owner owner = names.get(name);
        if (owner != null) {
            return owner.peer().equals(from) && owner.process() == process
                    ? new VoterAnswer.Done()
                    : new VoterAnswer.Owned(owner);
        }
        if (names.size() >= MOST) {
            return new VoterAnswer.Full();
        }
        Owner next = new Owner(from, process, index);
        names.put(name, next);
        changes.add(new Change.OfName(name, Optional.of(next)));
        return new VoterAnswer.Done();
    }

    private VoterAnswer release(String name, Peer from) {
        Owner owner = names.get(name);
        if (owner == null) {
            return new VoterAnswer.Nobody();
        }
        if (!owner.peer().equals(from)) {
            return new VoterAnswer.Owned(owner);
        }
        names.remove(name);
        changes.add(new Change.OfName(name, Optional.empty()));
        return new VoterAnswer.Done();
    }

    private void free(Predicate<Owner> which) {
        names.entrySet().removeIf(entry -> {
            boolean free = which.test(entry.getValue());
            if (free) {
                changes.add(new Change.OfName(entry.getKey(), Optional.empty()));
            }
            return free;
        });
    }

    private VoterAnswer campaign(String election, Peer from) {
        Contest contest = contests.get(election);
        if (contest != null && contest.candidates.contains(from)) {
            return new VoterAnswer.Done();
        }
        if (candidacies >= MOST) {
            return new VoterAnswer.Full();
        }
        if (contest == null) {
            contest = new Contest();
            contests.put(election, contest);
        }
        contest.candidates.add(from);
        candidacies++;
        if (contest.candidates.size() == 1) {
            grant(election, contest);
        }
        return new VoterAnswer.Done();
    }

    private void leave(String election, Peer peer) {
        Contest contest = contests.get(election);
        int place = contest == null ? -1 : contest.candidates.indexOf(peer);
        if (contest == null || place < 0) {
            return;
        }
        contest.candidates.remove(place);
        candidacies--;
        if (place == 0) {
            grant(election, contest);
        }
    }

    private void grant(String election, Contest contest) {
        contest.term = index;
        if (contest.candidates.isEmpty()) {
            contests.remove(election);
        }
        changes.add(new Change.OfLead(election, lead(contest)));
    }

    private static Optional<Lead> lead(Contest contest) {
        return contest.candidates.isEmpty()
                ? Optional.empty()
                : Optional.of(new Lead(contest.candidates.getFirst(), contest.term));
    }

    /**
     * Who has which name.
     *
     * @return what cannot be changed, but changes with each command
     */
    public SortedMap<String, Owner> names() {
        return Collections.unmodifiableSortedMap(names);
    }

    /**
     * Who leads which election.
     *
     * @return a copy
     */
    public SortedMap<String, Lead> leads() {
        SortedMap<String, Lead> leads = new TreeMap<>();
        contests.forEach((election, contest) -> lead(contest).ifPresent(lead -> leads.put(election, lead)));
        return leads;
    }

    /**
     * Whether a peer stands in an election, or leads it.
     *
     * @param peer which life of which node
     * @param election which
     * @return true from its candidacy to its end
     */
    public boolean stands(Peer peer, String election) {
        Contest contest = contests.get(election);
        return contest != null && contest.candidates.contains(peer);
    }

    /**
     * All who have a name or stand in an election.
     *
     * @return a copy
     */
    public Set<Peer> owners() {
        Set<Peer> owners = new HashSet<>();
        names.values().forEach(owner -> owners.add(owner.peer()));
        contests.values().forEach(contest -> owners.addAll(contest.candidates));
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
     * The whole state.
     *
     * @return bytes; the same for the same state
     */
    public byte[] snapshot() {
        ByteWriter out = new ByteWriter(1_024).put(VERSION).number(index).number(names.size());
        names.forEach((name, owner) -> {
            out.text(name);
            owner.write(out);
        });
        out.number(contests.size());
        contests.forEach((election, contest) -> {
            out.text(election).number(contest.term).number(contest.candidates.size());
            contest.candidates.forEach(out::peer);
        });
        out.number(lives.size());
        lives.forEach((peer, life) -> {
            out.peer(peer).number(life.asked).number(life.forgotten).number(life.answers.size());
            life.answers.forEach((number, answer) -> out.number(number).bytes(answer));
        });
        return out.toBytes();
    }

    /**
     * A state that was written before.
     *
     * @param snapshot as {@link #snapshot} made it
     * @return the state
     * @throws DecodeException when it is none
     */
    public static VoterNames of(byte[] snapshot) throws DecodeException {
        ByteReader in = new ByteReader(snapshot);
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
            Contest contest = new Contest();
            read.contests.put(in.text(), contest);
            contest.term = in.number();
            for (int j = in.count(2); j > 0; j--) {
                contest.candidates.add(in.peer());
                read.candidacies++;
            }
        }
        for (int i = in.count(5); i > 0; i--) {
            Life life = new Life();
            read.lives.put(in.peer(), life);
            life.asked = in.number();
            life.forgotten = in.number();
            for (int j = in.count(2); j > 0; j--) {
                life.answers.put(in.number(), in.bytes());
            }
        }
        return read;
    }

    /**
     * What is different in another state.
     *
     * @param next the other one
     * @return the changes that make it of this one
     */
    public List<Change> changesTo(VoterNames next) {
        List<Change> found = new ArrayList<>();
        for (String name : union(names.keySet(), next.names.keySet())) {
            Owner owner = next.names.get(name);
            if (!Objects.equals(names.get(name), owner)) {
                found.add(new Change.OfName(name, Optional.ofNullable(owner)));
            }
        }
        SortedMap<String, Lead> before = leads();
        SortedMap<String, Lead> after = next.leads();
        for (String election : union(before.keySet(), after.keySet())) {
            @Nullable Lead lead = after.get(election);
            if (!Objects.equals(before.get(election), lead)) {
                found.add(new Change.OfLead(election, Optional.ofNullable(lead)));
            }
        }
        return found;
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
