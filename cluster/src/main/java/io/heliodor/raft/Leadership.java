package io.heliodor.raft;

import io.heliodor.link.Invariant;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.raft.RaftMessage.AppendEntries;
import io.heliodor.raft.RaftMessage.Appended;
import io.heliodor.raft.RaftMessage.Installed;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** The state of a leader, for one term: the progress of each member, and pending proposals and reads. */
final class Leadership {
    private static final int BATCH = 64 << 10;

    private record Read(long ticket, long round, long index) {}

    private final Peer self;
    private final String directory;
    private final long term;
    private final LogId logId;
    private final ReplicatedLog log;
    private final BiConsumer<Peer, RaftMessage> out;
    private final Map<Peer, Progress> followers = new LinkedHashMap<>();

    /** By index. */
    private final Map<Long, Long> proposals = new HashMap<>();

    private final Deque<Read> reads = new ArrayDeque<>();

    /** The first entry of this term: when it is committed, all before it are. */
    private final long first;

    private final long since;
    private final VoterChanges changes;
    private long round;
    private boolean roundWanted;

    /** The rank of the log, for leaders of others. */
    private long supporters;

    private boolean decided;

    /**
     * A leader that begins its term.
     *
     * @param beginning the voters, if the log begins with them
     */
    Leadership(
            Peer self,
            String directory,
            Ballot ballot,
            ReplicatedLog log,
            Optional<Voters> beginning,
            BiConsumer<Peer, RaftMessage> out,
            long now) {
        this.self = self;
        this.directory = directory;
        this.term = ballot.term();
        this.logId = ballot.log();
        this.log = log;
        this.out = out;
        this.since = now;
        this.changes = new VoterChanges(this, log, self.node(), directory);
        this.first = beginning
                .map(voters -> log.add(term, Entry.Kind.VOTERS, voters.toBytes()))
                .orElseGet(() -> log.add(term, Entry.Kind.EMPTY, new byte[0]))
                .index();
    }

    long first() {
        return first;
    }

    long term() {
        return term;
    }

    VoterChanges changes() {
        return changes;
    }

    void view(View view, long now) {
        followers.keySet().retainAll(view.members());
        for (Peer peer : view.members()) {
            if (!peer.equals(self)) {
                // The first entry of this term is what it certainly lacks.
                followers.computeIfAbsent(peer, _ -> new Progress(first, now));
            }
        }
    }

    void opened(Peer peer) {
        Progress progress = followers.get(peer);
        if (progress != null) {
            progress.restart(log.lastIndex());
        }
    }

    void propose(byte[] command, long ticket) {
        proposals.put(log.add(term, Entry.Kind.COMMAND, command).index(), ticket);
    }

    /** Changes the voters. Without a ticket the outcome is not reported. */
    void change(Voters next, OptionalLong ticket) {
        long index = log.add(term, Entry.Kind.VOTERS, next.toBytes()).index();
        ticket.ifPresent(of -> proposals.put(index, of));
    }

    /** The ticket of the proposal at an index, once; or 0. */
    long decided(long index) {
        Long ticket = proposals.remove(index);
        return ticket == null ? 0 : ticket;
    }

    int proposals() {
        return proposals.size();
    }

    void read(long ticket, long commitIndex) {
        reads.add(new Read(ticket, nextRound(), Math.max(commitIndex, first)));
    }

    /** The round of heartbeats that goes out with the next messages. */
    long nextRound() {
        roundWanted = true;
        return round + 1;
    }

    /** The tickets of all that is not decided. */
    List<Long> undecided() {
        List<Long> tickets = new ArrayList<>(proposals.values());
        reads.forEach(read -> tickets.add(read.ticket()));
        changes.waiting().ifPresent(tickets::add);
        return tickets;
    }

    /** The time of a heartbeat has come. Repeats what may be lost. */
    void tick(long now) {
        heartbeat();
        supporters = supporters(now, Raft.ELECTION_NANOS);
        decided = log.hasDecisions();
        followers.values().forEach(Progress::heartbeat);
    }

    private void heartbeat() {
        round++;
        roundWanted = false;
    }

    void appended(Peer from, Appended message, long now) {
        Progress progress = followers.get(from);
        if (progress == null) {
            return;
        }
        progress.replied(message.directory(), Math.min(round, message.round()), now);
        if (message.matches()) {
            progress.matched(Math.min(message.index(), log.lastIndex()));
        } else {
            progress.refused(message.index());
        }
    }

    void installed(Peer from, Installed message, long now) {
        Progress progress = followers.get(from);
        if (progress != null) {
            progress.replied(0, now);
            SnapshotTransfer transfer = progress.transfer();
            if (transfer != null && transfer.index() == message.index()) {
                transfer.confirm(message.parts());
            }
        }
    }

    /** Sends each member what it lacks and has room for. */
    void replicate(long commitIndex) {
        if (roundWanted) {
            heartbeat();
        }
        followers.forEach((peer, progress) -> replicate(peer, progress, commitIndex));
    }

    private void replicate(Peer peer, Progress progress, long commitIndex) {
        while (progress.transfer() == null) {
            if (!log.reaches(progress.nextIndex())) {
                progress.transfer(new SnapshotTransfer(log.snapshot()));
                break;
            }
            List<Entry> entries = progress.hasRoom() ? log.from(progress.nextIndex(), BATCH) : List.of();
            if (entries.isEmpty() && !progress.lacks(round, commitIndex)) {
                return;
            }
            long prev = progress.nextIndex() - 1;
            out.accept(
                    peer,
                    new AppendEntries(
                            logId, term, prev, log.term(prev), entries, commitIndex, round, decided, supporters));
            progress.sent(entries.size(), round, commitIndex);
        }
        transfer(peer, progress);
    }

