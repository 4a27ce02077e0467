package io.heliodor.link.jgroups;

import io.heliodor.link.Output;
import io.heliodor.link.Peer;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jgroups.Address;
import org.jgroups.Message;
import org.jgroups.ObjectMessage;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.raft.AppendEntriesRequest;
import org.jgroups.protocols.raft.AppendResult;
import org.jgroups.protocols.raft.Follower;
import org.jgroups.protocols.raft.InMemoryLog;
import org.jgroups.protocols.raft.Leader;
import org.jgroups.protocols.raft.Log;
import org.jgroups.protocols.raft.LogEntries;
import org.jgroups.protocols.raft.LogEntry;
import org.jgroups.protocols.raft.PersistentState;
import org.jgroups.protocols.raft.RAFT;
import org.jgroups.protocols.raft.RaftHeader;
import org.jgroups.protocols.raft.RaftImpl;
import org.jgroups.protocols.raft.Role;
import org.jgroups.raft.StateMachine;
import org.jgroups.raft.util.CommitTable;
import org.jgroups.util.ByteArrayDataInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The consensus of the voters. Where that of the library is less careful than its theory, this one is as careful:
 *
 * <ul>
 *   <li>A follower confirms only entries that it has compared with the leader's in this term. That of the library confirms
 *       the end of its log, whatever is there.
 *   <li>A leader counts confirmations of entries of its own term only, and begins with one that is empty: what was
 *       written before is committed with it.
 *   <li>Terms, votes and entries change under one lock. In the library a voter can confirm an entry of a leader while it
 *       votes for the next one.
 *   <li>After a restart an entry that the snapshot has is not done again.
 * </ul>
 */
final class Raft extends RAFT {
    /** What a command of the log's own looks like: it is not for the replica. */
    private static final byte[] NOTHING = {};

    private static final long RESEND_MILLIS = 250;
    private static final int REMINDERS = 4;

    private final Voting voting;
    private final Object lock = new Object();

    /** The entry that is being done; on the thread of the log. */
    private long applying;

    /** How far the log is that of the leader, in which term. Under the lock. */
    private long matched;

    private long matchedTerm;
    private long reminders;
    private boolean stopped = true;

    Raft(Voting voting, String node) {
        this.voting = voting;
        setId(ClassConfigurator.getProtocolId(RAFT.class));
        members(voting.voters());
        raftId(node);
        maxLogCacheSize(0); // the journal has its entries in memory
        resendInterval(RESEND_MILLIS);
        impl = new Careful(this);
        stateMachine(new Machine());
    }

    boolean votes() {
        return voting.voters().contains(raftId());
    }

    /** Held while terms, votes or entries change. */
    Object lock() {
        return lock;
    }

    Optional<Peer> leaderPeer() {
        return Optional.ofNullable(Addresses.peer(leader()));
    }

    @Override
    public void start() throws Exception {
        // That of the time before was closed when this was stopped.
        log(journal());
        state_machine_loaded = false;
        matchedTerm = 0;
        stopped = false;
        super.start();
    }

    private Log journal() throws Exception {
        if (votes()) {
            return Journal.open(voting.data().orElseThrow(), raftId(), voting.voters());
        }
        InMemoryLog memory = new Forgetful();
        memory.init(UUID.randomUUID().toString(), Map.of());
        return memory;
    }

    /** The library keeps those in a map of the JVM until they are deleted. */
    private static final class Forgetful extends InMemoryLog {
        @Override
        public void close() {
            delete();
        }
    }

    @Override
    public void stop() {
        synchronized (lock) {
            stopped = true;
        }
        super.stop();
    }

    @Override
    public void initStateMachineFromLog() throws Exception {
        ByteBuffer snapshot = log_impl.getSnapshot();
        if (snapshot != null) {
            ByteArrayDataInputStream in = new ByteArrayDataInputStream(snapshot);
            new PersistentState().readFrom(in); // the list of voters is what the settings say
            state_machine.readContentFrom(in);
        }
        state_machine_loaded = true;
    }

    // Under the lock: whatever reads and changes terms, votes and entries.

    @Override
    protected void process(List<Request> requests) {
        synchronized (lock) {
            if (!stopped) {
                super.process(requests);
            }
        }
    }

