package io.heliodor.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Packet.Accept;
import io.heliodor.link.Packet.Batch;
import io.heliodor.link.Packet.Open;
import io.heliodor.link.Packet.Part;
import io.heliodor.link.Packet.Reset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rules of sessions, one by one. */
class SessionsTests {
    private static final Peer ME = new Peer("me@host", 1);
    private static final Peer BEN = new Peer("ben@host", 2);
    private static final Peer EVE = new Peer("eve@host", 3);

    private static final long CONFIRM_AFTER = 100;

    private final List<Object> actions = new ArrayList<>();
    private final List<Long> confirmed = new ArrayList<>();
    private final Sessions sessions = new Sessions(
            ME,
            new Sessions.Actions() {
                @Override
                public void entered(Peer peer) {
                    actions.add("entered " + peer.node());
                }

                @Override
                public void left(Peer peer) {
                    actions.add("left " + peer.node());
                }

                @Override
                public void send(Peer to, Packet packet) {
                    actions.add(packet);
                }

                @Override
                public void opened(Peer to, long session, long acceptance) {
                    actions.add("opened " + session + " by " + acceptance);
                }

                @Override
                public void confirmed(Peer to, long session, long received) {
                    confirmed.add(received);
                }

                @Override
                public void closed(Peer to, Sessions.Ending why) {
                    actions.add("closed " + why);
                }
            },
            CONFIRM_AFTER);
    private long views;

    private void view(Peer... members) {
        View view = new View(new ViewId(++views, ME), List.of(members), false);
        sessions.leave(view);
        sessions.enter(view);
    }

    private List<Object> actions() {
        List<Object> all = List.copyOf(actions);
        actions.clear();
        return all;
    }

    /** Returns the actions after a packet of Ben. */
    private List<Object> after(Packet packet) {
        sessions.received(BEN, packet, 0);
        return actions();
    }

    private boolean delivers(Batch batch) {
        return sessions.received(BEN, batch, 1);
    }

    /** Opens the own session 1 to Ben, with Ben's acceptance 10. */
    private void open() {
        view(ME, BEN);
        sessions.received(BEN, new Accept(1, 10, 0), 0);
        actions.clear();
    }

    /** Accepts Ben's session 5, and returns the number of the acceptance. */
    private long take() {
        view(ME, BEN);
        actions.clear();
        sessions.received(BEN, new Open(5, 0), 0);
        return ((Accept) actions().getFirst()).acceptance();
    }

    @Test
    void openIsSentToANewMember() {
        view(ME, BEN);
        assertThat(actions()).containsExactly("entered ben@host", new Open(1, 0));
    }

    @Test
    void openIsRepeatedUntilItIsAccepted() {
        view(ME, BEN);
        actions.clear();
        sessions.tick();
        sessions.tick();
        assertThat(actions()).containsExactly(new Open(1, 0), new Open(1, 0));
        assertThat(after(new Accept(1, 10, 0))).containsExactly("opened 1 by 10");
        sessions.tick();
        assertThat(actions()).isEmpty();
    }

    @Test
    void openIsRepeatedUntilAllThatWasSentIsConfirmed() {
        open();
        assertThat(sessions.number(BEN, 1)).isEqualTo(0);
        assertThat(sessions.number(BEN, 1)).isEqualTo(1);
        sessions.tick();
        assertThat(actions()).containsExactly(new Open(1, 2));
        sessions.received(BEN, new Accept(1, 10, 1), 0);
        sessions.tick();
        assertThat(actions()).containsExactly(new Open(1, 2));
        sessions.received(BEN, new Accept(1, 10, 2), 0);
        sessions.tick();
        assertThat(actions()).isEmpty();
    }

    @Test
    void acceptOfAnotherSessionOpensNothing() {
        view(ME, BEN);
        view(ME);
        view(ME, BEN);
        actions.clear();
        assertThat(after(new Accept(1, 10, 0))).isEmpty();
        assertThat(sessions.number(BEN, 1)).isNegative();
        assertThat(after(new Accept(2, 11, 0))).containsExactly("opened 2 by 11");
    }

    @Test
    void aSecondAcceptOpensNothing() {
        open();
        assertThat(after(new Accept(1, 10, 0))).isEmpty();
    }

    @Test
    void aNewerAcceptanceEndsTheSession() {
        open();
        assertThat(after(new Accept(1, 12, 0))).containsExactly("closed RESET");
    }

    @Test
    void anOlderAcceptanceIsLate() {
        open();
        assertThat(after(new Accept(1, 9, 0))).isEmpty();
    }

    @Test
    void theNextSessionBeginsWhenTheEndOfTheLastWasReported() {
        open();
        assertThat(after(new Reset(1))).containsExactly("closed RESET");
        assertThat(sessions.number(BEN, 1)).isNegative();
        assertThat(after(new Accept(1, 10, 0))).isEmpty();
        sessions.tick();
        assertThat(actions()).isEmpty();
        sessions.reopen(BEN);
        assertThat(actions()).containsExactly(new Open(2, 0));
    }

