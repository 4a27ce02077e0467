package io.heliodor.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.protocol.Roster.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RosterTests implements Roster.Effects {
    private static final long HOUR = 3_600_000_000_000L;

    private final Peer a = new Peer("a", 1);
    private final Peer b = new Peer("b", 2);
    private final Peer c = new Peer("c", 3);
    private final List<String> events = new ArrayList<>();
    private final List<Peer> sent = new ArrayList<>();
    private final Roster roster = new Roster(a, this);
    private long views;

    private void view(boolean merged, Peer... members) {
        roster.view(new View(new ViewId(++views, members[0]), List.of(members), merged));
        roster.checkInvariants();
    }

    private void view(Peer... members) {
        view(false, members);
    }

    private Optional<Roster.Row> row(String node) {
        return roster.rows().stream()
                .filter(row -> row.peer().node().equals(node))
                .findFirst();
    }

    private List<Roster.Row> rows(Object... peersAndStatuses) {
        List<Roster.Row> rows = new ArrayList<>();
        for (int at = 0; at < peersAndStatuses.length; at += 2) {
            rows.add(new Roster.Row((Peer) peersAndStatuses[at], (Status) peersAndStatuses[at + 1]));
        }
        return rows;
    }

    @Override
    public void send(Peer to, LeaveNotice message) {
        sent.add(to);
    }

    @Override
    public void up(Peer peer) {
        events.add("up " + peer.node() + peer.incarnation());
    }

    @Override
    public void suspect(Peer peer) {
        events.add("suspect " + peer.node());
    }

    @Override
    public void alive(Peer peer) {
        events.add("alive " + peer.node());
    }

    @Override
    public void down(Peer peer) {
        events.add("down " + peer.node() + peer.incarnation());
    }

    @Override
    public void left(Peer peer) {
        events.add("left " + peer.node());
    }

    @Override
    public void merged(List<Peer> peers) {
        events.add("merged " + peers.stream().map(Peer::node).toList());
    }

    @Test
    void aRosterContainsItsOwnNode() {
        assertThat(roster.rows()).isEqualTo(rows(a, Status.ALIVE));
        view(a);
        assertThat(events).isEmpty();
    }

    @Test
    void membersThatJoinAndLeaveAreReported() {
        view(a, c, b);
        view(a, c);
        assertThat(events).containsExactly("up c3", "up b2", "down b2");
        assertThat(roster.rows()).isEqualTo(rows(a, Status.ALIVE, b, Status.DEAD, c, Status.ALIVE));
    }

    @Test
    void aMemberThatSentANoticeHasLeft() {
        view(a, b, c);
        roster.received(b, new LeaveNotice());
        assertThat(row("b").orElseThrow().status()).isEqualTo(Status.ALIVE);
        view(a);
        assertThat(events).containsExactly("up b2", "up c3", "left b", "down c3");
        assertThat(roster.rows()).isEqualTo(rows(a, Status.ALIVE, b, Status.LEFT, c, Status.DEAD));
    }

    @Test
    void aMemberThatLeftAndReturnedCanFail() {
        view(a, b);
        roster.received(b, new LeaveNotice());
        view(a);
        view(a, b);
        view(a);
        assertThat(events).containsExactly("up b2", "left b", "up b2", "down b2");
    }

    @Test
    void aNodeThatLeavesNotifiesAllOthers() {
        view(b, a, c);
        roster.leave();
        assertThat(sent).containsExactly(b, c);
    }

    @Test
    void aMemberWithoutASessionIsNotifiedOfALeaveWhenOneOpens() {
        view(b, a, c);
        roster.leave();
        sent.clear();
        roster.opened(c);
        assertThat(sent).containsExactly(c);
    }

    @Test
    void aNodeThatLeftAndReturnedDoesNotLeaveAgain() {
        view(b, a);
        roster.leave();
        view(a);
        roster.stay();
        sent.clear();
        view(b, a);
        roster.opened(b);
        assertThat(sent).isEmpty();
    }

    @Test
    void suspicionIsReportedOnceAndEndsWithTheMembership() {
        view(a, b);
        roster.suspected(b, true);
        roster.suspected(b, true);
        assertThat(row("b").orElseThrow().status()).isEqualTo(Status.SUSPECT);
        roster.suspected(b, false);
        roster.suspected(b, false);
        roster.suspected(b, true);
        view(a);
        roster.suspected(b, false);
        view(a, b);
        assertThat(events).containsExactly("up b2", "suspect b", "alive b", "suspect b", "down b2", "up b2");
        assertThat(roster.rows()).isEqualTo(rows(a, Status.ALIVE, b, Status.ALIVE));
    }

    @Test
    void aRowHasTheLatestIncarnation() {
        var next = new Peer("b", 9);
        view(a, b);
        view(a, next);
        assertThat(events).containsExactly("up b2", "down b2", "up b9");
        assertThat(roster.rows()).isEqualTo(rows(a, Status.ALIVE, next, Status.ALIVE));
    }

    @Test
    void ofTwoIncarnationsInAViewTheOlderStays() {
        var next = new Peer("b", 9);
        view(a, b);
        view(a, b, next);
        assertThat(events).containsExactly("up b2");
        roster.suspected(next, true);
        view(a, next);
        assertThat(events).containsExactly("up b2", "down b2", "up b9");
    }

    @Test
    void anIncarnationThatReplacesAnotherAgainIsNotSuspected() {
        var next = new Peer("b", 9);
        view(a, b);
        roster.suspected(b, true);
        view(a, next, b);
        view(a, b);
        assertThat(roster.rows()).isEqualTo(rows(a, Status.ALIVE, b, Status.ALIVE));
    }

    @Test
    void aMergeListsTheMembersThatWereApart() {
        view(a);
        view(true, b, a, c);
        assertThat(events).containsExactly("up b2", "up c3", "merged [b, c]");
        events.clear();
        view(false, a, b, c);
        assertThat(events).isEmpty();
    }

    @Test
    void aNodeThatDidNotNoticeItsExclusionIsNotifiedOfTheMerge() {
        view(a, b);
        events.clear();
        view(true, a, b);
        assertThat(events).containsExactly("merged []");
    }

    @Test
    void aFormerMemberIsRememberedForAnHour() {
        roster.tick(5);
        view(a, b);
        view(a);
        roster.tick(10);
        roster.tick(10 + HOUR - 1);
        assertThat(row("b")).isPresent();
        roster.tick(10 + HOUR);
        assertThat(roster.rows()).isEqualTo(rows(a, Status.ALIVE));
    }

    @Test
    void atMostAThousandFormerMembersAreRemembered() {
        for (int node = 0; node <= Roster.MAX_FORMER; node++) {
            view(a, new Peer("n" + node, node));
        }
        view(a);
        assertThat(roster.rows()).hasSize(1 + Roster.MAX_FORMER);
        assertThat(row("n0")).isEmpty();
        assertThat(row("n1")).isPresent();
    }

    @Test
    void mostOfTheKnownNodesAreAMajority() {
        assertThat(roster.majority()).isTrue();
        view(a, b, c);
        view(a, b);
        assertThat(roster.majority()).isTrue();
        view(a);
        assertThat(roster.majority()).isFalse();
        view(a, b);
        assertThat(roster.majority()).isTrue();
    }

    @Test
    void membersThatLeftDoNotCount() {
        view(a, b, c);
        roster.received(b, new LeaveNotice());
        roster.received(c, new LeaveNotice());
        view(a);
        assertThat(roster.majority()).isTrue();
    }

    @Test
    void aMinorityDoesNotBecomeAMajorityByWaiting() {
        view(a, b, c);
        view(a);
        roster.tick(0);
        roster.tick(2 * HOUR);
        assertThat(roster.rows()).isEqualTo(rows(a, Status.ALIVE));
        assertThat(roster.majority()).isFalse();
        view(a, b);
        roster.tick(2 * HOUR);
        view(a);
        assertThat(roster.majority()).isFalse();
        view(a, b);
        assertThat(roster.majority()).isTrue();
    }

    private final Peer pod = new Peer("pod@10.0.0.3", 4);
    private final Peer next = new Peer("pod@10.0.0.4", 5);

    @Test
    void aDeadPodIsForgottenWhenItComesBackAtAnotherAddress() {
        view(a, b, pod);
        view(a, b);
        assertThat(row("pod@10.0.0.3")).map(Roster.Row::status).contains(Status.DEAD);

        view(a, b, next);

        assertThat(roster.rows()).isEqualTo(rows(a, Status.ALIVE, b, Status.ALIVE, next, Status.ALIVE));
        assertThat(events).contains("down pod@10.0.0.34");
    }

    @Test
    void aSuspectedPodThatIsReplacedLeavesNoRow() {
        view(a, pod);
        roster.suspected(pod, true);
        view(a, pod, next);
        view(a, next);

        assertThat(roster.rows()).isEqualTo(rows(a, Status.ALIVE, next, Status.ALIVE));
        assertThat(roster.majority()).isTrue();
    }

    @Test
    void aSuspectThatAnswersAgainIsNotReplaced() {
        view(a, pod);
        roster.suspected(pod, true);
        view(a, pod, next);
        roster.suspected(pod, false);
        view(a, next);

        assertThat(row("pod@10.0.0.3")).map(Roster.Row::status).contains(Status.DEAD);
    }

    @Test
    void nodesThatShareThePartBeforeTheAtDoNotReplaceEachOther() {
        Peer one = new Peer("app@one", 6);
        Peer two = new Peer("app@two", 7);
        Peer three = new Peer("app@three", 8);
        view(a, one, two);
        view(a, one);
        view(a, one, three);
        assertThat(row("app@two")).map(Roster.Row::status).contains(Status.DEAD);

        view(a, three);
        assertThat(row("app@one")).map(Roster.Row::status).contains(Status.DEAD);

        view(a, three, new Peer("app@four", 9));
        assertThat(row("app@one")).map(Roster.Row::status).contains(Status.DEAD);
        assertThat(row("app@two")).map(Roster.Row::status).contains(Status.DEAD);

        view(a);
        view(a, new Peer("app@five", 10));
        assertThat(roster.rows()).filteredOn(row -> row.status() == Status.DEAD).hasSize(4);
    }

    @Test
    void twoReplacementsOfThreePodsAreNoMinority() {
        Peer second = new Peer("second@10.0.0.5", 6);
        Peer secondAgain = new Peer("second@10.0.0.6", 7);
        view(a, second, pod);
        view(a, second);
        view(a, second, next);
        view(a, next);
        assertThat(roster.majority()).isTrue();

        view(a, next, secondAgain);
        view(a, next);
        assertThat(roster.majority()).isTrue();
    }

    /** All are alone, and meet two and two. */
    @Test
    void aNodeThatReturnsReplacesNoOther() {
        Peer web = new Peer("web@2", 6);
        Peer three = new Peer("job@3", 7);
        Peer four = new Peer("job@4", 8);
        Peer five = new Peer("job@5", 9);
        view(a, web, three, four, five);
        view(a);
        view(true, a, three);
        assertThat(roster.majority()).as("two of five").isFalse();
        view(a);
        view(a, new Peer("job@6", 10));
        assertThat(roster.majority()).as("two of six").isFalse();
    }

    @Test
    void aReturningPodReplacesNoOther() {
        view(a, pod, next);
        view(a);
        view(a, pod);
        assertThat(row("pod@10.0.0.4")).map(Roster.Row::status).contains(Status.DEAD);
    }
}
