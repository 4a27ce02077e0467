package io.heliodor.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.link.Malformed;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.raft.RaftMessage.AppendEntries;
import io.heliodor.raft.RaftMessage.Appended;
import io.heliodor.raft.RaftMessage.InstallSnapshot;
import io.heliodor.raft.RaftMessage.RequestVote;
import io.heliodor.raft.RaftMessage.Vote;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rules of Raft that the simulation rarely needs, one schedule each. One node is real; the test plays the others. */
class RaftTests {
    private static final Peer A = new Peer("a", 1);
    private static final Peer B = new Peer("b", 2);
    private static final Peer C = new Peer("c", 3);
    private static final Peer D = new Peer("d", 4);
    private static final Voters VOTERS = new Voters(List.of("a", "b", "c"));
    private static final long LATER = Raft.ELECTION_NANOS + 1_000_000_000L;

    private record Sent(Peer to, RaftMessage message) {}

    private final class Outside implements Raft.Effects {
        @Override
        public void send(Peer to, RaftMessage message) {
            sent.add(new Sent(to, message));
        }

        @Override
        public byte[] apply(long index, byte[] command) throws Malformed {
            String text = new String(command, StandardCharsets.UTF_8);
            if (text.equals("?")) {
                throw new Malformed("an unknown command");
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
        public void decided(long ticket, Raft.Outcome outcome) {
            decided.add(ticket + " " + outcome.getClass().getSimpleName());
        }
    }

    private final List<Sent> sent = new ArrayList<>();
    private final List<String> applied = new ArrayList<>();
    private final List<Optional<Peer>> led = new ArrayList<>();
    private final List<String> decided = new ArrayList<>();
    private final MemoryStorage storage = new MemoryStorage();
    private Raft raft;
    private long now;

    @BeforeEach
    void start() throws Malformed {
        sent.clear();
        applied.clear();
        raft = new Raft(A, VOTERS, storage, storage.content(), 1_000, new Random(1), new Outside(), now);
        raft.view(new View(new ViewId(1, A), List.of(A, B, C, D), false));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Entry entry(long index, long term, String command) {
        return new Entry(index, term, Entry.Kind.COMMAND, bytes(command));
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

    private void receive(Peer from, RaftMessage message) throws Malformed {
        raft.received(from, message);
        raft.flush();
    }

    private void tick(long nanos) throws Malformed {
        now += nanos;
        raft.tick(now);
        raft.flush();
    }

    /** Node a leads the next term. */
    private void lead() throws Malformed {
        tick(LATER);
        long term = raft.term() + 1;
        receive(B, new Vote(term, true, true, raft.isEmpty()));
        receive(B, new Vote(term, false, true, raft.isEmpty()));
        assertThat(raft.leader()).contains(A);
        assertThat(raft.term()).isEqualTo(term);
    }

    private void matched(Peer from, long index) throws Malformed {
        receive(
                from,
                new Appended(
                        raft.term(),
                        true,
                        index,
                        last(AppendEntries.class, from).round()));
    }

    @Test
    void aCandidateRequestsPreVotesFirstAndBeginsNoTerm() throws Malformed {
        tick(LATER);
        assertThat(last(RequestVote.class, B)).isEqualTo(new RequestVote(1, true, 0, 0));
        assertThat(sent(RequestVote.class, D)).isEmpty();
        assertThat(raft.term()).isZero();
        assertThat(storage.content().ballot()).isEqualTo(Ballot.NONE);
    }

    @Test
    void aVoteIsStoredBeforeItIsSentAndIsTheOnlyOneOfItsTermAfterARestart() throws Malformed {
        receive(B, new RequestVote(5, false, 0, 0));
        assertThat(last(Vote.class, B).granted()).isTrue();
        assertThat(storage.content().ballot()).isEqualTo(new Ballot(5, Optional.of("b")));
        start();
        receive(C, new RequestVote(5, false, 0, 0));
        assertThat(last(Vote.class, C).granted()).isFalse();
        receive(B, new RequestVote(5, false, 0, 0));
        assertThat(last(Vote.class, B).granted()).isTrue();
    }

    @Test
    void aCandidateWhoseLogIsBehindGetsNoVote() throws Malformed {
        receive(B, new AppendEntries(2, 0, 0, List.of(entry(1, 1, "x"), entry(2, 2, "y")), 0, 0));
        receive(C, new RequestVote(3, false, 9, 1));
        assertThat(last(Vote.class, C).granted()).isFalse();
        receive(C, new RequestVote(4, false, 1, 2));
        assertThat(last(Vote.class, C).granted()).isFalse();
        receive(C, new RequestVote(5, false, 2, 2));
        assertThat(last(Vote.class, C).granted()).isTrue();
    }

    @Test
    void whileALeaderIsHeardNoPreVoteIsGranted() throws Malformed {
        receive(B, new AppendEntries(2, 0, 0, List.of(), 0, 0));
        receive(C, new RequestVote(3, true, 0, 0));
        assertThat(last(Vote.class, C).granted()).isFalse();
        raft.view(new View(new ViewId(2, A), List.of(A, C), false));
        receive(C, new RequestVote(3, true, 0, 0));
        assertThat(last(Vote.class, C)).isEqualTo(new Vote(3, true, true, true));
        assertThat(raft.term()).isEqualTo(2);
    }

    @Test
    void entriesOfEarlierTermsAreCommittedByOneOfTheOwnTermOnly() throws Malformed {
        receive(B, new AppendEntries(1, 0, 0, List.of(entry(1, 1, "old")), 0, 0));
        lead();
        matched(C, 1);
        assertThat(raft.commitIndex()).isZero();
        matched(C, 2);
        assertThat(raft.commitIndex()).isEqualTo(2);
        assertThat(applied).containsExactly("old");
    }

    @Test
    void aProposalIsCommittedWhenAMajorityOfTheVotersHasIt() throws Malformed {
        lead();
        matched(B, 1);
        matched(C, 1);
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
    void proposalsAndReadsOfALeaderThatIsReplacedAreUnknown() throws Malformed {
        lead();
        matched(B, 1);
        matched(C, 1);
        raft.propose(bytes("x"), 7);
        raft.read(8);
        receive(B, new AppendEntries(raft.term() + 1, 0, 0, List.of(), 0, 0));
        assertThat(decided).containsExactlyInAnyOrder("7 Unknown", "8 Unknown");
        assertThat(raft.propose(bytes("y"), 9)).isFalse();
        assertThat(raft.read(10)).isFalse();
        assertThat(led.getLast()).contains(B);
    }

    @Test
    void aReadNeedsRepliesToARoundThatBeganAfterIt() throws Malformed {
        lead();
        matched(B, 1);
        long before = last(AppendEntries.class, B).round();
        assertThat(raft.read(7)).isTrue();
        raft.flush();
        receive(B, new Appended(raft.term(), true, 1, before));
        assertThat(decided).isEmpty();
        assertThat(last(AppendEntries.class, B).round()).isGreaterThan(before);
        matched(B, 1);
        assertThat(decided).containsExactly("7 Committed");
        assertThat(storage.content().entries()).hasSize(1);
    }

    @Test
    void aLeaderThatDoesNotHearAMajorityStepsDown() throws Malformed {
        lead();
        matched(B, 1);
        tick(Raft.ELECTION_NANOS + 1);
        assertThat(raft.leader()).isEmpty();
        lead();
        raft.view(new View(new ViewId(2, A), List.of(A, D), false));
        assertThat(raft.leader()).isEmpty();
    }

    @Test
    void entriesThatDifferAreReplacedAndCommittedOnesNever() throws Malformed {
        receive(B, new AppendEntries(1, 0, 0, List.of(entry(1, 1, "x"), entry(2, 1, "y"), entry(3, 1, "z")), 1, 0));
        assertThat(applied).containsExactly("x");
        receive(C, new AppendEntries(2, 3, 2, List.of(), 0, 0));
        assertThat(last(Appended.class, C)).isEqualTo(new Appended(2, false, 2, 0));
        receive(C, new AppendEntries(2, 1, 1, List.of(entry(2, 2, "w")), 2, 0));
        assertThat(last(Appended.class, C)).isEqualTo(new Appended(2, true, 2, 0));
        assertThat(applied).containsExactly("x", "w");
        assertThat(storage.content().entries()).hasSize(2);
        assertThatIllegalStateException()
                .isThrownBy(() -> receive(C, new AppendEntries(2, 0, 0, List.of(entry(1, 2, "v")), 0, 0)))
                .withMessageContaining("Entry 1 is committed here with term 1");
    }

    @Test
    void aCommandThatIsNotKnownStopsTheNode() {
        assertThatThrownBy(() -> receive(B, new AppendEntries(1, 0, 0, List.of(entry(1, 1, "?")), 1, 0)))
                .isInstanceOf(Malformed.class);
        assertThat(raft.commitIndex()).isZero();
    }

    @Test
    void oneVoterIsChangedAtATimeAndOnlyByALeaderThatHasCommitted() throws Malformed {
        Voters four = new Voters(List.of("a", "b", "c", "d"));
        assertThat(raft.change(four, 1)).contains(Raft.Refusal.NOT_LEADING);
        lead();
        assertThat(raft.change(four, 1)).contains(Raft.Refusal.NOT_LEADING);
        matched(B, 1);
        assertThat(raft.change(four, 1)).contains(Raft.Refusal.NOT_CAUGHT_UP);
        matched(D, 1);
        assertThat(raft.change(new Voters(List.of("a", "d")), 1)).contains(Raft.Refusal.NOT_ONE);
        assertThat(raft.change(VOTERS, 1)).contains(Raft.Refusal.NOT_ONE);
        assertThat(raft.change(four, 1)).isEmpty();
        assertThat(raft.change(VOTERS, 2)).contains(Raft.Refusal.CHANGING);
        raft.flush();
        matched(B, 2);
        assertThat(decided).isEmpty();
        matched(D, 2);
        assertThat(decided).containsExactly("1 Committed");
        assertThat(raft.voters()).isEqualTo(four);
        start();
        assertThat(raft.voters()).isEqualTo(four);
    }

    @Test
    void aLeaderThatIsRemovedLeadsUntilThatIsCommitted() throws Malformed {
        lead();
        matched(B, 1);
        assertThat(raft.change(new Voters(List.of("b", "c")), 1)).isEmpty();
        raft.flush();
        matched(B, 2);
        assertThat(raft.leader()).contains(A);
        matched(C, 2);
        assertThat(decided).containsExactly("1 Committed");
        assertThat(raft.leader()).isEmpty();
        tick(LATER);
        tick(LATER);
        assertThat(sent(RequestVote.class, B)).hasSize(2); // those of the election that it won
    }

    @Test
    void aMemberThatLacksOldEntriesGetsTheSnapshotInParts() throws Malformed {
        lead();
        matched(B, 1);
        matched(C, 1);
        for (int i = 0; i < 40; i++) {
            assertThat(raft.propose(new byte[5_000], 100 + i)).isTrue();
            raft.flush();
            matched(B, 2 + i);
        }
        assertThat(storage.content().snapshot()).isPresent();
        sent.clear();
        raft.opened(D);
        raft.flush();
        receive(D, new Appended(raft.term(), false, 1, 0));
        List<InstallSnapshot> parts = sent(InstallSnapshot.class, D);
        assertThat(parts).hasSizeGreaterThan(2);
        assertThat(parts.getLast().last()).isTrue();
    }

    @Test
    void aSnapshotReplacesAnotherLogAndStaysAfterARestart() throws Malformed {
        receive(B, new AppendEntries(1, 0, 0, List.of(entry(1, 1, "x"), entry(2, 1, "y"), entry(3, 1, "z")), 1, 0));
        Snapshot head = new Snapshot(2, 2, VOTERS, new byte[0]);
        receive(C, new InstallSnapshot(3, head, 1, false, bytes("x,")));
        receive(C, new InstallSnapshot(3, head, 2, true, bytes("w")));
        assertThat(last(Appended.class, C)).isEqualTo(new Appended(3, true, 2, 0));
        assertThat(applied).containsExactly("x", "w");
        assertThat(storage.content().entries()).isEmpty();
        start();
        assertThat(applied).containsExactly("x", "w");
        assertThat(raft.commitIndex()).isEqualTo(2);
    }

    @Test
    void aVoterThatMayHaveLostItsLogCountsOnlyWhenAllReply() throws Malformed {
        receive(B, new AppendEntries(1, 0, 0, List.of(entry(1, 1, "x")), 1, 0));
        tick(LATER);
        receive(B, new Vote(2, true, true, true));
        assertThat(raft.term()).isEqualTo(1);
        receive(C, new Vote(1, true, false, false));
        assertThat(raft.term()).as("c knows more").isEqualTo(1);
        tick(LATER);
        receive(B, new Vote(2, true, true, true));
        receive(C, new Vote(2, true, true, true));
        assertThat(raft.term()).isEqualTo(2);
    }
}