    private void transfer(Peer peer, Progress progress) {
        SnapshotTransfer transfer = progress.transfer();
        while (transfer != null && transfer.hasNext()) {
            out.accept(peer, transfer.next(logId, term));
        }
        if (progress.lacks(round, 0)) {
            // A heartbeat that fits every log.
            out.accept(peer, new AppendEntries(logId, term, 0, 0, List.of(), 0, round, decided, supporters));
            progress.sent(0, round, 0);
        }
    }

    /** The last entry that all replicating members have, or will have after their snapshot. */
    long needed() {
        return followers.values().stream()
                .mapToLong(Progress::settled)
                .filter(index -> index > 0)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /** The highest entry that a majority of the voters has stored. */
    long stored() {
        return majority(log.voters(), log.lastIndex(), 0, false, Progress::matchIndex);
    }

    /** Whether a majority of the voters replied lately. */
    boolean isSupported(long now, long within) {
        // A voter that has come back into the view has some time for its first reply.
        return majority(log.voters(), now, since, true, Progress::lastReply) > now - within;
    }

    /** How many voters replied lately, with this node. */
    long supporters(long now, long within) {
        Voters voters = log.voters();
        long others = followers.entrySet().stream()
                .filter(each -> !each.getKey().node().equals(self.node())
                        && voters.has(each.getKey().node(), each.getValue().directory())
                        && each.getValue().lastReply() > now - within)
                .map(each -> each.getKey().node())
                .distinct()
                .count();
        return others + (voters.has(self.node(), directory) ? 1 : 0);
    }

    /** Whether a majority of these voters replied lately, so they could elect a leader. */
    boolean supports(Voters next, long now, long within) {
        return majority(next, now, Long.MIN_VALUE, false, Progress::lastReply) > now - within;
    }

    /** Whether a majority of these voters replied to a round of heartbeats. */
    boolean confirms(Voters next, long from) {
        return majority(next, round, 0, false, Progress::round) >= from;
    }

    /** The tickets of reads whose round a majority replied to, if all that they must see is committed; once. */
    Map<Long, Long> readable(long commitIndex) {
        Map<Long, Long> ready = new LinkedHashMap<>();
        long confirmed = majority(log.voters(), round, 0, false, Progress::round);
        while (!reads.isEmpty()
                && reads.getFirst().round() <= confirmed
                && reads.getFirst().index() <= commitIndex) {
            Read read = reads.removeFirst();
            ready.put(read.ticket(), read.index());
        }
        return ready;
    }

    /**
     * The highest value that a majority of the voters reaches. A member counts if it has the directory that is in the list.
     *
     * @param own the value of this node
     * @param missing the value of a voter that does not count
     * @param silent whether members that have not replied count
     */
    private long majority(Voters voters, long own, long missing, boolean silent, ToLongFunction<Progress> value) {
        Map<String, Long> values = new HashMap<>();
        followers.forEach((peer, progress) -> {
            boolean counts = voters.has(peer.node(), progress.directory());
            if (counts || (silent && !progress.hasReplied())) {
                values.merge(peer.node(), value.applyAsLong(progress), Math::max);
            }
        });
        if (voters.has(self.node(), directory)) {
            values.merge(self.node(), own, Math::max);
        }
        List<Long> sorted = voters.nodes().stream()
                .map(node -> values.getOrDefault(node, missing))
                .sorted()
                .toList();
        return sorted.get((sorted.size() - 1) / 2);
    }

    /** The members of a name: more than one if a node was started twice, or again. */
    Stream<Progress> ofName(String node) {
        return followers.entrySet().stream()
                .filter(each -> each.getKey().node().equals(node))
                .map(Map.Entry::getValue);
    }

    /** Checks the progress of all members, and what waits. */
    void checkInvariants(View view, long commitIndex) {
        Invariant.check(
                followers.size() == view.members().size() - (view.has(self) ? 1 : 0)
                        && view.members().containsAll(followers.keySet())
                        && !followers.containsKey(self),
                "each other member has a progress",
                followers.keySet(),
                view);
        followers.forEach((peer, progress) -> progress.checkInvariants(peer, log.lastIndex(), round));
        Invariant.check(first <= log.lastIndex(), "the first entry of the term is in the log", first, this);
        Invariant.check(
                proposals.keySet().stream()
                        .allMatch(index -> index > commitIndex && index > first && index <= log.lastIndex()),
                "a proposal that is not decided is an entry that is not committed",
                proposals.keySet(),
                commitIndex,
                this);
        Invariant.check(
                reads.stream().allMatch(read -> read.index() >= first && read.round() <= round + 1),
                "a read waits for the first entry of the term, and for the next round at most",
                reads,
                round,
                this);
        Invariant.check(
                log.uncommittedChanges(term, commitIndex) <= 1,
                "one change of the voters is under way",
                commitIndex,
                this);
    }

    @Override
    public String toString() {
        StringBuilder all = new StringBuilder();
        followers.forEach((peer, progress) -> all.append(peer.node())
                .append(" at ")
                .append(progress.matchIndex())
                .append("; "));
        return all.toString();
    }
}
