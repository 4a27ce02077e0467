package io.heliodor.raft;

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
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;

/** The state of a leader, for one term: how far each member of the view is, proposals and reads that are not decided. */
final class Leadership {
    private static final int BATCH = 64 << 10;

    private record Read(long ticket, long round, long index) {}

    private final Peer self;
    private final long term;
    private final ReplicatedLog log;
    private final BiConsumer<Peer, RaftMessage> out;
    private final Map<Peer, Progress> followers = new LinkedHashMap<>();

    /** By index. */
    private final Map<Long, Long> proposals = new HashMap<>();

    private final Deque<Read> reads = new ArrayDeque<>();

    /** The first entry of this term: when it is committed, all before it are. */
    private final long first;

    private final long since;
    private long round;
    private boolean readsWait;

    Leadership(Peer self, long term, ReplicatedLog log, BiConsumer<Peer, RaftMessage> out, long now) {
        this.self = self;
        this.term = term;
        this.log = log;
        this.out = out;
        this.since = now;
        this.first = log.add(term, Entry.Kind.EMPTY, new byte[0]).index();
    }

    long first() {
        return first;
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

    /** Whether a voter of the view that replied has no entry yet, and did not have much time to get one. */
    boolean fills(long now, long patience) {
        return now - since < patience
                && followers.entrySet().stream().anyMatch(each -> lacksAll(each.getKey(), each.getValue()));
    }

    private boolean lacksAll(Peer peer, Progress progress) {
        return log.voters().has(peer.node()) && progress.lastReply() > since && progress.matchIndex() == 0;
    }

    void propose(Entry.Kind kind, byte[] data, long ticket) {
        proposals.put(log.add(term, kind, data).index(), ticket);
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
        readsWait = true;
        reads.add(new Read(ticket, round + 1, Math.max(commitIndex, first)));
    }

    /** The tickets of all that is not decided. */
    List<Long> undecided() {
        List<Long> tickets = new ArrayList<>(proposals.values());
        reads.forEach(read -> tickets.add(read.ticket()));
        return tickets;
    }

    /** The time of a heartbeat has come. Repeats what may be lost. */
    void tick() {
        heartbeat();
        followers.values().forEach(Progress::heartbeat);
    }

    private void heartbeat() {
        round++;
        readsWait = false;
    }

    void appended(Peer from, Appended message, long now) {
        Progress progress = followers.get(from);
        if (progress == null) {
            return;
        }
        progress.replied(Math.min(round, message.round()), now);
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
        if (readsWait) {
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
            out.accept(peer, new AppendEntries(term, prev, log.term(prev), entries, commitIndex, round));
            progress.sent(entries.size(), round, commitIndex);
        }
        transfer(peer, progress);
    }

    private void transfer(Peer peer, Progress progress) {
        SnapshotTransfer transfer = progress.transfer();
        while (transfer != null && transfer.hasNext()) {
            out.accept(peer, transfer.next(term));
        }
        if (progress.lacks(round, 0)) {
            // A heartbeat that fits every log.
            out.accept(peer, new AppendEntries(term, 0, 0, List.of(), 0, round));
            progress.sent(0, round, 0);
        }
    }

    /** The highest entry that a majority of the voters has stored. */
    long stored() {
        return majority(log.lastIndex(), Progress::matchIndex);
    }

    /** Whether a majority of the voters replied lately. */
    boolean isSupported(long now, long within) {
        return majority(now, Progress::lastReply) > now - within;
    }

    /** The tickets of reads whose round a majority replied to, if all that they must see is committed; once. */
    Map<Long, Long> readable(long commitIndex) {
        Map<Long, Long> ready = new LinkedHashMap<>();
        long confirmed = majority(round, Progress::round);
        while (!reads.isEmpty()
                && reads.getFirst().round() <= confirmed
                && reads.getFirst().index() <= commitIndex) {
            Read read = reads.removeFirst();
            ready.put(read.ticket(), read.index());
        }
        return ready;
    }

    /** The highest value that a majority of the voters reaches. Of two incarnations of a voter the later one counts. */
    private long majority(long own, ToLongFunction<Progress> value) {
        Map<String, Long> values = new HashMap<>();
        followers.forEach((peer, progress) -> values.put(peer.node(), value.applyAsLong(progress)));
        values.put(self.node(), own);
        List<Long> sorted = log.voters().nodes().stream()
                .map(node -> values.getOrDefault(node, Long.MIN_VALUE))
                .sorted()
                .toList();
        return sorted.get((sorted.size() - 1) / 2);
    }

    /** Whether a member has all that is committed. */
    boolean isCaughtUp(String node, long commitIndex) {
        return followers.entrySet().stream()
                .anyMatch(each ->
                        each.getKey().node().equals(node) && each.getValue().matchIndex() >= commitIndex);
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
