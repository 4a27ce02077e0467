package io.heliodor.raft;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.link.Message;
import io.heliodor.link.MessageRoutes;
import java.util.List;
import java.util.Optional;

/** The messages of Raft: types 90 to 95. */
public sealed interface RaftMessage extends Message {
    /**
     * Registers the receiver of these messages.
     *
     * @param routes where
     * @param receiver the receiver
     */
    static void route(MessageRoutes routes, MessageRoutes.Receiver<? super RaftMessage> receiver) {
        routes.add(90, 95, RaftMessage::read, receiver);
    }

    private static RaftMessage read(int type, BinaryReader in) throws DecodeException {
        return switch (type) {
            case 90 ->
                new RequestVote(
                        in.number(), in.bool(), in.number(), in.number(), in.optional(Voters::read), in.number());
            case 91 -> new Vote(in.number(), in.bool(), in.bool(), in.text(), LogRole.read(in));
            case 92 -> AppendEntries.read(in);
            case 93 -> new Appended(in.number(), in.bool(), in.number(), in.number(), in.text());
            case 94 ->
                new InstallSnapshot(
                        LogId.read(in), in.number(), InstallSnapshot.head(in), parts(in), in.bool(), in.bytes());
            case 95 -> new Installed(in.number(), in.number(), parts(in));
            default -> throw new DecodeException("no message of Raft has type " + type);
        };
    }

    private static int parts(BinaryReader in) throws DecodeException {
        return (int) Math.min(Integer.MAX_VALUE, in.number());
    }

    @Override
    default int type() {
        return switch (this) {
            case RequestVote _ -> 90;
            case Vote _ -> 91;
            case AppendEntries _ -> 92;
            case Appended _ -> 93;
            case InstallSnapshot _ -> 94;
            case Installed _ -> 95;
        };
    }

    @Override
    default void write(BinaryWriter out) {
        switch (this) {
            case RequestVote(long term, boolean pre, long lastIndex, long lastTerm, var begins, long continues) ->
                out.number(term)
                        .bool(pre)
                        .number(lastIndex)
                        .number(lastTerm)
                        .optional(begins, Voters::write)
                        .number(continues);
            case Vote(long term, boolean pre, boolean granted, String directory, LogRole role) ->
                out.number(term).bool(pre).bool(granted).text(directory).put(role.code);
            case AppendEntries append -> append.writeTo(out);
            case Appended(long term, boolean matches, long index, long round, String directory) ->
                out.number(term).bool(matches).number(index).number(round).text(directory);
            case InstallSnapshot install -> install.writeTo(out);
            case Installed(long term, long index, int parts) ->
                out.number(term).number(index).number(parts);
        }
    }

    /**
     * The term of the sender; of a pre-vote the term that its candidate would begin.
     *
     * @return 0 or more
     */
    long term();

    /**
     * A candidate requests a vote.
     *
     * @param term the term that it began, or would begin
     * @param pre whether it only requests whether it would get the vote (pre-vote, Ongaro's dissertation, 9.6)
     * @param lastIndex the index of its last entry
     * @param lastTerm the term of that entry
     * @param begins if the candidate would begin a log: the voters of its settings
     * @param continues the id of the log that its entries belong to; 0 if it has none
     */
    record RequestVote(long term, boolean pre, long lastIndex, long lastTerm, Optional<Voters> begins, long continues)
            implements RaftMessage {}

    /** The role of a member in the replicated log. */
    enum LogRole {
        /** It has no entry: the member is new, or its directory was lost. */
        EMPTY(0),
        /** It is a voter, as its log has it. */
        VOTER(1),
        /** It has a copy of the log only. */
        COPY(2),
        /** It has a copy that an operator chose to go on with, because most voters are lost. */
        RECOVERED(3);

        private final int code;

        LogRole(int code) {
            this.code = code;
        }

        private static LogRole read(BinaryReader in) throws DecodeException {
            return in.constant(values(), role -> role.code, "a role in the log ");
        }
    }

