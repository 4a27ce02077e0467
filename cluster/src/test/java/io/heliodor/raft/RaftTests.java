package io.heliodor.raft;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.binary.DecodeException;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.raft.RaftMessage.AppendEntries;
import io.heliodor.raft.RaftMessage.Appended;
import io.heliodor.raft.RaftMessage.InstallSnapshot;
import io.heliodor.raft.RaftMessage.Installed;
import io.heliodor.raft.RaftMessage.LogRole;
import io.heliodor.raft.RaftMessage.RequestVote;
import io.heliodor.raft.RaftMessage.Vote;
import io.heliodor.raft.Storage.Condition;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rules of Raft that the simulation rarely needs, one schedule each. One node is real; the test plays the others. */
class RaftTests {
    private static final Peer A = new Peer("a", 1);
    private static final Peer B = new Peer("b", 2);
    private static final Peer C = new Peer("c", 3);
    private static final Peer D = new Peer("d", 4);
    private static final LogId LOG = new LogId(42, 0);
    private static final LogId OTHER = new LogId(43, 0);
    private static final LogId THIRD = new LogId(44, 0);
    private static final Voters VOTERS = Voters.named(List.of("a", "b", "c"));
    private static final Voters KNOWN =
            VOTERS.with("a", "of a").with("b", "of b").with("c", "of c");
    private static final long LATER = ElectionTimer.TIMEOUT_NANOS + 1_000_000_000L;

    private static final class TestStorage extends MemoryStorage {
        private Condition condition;

        TestStorage(String directory, Condition condition) {
            super(directory);
            this.condition = condition;
        }

        /** The same content under another id. */
        TestStorage as(String directory, Condition its) {
            TestStorage next = new TestStorage(directory, its);
            next.write(content());
            return next;
        }

        @Override
        public Condition condition() {
            return condition;
        }

        @Override
        public void condition(Condition next) {
            condition = next;
        }
    }

    private record Sent(Peer to, RaftMessage message) {}

    private static AppendEntries append(
            LogId log,
            long term,
            long prevIndex,
            long prevTerm,
            List<RaftEntry> entries,
            long commitIndex,
            long round) {
        return new AppendEntries(log, term, prevIndex, prevTerm, entries, commitIndex, round, true, 2, 3);
    }

    private final class Outside implements RaftEffects {
        @Override
        public void send(Peer to, RaftMessage message) {
            if (message instanceof Vote vote && vote.granted() && !vote.pre()) {
                // At this moment: the node may crash before the next write.
                assertThat(storage.content().ballot().term()).isEqualTo(vote.term());
                assertThat(storage.content().ballot().votedFor()).contains(to.node());
            }
            sent.add(new Sent(to, message));
        }

        @Override
        public byte[] apply(long index, byte[] command) throws DecodeException {
            String text = new String(command, StandardCharsets.UTF_8);
            if (text.equals("?")) {
                throw new DecodeException("an unknown command");
            }
            applied.add(text);
            return command;
        }

        @Override
        public byte[] snapshot() {
            return String.join(",", applied).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public void restore(byte[] state) {
            applied.clear();
            applied.addAll(List.of(new String(state, StandardCharsets.UTF_8).split(",", -1)));
        }

        @Override
        public void led(Optional<Peer> leader) {
            led.add(leader);
        }

        @Override
        public void voters(Voters voters) {
            lists.add(voters);
        }

        @Override
        public void decided(long ticket, RaftOutcome outcome) {
            decided.add(ticket + " " + outcome.getClass().getSimpleName());
        }
    }

    private final List<Sent> sent = new ArrayList<>();
    private final List<String> applied = new ArrayList<>();
    private final List<Optional<Peer>> led = new ArrayList<>();
    private final List<Voters> lists = new ArrayList<>();
    private final List<String> decided = new ArrayList<>();
    private TestStorage storage = new TestStorage("of a", Condition.WHOLE);
    private Raft raft;
    private long now;

