package io.heliodor.raft;

import io.heliodor.binary.DecodeException;
import io.heliodor.link.Invariant;
import io.heliodor.link.Peer;
import io.heliodor.raft.RaftMessage.AppendEntries;
import io.heliodor.raft.RaftMessage.Appended;
import io.heliodor.raft.RaftMessage.InstallSnapshot;
import io.heliodor.raft.RaftMessage.Installed;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Receives the log of leaders: entries and snapshots. Replies to them go out when the entries are stored. */
final class LogReceiver {
    private final RaftState state;
    private final ReplicatedLog log;
    private final Map<Peer, Appended> replies = new LinkedHashMap<>();
    private @Nullable IncomingSnapshot incoming;

    LogReceiver(RaftState state) {
        this.state = state;
        this.log = state.log();
    }

    void view() {
        replies.keySet().retainAll(state.view().members());
    }

    private void reply(Peer to, boolean matches, long index, long round) {
        reply(to, new Appended(state.term(), matches, index, round, state.directory()));
    }

    /** One reply to a leader goes out with each flush: it has the highest entry that matches. */
    private void reply(Peer to, Appended next) {
        replies.merge(to, next, (before, last) -> {
            if (before.term() != last.term()) {
                return last;
            }
            boolean both = before.matches() && last.matches();
            long index = both ? Math.max(before.index(), last.index()) : last.index();
            long round = Math.max(before.round(), last.round());
            return new Appended(last.term(), last.matches(), index, round, state.directory());
        });
    }

    void sendReplies() {
        replies.forEach(state::send);
        replies.clear();
    }

    /** The sender does not lead any more. */
    void refuse(Peer from, long round) {
        reply(from, false, 0, round);
    }

    void append(Peer from, AppendEntries message) throws DecodeException {
        adopt(message.log());
        long prev = message.prevIndex();
        // All leaders have what is committed.
        if (prev > state.commitIndex() && log.term(prev) != message.prevTerm()) {
            reply(from, false, log.hint(prev, state.commitIndex()), message.round());
            return;
        }
        log.accept(message.entries(), state.commitIndex());
        long last = prev + message.entries().size();
        state.commit(Math.min(message.commitIndex(), last));
        reply(from, true, last, message.round());
    }

    private void adopt(LogId leaders) {
        if (state.adopt(leaders)) {
            replies.clear();
            incoming = null;
        }
    }

    void install(Peer from, InstallSnapshot message) throws DecodeException {
        Snapshot head = message.head();
        adopt(message.log());
        if (head.index() <= state.commitIndex()) {
            reply(from, true, head.index(), 0);
            return;
        }
        if (message.part() == 1) {
            incoming = new IncomingSnapshot(from, head);
        }
        IncomingSnapshot present = incoming;
        if (present == null || !present.add(from, message)) {
            return;
        }
        if (!message.last()) {
            state.send(from, new Installed(state.term(), head.index(), present.parts()));
            return;
        }
        incoming = null;
        state.restore(present.whole());
        reply(from, true, head.index(), 0);
    }

    void checkInvariants() {
        Invariant.check(
                incoming == null || incoming.head().index() > state.commitIndex(),
                "a snapshot that arrives has more than is committed",
                state);
        Invariant.check(
                replies.values().stream()
                        .allMatch(reply ->
                                reply.term() <= state.term() && (!reply.matches() || reply.index() <= log.lastIndex())),
                "a reply confirms no more than the log has",
                replies,
                state);
    }
}