    @Override
    protected void sendAppendEntriesMessage(Address member, CommitTable.Entry entry) {
        synchronized (lock) {
            if (!stopped && isLeader()) {
                super.sendAppendEntriesMessage(member, entry);
            }
        }
    }

    @Override
    public int currentTerm(long term) {
        synchronized (lock) {
            return super.currentTerm(term);
        }
    }

    @Override
    public RAFT votedFor(Address member) {
        synchronized (lock) {
            return super.votedFor(member);
        }
    }

    @Override
    public long createNewTerm() {
        synchronized (lock) {
            return super.createNewTerm();
        }
    }

    @Override
    public RAFT setLeaderAndTerm(@Nullable Address leader, long term) {
        synchronized (lock) {
            return super.setLeaderAndTerm(leader, term);
        }
    }

    @Override
    public int trySetLeaderAndTerm(Address leader, long term) {
        synchronized (lock) {
            return super.trySetLeaderAndTerm(leader, term);
        }
    }

    @Override
    protected RAFT changeRole(Role role) {
        RaftImpl next = role == Role.Leader ? new Leader(this) : new Careful(this);
        RaftImpl former = impl;
        if (former == null || former.getClass() != next.getClass()) {
            if (former != null) {
                former.destroy();
            }
            next.init();
            impl = next;
            if (role == Role.Leader) {
                var _ = setAsync(NOTHING, 0, 0, null);
            }
        }
        voting.replica().led(leaderPeer());
        return this;
    }

    @Override
    protected RAFT commitLogTo(long index, boolean answer) {
        long to = Math.min(index, last_appended);
        if (to > commit_index && isLeader()) {
            LogEntry entry = log_impl.get(to);
            if (entry == null || entry.term() != currentTerm()) {
                return this;
            }
        }
        long before = commit_index;
        super.commitLogTo(to, answer);
        if (commit_index > before && isLeader()) {
            tellCommitted();
        }
        return this;
    }

    /** Once for each step: that of the library answers each answer of who lags, without end. */
    private void tellCommitted() {
        tell(0, 0);
    }

    /**
     * The same with the end of the log: a follower whose log has that entry has all that is before it, as the theory says,
     * and need not compare each.
     */
    private void tellEnd() {
        LogEntry end = log_impl.get(last_appended);
        if (end == null) {
            tellCommitted(); // a snapshot stands for it, whose term is not known: no word of it may look like a
            // conflict
        } else {
            tell(last_appended, end.term());
        }
    }

    private void tell(long end, long endTerm) {
        long term = currentTerm();
        down_prot.down(new ObjectMessage(null, null)
                .putHeader(id, new AppendEntriesRequest(local_addr, term, end, endTerm, term, commit_index))
                .setFlag(Message.TransientFlag.DONT_LOOPBACK));
    }

    /** Whether the log of a follower is known to have something. */
    boolean filled(Address follower) {
        CommitTable table = commit_table;
        CommitTable.Entry entry = table == null ? null : table.get(follower);
        return entry != null && entry.matchIndex() > 0;
    }

    /** Says who leads to those that are new, which answers what they lack. */
    void greet() {
        synchronized (lock) {
            if (!stopped && isLeader()) {
                tellEnd();
            }
        }
    }

    /**
     * Sends again what others miss, which the library does only when nothing else happens; and now and then says who leads
     * to those that have not heard it.
     */
    void remind() {
        synchronized (lock) {
            if (!stopped && isLeader()) {
                flushCommitTable();
                if (++reminders % REMINDERS == 0) {
                    tellEnd();
                }
            }
        }
    }

    @Override
    protected void applyCommit(long index, boolean answer) throws Exception {
        applying = index;
        super.applyCommit(index, answer);
    }