    @BeforeEach
    void start() throws DecodeException {
        sent.clear();
        applied.clear();
        raft = new Raft(A, VOTERS, storage, 1_000, new Random(1), new Outside(), now);
        raft.view(new View(new ViewId(1, A), List.of(A, B, C, D), false));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static RaftEntry entry(long index, long term, String command) {
        return new RaftEntry(index, term, RaftEntry.Kind.COMMAND, bytes(command));
    }

    private <M extends RaftMessage> List<M> sent(Class<M> kind, Peer to) {
        return sent.stream()
                .filter(each -> each.to().equals(to))
                .map(Sent::message)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    private <M extends RaftMessage> M last(Class<M> kind, Peer to) {
        return sent(kind, to).getLast();
    }

    private void receive(Peer from, RaftMessage message) throws DecodeException {
        raft.received(from, message);
        raft.checkInvariants();
        raft.flush();
        raft.checkInvariants();
    }

    private void tick(long nanos) throws DecodeException {
        now += nanos;
        raft.tick(now);
        raft.checkInvariants();
        raft.flush();
        raft.checkInvariants();
    }

    private static String directory(Peer peer) {
        return "of " + peer.node();
    }

    private Vote vote(Peer from, long term, boolean pre, boolean granted) {
        return new Vote(term, pre, granted, directory(from), LogRole.VOTER);
    }

    private Vote blank(Peer from, long term, boolean pre) {
        return new Vote(term, pre, true, directory(from), LogRole.EMPTY);
    }

    private static Appended appended(Peer from, long term, boolean matches, long index, long round) {
        return new Appended(term, matches, index, round, directory(from));
    }

    private static RequestVote request(long term, boolean pre, long lastIndex, long lastTerm) {
        return new RequestVote(term, pre, lastIndex, lastTerm, Optional.empty(), 0);
    }

    /** The log begins with the voters a, b and c: node a leads the first term, and all have its entry. */
    private void begin() throws DecodeException {
        elect();
        matched(B, 1);
        matched(C, 1);
    }

    /** Node a is elected for the first time. */
    private void elect() throws DecodeException {
        tick(LATER);
        long term = raft.term() + 1;
        for (boolean pre : List.of(true, false)) {
            for (Peer peer : List.of(B, C, D)) {
                receive(peer, blank(peer, term, pre));
            }
        }
        assertThat(raft.leader()).contains(A);
        assertThat(raft.voters().directories()).isEqualTo(KNOWN.directories());
    }

    /** Node a, which is a voter, leads the next term. */
    private void lead() throws DecodeException {
        tick(LATER);
        long term = raft.term() + 1;
        receive(B, vote(B, term, true, true));
        receive(B, vote(B, term, false, true));
        assertThat(raft.leader()).contains(A);
        assertThat(raft.term()).isEqualTo(term);
    }

    /** Node a has the voters from the first entry, from a leader b in the first term. */
    private void follow() throws DecodeException {
        receive(B, append(LOG, 1, 0, 0, List.of(new RaftEntry(1, 1, RaftEntry.Kind.VOTERS, KNOWN.toBytes())), 1, 0));
    }

    private void matched(Peer from, long index) throws DecodeException {
        receive(
                from,
                appended(
                        from,
                        raft.term(),
                        true,
                        index,
                        last(AppendEntries.class, from).round()));
    }

    /** A node replies to the last heartbeat after it has stored all entries up to an index. */
    private void confirm(Peer from, long index) throws DecodeException {
        raft.flush();
        matched(from, index);
    }

    @Test
    void aLogBeginsWithTheDirectoriesOfThoseThatGrantedItAndTheRestIsNamedLater() throws DecodeException {
        tick(LATER);
        assertThat(last(RequestVote.class, D)).isEqualTo(new RequestVote(1, true, 0, 0, Optional.of(VOTERS), 0));
        for (boolean pre : List.of(true, false)) {
            receive(B, blank(B, 1, pre));
            receive(D, blank(D, 1, pre));
            assertThat(raft.leader()).as("c has not replied").isEmpty();
            receive(C, new Vote(1, pre, pre, directory(C), LogRole.EMPTY));
        }
        assertThat(raft.leader()).contains(A);
        assertThat(raft.voters().directories()).isEqualTo(KNOWN.with("c", "").directories());
        matched(B, 1);
        matched(C, 1);
        tick(1);
        assertThat(raft.voters().directories()).isEqualTo(KNOWN.directories());
        assertThat(lists.getLast()).isEqualTo(raft.voters());
    }

    private void refuse(Peer... voters) throws DecodeException {
        for (Peer voter : voters) {
            receive(voter, vote(voter, raft.term(), false, false));
        }
    }

    /** Node a is a candidate after the silence of the leader b, in a term in which others are candidates, too. */
    private void split() throws DecodeException {
        follow();
        tick(LATER);
        receive(C, vote(C, raft.term() + 1, true, true));
        assertThat(sent(RequestVote.class, C)).hasSize(2);
    }

    @Test
    void aCandidateThatWasRefusedBeginsAgainSoon() throws DecodeException {
        split();
        refuse(C);
        tick(MILLISECONDS.toNanos(600));
        assertThat(sent(RequestVote.class, C)).hasSize(3);
        assertThat(last(RequestVote.class, C).pre()).isTrue();
    }

    @Test
    void candidatesThatWereRefusedBeginAgainOneAfterTheOther() throws DecodeException {
        raft.view(new View(new ViewId(2, B), List.of(B, C, A, D), false));
        split();
        refuse(C);
        tick(MILLISECONDS.toNanos(590));
        assertThat(sent(RequestVote.class, C)).as("the turn of c").hasSize(2);
        tick(MILLISECONDS.toNanos(310));
        assertThat(sent(RequestVote.class, C)).hasSize(3);
    }

    @Test
    void aRefusalOfAnEarlierTermIsNotAReply() throws DecodeException {
        split();
        receive(C, vote(C, raft.term() - 1, false, false));
        tick(MILLISECONDS.toNanos(1_900));
        assertThat(sent(RequestVote.class, C))
                .as("c writes its vote to a slow disk")
                .hasSize(2);
    }

    @Test
    void aCandidateDoesNotWaitForTheLeaderThatAnotherOneReplaces() throws DecodeException {
        follow();
        receive(C, request(raft.term() + 1, false, 0, 0));
        assertThat(last(Vote.class, C).granted()).as("c lacks an entry").isFalse();
        tick(LATER);
        receive(C, vote(C, raft.term() + 1, true, true));
        refuse(C);
        tick(MILLISECONDS.toNanos(600));
        assertThat(sent(RequestVote.class, C)).hasSize(3);
    }

    @Test
    void aCandidateWaitsForVotersThatHaveNotReplied() throws DecodeException {
        split();
        refuse(B);
        tick(MILLISECONDS.toNanos(1_900));
        assertThat(sent(RequestVote.class, C))
                .as("c writes its vote to a slow disk")
                .hasSize(2);
    }

    @Test
    void noLogBeginsWhileAMemberHasEntriesOrAVoterNamesOtherVoters() throws DecodeException {
        tick(LATER);
        receive(B, blank(B, 1, true));
        receive(C, blank(C, 1, true));
        receive(D, new Vote(0, true, false, "", LogRole.COPY));
        assertThat(raft.term()).isZero();
        receive(B, new RequestVote(1, true, 0, 0, Optional.of(VOTERS.without("c")), 0));
        assertThat(last(Vote.class, B)).isEqualTo(new Vote(0, true, false, "of a", LogRole.EMPTY));
        receive(B, new RequestVote(1, true, 0, 0, Optional.of(VOTERS), 0));
        assertThat(last(Vote.class, B)).isEqualTo(new Vote(1, true, true, "of a", LogRole.EMPTY));
    }

    @Test
    void aVoterOfALogGrantsNoOtherBeginning() throws DecodeException {
        follow();
        raft.view(new View(new ViewId(2, A), List.of(A, C, D), false));
        receive(C, new RequestVote(2, true, 9, 9, Optional.of(VOTERS), 0));
        assertThat(last(Vote.class, C)).isEqualTo(new Vote(1, true, false, "of a", LogRole.VOTER));
        receive(C, request(2, true, 9, 9));
        assertThat(last(Vote.class, C).granted()).isTrue();
    }

    @Test
    void aVoterThatLostItsDirectoryNeitherVotesNorIsElectedUntilItHasCaughtUp() throws DecodeException {
        storage = storage.as("new", Condition.WHOLE);
        start();
        follow();
        tick(LATER);
        tick(LATER);
        assertThat(sent(RequestVote.class, B)).isEmpty();
        assertThat(raft.isVoter()).isFalse();
        receive(C, request(2, false, 9, 9));
        assertThat(last(Vote.class, C).directory()).isEqualTo("new");
        assertThat(last(Vote.class, C).role()).isEqualTo(LogRole.COPY);
    }

    @Test
    void aVoteFromAnotherDirectoryThanThatOfTheListDoesNotCount() throws DecodeException {
        follow();
        tick(LATER);
        receive(B, new Vote(2, true, true, "another", LogRole.COPY));
        assertThat(raft.term()).isEqualTo(1);
        receive(C, vote(C, 2, true, true));
        assertThat(raft.term()).isEqualTo(2);
    }

    @Test
    void aLeaderStrikesALostDirectoryAndNamesTheNextOneWhenItHasCaughtUp() throws DecodeException {
        begin();
        Peer again = new Peer("c", 9);
        raft.view(new View(new ViewId(2, A), List.of(A, B, again, D), false));
        raft.flush();
        receive(again, new Appended(raft.term(), false, 1, 0, "new"));
        tick(1);
        assertThat(raft.voters().directories()).isEqualTo(KNOWN.with("c", "").directories());
        receive(again, new Appended(raft.term(), true, 2, 0, "new"));
        assertThat(raft.commitIndex()).as("c does not count").isEqualTo(1);
        matched(B, 2);
        tick(1);
        assertThat(raft.voters().directories()).isEqualTo(KNOWN.with("c", "new").directories());
        receive(again, new Appended(raft.term(), true, 3, 0, "new"));
        assertThat(raft.commitIndex()).as("c counts").isEqualTo(3);
    }

    @Test
    void ofTwoRunningNodesOfOneNameTheOneWithTheDirectoryOfTheListCounts() throws DecodeException {
        begin();
        Peer twin = new Peer("c", 9);
        raft.view(new View(new ViewId(2, A), List.of(A, B, C, twin), false));
        assertThat(raft.propose(bytes("x"), 7)).isTrue();
        raft.flush();
        receive(twin, new Appended(raft.term(), true, 2, 0, "another"));
        tick(1);
        assertThat(raft.voters().directories()).isEqualTo(KNOWN.directories());
        assertThat(decided).isEmpty();
        matched(C, 2);
        assertThat(decided).containsExactly("7 Committed");
    }

    @Test
    void aMemberThatGaveItsDirectoryUpDoesNotCountAnyMore() throws DecodeException {
        begin();
        assertThat(raft.propose(bytes("x"), 7)).isTrue();
        raft.flush();
        receive(B, new Appended(raft.term(), true, 2, 0, ""));
        assertThat(decided).isEmpty();
        tick(1);
        assertThat(raft.voters().directories()).as("it may be back").isEqualTo(KNOWN.directories());
        matched(C, 2);
        assertThat(decided).containsExactly("7 Committed");
    }

    @Test
    void aLogThatAnOperatorChoseToGoOnWithBeginsAgainWhenAllVotersAreThere() throws DecodeException {
        follow();
        storage = storage.as("chosen", Condition.RECOVERED);
        start();
        tick(LATER);
        assertThat(last(RequestVote.class, B)).isEqualTo(new RequestVote(2, true, 1, 1, Optional.of(VOTERS), LOG.id()));
        for (boolean pre : List.of(true, false)) {
            receive(B, blank(B, 2, pre));
            receive(D, new Vote(pre ? 1 : 2, pre, false, "", LogRole.COPY));
            assertThat(raft.leader()).isEmpty();
            receive(C, blank(C, 2, pre));
        }
        assertThat(raft.leader()).contains(A);
        assertThat(raft.voters().directories())
                .isEqualTo(KNOWN.with("a", "chosen").directories());
        assertThat(storage.content().ballot().log().continues()).isEqualTo(LOG.id());
        assertThat(storage.condition()).isEqualTo(Condition.RECOVERED);
        matched(B, 2);
        assertThat(storage.condition()).as("when the new list is committed").isEqualTo(Condition.WHOLE);
    }

    @Test
    void aMemberWhoseStorageFailsHasAllThatItHadInMemory() throws DecodeException {
        begin();
        assertThat(raft.propose(bytes("x"), 7)).isTrue();
        Storage.Content content = raft.content();
        assertThat(content.ballot().term()).isEqualTo(1);
        assertThat(content.ballot().votedFor()).isEmpty();
        assertThat(content.snapshot()).isEmpty();
        assertThat(content.entries())
                .as("entry 2 is not stored")
                .extracting(RaftEntry::index)
                .containsExactly(1L);
    }

    @Test
    void aFollowerWithAnotherDirectoryThanBeforeGetsAllAgain() throws DecodeException {
        begin();
        assertThat(raft.propose(bytes("x"), 7)).isTrue();
        raft.flush();
        matched(B, 2);
        receive(B, new Appended(raft.term(), false, 1, 0, ""));
        AppendEntries again = last(AppendEntries.class, B);
        assertThat(again.prevIndex()).isZero();
        assertThat(again.entries()).hasSize(2);
        sent.clear();
        receive(B, new Appended(raft.term(), false, 1, 0, ""));
        assertThat(sent(AppendEntries.class, B))
                .as("a refusal that has no effect")
                .isEmpty();
    }

    @Test
    void aVoteWithoutADirectoryDoesNotCountWhenALogBegins() throws DecodeException {
        tick(LATER);
        receive(B, new Vote(1, true, true, "", LogRole.EMPTY));
        receive(C, new Vote(0, true, false, "of c", LogRole.EMPTY));
        receive(D, new Vote(0, true, false, "", LogRole.EMPTY));
        assertThat(raft.term()).isZero();
        storage = storage.as("", Condition.WHOLE);
        start();
        receive(B, new RequestVote(1, true, 0, 0, Optional.of(VOTERS), 0));
        assertThat(last(Vote.class, B).granted()).isFalse();
    }

    /** The leader of another log, of which so many voters reply. */
    private static AppendEntries rival(long term, boolean decided, long voters) {
        return rival(OTHER, term, decided, voters);
    }

    private static AppendEntries rival(LogId log, long term, boolean decided, long voters) {
        return rival(log, term, decided, voters, 0);
    }

    /** Its settings name so many. */
    private static AppendEntries rival(LogId log, long term, boolean decided, long voters, long settings) {
        return new AppendEntries(log, term, 0, 0, List.of(), 0, 0, decided, voters, settings);
    }

    @Test
    void messagesOfAnotherLogChangeNothing() throws DecodeException {
        follow();
        receive(B, append(LOG, 1, 1, 1, List.of(entry(2, 1, "x")), 2, 0));
        sent.clear();
        assertThat(raft.received(C, rival(9, true, 3))).isFalse();
        Snapshot head = new Snapshot(9, 2, KNOWN, new byte[0]);
        assertThat(raft.received(C, new InstallSnapshot(OTHER, 9, head, 1, true, new byte[0])))
                .isFalse();
        raft.flush();
        assertThat(sent).isEmpty();
        for (boolean pre : List.of(true, false)) {
            receive(C, new RequestVote(9, pre, 9, 9, Optional.empty(), OTHER.id()));
            assertThat(last(Vote.class, C).granted()).isFalse();
            assertThat(last(Vote.class, C).term())
                    .as("it is no reason for a term")
                    .isLessThanOrEqualTo(9);
        }
        assertThat(raft.term()).isEqualTo(1);
        assertThat(raft.leader()).contains(B);
        assertThat(applied).containsExactly("x");
    }

    /** A leader of the own log in between shows that it goes on. */
    @Test
    void aNodeWithoutALeaderEndsWhenAnotherLogHasOneForHalfAMinute() throws DecodeException {
        follow();
        receive(B, append(LOG, 1, 1, 1, List.of(entry(2, 1, "x")), 2, 0));
        for (int i = 0; i < 20; i++) {
            receive(C, rival(9, true, 3));
            tick(LATER / 2);
        }
        receive(B, append(LOG, 90, 2, 1, List.of(), 2, 0));
        for (int i = 0; i < 20; i++) {
            receive(C, rival(9, true, 3));
            tick(LATER / 2);
        }
        assertThatIllegalStateException()
                .isThrownBy(() -> {
                    receive(C, rival(9, true, 3));
                    tick(LATER / 2);
                })
                .withMessageContaining("another log than the voters: c leads 3 of them");
    }

    private void confirmFor(long nanos, AppendEntries... rivals) throws DecodeException {
        for (long passed = 0; passed < nanos; passed += LATER / 6) {
            matched(B, 1);
            for (int i = 0; i < rivals.length; i++) {
                receive(i == 0 ? D : C, rivals[i]);
            }
            tick(LATER / 6);
        }
    }

    /** Node a has the voters and a command, from a leader b in the first term. */
    private void followDecided() throws DecodeException {
        follow();
        receive(B, append(LOG, 1, 1, 1, List.of(entry(2, 1, "x")), 2, 0));
    }

    /** Node a leads, and its log has a command. */
    private void beginDecided() throws DecodeException {
        begin();
        assertThat(raft.propose(bytes("x"), 7)).isTrue();
        raft.flush();
        matched(B, 2);
    }

    @Test
    void ofThreeLogsInOneViewAllButTheFirstEnd() throws DecodeException {
        beginDecided();
        AppendEntries first = rival(9, true, 5);
        AppendEntries second = rival(THIRD, 9, true, 4);
        confirmFor(LATER, first, second);
        assertThat(raft.propose(bytes("y"), 8)).isFalse();
        receive(C, rival(THIRD, 9, true, 1));
        assertThat(raft.propose(bytes("y"), 8))
                .as("the log that was seen last is of lower rank, the other one is not")
                .isFalse();
        assertThatIllegalStateException()
                .isThrownBy(() -> confirmFor(LATER, first, second))
                .withMessageContaining("another log than the voters: d leads 5 of them");
    }

    /** The directory of a trial whose settings name it alone meets voters that have no command yet. */
    @Test
    void aLeaderOfFewerThanTheOtherSettingsNameEndsWithItsCommands() throws DecodeException {
        raft = new Raft(A, Voters.named(List.of("a")), storage, 1_000, new Random(1), new Outside(), now);
        raft.view(new View(new ViewId(1, A), List.of(A, B, C, D), false));
        tick(LATER);
        for (boolean pre : List.of(true, false)) {
            for (Peer peer : List.of(B, C, D)) {
                receive(peer, blank(peer, 1, pre));
            }
        }
        assertThat(raft.leader()).contains(A);
        assertThat(raft.propose(bytes("x"), 7)).isTrue();
        raft.flush();
        assertThatNoException()
                .as("of an earlier build")
                .isThrownBy(() -> confirmFor(20 * LATER, rival(OTHER, 9, false, 2, 0)));
        assertThat(raft.propose(bytes("y"), 8)).isTrue();
        assertThatIllegalStateException()
                .isThrownBy(() -> confirmFor(2 * LATER, rival(OTHER, 9, false, 2, 3)))
                .withMessageContaining("d leads 2 of them");
    }

    /** A trial of three voters meets a cluster of seven that has no command yet. */
    @Test
    void aLeaderOfAllOfItsOwnSettingsEndsBesideOneOfMostOfLargerOnes() throws DecodeException {
        beginDecided();
        assertThatIllegalStateException()
                .isThrownBy(() -> confirmFor(2 * LATER, rival(OTHER, 9, false, 4, 7)))
                .withMessageContaining("d leads 4 of them");
    }

    @Test
    void aLeaderOfMostIsNotOutrankedByOneOfFewerThanItsOwnSettingsName() throws DecodeException {
        begin();
        assertThatNoException().isThrownBy(() -> confirmFor(20 * LATER, rival(OTHER, 9, true, 2, 5)));
        assertThat(raft.propose(bytes("x"), 7)).isTrue();
    }

    /** Its voters have not replied yet. */
    @Test
    void aLeaderOfALogThatMostVotersBeganIsOfMostFromItsElectionOn() throws DecodeException {
        follow();
        lead();
        receive(D, rival(9, true, 1));
        assertThat(raft.leader()).contains(A);
    }

    /** The voters were replaced one by one, and the settings are old. */
    @Test
    void aLeaderToWhichMostVotersReplyIsOfMostAlsoIfItsSettingsNameOthers() throws DecodeException {
        Voters former = Voters.named(List.of("x", "y", "z"));
        raft = new Raft(A, former, storage, 1_000, new Random(1), new Outside(), now);
        raft.view(new View(new ViewId(1, A), List.of(A, B, C, D), false));
        follow();
        lead();
        matched(B, 2);
        receive(D, rival(9, true, 1));
        assertThat(raft.leader()).contains(A);
    }

    @Test
    void aNodeWithoutALeaderEndsAlsoWhenTwoOtherLogsHaveOne() throws DecodeException {
        followDecided();
        assertThatIllegalStateException()
                .isThrownBy(() -> {
                    for (int i = 0; i < 21; i++) {
                        receive(B, rival(THIRD, 9, true, 2));
                        rivalFor(1, 2);
                    }
                })
                .withMessageContaining("leads 2 of them");
    }

    /** The half minute without a leader and the five seconds of a leader are two clocks. */
    @Test
    void aNodeThatIsElectedHasTheTimeOfALeader() throws DecodeException {
        followDecided();
        rivalFor(10, 2);
        receive(C, rival(9, true, 2));
        long term = raft.term() + 1;
        receive(B, vote(B, term, true, true));
        receive(B, vote(B, term, false, true));
        assertThat(raft.leader()).contains(A);
        assertThatNoException().isThrownBy(() -> confirmFor(LATER, rival(9, true, 3)));
        assertThatIllegalStateException().isThrownBy(() -> confirmFor(LATER, rival(9, true, 3)));
    }

    @Test
    void aLeaderThatIsOutrankedChangesNoVoters() throws DecodeException {
        beginDecided();
        matched(D, 2);
        assertThat(raft.remove("b", 1)).as("before the other log is seen").isEmpty();
        for (long passed = 0; passed < VoterChanges.WAIT_NANOS; passed += VoterChanges.WAIT_NANOS / 2) {
            receive(D, rival(9, true, 5));
            assertThat(raft.add("d", 2)).contains(ChangeRefusal.NOT_LEADING);
            assertThat(raft.remove("c", 3)).contains(ChangeRefusal.NOT_LEADING);
            confirm(C, 2);
            assertThat(raft.voters()).as("a majority of the next list replied").isEqualTo(KNOWN);
            tick(VoterChanges.WAIT_NANOS / 2);
        }
        assertThat(decided).containsExactly("7 Committed", "1 TooFew");
    }

    @Test
    void aLeaderThatIsOutrankedRemovesNoDirectoryUntilTheOtherLogIsGone() throws DecodeException {
        beginDecided();
        Peer again = new Peer("c", 9);
        raft.view(new View(new ViewId(2, A), List.of(A, B, again, D), false));
        receive(D, rival(9, true, 5));
        receive(again, new Appended(raft.term(), false, 1, 0, "new"));
        tick(MILLISECONDS.toNanos(50));
        assertThat(raft.voters()).isEqualTo(KNOWN);
        raft.view(new View(new ViewId(3, A), List.of(A, B, again), false));
        tick(MILLISECONDS.toNanos(50));
        assertThat(raft.voters()).isEqualTo(KNOWN.with("c", ""));
    }

    /** Two of three voters hold two logs, and the third one, which would decide, does not come back. */
    @Test
    void aLogWithoutACommandGivesWayAfterHalfAMinuteWithoutALeader() throws DecodeException {
        follow();
        receive(B, append(LOG, 2, 1, 1, List.of(new RaftEntry(2, 2, RaftEntry.Kind.EMPTY, new byte[0])), 1, 0));
        raft.view(new View(new ViewId(2, A), List.of(A, C, D), false));
        RequestVote request = new RequestVote(9, false, 1, 1, Optional.empty(), OTHER.id());
        for (int i = 0; i < 19; i++) {
            receive(C, request);
            assertThat(last(Vote.class, C).granted()).isFalse();
            tick(LATER / 2);
        }
        tick(LATER / 2);
        receive(C, request);
        assertThat(last(Vote.class, C).granted())
                .as("its own entries, which are newer, count for nothing")
                .isTrue();
        // As a leader sends them that this node alone has elected: no replies, then its own.
        receive(C, new AppendEntries(OTHER, 9, 0, 0, List.of(), 0, 0, false, 0, 3));
        assertThat(raft.leader()).contains(C);
        receive(C, new AppendEntries(OTHER, 9, 0, 0, List.of(entry(1, 1, "y")), 1, 1, false, 1, 3));
        assertThat(raft.leader()).contains(C);
        assertThat(applied).containsExactly("y");
    }

    /** A pause does not count as time without a leader, whose messages may wait. */
    @Test
    void aLogWithoutACommandGivesWayToNoCandidateAfterAPause() throws DecodeException {
        follow();
        raft.view(new View(new ViewId(2, A), List.of(A, C, D), false));
        tick(20 * LATER);
        receive(C, new RequestVote(9, false, 9, 9, Optional.empty(), OTHER.id()));
        assertThat(last(Vote.class, C).granted()).isFalse();
    }

    /** It is being grown from one voter to seven. */
    @Test
    void aLeaderOfMostOfItsOwnSettingsIsNotOutrankedByOneOfFewThatNamesMore() throws DecodeException {
        begin();
        assertThatNoException().isThrownBy(() -> confirmFor(20 * LATER, rival(OTHER, 9, true, 1, 7)));
        assertThat(raft.propose(bytes("x"), 7)).isTrue();
    }

    /** It may have confirmed what a majority decided by: a command, or another list than the first one. */
    @Test
    void aLogWithACommandOrAChangeOfTheVotersGivesWayToNoCandidate() throws DecodeException {
        for (RaftEntry second : List.of(
                entry(2, 1, "x"),
                new RaftEntry(2, 1, RaftEntry.Kind.VOTERS, KNOWN.with("c", "").toBytes()))) {
            storage = new TestStorage("of a", Condition.WHOLE);
            start();
            follow();
            receive(B, append(LOG, 1, 1, 1, List.of(second), 2, 0));
            for (int i = 0; i < 40; i++) {
                receive(C, new RequestVote(9, false, 9, 9, Optional.empty(), OTHER.id()));
                assertThat(last(Vote.class, C).granted()).isFalse();
                tick(LATER / 2);
            }
        }
    }

    /** The directory of a trial leads a log while the majority of this node is away. */
    @Test
    void aLogWithoutACommandGivesWayToNoCandidateWhileALeaderOfFewerIsThere() throws DecodeException {
        follow();
        for (int i = 0; i < 40; i++) {
            assertThat(raft.received(D, rival(9, true, 1))).isFalse();
            receive(C, new RequestVote(9, false, 9, 9, Optional.empty(), THIRD.id()));
            assertThat(last(Vote.class, C).granted()).isFalse();
            tick(LATER / 2);
        }
        assertThat(storage.content().ballot().log()).isEqualTo(LOG);
    }

    /** A wrong seed joins another cluster, whose voters are as many as those of this node, which are away. */
    @Test
    void aNodeWithoutALeaderDoesNotEndBecauseOfALeaderThatItsSettingsDoNotName() throws DecodeException {
        followDecided();
        assertThatNoException().isThrownBy(() -> {
            for (int i = 0; i < 60; i++) {
                receive(D, rival(9, true, 3));
                tick(LATER / 2);
            }
        });
    }

    @Test
    void aLogWithoutACommandIsKeptBesideALeaderThatTheSettingsDoNotName() throws DecodeException {
        follow();
        for (int i = 0; i < 60; i++) {
            tick(LATER / 2);
            assertThat(raft.received(D, rival(9, true, 3))).isFalse();
        }
    }

    @Test
    void ofTwoLeadersOfDifferentLogsThatOfFewerVotersEnds() throws DecodeException {
        begin();
        assertThat(raft.propose(bytes("x"), 7)).isTrue();
        raft.flush();
        matched(B, 2);
        assertThatNoException().isThrownBy(() -> confirmFor(20 * LATER, rival(9, true, 1)));
        assertThatNoException().isThrownBy(() -> confirmFor(20 * LATER, rival(9, false, 5)));
        assertThat(raft.leader()).contains(A);
        assertThat(raft.propose(bytes("y"), 8)).isTrue();
        confirmFor(LATER, rival(9, true, 5));
        assertThat(raft.propose(bytes("z"), 9)).as("the other log goes on").isFalse();
        assertThat(raft.read(10)).isFalse();
        assertThatIllegalStateException()
                .isThrownBy(() -> confirmFor(LATER, rival(9, true, 5)))
                .withMessageContaining("another log than the voters: d leads 5 of them");
    }

    /** The directory of a trial by one voter comes to voters that have begun, and decided nothing yet. */
    @Test
    void aLogThatMostVotersOfTheSettingsBeganIsNotReplacedByOneOfFewer() throws DecodeException {
        follow();
        assertThat(raft.received(C, rival(9, true, 2)))
                .as("its own leader decides which log continues")
                .isFalse();
        assertThat(raft.leader()).contains(B);
        for (int restart = 0; restart < 2; restart++) {
            assertThat(raft.received(C, rival(9, true, 1))).isFalse();
            receive(C, new RequestVote(9, false, 9, 9, Optional.empty(), OTHER.id()));
            assertThat(last(Vote.class, C).granted()).isFalse();
            assertThat(raft.term()).isEqualTo(1);
            assertThat(storage.content().ballot().log()).isEqualTo(LOG);
            start(); // the commit index is forgotten
        }
        receive(C, rival(9, true, 2));
        assertThat(raft.leader()).as("it leads most of them").contains(C);
    }

    @Test
    void aLeaderWithAMajorityIsNotOutrankedByOneOfFewerVotersBeforeItsFirstCommand() throws DecodeException {
        begin();
        assertThatNoException().isThrownBy(() -> confirmFor(20 * LATER, rival(9, true, 1)));
        assertThat(raft.leader()).contains(A);
        assertThat(raft.propose(bytes("x"), 7)).isTrue();
    }

    /** A cluster that has just begun joins one that works, by a wrong seed. */
    @Test
    void aLeaderWithCommandsIsNotOutrankedByOneWithoutThatAsManyVotersFollow() throws DecodeException {
        begin();
        assertThat(raft.propose(bytes("x"), 7)).isTrue();
        raft.flush();
        matched(B, 2);
        assertThatNoException().isThrownBy(() -> confirmFor(20 * LATER, rival(9, false, 3)));
        assertThat(raft.propose(bytes("y"), 8)).isTrue();
    }

    @Test
    void aNodeWithoutALeaderWaitsForItsMajorityWhileAnotherLogHasFewerVoters() throws DecodeException {
        follow();
        receive(B, append(LOG, 1, 1, 1, List.of(entry(2, 1, "x")), 2, 0));
        assertThatNoException().isThrownBy(() -> rivalFor(60, 1));
        assertThatNoException().isThrownBy(() -> rivalFor(19, 2));
        assertThatIllegalStateException().isThrownBy(() -> rivalFor(2, 2)).withMessageContaining("c leads 2 of them");
    }

    @Test
    void eachMemberKnowsHowManyVotersReplyToTheLeader() throws DecodeException {
        follow(); // from the second heartbeat on, of which two replied to the first one
        assertThat(raft.votes()).isEqualTo(2);
        receive(B, new AppendEntries(LOG, 1, 1, 1, List.of(), 1, 0, true, 0, 3));
        assertThat(raft.votes())
                .as("a message before the heartbeats of a leader")
                .isEqualTo(2);
        tick(LATER);
        assertThat(raft.votes()).as("no leader").isZero();
    }

    @Test
    void aLeaderCountsTheVotersThatReplyWithEachHeartbeat() throws DecodeException {
        begin();
        assertThat(raft.votes()).isZero();
        tick(MILLISECONDS.toNanos(500));
        assertThat(raft.votes()).isEqualTo(3);
        tick(ElectionTimer.TIMEOUT_NANOS / 2);
        matched(B, 1);
        tick(ElectionTimer.TIMEOUT_NANOS / 2);
        assertThat(raft.votes()).as("c has been silent").isEqualTo(2);
    }

    @Test
    void aLeaderKnowsWhatItsSlowestMemberLacks() throws DecodeException {
        begin();
        matched(D, 1);
        assertThat(raft.propose(bytes("x"), 7)).isTrue();
        raft.flush();
        matched(B, 2);
        matched(C, 2);
        tick(MILLISECONDS.toNanos(500));
        assertThat(raft.lag()).as("just committed").isZero();
        tick(MILLISECONDS.toNanos(500));
        assertThat(raft.lag()).isOne();
        matched(D, 2);
        tick(MILLISECONDS.toNanos(500));
        assertThat(raft.lag()).isZero();
    }

    private void rivalFor(int messages, long voters) throws DecodeException {
        for (int i = 0; i < messages; i++) {
            receive(C, rival(9, true, voters));
            tick(LATER / 2);
        }
    }

    @Test
    void aLeaderWhoseLogDecidedNothingFollowsAnotherOne() throws DecodeException {
        elect();
        receive(D, rival(raft.term(), false, 0));
        assertThat(raft.leader()).contains(A);
        receive(D, rival(raft.term(), true, 2));
        assertThat(raft.leader()).contains(D);
        assertThat(raft.commitIndex()).isZero();
        receive(D, append(OTHER, raft.term(), 0, 0, List.of(entry(1, 1, "y")), 1, 0));
        assertThat(applied).containsExactly("y");
    }

    /** It lost entries, so a majority with it may not have all that was decided. */
    @Test
    void aDirectoryThatLostEntriesBeginsNoLog() throws DecodeException {
        storage = storage.as("new", Condition.INCOMPLETE);
        start();
        tick(LATER);
        assertThat(sent).isEmpty();
        for (boolean pre : List.of(true, false)) {
            receive(C, new RequestVote(2, pre, 0, 0, Optional.of(VOTERS), 0));
            assertThat(last(Vote.class, C).granted()).isFalse();
            assertThat(last(Vote.class, C).role()).isEqualTo(LogRole.COPY);
        }
        Voters listed = KNOWN.with("a", "new");
        receive(B, append(LOG, 2, 0, 0, List.of(new RaftEntry(1, 1, RaftEntry.Kind.VOTERS, listed.toBytes())), 0, 0));
        assertThat(storage.condition()).as("not committed").isEqualTo(Condition.INCOMPLETE);
        receive(B, append(LOG, 2, 1, 1, List.of(), 1, 0));
        assertThat(storage.condition()).isEqualTo(Condition.WHOLE);
    }

    /** A new log begins with the entries of the old one, of which the lists are older. */
    @Test
    void anEmptyMemberIsFilledWithALogThatContinuesAnother() throws DecodeException {
        LogId continuing = new LogId(43, LOG.id());
        RaftEntry old = new RaftEntry(1, 1, RaftEntry.Kind.VOTERS, KNOWN.toBytes());
        receive(B, append(continuing, 4, 0, 0, List.of(old, entry(2, 1, "x")), 2, 0));
        receive(B, append(continuing, 4, 2, 1, List.of(entry(3, 4, "y")), 3, 0));
        assertThat(applied).containsExactly("x", "y");
        start();
        receive(B, append(continuing, 4, 3, 4, List.of(), 3, 0));
        assertThat(applied).containsExactly("x", "y");
    }

    @Test
    void aLogThatAnOperatorChoseFollowsOneThatContinuesItAndNoOther() throws DecodeException {
        follow();
        receive(B, append(LOG, 1, 1, 1, List.of(entry(2, 1, "x")), 2, 0));
        storage = storage.as("chosen", Condition.RECOVERED);
        start();
        receive(C, new RequestVote(2, false, 9, 1, Optional.of(VOTERS), 77));
        assertThat(last(Vote.class, C).granted()).isFalse();
        receive(C, new RequestVote(3, false, 9, 1, Optional.of(VOTERS), LOG.id()));
        assertThat(last(Vote.class, C).granted()).isTrue();
        receive(C, append(new LogId(44, LOG.id()), 3, 2, 1, List.of(entry(3, 3, "y")), 3, 0));
        assertThat(applied).containsExactly("x", "y");
        assertThat(raft.received(B, append(OTHER, 5, 3, 3, List.of(), 3, 0))).isFalse();
        assertThat(raft.leader()).contains(C);
    }

    /** A leader that ended before another node had its first entry. */
    @Test
    void aLogWithoutADecisionIsReplacedByAnother() throws DecodeException {
        follow();
        tick(LATER);
        receive(C, append(OTHER, 2, 0, 0, List.of(entry(1, 1, "y"), entry(2, 2, "z")), 2, 0));
        assertThat(applied).containsExactly("y", "z");
        assertThat(storage.content().entries()).hasSize(2);
    }

    @Test
    void aVoterThatHasComeBackHasTimeForItsFirstReply() throws DecodeException {
        begin();
        raft.view(new View(new ViewId(2, A), List.of(A, B, D), false));
        tick(ElectionTimer.TIMEOUT_NANOS - 1);
        matched(B, 1);
        tick(2);
        raft.view(new View(new ViewId(3, A), List.of(A, new Peer("c", 9), D), false));
        tick(1);
        assertThat(raft.leader()).contains(A);
        tick(ElectionTimer.TIMEOUT_NANOS);
        assertThat(raft.leader()).isEmpty();
    }

    @Test
    void aCandidateRequestsPreVotesFirstAndBeginsNoTerm() throws DecodeException {
        follow();
        tick(LATER);
        assertThat(last(RequestVote.class, B)).isEqualTo(new RequestVote(2, true, 1, 1, Optional.empty(), LOG.id()));
        assertThat(sent(RequestVote.class, D)).isEmpty();
        assertThat(raft.term()).isEqualTo(1);
        assertThat(storage.content().ballot()).isEqualTo(new Ballot(1, Optional.empty(), LOG));
    }

    @Test
    void aVoteIsStoredBeforeItIsSentAndIsTheOnlyOneOfItsTermAfterARestart() throws DecodeException {
        receive(B, request(5, false, 0, 0));
        assertThat(last(Vote.class, B).granted()).isTrue();
        assertThat(storage.content().ballot()).isEqualTo(new Ballot(5, Optional.of("b"), LogId.NONE));
        start();
        receive(C, request(5, false, 0, 0));
        assertThat(last(Vote.class, C).granted()).isFalse();
        receive(B, request(5, false, 0, 0));
        assertThat(last(Vote.class, B).granted()).isTrue();
    }

    @Test
    void aCandidateWhoseLogIsBehindGetsNoVote() throws DecodeException {
        receive(B, append(LOG, 2, 0, 0, List.of(entry(1, 1, "x"), entry(2, 2, "y")), 0, 0));
        receive(C, request(3, false, 9, 1));
        assertThat(last(Vote.class, C).granted()).isFalse();
        receive(C, request(4, false, 1, 2));
        assertThat(last(Vote.class, C).granted()).isFalse();
        receive(C, request(5, false, 2, 2));
        assertThat(last(Vote.class, C).granted()).isTrue();
    }

    @Test
    void noPreVoteIsGrantedWhileALeaderIsActive() throws DecodeException {
        receive(B, append(LOG, 2, 0, 0, List.of(), 0, 0));
        receive(C, request(3, true, 0, 0));
        assertThat(last(Vote.class, C).granted()).isFalse();
        raft.view(new View(new ViewId(2, A), List.of(A, C), false));
        receive(C, request(3, true, 0, 0));
        assertThat(last(Vote.class, C)).isEqualTo(new Vote(3, true, true, "of a", LogRole.EMPTY));
        assertThat(raft.term()).isEqualTo(2);
    }

    @Test
    void entriesOfEarlierTermsAreCommittedByOneOfTheOwnTermOnly() throws DecodeException {
        follow();
        receive(B, append(LOG, 1, 1, 1, List.of(entry(2, 1, "old")), 1, 0));
        lead();
        matched(C, 2);
        assertThat(raft.commitIndex()).isEqualTo(1);
        matched(C, 3);
        assertThat(raft.commitIndex()).isEqualTo(3);
        assertThat(applied).containsExactly("old");
    }

    @Test
    void aProposalIsCommittedWhenAMajorityOfTheVotersHasIt() throws DecodeException {
        begin();
        assertThat(raft.propose(bytes("x"), 7)).isTrue();
        raft.flush();
        assertThat(storage.content().entries()).hasSize(2);
        matched(D, 2);
        assertThat(decided).isEmpty();
        matched(C, 2);
        assertThat(decided).containsExactly("7 Committed");
        assertThat(last(AppendEntries.class, D).commitIndex()).isEqualTo(2);
    }

    @Test
    void proposalsAndReadsOfALeaderThatIsReplacedAreUnknown() throws DecodeException {
        begin();
        raft.propose(bytes("x"), 7);
        raft.read(8);
        receive(B, append(storage.content().ballot().log(), raft.term() + 1, 0, 0, List.of(), 0, 0));
        assertThat(decided).containsExactlyInAnyOrder("7 Unknown", "8 Unknown");
        assertThat(raft.propose(bytes("y"), 9)).isFalse();
        assertThat(raft.read(10)).isFalse();
        assertThat(led.getLast()).contains(B);
    }

    @Test
    void aReadNeedsRepliesToARoundThatBeganAfterIt() throws DecodeException {
        begin();
        long before = last(AppendEntries.class, B).round();
        assertThat(raft.read(7)).isTrue();
        raft.flush();
        receive(B, appended(B, raft.term(), true, 1, before));
        assertThat(decided).isEmpty();
        assertThat(last(AppendEntries.class, B).round()).isGreaterThan(before);
        matched(B, 1);
        assertThat(decided).containsExactly("7 Committed");
        assertThat(storage.content().entries()).hasSize(1);
    }

    @Test
    void aLeaderWithoutRepliesOfAMajorityStepsDown() throws DecodeException {
        begin();
        tick(ElectionTimer.TIMEOUT_NANOS + 1);
        assertThat(raft.leader()).isEmpty();
        lead();
        raft.view(new View(new ViewId(2, A), List.of(A, D), false));
        assertThat(raft.leader()).isEmpty();
    }

    @Test
    void entriesThatDifferAreReplacedAndCommittedOnesNever() throws DecodeException {
        receive(B, append(LOG, 1, 0, 0, List.of(entry(1, 1, "x"), entry(2, 1, "y"), entry(3, 1, "z")), 1, 0));
        assertThat(applied).containsExactly("x");
        receive(C, append(LOG, 2, 3, 2, List.of(), 0, 0));
        assertThat(last(Appended.class, C)).isEqualTo(appended(A, 2, false, 2, 0));
        receive(C, append(LOG, 2, 1, 1, List.of(entry(2, 2, "w")), 2, 0));
        assertThat(last(Appended.class, C)).isEqualTo(appended(A, 2, true, 2, 0));
        assertThat(applied).containsExactly("x", "w");
        assertThat(storage.content().entries()).hasSize(2);
        assertThatIllegalStateException()
                .isThrownBy(() -> receive(C, append(LOG, 2, 0, 0, List.of(entry(1, 2, "v")), 0, 0)))
                .withMessageContaining("Entry 1 is committed here with term 1");
    }

    @Test
    void anUnknownCommandStopsTheNode() {
        assertThatThrownBy(() -> receive(B, append(LOG, 1, 0, 0, List.of(entry(1, 1, "?")), 1, 0)))
                .isInstanceOf(DecodeException.class);
        assertThat(raft.commitIndex()).isZero();
    }

    @Test
    void oneVoterIsChangedAtATimeAndOnlyByALeaderThatHasCommitted() throws DecodeException {
        assertThat(raft.add("d", 1)).contains(ChangeRefusal.NOT_LEADING);
        elect();
        assertThat(raft.add("d", 1)).contains(ChangeRefusal.NOT_LEADING);
        matched(B, 1);
        assertThat(raft.add("d", 1)).contains(ChangeRefusal.NOT_CAUGHT_UP);
        matched(D, 1);
        assertThat(raft.add("a", 1)).contains(ChangeRefusal.NO_CHANGE);
        assertThat(raft.remove("d", 1)).contains(ChangeRefusal.NO_CHANGE);
        assertThat(raft.add("d", 1)).isEmpty();
        assertThat(raft.remove("a", 2)).contains(ChangeRefusal.CHANGING);
        confirm(B, 1);
        confirm(D, 1);
        assertThat(raft.remove("a", 2)).contains(ChangeRefusal.CHANGING);
        matched(B, 2);
        assertThat(decided).isEmpty();
        matched(D, 2);
        assertThat(decided).containsExactly("1 Committed");
        Voters four = KNOWN.with("d", "of d");
        assertThat(raft.voters().directories()).isEqualTo(four.directories());
        start();
        assertThat(raft.voters().directories()).isEqualTo(four.directories());
    }

    @Test
    void noVoterIsRemovedUntilAMajorityOfTheOthersHasReplied() throws DecodeException {
        begin(); // c has replied to all that was sent before
        remove("b", B, 1);
        tick(VoterChanges.WAIT_NANOS - 1);
        confirm(B, 1);
        assertThat(decided).isEmpty();
        tick(1);
        assertThat(decided).containsExactly("1 TooFew");
        assertThat(raft.voters().directories()).isEqualTo(KNOWN.directories());
        assertThat(raft.remove("c", 2)).isEmpty();
        confirm(B, 1);
        assertThat(raft.voters().directories()).isEqualTo(KNOWN.without("c").directories());
        matched(B, 2);
        assertThat(decided).containsExactly("1 TooFew", "2 Committed");
    }

    @Test
    void aLeaderThatIsReplacedForgetsTheRequestedChange() throws DecodeException {
        begin();
        assertThat(raft.remove("b", 1)).isEmpty();
        receive(B, append(storage.content().ballot().log(), 9, 0, 0, List.of(), 0, 0));
        assertThat(decided).containsExactly("1 Unknown");
    }

    @Test
    void theLastVoterStays() throws DecodeException {
        begin();
        remove("c", B, 1);
        matched(B, 2);
        assertThat(raft.remove("b", 2)).isEmpty();
        raft.flush();
        matched(B, 3);
        assertThat(raft.remove("a", 3)).contains(ChangeRefusal.LAST);
    }

    private void remove(String node, Peer confirms, long ticket) throws DecodeException {
        assertThat(raft.remove(node, ticket)).isEmpty();
        raft.flush();
        confirm(confirms, 1);
    }

    @Test
    void aLeaderThatIsRemovedLeadsUntilThatIsCommitted() throws DecodeException {
        begin();
        remove("a", B, 1);
        confirm(C, 1);
        matched(B, 2);
        assertThat(raft.leader()).contains(A);
        matched(C, 2);
        assertThat(decided).containsExactly("1 Committed");
        assertThat(raft.leader()).isEmpty();
        sent.clear();
        tick(LATER);
        tick(LATER);
        assertThat(sent(RequestVote.class, B)).isEmpty();
    }

    @Test
    void aMemberThatLacksOldEntriesGetsTheSnapshotInParts() throws DecodeException {
        begin();
        for (int i = 0; i < 40; i++) {
            assertThat(raft.propose(new byte[5_000], 100 + i)).isTrue();
            raft.flush();
            matched(B, 2 + i);
        }
        assertThat(storage.content().snapshot()).isPresent();
        sent.clear();
        raft.opened(D);
        raft.flush();
        receive(D, appended(D, raft.term(), false, 1, 0));
        List<InstallSnapshot> parts = sent(InstallSnapshot.class, D);
        assertThat(parts).hasSizeGreaterThan(2);
        assertThat(parts.getLast().last()).isTrue();
    }

    @Test
    void eightPartsOfASnapshotAreSentAheadOfTheConfirmedOnes() throws DecodeException {
        begin();
        for (int i = 0; i < 300; i++) {
            assertThat(raft.propose(new byte[5_000], 100 + i)).isTrue();
            raft.flush();
            matched(B, 2 + i);
        }
        sent.clear();
        raft.opened(D);
        raft.flush();
        receive(D, appended(D, raft.term(), false, 1, 0));
        assertThat(sent(InstallSnapshot.class, D)).hasSize(8);
        long index = sent(InstallSnapshot.class, D).getFirst().head().index();
        receive(D, new Installed(raft.term(), index, 1));
        assertThat(sent(InstallSnapshot.class, D)).hasSize(9);
    }

    @Test
    void aSnapshotReplacesAnotherLogAndStaysAfterARestart() throws DecodeException {
        receive(B, append(LOG, 1, 0, 0, List.of(entry(1, 1, "x"), entry(2, 1, "y"), entry(3, 1, "z")), 1, 0));
        Snapshot head = new Snapshot(2, 2, VOTERS, new byte[0]);
        receive(C, new InstallSnapshot(LOG, 3, head, 1, false, bytes("x,")));
        receive(C, new InstallSnapshot(LOG, 3, head, 2, true, bytes("w")));
        assertThat(last(Appended.class, C)).isEqualTo(appended(A, 3, true, 2, 0));
        assertThat(applied).containsExactly("x", "w");
        assertThat(storage.content().entries()).isEmpty();
        start();
        assertThat(applied).containsExactly("x", "w");
        assertThat(raft.commitIndex()).isEqualTo(2);
    }
}
