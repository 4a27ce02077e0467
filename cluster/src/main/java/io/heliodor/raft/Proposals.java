package io.heliodor.raft;

import io.heliodor.link.Invariant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The entries that a leader adds in its term, and the tickets of those whose outcome is reported. */
final class Proposals {
    private final ReplicatedLog log;
    private final long term;

    /** By index. */
    private final Map<Long, Long> tickets = new HashMap<>();

    private final long first;

    /**
     * Adds the first entry of the term.
     *
     * @param beginning the voters, if the log begins with them
     */
    Proposals(ReplicatedLog log, long term, Optional<Voters> beginning) {
        this.log = log;
        this.term = term;
        this.first = beginning
                .map(voters -> log.add(term, RaftEntry.Kind.VOTERS, voters.toBytes()))
                .orElseGet(() -> log.add(term, RaftEntry.Kind.EMPTY, new byte[0]))
                .index();
    }

    /** The first entry of this term: when it is committed, all before it are. */
    long first() {
        return first;
    }

    long term() {
        return term;
    }

    int size() {
        return tickets.size();
    }

    void add(byte[] command, long ticket) {
        tickets.put(log.add(term, RaftEntry.Kind.COMMAND, command).index(), ticket);
    }

    /** Changes the voters. Without a ticket the outcome is not reported. */
    void add(Voters next, OptionalLong ticket) {
        long index = log.add(term, RaftEntry.Kind.VOTERS, next.toBytes()).index();
        ticket.ifPresent(of -> tickets.put(index, of));
    }

    /** The ticket of the proposal at an index, once. */
    OptionalLong decided(long index) {
        Long ticket = tickets.remove(index);
        return ticket == null ? OptionalLong.empty() : OptionalLong.of(ticket);
    }

    Collection<Long> undecided() {
        return tickets.values();
    }

    void checkInvariants(long commitIndex) {
        Invariant.check(first <= log.lastIndex(), "the first entry of the term is in the log", first, log.lastIndex());
        Invariant.check(
                tickets.keySet().stream()
                        .allMatch(index -> index > commitIndex && index > first && index <= log.lastIndex()),
                "a proposal that is not decided is an entry that is not committed",
                tickets.keySet(),
                commitIndex,
                log.lastIndex());
        Invariant.check(
                log.uncommittedChanges(term, commitIndex) <= 1,
                "one change of the voters is under way",
                commitIndex,
                log.lastIndex());
    }
}
