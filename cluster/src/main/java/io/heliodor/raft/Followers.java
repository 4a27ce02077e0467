package io.heliodor.raft;

import io.heliodor.link.Invariant;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.raft.RaftMessage.AppendEntries;
import io.heliodor.raft.RaftMessage.Appended;
import io.heliodor.raft.RaftMessage.Installed;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** The other members of the view, as a leader replicates its log to them and counts their replies. */
final class Followers {
    private static final int BATCH = 64 << 10;

    private final RaftState state;
    private final ReplicatedLog log;
    private final Map<Peer, Progress> followers = new LinkedHashMap<>();
    private final long first;
    private final long since;
    private long round;
    private boolean roundWanted;

    /** The rank of the log, for leaders of others. */
    private long supporters;

    private boolean decided;

    /** For operators only: the entries that were committed at the last heartbeat and that a member lacked at this one. */
    private long lag;

    private long committedBefore;

    /**
     * The followers of a leader that begins its term.
     *
     * @param first the first entry of this term
     */
    Followers(RaftState state, long first) {
        this.state = state;
        this.log = state.log();
        this.first = first;
        this.since = state.now();
        view();
    }

    void view() {
        List<Peer> members = state.view().members();
        followers.keySet().retainAll(members);
        for (Peer peer : members) {
            if (!peer.equals(state.self())) {
                // The first entry of this term is what it certainly lacks.
                followers.computeIfAbsent(peer, _ -> new Progress(first, state.now()));
            }
        }
    }

    void opened(Peer peer) {
        Progress progress = followers.get(peer);
        if (progress != null) {
            progress.restart(log.lastIndex());
        }
    }

    long round() {
        return round;
    }

    /** The round of heartbeats that goes out with the next messages. */
    long nextRound() {
        roundWanted = true;
        return round + 1;
    }

    /** The time of a heartbeat has come. Repeats what may be lost. */
    void tick() {
        heartbeat();
        supporters = supporters();
        decided = log.hasDecisions();
        lag = followers.values().stream()
                .mapToLong(progress -> Math.max(0, committedBefore - progress.matchIndex()))
                .max()
                .orElse(0);
        committedBefore = state.commitIndex();
        followers.values().forEach(Progress::heartbeat);
    }

    long lag() {
        return lag;
    }

    /** How many voters had replied at the last heartbeat; 0 before the first one. */
    long votes() {
        return supporters;
    }

    private void heartbeat() {
        round++;
        roundWanted = false;
    }

    void appended(Peer from, Appended message) {
        Progress progress = followers.get(from);
        if (progress == null) {
            return;
        }
        progress.replied(message.directory(), Math.min(round, message.round()), state.now());
        if (message.matches()) {
            progress.matched(Math.min(message.index(), log.lastIndex()));
        } else {
            progress.refused(message.index());
        }
    }

    void installed(Peer from, Installed message) {
        Progress progress = followers.get(from);
        if (progress != null) {
            progress.replied(0, state.now());
            SnapshotTransfer transfer = progress.transfer();
            if (transfer != null && transfer.index() == message.index()) {
                transfer.confirm(message.parts());
            }
        }
    }

    /** Sends each member what it lacks and has room for. */
    void replicate() {
        if (roundWanted) {
            heartbeat();
        }
        followers.forEach(this::replicate);
    }

    private void replicate(Peer peer, Progress progress) {
        long commitIndex = state.commitIndex();
        while (progress.transfer() == null) {
            if (!log.reaches(progress.nextIndex())) {
                progress.transfer(new SnapshotTransfer(log.snapshot()));
                break;
            }
            List<RaftEntry> entries = progress.hasRoom() ? log.from(progress.nextIndex(), BATCH) : List.of();
            if (entries.isEmpty() && !progress.lacks(round, commitIndex)) {
                return;
            }
            long prev = progress.nextIndex() - 1;
            append(peer, prev, entries, commitIndex);
            progress.sent(entries.size(), round, commitIndex);
        }
        transfer(peer, progress);
    }

    private void append(Peer peer, long prev, List<RaftEntry> entries, long commitIndex) {
        Ballot ballot = state.ballot();
        state.send(
                peer,
                new AppendEntries(
                        ballot.log(),
                        ballot.term(),
                        prev,
                        log.term(prev),
                        entries,
                        commitIndex,
                        round,
                        decided,
                        supporters,
                        state.configured().nodes().size()));
    }

    private void transfer(Peer peer, Progress progress) {
        SnapshotTransfer transfer = progress.transfer();
        while (transfer != null && transfer.hasNext()) {
            state.send(peer, transfer.next(state.ballot().log(), state.term()));
        }
        if (progress.lacks(round, 0)) {
            // A heartbeat that fits every log.
            append(peer, 0, List.of(), 0);
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
    boolean support() {
        // A voter that has come back into the view has some time for its first reply.
        return majority(log.voters(), state.now(), since, true, Progress::lastReply) > lately();
    }

    /** Whether a majority of these voters replied lately, so they could elect a leader. */
    boolean support(Voters next) {
        return majority(next, state.now(), Long.MIN_VALUE, false, Progress::lastReply) > lately();
    }

    private long lately() {
        return state.now() - ElectionTimer.TIMEOUT_NANOS;
    }

    /** How many voters replied lately, with this node. */
    long supporters() {
        Voters voters = log.voters();
        long others = followers.entrySet().stream()
                .filter(each -> !each.getKey().node().equals(state.self().node())
                        && voters.has(each.getKey().node(), each.getValue().directory())
                        && each.getValue().lastReply() > lately())
                .map(each -> each.getKey().node())
                .distinct()
                .count();
        return others + (state.isVoter() ? 1 : 0);
    }

    /** The last round of heartbeats that a majority of these voters replied to. */
    long confirmed(Voters voters) {
        return majority(voters, round, 0, false, Progress::round);
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
        if (voters.has(state.self().node(), state.directory())) {
            values.merge(state.self().node(), own, Math::max);
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

    /** Checks the progress of all members. */
    void checkInvariants() {
        View view = state.view();
        Invariant.check(
                followers.size() == view.members().size() - (view.has(state.self()) ? 1 : 0)
                        && view.members().containsAll(followers.keySet())
                        && !followers.containsKey(state.self()),
                "each other member has a progress",
                followers.keySet(),
                view);
        followers.forEach((peer, progress) -> progress.checkInvariants(peer, log.lastIndex(), round));
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