    @Test
    void resetOfAnotherSessionIsLate() {
        open();
        assertThat(after(new Reset(7))).isEmpty();
        assertThat(sessions.number(BEN, 1)).isEqualTo(0);
    }

    @Test
    void resetBeforeAcceptBeginsAnotherOne() {
        view(ME, BEN);
        actions.clear();
        assertThat(after(new Reset(1))).containsExactly(new Open(2, 0));
    }

    @Test
    void overflowEndsTheSessionOnce() {
        open();
        sessions.end(BEN, 1, Sessions.Ending.OVERFLOW);
        sessions.end(BEN, 1, Sessions.Ending.OVERFLOW);
        assertThat(actions()).containsExactly("closed OVERFLOW");
    }

    @Test
    void overflowOfAFormerSessionEndsNothing() {
        open();
        sessions.end(BEN, 1, Sessions.Ending.OVERFLOW);
        sessions.reopen(BEN);
        sessions.received(BEN, new Accept(2, 11, 0), 0);
        actions.clear();
        sessions.end(BEN, 1, Sessions.Ending.OVERFLOW);
        assertThat(actions()).isEmpty();
        assertThat(sessions.number(BEN, 2)).isEqualTo(0);
    }

    @Test
    void theSessionOfAMemberThatLeavesEnds() {
        open();
        view(ME, EVE);
        assertThat(actions()).containsExactly("closed LEFT", "left ben@host", "entered eve@host", new Open(2, 0));
        assertThat(sessions.number(BEN, 1)).isNegative();
    }

    @Test
    void aMemberThatStaysKeepsItsSession() {
        open();
        view(ME, BEN, EVE);
        assertThat(actions()).containsExactly("entered eve@host", new Open(2, 0));
        assertThat(sessions.number(BEN, 1)).isEqualTo(0);
    }

    @Test
    void aSessionThatWasNotOpenIsNotClosed() {
        view(ME, BEN);
        actions.clear();
        view(ME);
        assertThat(actions()).containsExactly("left ben@host");
    }

    @Test
    void packetsOfNonMembersAreIgnored() {
        view(ME, EVE);
        actions.clear();
        assertThat(after(new Open(5, 0))).isEmpty();
        assertThat(after(new Accept(1, 10, 0))).isEmpty();
        assertThat(after(new Reset(1))).isEmpty();
        assertThat(delivers(new Batch(5, 1, 0))).isFalse();
        assertThat(actions()).isEmpty();
    }

    @Test
    void anOpenIsAcceptedAndTheOwnOneIsRepeated() {
        view(ME, BEN);
        actions.clear();
        assertThat(after(new Open(5, 0))).containsExactly(new Accept(5, 2, 0), new Open(1, 0));
        assertThat(after(new Open(5, 0))).containsExactly(new Accept(5, 2, 0));
    }

    @Test
    void aPeerThatOpensItsFirstSessionMustConfirmTheOwnOneAgain() {
        open();
        sessions.number(BEN, 1);
        sessions.received(BEN, new Accept(1, 10, 1), 0);
        sessions.tick();
        assertThat(actions()).isEmpty();
        sessions.received(BEN, new Open(20, 0), 0);
        assertThat(actions()).contains(new Open(1, 1));
        sessions.tick();
        assertThat(actions()).as("the first may be lost").containsExactly(new Open(1, 1));
    }

    @Test
    void batchesAreTakenOnceAndInOrder() {
        long by = take();
        assertThat(delivers(new Batch(5, by, 0))).isTrue();
        assertThat(delivers(new Batch(5, by, 1))).isTrue();
        assertThat(delivers(new Batch(5, by, 1))).isFalse();
        assertThat(delivers(new Batch(5, by, 0))).isFalse();
        assertThat(delivers(new Batch(5, by, 2))).isTrue();
        assertThat(actions()).isEmpty();
        assertThat(after(new Open(5, 3))).containsExactly(new Accept(5, by, 3));
    }

    @Test
    void aGapEndsTheSessionAndIsReportedOnceForEachTick() {
        long by = take();
        assertThat(delivers(new Batch(5, by, 1))).isFalse();
        assertThat(delivers(new Batch(5, by, 0))).isFalse();
        assertThat(delivers(new Batch(5, by, 2))).isFalse();
        assertThat(actions()).containsExactly(new Reset(5));
        sessions.tick();
        actions.clear();
        assertThat(delivers(new Batch(5, by, 3))).isFalse();
        assertThat(actions()).containsExactly(new Reset(5));
    }