    /**
     * The reply to a candidate.
     *
     * @param term the term of the voter, or the requested one if a pre-vote is granted
     * @param pre whether it replies to a pre-vote
     * @param granted whether the candidate gets the vote
     * @param directory the id of the directory of the voter; empty if it has none
     * @param role its role in the log
     */
    record Vote(long term, boolean pre, boolean granted, String directory, LogRole role) implements RaftMessage {}

    /**
     * The leader replicates entries, or sends a heartbeat.
     *
     * @param log the log of the leader
     * @param term the term of the leader
     * @param prevIndex the index of the entry before the first of these
     * @param prevTerm the term of that entry
     * @param entries the next entries, or none
     * @param commitIndex the last committed entry
     * @param round the last round of heartbeats that the leader began
     * @param decided whether the log has commands
     * @param voters how many voters replied to the leader lately, with itself, as of its last heartbeat; 0
     *     before the first one, and from an earlier build
     * @param settings how many voters the settings of the leader name; 0 from an earlier build
     */
    record AppendEntries(
            LogId log,
            long term,
            long prevIndex,
            long prevTerm,
            List<RaftEntry> entries,
            long commitIndex,
            long round,
            boolean decided,
            long voters,
            long settings)
            implements RaftMessage {
        private static AppendEntries read(BinaryReader in) throws DecodeException {
            LogId log = LogId.read(in);
            long term = in.number();
            long prevIndex = in.number();
            long prevTerm = in.number();
            List<RaftEntry> entries = in.list(4, RaftEntry::read);
            for (int i = 0; i < entries.size(); i++) {
                if (entries.get(i).index() != prevIndex + i + 1) {
                    throw new DecodeException("entry " + entries.get(i).index() + " out of order");
                }
            }
            long commitIndex = in.number();
            long round = in.number();
            boolean ranked = in.more();
            return new AppendEntries(
                    log,
                    term,
                    prevIndex,
                    prevTerm,
                    entries,
                    commitIndex,
                    round,
                    ranked && in.bool(),
                    ranked ? in.number() : 0,
                    in.more() ? in.number() : 0);
        }

        private void writeTo(BinaryWriter out) {
            out.object(log, LogId::write).number(term).number(prevIndex).number(prevTerm);
            out.list(entries, RaftEntry::write)
                    .number(commitIndex)
                    .number(round)
                    .bool(decided)
                    .number(voters)
                    .number(settings);
        }

        @Override
        public int expectedSize() {
            return 64 + entries.stream().mapToInt(RaftEntry::size).sum();
        }
    }

    /**
     * The reply of a follower to entries.
     *
     * @param term the term of the follower
     * @param matches whether its log has the entry before those that were sent
     * @param index if so, the last entry that it shares with the leader; else the one that the leader should try next
     * @param round the round of the message that it replies to
     * @param directory the id of the directory that has these entries; empty if it keeps them in memory only
     */
    record Appended(long term, boolean matches, long index, long round, String directory) implements RaftMessage {}

    /**
     * The leader sends a part of its snapshot, because it does not have the entries any more that the follower lacks.
     *
     * @param log the log of the leader
     * @param term the term of the leader
     * @param head the snapshot, without its state
     * @param part the number of this part, from 1
     * @param last whether it is the last part
     * @param state this part of the state
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record InstallSnapshot(LogId log, long term, Snapshot head, int part, boolean last, byte[] state)
            implements RaftMessage {
        private static Snapshot head(BinaryReader in) throws DecodeException {
            return new Snapshot(in.number(), in.number(), Voters.read(in), new byte[0]);
        }

        private void writeTo(BinaryWriter out) {
            out.object(log, LogId::write).number(term).number(head.index()).number(head.term());
            out.object(head.voters(), Voters::write).number(part).bool(last).bytes(state);
        }

        @Override
        public int expectedSize() {
            return 1_024 + state.length;
        }
    }

    /**
     * The reply of a follower to a part of a snapshot that is not the last one.
     *
     * @param term the term of the follower
     * @param index the index of the snapshot
     * @param parts how many parts of it the follower has
     */
    record Installed(long term, long index, int parts) implements RaftMessage {}
}