    /** What a follower does with entries, or with the word how far they are committed. */
    private AppendResult take(
            @Nullable LogEntries entries, Address leader, long before, long beforeTerm, long committed) {
        leader(leader);
        if (matchedTerm != currentTerm()) {
            matchedTerm = currentTerm();
            matched = 0;
        }
        matched = Math.max(matched, commit_index); // what is committed, every leader has
        if (entries != null && entries.size() > 0) {
            AppendResult refusal = compare(before, beforeTerm);
            if (refusal != null) {
                return refusal;
            }
            add(before, entries);
            matched = Math.max(matched, before + entries.size());
        } else if (before > 0) {
            AppendResult refusal = compare(before, beforeTerm);
            if (refusal != null) {
                return refusal;
            }
            matched = Math.max(matched, before);
        }
        commitLogTo(Math.min(committed, matched), false);
        return matched == last_appended
                ? new AppendResult(AppendResult.Result.OK, matched).commitIndex(commit_index)
                : from(matched + 1);
    }

    /** Asks for the entries from an index on. The other refusal makes the leader believe that it knows what is before. */
    private AppendResult from(long index) {
        return new AppendResult(AppendResult.Result.FAIL_CONFLICTING_PREV_TERM, index, 0).commitIndex(commit_index);
    }

    /** Null if the entry before those that came is the leader's. */
    private @Nullable AppendResult compare(long before, long beforeTerm) {
        if (before <= commit_index) {
            return null;
        }
        LogEntry own = before > last_appended ? null : log_impl.get(before);
        if (own == null) {
            return from(last_appended + 1);
        }
        if (own.term() == beforeTerm) {
            return null;
        }
        long from = before;
        while (from - 1 > commit_index && termAt(from - 1) == own.term()) {
            from--;
        }
        deleteAllLogEntriesStartingFrom(from);
        return from(from);
    }

    private long termAt(long index) {
        LogEntry entry = log_impl.get(index);
        return entry == null ? 0 : entry.term();
    }

    private void add(long before, LogEntries entries) {
        LogEntry[] all = entries.toArray();
        int known = 0;
        while (known < all.length && isKnown(before + known + 1, all[known].term())) {
            known++;
        }
        if (known == all.length) {
            return;
        }
        long from = before + known + 1;
        if (from <= last_appended) {
            deleteAllLogEntriesStartingFrom(from);
        }
        append(from, new LogEntries().add(Arrays.copyOfRange(all, known, all.length)));
    }

    private boolean isKnown(long index, long term) {
        return index <= commit_index || (index <= last_appended && termAt(index) == term);
    }

    @Override
    protected void deleteAllLogEntriesStartingFrom(long index) {
        log_impl.deleteAllEntriesStartingFrom(index);
        last_appended = log_impl.lastAppended();
    }

    private boolean isOld(long index) {
        return index <= commit_index;
    }

    /** A follower that compares. */
    private static final class Careful extends Follower {
        private final Raft own;

        Careful(Raft raft) {
            super(raft);
            own = raft;
        }

        @Override
        public AppendResult handleAppendEntriesRequest(
                @Nullable LogEntries entries,
                Address leader,
                long before,
                long beforeTerm,
                long entryTerm,
                long committed) {
            return own.take(entries, leader, before, beforeTerm, committed);
        }

        @Override
        public void handleInstallSnapshotRequest(Message message, Address leader, long index, long term) {
            if (!own.isOld(index)) {
                super.handleInstallSnapshotRequest(message, leader, index, term);
            }
        }
    }

    @Override
    public void handleUpRequest(Message message, RaftHeader header) {
        synchronized (lock) {
            super.handleUpRequest(message, header);
        }
    }

    /** The replica, as the library calls it. */
    private final class Machine implements StateMachine {
        @Override
        public byte[] apply(byte[] command, int offset, int length, boolean answer) {
            byte[] result = length == 0
                    ? NOTHING
                    : voting.replica().apply(applying, Arrays.copyOfRange(command, offset, offset + length));
            return answer
                    ? new Output(16 + result.length)
                            .number(applying)
                            .bytes(result)
                            .toBytes()
                    : NOTHING;
        }

        @Override
        public void writeContentTo(DataOutput out) throws IOException {
            byte[] snapshot = voting.replica().snapshot();
            out.writeInt(snapshot.length);
            out.write(snapshot);
        }

        @Override
        public void readContentFrom(DataInput in) throws Exception {
            byte[] snapshot = new byte[in.readInt()];
            in.readFully(snapshot);
            voting.replica().restore(snapshot);
        }
    }
}