    @Test
    void theLossOfTheLastBatchesIsDetectedByOpen() {
        long by = take();
        assertThat(delivers(new Batch(5, by, 0))).isTrue();
        assertThat(after(new Open(5, 2))).containsExactly(new Reset(5));
        assertThat(delivers(new Batch(5, by, 1))).isFalse();
    }

    @Test
    void anOlderSessionIsIgnored() {
        long by = take();
        assertThat(after(new Open(4, 0))).isEmpty();
        assertThat(delivers(new Batch(4, by, 0))).isFalse();
        assertThat(actions()).isEmpty();
        assertThat(delivers(new Batch(5, by, 0))).isTrue();
    }

    @Test
    void aNewerSessionReplacesTheLast() {
        long by = take();
        assertThat(delivers(new Batch(5, by, 0))).isTrue();
        sessions.received(BEN, new Open(6, 0), 0);
        Accept accept = (Accept) actions().getFirst();
        assertThat(accept.session()).isEqualTo(6);
        assertThat(delivers(new Batch(5, by, 1))).isFalse();
        assertThat(delivers(new Batch(6, accept.acceptance(), 0))).isTrue();
    }

    @Test
    void aBatchOfAnUnknownSessionIsAnsweredByReset() {
        view(ME, BEN);
        actions.clear();
        assertThat(delivers(new Batch(5, 1, 3))).isFalse();
        assertThat(actions()).containsExactly(new Reset(5));
    }

    @Test
    void nothingOfAFormerMembershipIsDeliveredEvenIfItsOpenIsRepeated() {
        long by = take();
        assertThat(delivers(new Batch(5, by, 0))).isTrue();
        view(ME);
        view(ME, BEN);
        actions.clear();
        sessions.received(BEN, new Open(5, 0), 0);
        Accept accept = (Accept) actions().getFirst();
        assertThat(accept.acceptance()).isGreaterThan(by);
        assertThat(delivers(new Batch(5, by, 0))).isFalse();
        assertThat(delivers(new Batch(5, by, 1))).isFalse();
        assertThat(actions()).isEmpty();
    }

    @Test
    void batchesAreConfirmedAfterEachHundredBytes() {
        long acceptance = take();
        assertThat(sessions.received(BEN, new Batch(5, acceptance, 0), 99)).isTrue();
        assertThat(actions()).isEmpty();
        assertThat(sessions.received(BEN, new Batch(5, acceptance, 1), 1)).isTrue();
        assertThat(actions()).containsExactly(new Accept(5, acceptance, 2));
        assertThat(sessions.received(BEN, new Batch(5, acceptance, 2), 60)).isTrue();
        assertThat(after(new Open(5, 3))).containsExactly(new Accept(5, acceptance, 3));
        assertThat(sessions.received(BEN, new Batch(5, acceptance, 3), 60)).isTrue();
        assertThat(actions()).as("the answer to OPEN confirmed them").isEmpty();
    }

    @Test
    void confirmationsOfThePeerArePassedOn() {
        open();
        sessions.number(BEN, 1);
        sessions.number(BEN, 1);
        sessions.received(BEN, new Accept(1, 10, 1), 0);
        sessions.received(BEN, new Accept(1, 9, 2), 0);
        sessions.received(BEN, new Accept(2, 10, 2), 0);
        assertThat(confirmed).containsExactly(1L);
    }

    @Test
    void aTickConfirmsWhatHasArrivedSinceTheLastConfirmation() {
        long acceptance = take();
        sessions.tick();
        actions.clear();
        assertThat(delivers(new Batch(5, acceptance, 0))).isTrue();
        sessions.tick();
        assertThat(actions()).contains(new Accept(5, acceptance, 1));
        sessions.tick();
        assertThat(actions()).doesNotContain(new Accept(5, acceptance, 1));
    }

    @Test
    void partsAndBatchesHaveOneSequenceOfNumbers() {
        long acceptance = take();
        assertThat(delivers(new Batch(5, acceptance, 0))).isTrue();
        assertThat(sessions.received(BEN, new Part(5, acceptance, 1, 7), 1)).isTrue();
        assertThat(sessions.received(BEN, new Part(5, acceptance, 1, 7), 1))
                .as("repeated")
                .isFalse();
        assertThat(delivers(new Batch(5, acceptance, 2))).isTrue();
        actions.clear();
        assertThat(sessions.received(BEN, new Part(5, acceptance, 4, 7), 1))
                .as("a gap")
                .isFalse();
        assertThat(actions()).containsExactly(new Reset(5));
    }

    @Test
    void aRejectedSessionIsReset() {
        long acceptance = take();
        sessions.reject(BEN, 4);
        assertThat(actions()).isEmpty();
        sessions.reject(BEN, 5);
        assertThat(actions()).containsExactly(new Reset(5));
        assertThat(delivers(new Batch(5, acceptance, 0))).isFalse();
        sessions.reject(EVE, 5);
    }
}
