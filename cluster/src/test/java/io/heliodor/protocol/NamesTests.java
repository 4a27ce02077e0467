package io.heliodor.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import io.heliodor.link.View;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTests {
    private static final long SECOND = 1_000_000_000L;

    private final Nodes nodes = new Nodes();
    private final Nodes.One a = nodes.one("a");
    private final Nodes.One b = nodes.one("b");
    private final Nodes.One c = nodes.one("c");

    /** Two incarnations of x, in two parts at first; x' is the duplicate when they merge. */
    private final Nodes.One first = nodes.one("x");

    private final Nodes.One duplicate = nodes.one("x'");
    private long ticket = 1;

    private static Class<?> kind(NameOutcome answer) {
        return answer.getClass();
    }

    @Test
    void aSingleNodeGrantsNames() {
        nodes.together(1, "a");
        a.names.register("x", 7, 1, 0);
        assertThat(kind(a.answers.get(1L))).isEqualTo(NameOutcome.Committed.class);
        assertThat(a.owner("x")).isEqualTo("a7");
        assertThat(a.names.ownNames()).containsExactly("x");
    }

    @Test
    void aNameIsCommittedWhenAllMembersHaveAcceptedIt() {
        nodes.together(1, "a", "b", "c");
        b.names.register("x", 7, 1, 0);
        nodes.deliver(sent -> !sent.from().equals("c"));
        assertThat(c.owner("x")).isEqualTo("b7");
        assertThat(b.answers).isEmpty();
        assertThat(b.names.ownNames()).isEmpty();
        nodes.deliver();
        assertThat(kind(b.answers.get(1L))).isEqualTo(NameOutcome.Committed.class);
        assertThat(b.names.ownNames()).containsExactly("x");
        assertThat(a.owner("x")).isEqualTo("b7");
    }

    @Test
    void aNameIsVisibleAtAMemberThatHasAcceptedIt() {
        nodes.together(1, "a", "b", "c");
        b.names.register("x", 7, 1, 0);
        nodes.deliver();
        b.names.register("y", 7, 2, 0);
        nodes.deliver();
        b.names.release("x", 7, 3, 0);
        nodes.deliver();
        assertThat(c.acceptedWith)
                .containsExactly(
                        entry(0L, Set.of()),
                        entry(1L, Set.of("x")),
                        entry(2L, Set.of("x", "y")),
                        entry(3L, Set.of("y")));
        nodes.together(2, "a", "b", "c");
        assertThat(c.acceptedWith).containsEntry(0L, Set.of("y"));
    }

    @Test
    void aCommitDoesNotWaitForASuspectOfTheCoordinator() {
        nodes.together(1, "a", "b", "c");
        a.names.suspected(c.peer, true);
        b.names.register("x", 7, 1, 0);
        nodes.deliver(sent -> !sent.from().equals("c"));
        assertThat(kind(b.answers.get(1L))).isEqualTo(NameOutcome.Committed.class);
        nodes.deliver();
        assertThat(c.owner("x")).isEqualTo("b7");
    }

    @Test
    void aPendingCommitStopsWaitingForAMemberThatIsSuspected() {
        nodes.together(1, "a", "b", "c");
        b.names.register("x", 7, 1, 0);
        nodes.deliver(sent -> !sent.from().equals("c"));
        assertThat(b.answers).isEmpty();
        a.names.suspected(c.peer, true);
        nodes.deliver(sent -> !sent.from().equals("c"));
        assertThat(kind(b.answers.get(1L))).isEqualTo(NameOutcome.Committed.class);
        a.names.suspected(c.peer, false);
        b.names.register("y", 7, 2, 0);
        nodes.deliver(sent -> !sent.from().equals("c"));
        assertThat(b.answers).doesNotContainKey(2L);
        nodes.deliver();
        assertThat(kind(b.answers.get(2L))).isEqualTo(NameOutcome.Committed.class);
    }

    @Test
    void aNameThatAnotherHasIsTaken() {
        nodes.together(1, "a", "b");
        a.names.register("x", 7, 1, 0);
        b.names.register("x", 8, 2, 0);
        nodes.deliver();
        assertThat(b.answers.get(2L))
                .isInstanceOfSatisfying(
                        NameOutcome.Taken.class,
                        taken -> assertThat(taken.owner())
                                .isEqualTo(a.names.lookup("x").orElseThrow()));
    }

    @Test
    void namesOverTheLimitAreRefused() {
        nodes.together(1, "a");
        for (int name = 0; name < Nodes.MAX_NAMES; name++) {
            a.names.register("n" + name, 7, name, 0);
        }
        a.names.register("x", 7, Nodes.MAX_NAMES, 0);
        assertThat(kind(a.answers.get((long) Nodes.MAX_NAMES - 1))).isEqualTo(NameOutcome.Committed.class);
        assertThat(kind(a.answers.get((long) Nodes.MAX_NAMES))).isEqualTo(NameOutcome.Full.class);
    }

    @Test
    void aRepeatedRequestIsSafe() {
        nodes.together(1, "a", "b");
        b.names.register("x", 7, 1, 0);
        b.names.register("x", 7, 2, 0);
        nodes.deliver();
        b.names.register("x", 7, 3, 0);
        nodes.deliver();
        assertThat(b.answers.values()).hasSize(3).allMatch(answer -> answer instanceof NameOutcome.Committed);
    }

    @Test
    void aRequestWithoutAnAnswerForEightSecondsIsUnknownAndMayBeCommittedLater() {
        nodes.together(1, "a", "b", "c");
        b.names.register("x", 7, 1, 0);
        nodes.deliver(sent -> !sent.from().equals("c"));
        b.names.tick(8 * SECOND - 1);
        assertThat(b.answers).isEmpty();
        b.names.tick(8 * SECOND);
        assertThat(b.answers).containsEntry(1L, new NameOutcome.Unknown());
        nodes.deliver();
        b.names.register("x", 7, 2, 9 * SECOND);
        nodes.deliver();
        assertThat(kind(b.answers.get(2L))).isEqualTo(NameOutcome.Committed.class);
    }

    @Test
    void aReleasedNameIsFreeForOthers() {
        nodes.together(1, "a", "b", "c");
        b.names.register("x", 7, 1, 0);
        nodes.deliver();
        b.names.release("x", 7, 2, 0);
        assertThat(b.owner("x")).isEqualTo("nobody");
        nodes.deliver(sent -> !sent.from().equals("c"));
        assertThat(b.answers).doesNotContainKey(2L);
        nodes.deliver();
        assertThat(b.answers).containsEntry(2L, new NameOutcome.Released());
        c.names.register("x", 8, 3, 0);
        nodes.deliver();
        assertThat(kind(c.answers.get(3L))).isEqualTo(NameOutcome.Committed.class);
        assertThat(b.events).isEmpty();
    }

    @Test
    void onlyTheOwnerReleases() {
        nodes.together(1, "a", "b");
        a.names.register("x", 7, 1, 0);
        nodes.deliver();
        b.names.release("x", 7, 2, 0);
        a.names.release("x", 8, 3, 0);
        assertThat(b.answers).containsEntry(2L, new NameOutcome.NotOwner());
        assertThat(a.answers).containsEntry(3L, new NameOutcome.NotOwner());
    }

    @Test
    void aReleaseThatCrossesItsGrantLeavesNothing() {
        nodes.together(1, "a", "b");
        b.names.register("x", 7, 1, 0);
        nodes.deliver(sent -> sent.to().equals("a"));
        b.names.release("x", 7, 2, 0);
        assertThat(b.answers).containsEntry(1L, new NameOutcome.Unknown());
        nodes.deliver();
        assertThat(b.answers).containsEntry(2L, new NameOutcome.Released());
        assertThat(a.owner("x")).isEqualTo("nobody");
        assertThat(b.owner("x")).isEqualTo("nobody");
    }

    @Test
    void aNewRequestIsNotMistakenForTheOneThatWasWithdrawn() {
        nodes.together(1, "a", "b");
        b.names.register("x", 7, 1, 0);
        nodes.deliver(sent -> sent.to().equals("a"));
        b.names.release("x", 7, 2, 0);
        b.names.register("x", 7, 3, 0);
        nodes.deliver(sent -> sent.message() instanceof NamesMessage.Granted);
        assertThat(b.owner("x")).isEqualTo("nobody");
        nodes.deliver();
        assertThat(kind(b.answers.get(3L))).isEqualTo(NameOutcome.Committed.class);
        assertThat(b.names.ownNames()).containsExactly("x");
        assertThat(b.events).isEmpty();
    }

    @Test
    void aGrantToAProcessThatHasEndedIsReleased() {
        nodes.together(1, "a", "b");
        b.names.register("x", 7, 1, 0);
        nodes.deliver(sent -> sent.to().equals("a"));
        b.names.ended(7);
        nodes.queue.removeIf(sent -> sent.message() instanceof NamesMessage.Release);
        nodes.deliver();
        assertThat(a.owner("x")).isEqualTo("nobody");
        assertThat(b.answers).containsEntry(1L, new NameOutcome.Unknown());
    }

    @Test
    void theEndOfAProcessFreesAllItsNames() {
        nodes.together(1, "a", "b");
        b.names.register("x", 7, 1, 0);
        b.names.register("y", 7, 2, 0);
        b.names.register("z", 8, 3, 0);
        nodes.deliver();
        b.names.ended(7);
        nodes.deliver();
        assertThat(a.names.names()).containsExactly("z");
        assertThat(b.names.names()).containsExactly("z");
    }

    @Test
    void theNextCoordinatorFindsAGrantThatNotAllHadAccepted() {
        nodes.together(1, "a", "b", "c");
        b.names.register("x", 7, 1, 0);
        nodes.deliver(sent -> !sent.to().equals("c") && !sent.from().equals("c"));
        nodes.queue.clear();
        nodes.together(2, "c", "b");
        assertThat(kind(b.answers.get(1L))).isEqualTo(NameOutcome.Committed.class);
        assertThat(c.owner("x")).isEqualTo("b7");
        assertThat(b.names.lookup("x").orElseThrow().age()).isEqualTo(1);
    }

    @Test
    void aRequestThatWasLostWithTheCoordinatorIsRepeated() {
        nodes.together(1, "a", "b", "c");
        b.names.register("x", 7, 1, 0);
        nodes.queue.clear();
        nodes.together(2, "c", "b");
        assertThat(kind(b.answers.get(1L))).isEqualTo(NameOutcome.Committed.class);
    }

    @Test
    void namesOfMembersThatLeftAreFreeAtOnce() {
        nodes.together(1, "a", "b", "c");
        c.names.register("x", 7, 1, 0);
        nodes.deliver();
        View next = nodes.view(2, "a", "b");
        nodes.install(next, "b");
        assertThat(b.owner("x")).isEqualTo("nobody");
        assertThat(b.names.isSynced()).isFalse();
    }

    @Test
    void noNameIsGrantedBeforeAllMembersHaveSentTheirClaims() {
        nodes.together(1, "a", "b", "c");
        c.names.register("x", 7, 1, 0);
        nodes.deliver();
        View next = nodes.view(2, "a", "b", "c");
        nodes.install(next, "a");
        nodes.install(next, "b");
        b.names.register("x", 8, 2, 0);
        nodes.deliver();
        assertThat(b.answers).isEmpty();
        nodes.install(next, "c");
        nodes.deliver();
        assertThat(kind(b.answers.get(2L))).isEqualTo(NameOutcome.Taken.class);
        assertThat(c.events).isEmpty();
    }

    private int rowsSentTo(String member) {
        return nodes.delivered.stream()
                .filter(sent -> sent.to().equals(member))
                .mapToInt(sent -> sent.message() instanceof NamesMessage.Table table
                        ? table.rows().size()
                        : 0)
                .sum();
    }

    @Test
    void ofATableThatAMemberHasOnlyTheChangesAreSent() {
        nodes.together(1, "a", "b", "c");
        for (int i = 0; i < 10; i++) {
            a.names.register("a" + i, 7, 10 + i, 0);
            b.names.register("b" + i, 7, 20 + i, 0);
            c.names.register("c" + i, 7, 30 + i, 0);
        }
        nodes.deliver();
        nodes.delivered.clear();
        Nodes.One d = nodes.one("d");
        d.names.view(nodes.view(1, "d"));
        d.names.register("d0", 7, 1, 0);
        nodes.together(2, "a", "b", "c", "d");
        // The names of the member, those of the coordinator, and the new one.
        assertThat(rowsSentTo("b")).isEqualTo(21);
        assertThat(rowsSentTo("d")).isEqualTo(31);
        assertThat(b.names.names()).hasSize(31).isEqualTo(d.names.names());
        assertThat(b.owner("d0")).isEqualTo("d7");
        nodes.delivered.clear();
        nodes.together(3, "b", "c", "d");
        assertThat(rowsSentTo("d")).isEqualTo(11);
        assertThat(c.names.names()).hasSize(21).isEqualTo(d.names.names());
    }

    @Test
    void aMemberThatMissedAViewGetsTheWholeTable() {
        nodes.together(1, "a", "b", "c");
        c.names.register("x", 7, 1, 0);
        nodes.deliver();
        // b installs a view without c and drops its rows; the next view contains c again.
        nodes.install(nodes.view(2, "a", "b"), "b");
        nodes.queue.clear();
        nodes.delivered.clear();
        nodes.together(3, "a", "b", "c");
        assertThat(b.owner("x")).isEqualTo("c7");
        assertThat(rowsSentTo("b")).isEqualTo(1);
        assertThat(rowsSentTo("a")).isZero();
    }

    @Test
    void aNameThatTheCoordinatorGaveUpAtAViewChangeIsFreeEverywhere() {
        nodes.together(1, "a", "b", "c");
        a.names.register("x", 7, 1, 0);
        b.names.register("y", 7, 2, 0);
        nodes.deliver();
        a.names.release("x", 7, 3, 0);
        b.names.release("y", 7, 4, 0);
        nodes.queue.clear();
        nodes.together(2, "a", "b", "c");
        assertThat(List.of(a.owner("x"), b.owner("x"), c.owner("x"))).containsOnly("nobody");
        assertThat(List.of(a.owner("y"), b.owner("y"), c.owner("y"))).containsOnly("nobody");
        assertThat(b.answers).containsEntry(4L, new NameOutcome.Released());
    }

    @Test
    void messagesOfAnotherViewDoNotCount() {
        nodes.together(1, "a", "b", "c");
        b.names.register("x", 7, 1, 0);
        nodes.deliver(sent -> !sent.to().equals("c"));
        // c receives the grant after it has installed another view.
        nodes.install(nodes.view(2, "c"), "c");
        nodes.deliver();
        assertThat(c.owner("x")).isEqualTo("nobody");
        assertThat(b.answers).isEmpty();
    }

    @Test
    void viewsOfEqualNumberAreDistinguished() {
        nodes.together(1, "a", "b");
        b.names.register("x", 7, 1, 0);
        nodes.install(nodes.view(2, "a"), "a");
        nodes.install(nodes.view(2, "b"), "b");
        nodes.deliver();
        assertThat(a.owner("x")).isEqualTo("nobody");
        assertThat(b.owner("x")).isEqualTo("b7");
    }

    private void split(String winner, String loser) {
        nodes.together(1, winner);
        nodes.one(winner).names.register("x", 7, 1, 0);
        nodes.together(2, loser);
        nodes.one(loser).names.register("x", 8, 1, 0);
        nodes.together(1, "c");
    }

    @Test
    void afterASplitTheOldestClaimKeepsTheNameAndBothAreNotified() {
        split("a", "b");
        nodes.together(3, "b", "a", "c");
        assertThat(b.conflicts.get(1L)).hasSize(2);
        b.names.tick(0);
        b.names.tick(SECOND - 1);
        nodes.deliver();
        assertThat(a.names.isSynced()).isFalse();
        b.names.tick(SECOND);
        nodes.deliver();
        assertThat(a.events).containsExactly("conflict x a b");
        assertThat(b.events).containsExactly("lost x of 8", "conflict x a b");
        assertThat(c.events).isEmpty();
        assertThat(List.of(a.owner("x"), b.owner("x"), c.owner("x"))).containsOnly("a7");
    }

    @Test
    void aSuspectWhoseTableWasLostIsNotifiedOfItsConflictLater() {
        split("a", "b");
        a.names.suspected(b.peer, true);
        nodes.install(nodes.view(3, "a", "b", "c"));
        nodes.deliver();
        a.names.suspected(b.peer, true);
        a.names.tick(0);
        a.names.tick(SECOND);
        nodes.queue.removeIf(sent -> sent.to().equals("b"));
        nodes.deliver();
        assertThat(b.events).isEmpty();
        a.closed("b");
        a.opened("b");
        nodes.deliver();
        assertThat(b.events).containsExactly("lost x of 8", "conflict x a b");
    }

    @Test
    void aClaimThatIsReleasedAfterItWasSentWinsNoConflict() {
        split("a", "b");
        nodes.install(nodes.view(3, "c", "a", "b"));
        nodes.deliver(sent -> !sent.from().equals("b"));
        a.names.release("x", 7, 2, 0);
        nodes.deliver(sent -> !sent.from().equals("b"));
        nodes.deliver();
        assertThat(c.conflicts).isEmpty();
        assertThat(List.of(a.owner("x"), b.owner("x"), c.owner("x"))).containsOnly("b8");
        assertThat(b.events).isEmpty();
    }

    @Test
    void theResolverMayChooseTheOther() {
        split("a", "b");
        nodes.together(3, "a", "b", "c");
        Claim other = a.conflicts.get(1L).stream()
                .filter(claim -> claim.peer().equals(b.peer))
                .findFirst()
                .orElseThrow();
        a.names.resolved(1, Optional.of(other));
        nodes.deliver();
        assertThat(a.events).containsExactly("lost x of 7", "conflict x b a");
        assertThat(b.events).containsExactly("conflict x b a");
        assertThat(List.of(a.owner("x"), b.owner("x"), c.owner("x"))).containsOnly("b8");
    }

    @Test
    void theResolverMayChooseNoOwner() {
        split("a", "b");
        nodes.together(3, "c", "a", "b");
        c.names.resolved(1, Optional.empty());
        nodes.deliver();
        assertThat(a.events).containsExactly("lost x of 7", "conflict x nobody a");
        assertThat(b.events).containsExactly("lost x of 8", "conflict x nobody b");
        assertThat(c.owner("x")).isEqualTo("nobody");
    }

    @Test
    void aTableThatIsSentAgainBringsNoSecondConflict() {
        split("a", "b");
        nodes.together(3, "c", "a", "b");
        c.names.tick(0);
        c.names.tick(SECOND);
        nodes.deliver(sent -> !sent.from().equals("b"));
        for (String member : List.of("a", "b")) {
            c.closed(member);
            c.opened(member);
        }
        nodes.deliver();
        assertThat(a.events).containsExactly("conflict x a b");
        assertThat(b.events).containsExactly("lost x of 8", "conflict x a b");
    }

    @Test
    void aClaimThatWasNotCommittedLosesWithoutAConflict() {
        nodes.together(1, "a", "b", "c");
        b.names.register("x", 7, 1, 0);
        nodes.deliver(sent -> !sent.from().equals("c"));
        nodes.queue.clear();
        nodes.together(2, "a", "c");
        c.names.register("x", 8, 2, 0);
        nodes.deliver();
        nodes.together(3, "a", "c", "b");
        assertThat(a.conflicts).isEmpty();
        assertThat(kind(b.answers.get(1L))).isEqualTo(NameOutcome.Taken.class);
        assertThat(b.owner("x")).isEqualTo("c8");
        assertThat(b.events).isEmpty();
    }

    @Test
    void aMemberThatLosesItsSessionGetsTheGrantAgain() {
        nodes.together(1, "a", "b");
        a.names.register("x", 7, 1, 0);
        nodes.queue.clear();
        a.closed("b");
        a.opened("b");
        nodes.deliver();
        assertThat(b.owner("x")).isEqualTo("a7");
        assertThat(kind(a.answers.get(1L))).isEqualTo(NameOutcome.Committed.class);
    }

    @Test
    void anAnswerThatWasLostIsRequestedAgain() {
        nodes.together(1, "a", "b");
        b.names.register("x", 7, 1, 0);
        nodes.deliver(sent -> !(sent.message() instanceof NamesMessage.Committed));
        nodes.queue.clear();
        a.closed("b");
        a.opened("b");
        nodes.deliver();
        assertThat(kind(b.answers.get(1L))).isEqualTo(NameOutcome.Committed.class);
    }

    @Test
    void anAcceptanceThatWasLostIsRepeated() {
        nodes.together(1, "a", "b", "c");
        c.names.register("x", 7, 1, 0);
        nodes.deliver(sent -> !sent.from().equals("b"));
        nodes.queue.clear();
        b.closed("a");
        b.opened("a");
        nodes.deliver();
        assertThat(kind(c.answers.get(1L))).isEqualTo(NameOutcome.Committed.class);
    }

    @Test
    void claimsThatWereLostAreSentAgain() {
        nodes.together(1, "b");
        b.names.register("x", 7, 1, 0);
        nodes.install(nodes.view(2, "a", "b"));
        nodes.deliver(sent -> sent.from().equals("a"));
        nodes.queue.clear();
        b.closed("a");
        b.opened("a");
        nodes.deliver();
        assertThat(a.owner("x")).isEqualTo("b7");
    }

    @Test
    void aReleaseThatWasLostIsRepeated() {
        nodes.together(1, "a", "b");
        b.names.register("x", 7, 1, 0);
        nodes.deliver();
        b.names.ended(7);
        nodes.queue.clear();
        b.closed("a");
        b.opened("a");
        nodes.deliver();
        assertThat(a.owner("x")).isEqualTo("nobody");
    }

    @Test
    void aNameThatIsReleasedWhileClaimsAreSentIsNotInTheTable() {
        nodes.together(1, "b");
        b.names.register("x", 7, 1, 0);
        b.names.register("y", 8, 2, 0);
        nodes.install(nodes.view(2, "a", "b", "c"));
        nodes.deliver(sent -> !sent.from().equals("c"));
        b.names.release("x", 7, 3, 0);
        nodes.deliver();
        assertThat(a.names.names()).containsExactly("y");
        assertThat(b.answers).containsEntry(3L, new NameOutcome.Released());
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 3_000})
    void manyNamesAreSentInPagesAndConcurrentChangesFollow(int changes) {
        nodes.together(1, "b");
        for (int name = 0; name < 5_000; name++) {
            b.names.register("name " + name, name, name, 0);
        }
        nodes.install(nodes.view(2, "a", "b"));
        nodes.deliver(sent -> sent.from().equals("a") || sent.message() instanceof NamesMessage.Claims);
        assertThat(nodes.queue).hasSizeLessThanOrEqualTo(Pages.WINDOW);
        // A quarter of the table, 1 250, is remembered.
        for (int name = 0; name < changes; name++) {
            a.names.register("other " + name, name, name, 0);
        }
        nodes.deliver();
        assertThat(a.names.names()).hasSize(5_000 + changes);
        assertThat(b.names.names()).isEqualTo(a.names.names());
        assertThat(a.answers.values()).hasSize(changes).allMatch(answer -> answer instanceof NameOutcome.Committed);
    }

    @Test
    void theFirstCandidateInTheOrderOfTheViewLeads() {
        nodes.install(nodes.view(1, "a", "b", "c"));
        c.names.campaign("e", 1);
        b.names.campaign("e", 2);
        nodes.deliver();
        assertThat(b.events).containsExactly("leading e by 2 in 1");
        assertThat(c.events).isEmpty();
        assertThat(List.of(a.leader("e"), b.leader("e"), c.leader("e"))).containsOnly("b");
    }

    @Test
    void theOrderOfTheViewDecidesEvenIfTheFirstCandidacyArrivesLast() {
        nodes.together(1, "d", "a", "b", "c");
        nodes.one("d").names.campaign("e", 1);
        b.names.campaign("e", 2);
        c.names.campaign("e", 3);
        nodes.deliver();
        nodes.install(nodes.view(2, "a", "b", "c"));
        nodes.deliver(sent -> !sent.from().equals("b") || sent.message() instanceof NamesMessage.Claims);
        nodes.deliver();
        assertThat(b.events).containsExactly("leading e by 2 in 2");
        assertThat(c.events).isEmpty();
    }

    @Test
    void aLeaderStaysLeaderInItsTermWhenOthersCome() {
        nodes.together(1, "b");
        b.names.campaign("e", 2);
        nodes.install(nodes.view(2, "a", "b"));
        a.names.campaign("e", 1);
        nodes.deliver();
        assertThat(b.events).containsExactly("leading e by 2 in 1");
        assertThat(a.events).isEmpty();
    }

    @Test
    void theNextLeadsWhenTheLeaderResignsEndsOrLeaves() {
        nodes.together(1, "a", "b", "c");
        a.names.campaign("e", 1);
        b.names.campaign("e", 2);
        b.names.campaign("e", 3);
        c.names.campaign("e", 4);
        nodes.deliver();
        a.names.resign("e", 1);
        assertThat(a.events).containsExactly("leading e by 1 in 1", "deposed e by 1 in 1");
        nodes.deliver();
        b.names.ended(2);
        nodes.deliver();
        assertThat(b.events).containsExactly("leading e by 2 in 1", "deposed e by 2 in 1", "leading e by 3 in 1");
        nodes.together(2, "a", "c");
        assertThat(c.events).containsExactly("leading e by 4 in 2");
        nodes.together(3, "a", "c", "b");
        assertThat(b.events).last().isEqualTo("deposed e by 3 in 1");
    }

    @Test
    void ofTwoLeadersTheFirstInTheOrderOfTheViewStays() {
        nodes.together(1, "a");
        a.names.campaign("e", 1);
        nodes.together(1, "b");
        b.names.campaign("e", 2);
        nodes.together(2, "b", "a");
        assertThat(a.events).containsExactly("leading e by 1 in 1", "deposed e by 1 in 1");
        assertThat(b.events).containsExactly("leading e by 2 in 1");
        b.names.resign("e", 2);
        nodes.deliver();
        assertThat(a.events).last().isEqualTo("leading e by 1 in 2");
    }

    @Test
    void aLeaderThatIsElectedAgainBeforeItIsDeposedHasAnotherTerm() {
        nodes.together(1, "a");
        a.names.campaign("e", 1);
        nodes.together(1, "b");
        b.names.campaign("e", 2);
        nodes.install(nodes.view(2, "a", "b"));
        nodes.deliver(sent -> !(sent.message() instanceof NamesMessage.Table));
        a.names.resign("e", 1);
        nodes.queue.clear();
        a.closed("b");
        a.opened("b");
        nodes.deliver();
        assertThat(b.events).containsExactly("leading e by 2 in 1", "deposed e by 2 in 1", "leading e by 2 in 2");
    }

    private void register(Nodes.One at, String name, long process) {
        at.names.register(name, process, ticket, 0);
        nodes.deliver();
        assertThat(kind(at.answers.get(ticket++))).isEqualTo(NameOutcome.Committed.class);
    }

    /** The duplicate has the oldest claims to two names, of which the first one has one, too. */
    private void claimTwice() {
        nodes.together(1, "b", "x'");
        register(duplicate, "s", 8);
        register(duplicate, "t", 8);
        nodes.together(2, "a", "x");
        register(first, "s", 7);
    }

    private List<String> owners(String name, Nodes.One... at) {
        return Arrays.stream(at).map(node -> node.owner(name)).toList();
    }

    private void assertNoEvents() {
        assertThat(List.of(a, b, first, duplicate)).allSatisfy(node -> {
            assertThat(node.events).isEmpty();
            assertThat(node.conflicts).isEmpty();
        });
    }

    @Test
    void theFirstIncarnationKeepsItsNamesWithoutAConflict() {
        claimTwice();
        nodes.together(3, "a", "x", "b", "x'");
        assertThat(owners("s", a, b, first, duplicate)).containsOnly("x7");
        assertThat(owners("t", a, b, first)).containsOnly("nobody");
        nodes.together(4, "a", "x", "b");
        assertThat(owners("s", a, b, first)).containsOnly("x7");
        assertThat(first.names.ownNames()).containsExactly("s");
        assertNoEvents();
    }

    @Test
    void aDuplicateWhosePredecessorEndsGetsItsNamesBack() {
        claimTwice();
        nodes.together(3, "a", "x", "b", "x'");
        assertThat(duplicate.owner("t")).as("on its own node").isEqualTo("x8");
        nodes.together(4, "a", "b", "x'");
        assertThat(owners("s", a, b, duplicate)).containsOnly("x8");
        assertThat(owners("t", a, b, duplicate)).containsOnly("x8");
        assertThat(duplicate.names.ownNames()).containsExactly("s", "t");
        assertNoEvents();
    }

    @Test
    void aClaimOfADuplicateThatIsNotCommittedBlocksNoOther() {
        nodes.together(1, "b", "x'");
        duplicate.names.register("s", 8, 1, 0);
        nodes.deliver(sent -> !(sent.message() instanceof NamesMessage.Committed));
        nodes.queue.clear();
        nodes.together(2, "a", "x");
        nodes.together(3, "a", "x", "b", "x'");
        assertThat(duplicate.answers).isEmpty();
        register(first, "s", 7);
        nodes.together(4, "a", "x", "b");
        assertThat(owners("s", a, b, first)).containsOnly("x7");
        assertNoEvents();
    }

    @Test
    void aNameThatAnotherNodeGotInTheMeantimeIsAConflictWhenTheDuplicateStays() {
        claimTwice();
        nodes.together(3, "a", "x", "b", "x'");
        register(b, "t", 9);
        assertThat(owners("t", a, b, duplicate)).containsOnly("b9");
        nodes.together(4, "a", "b", "x'");
        a.names.tick(0);
        a.names.tick(SECOND);
        nodes.deliver();
        assertThat(owners("t", a, b, duplicate)).containsOnly("x8");
        assertThat(b.events).containsExactly("lost t of 9", "conflict t x b");
        assertThat(duplicate.events).containsExactly("conflict t x b");
    }

    @Test
    void aDuplicateRequestsNothingUntilItIsTheOnlyOne() {
        nodes.together(1, "a", "x", "x'");
        duplicate.names.register("u", 8, 1, 0);
        duplicate.names.campaign("e", 8);
        nodes.deliver();
        assertThat(duplicate.answers).isEmpty();
        assertThat(a.leader("e")).isEqualTo("nobody");
        nodes.together(2, "a", "x'");
        assertThat(kind(duplicate.answers.get(1L))).isEqualTo(NameOutcome.Committed.class);
        assertThat(a.owner("u")).isEqualTo("x8");
        assertThat(duplicate.events).containsExactly("leading e by 8 in 2");
    }

    @Test
    void aRequestOfADuplicateThatIsSentAllTheSameIsIgnored() {
        nodes.together(1, "a", "x", "x'");
        View view = nodes.view(1, "a", "x", "x'");
        a.names.received(duplicate.peer, new NamesMessage.Register(view.id(), 1, new Key(false, "u"), 8));
        a.names.received(duplicate.peer, new NamesMessage.Register(view.id(), 2, new Key(true, "e"), 8));
        assertThat(a.owner("u")).isEqualTo("nobody");
        assertThat(a.leader("e")).isEqualTo("nobody");
    }

    @Test
    void aSuspendedNameThatIsReleasedDoesNotComeBack() {
        claimTwice();
        nodes.together(3, "a", "x", "b", "x'");
        duplicate.names.release("s", 8, 10, 0);
        duplicate.names.ended(8);
        nodes.deliver();
        assertThat(duplicate.answers).containsEntry(10L, new NameOutcome.Released());
        assertThat(owners("s", a, b, first, duplicate)).containsOnly("x7");
        assertThat(duplicate.owner("t")).isEqualTo("nobody");
        nodes.together(4, "a", "b", "x'");
        assertThat(owners("s", a, b, duplicate)).containsOnly("nobody");
        assertThat(owners("t", a, b, duplicate)).containsOnly("nobody");
        assertNoEvents();
    }

    @Test
    void aDuplicateDeposesNoLeaderAndLeadsNothing() {
        nodes.together(1, "x'");
        duplicate.names.campaign("e", 8);
        duplicate.names.campaign("f", 8);
        nodes.together(1, "a", "x", "b");
        b.names.campaign("e", 9);
        nodes.deliver();
        nodes.together(2, "a", "x", "x'", "b");
        assertThat(b.events).containsExactly("leading e by 9 in 1");
        assertThat(duplicate.events)
                .containsExactly(
                        "leading e by 8 in 1", "leading f by 8 in 1", "deposed e by 8 in 1", "deposed f by 8 in 1");
        assertThat(a.leader("f")).isEqualTo("nobody");
        nodes.together(3, "a", "x'", "b");
        assertThat(b.events).hasSize(1);
        assertThat(duplicate.events).hasSize(5).last().isEqualTo("leading f by 8 in 3");
    }

    @Test
    void aNameThatCannotBeSentIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> a.names.register("x".repeat(1_025), 7, 1, 0))
                .withMessageContaining("1025");
        assertThatIllegalArgumentException().isThrownBy(() -> a.names.campaign("\ud800", 7));
    }
}
