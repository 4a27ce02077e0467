package io.heliodor.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Link.Sent;
import io.heliodor.link.LinkContract.Event;
import io.heliodor.link.LinkContract.Rule;
import io.heliodor.link.LinkContract.Violation;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests of the contract itself: it finds each violation in a log that has it, and none in a correct log. */
class LinkContractTests {
    private static final Peer ANA = new Peer("ana@host", 1);
    private static final Peer BEN = new Peer("ben@host", 2);

    private final LinkContract contract = new LinkContract();
    private int views;

    private void at(Peer node, Event... events) {
        for (Event event : events) {
            contract.log(node).add(event);
        }
    }

    private Event view(Peer... members) {
        return new Event.Viewed(new View(new ViewId(++views, ANA), List.of(members), false));
    }

    private static Event opened() {
        return new Event.Opened(BEN);
    }

    private static Event closed() {
        return new Event.Closed(BEN);
    }

    /** Records an envelope that is handed over in one step. */
    private void sends(String key, Sent sent, boolean insisted) {
        int now = contract.log(ANA).events().size();
        at(ANA, new Event.Handed(BEN, key, sent, insisted, now));
    }

    private void sends(String... keys) {
        for (String key : keys) {
            sends(key, Sent.QUEUED, false);
        }
    }

    private void arrives(String... keys) {
        for (String key : keys) {
            at(BEN, new Event.Received(ANA, key));
        }
    }

    private void bothHaveSessions() {
        at(ANA, view(ANA, BEN), opened());
        at(BEN, view(ANA, BEN), new Event.Opened(ANA));
    }

    private List<Rule> found() {
        return contract.violations().stream().map(Violation::rule).toList();
    }

    private List<Rule> foundAtRest() {
        return contract.violations(Set.of(ANA, BEN)).stream()
                .map(Violation::rule)
                .toList();
    }

    @Test
    void aLogThatKeepsTheContractHasNoViolation() {
        bothHaveSessions();
        sends("1", "2", "3");
        arrives("1", "2");
        at(ANA, closed());
        sends("4", Sent.NO_SESSION, true);
        at(ANA, opened());
        sends("5");
        sends("6", Sent.FULL, false);
        arrives("5");
        assertThat(foundAtRest()).isEmpty();
    }

    @Test
    void callsThatOverlap() {
        at(ANA, new Event.Overlapped("view"));
        assertThat(found()).containsExactly(Rule.OVERLAP);
    }

    @Test
    void aRecorderSeesCallsThatOverlap() {
        var inner = new LinkHistory.EmptyListener() {
            Link.Listener outer = this;

            @Override
            public void closed(Peer peer) {
                outer.opened(peer);
            }
        };
        inner.outer = contract.log(ANA).listener(inner);
        inner.outer.closed(BEN);
        assertThat(found()).contains(Rule.OVERLAP);
    }

    @Test
    void aViewWithoutItself() {
        at(ANA, view(BEN));
        assertThat(found()).containsExactly(Rule.VIEW_WITHOUT_ITSELF);
    }

    @Test
    void aViewThatDoesNotGrow() {
        Event later = view(ANA);
        views = 0;
        at(ANA, later, view(ANA));
        assertThat(found()).containsExactly(Rule.VIEW_DOES_NOT_GROW);
    }

    @Test
    void aViewBeforeClosed() {
        at(ANA, view(ANA, BEN), opened(), view(ANA));
        assertThat(found()).containsExactly(Rule.VIEW_BEFORE_CLOSED);
    }

    @Test
    void openedToNoMember() {
        at(ANA, view(ANA), opened());
        assertThat(found()).containsExactly(Rule.OPENED_TO_NO_MEMBER);
    }

    @Test
    void openedToOneself() {
        at(ANA, view(ANA), new Event.Opened(ANA));
        assertThat(found()).containsExactly(Rule.OPENED_TO_NO_MEMBER);
    }

    @Test
    void openedTwice() {
        at(ANA, view(ANA, BEN), opened(), opened());
        assertThat(found()).containsExactly(Rule.OPENED_TWICE);
    }

    @Test
    void closedButNotOpen() {
        at(ANA, view(ANA, BEN), closed());
        assertThat(found()).containsExactly(Rule.CLOSED_BUT_NOT_OPEN);
    }

    @Test
    void suspicionOfNoMember() {
        at(ANA, view(ANA), new Event.Suspected(BEN, true));
        assertThat(found()).containsExactly(Rule.SUSPECTED_NO_MEMBER);
    }

    @Test
    void suspicionThatDoesNotChange() {
        at(ANA, view(ANA, BEN), new Event.Suspected(BEN, false));
        assertThat(found()).containsExactly(Rule.SUSPECTED_TWICE);
    }

    @Test
    void queuedWithoutASession() {
        at(ANA, view(ANA, BEN));
        at(BEN, view(ANA, BEN));
        sends("1");
        assertThat(found()).containsExactly(Rule.QUEUED_WITHOUT_SESSION);
    }

    @Test
    void withThreadsAnEnvelopeMayBeRecordedBeforeTheOpeningOfItsSession() {
        contract.ofThreads();
        at(ANA, view(ANA, BEN));
        at(BEN, view(ANA, BEN));
        sends("1");
        at(ANA, opened());
        arrives("1");
        assertThat(found()).isEmpty();
    }

    @Test
    void withThreadsAnEnvelopeStillNeedsASessionThatOpens() {
        contract.ofThreads();
        at(ANA, view(ANA, BEN));
        at(BEN, view(ANA, BEN));
        sends("1");
        assertThat(found()).containsExactly(Rule.QUEUED_WITHOUT_SESSION);
    }

    @Test
    void fullWithoutEnd() {
        bothHaveSessions();
        sends("1", Sent.FULL, true);
        assertThat(foundAtRest()).containsExactly(Rule.FULL_WITHOUT_END);
    }

    @Test
    void receivedFromNoMember() {
        at(ANA, view(ANA, BEN), opened());
        sends("1");
        at(BEN, view(BEN));
        arrives("1");
        assertThat(found()).containsExactly(Rule.RECEIVED_FROM_NO_MEMBER);
    }

    @Test
    void receivedButNeverSent() {
        bothHaveSessions();
        arrives("1");
        assertThat(found()).containsExactly(Rule.NEVER_SENT);
    }

    @Test
    void repeated() {
        bothHaveSessions();
        sends("1");
        arrives("1", "1");
        assertThat(found()).containsExactly(Rule.REPEATED);
    }

    @Test
    void reordered() {
        bothHaveSessions();
        sends("1", "2");
        arrives("2", "1");
        assertThat(found()).containsExactly(Rule.REORDERED);
    }

    @Test
    void reorderedAcrossSessions() {
        bothHaveSessions();
        sends("1");
        at(ANA, closed(), opened());
        sends("2");
        arrives("2", "1");
        assertThat(found()).containsExactly(Rule.REORDERED);
    }

    @Test
    void envelopesHandedOverAtTheSameTimeHaveNoOrder() {
        bothHaveSessions();
        int now = contract.log(ANA).events().size();
        at(
                ANA,
                new Event.Handed(BEN, "1", Sent.QUEUED, false, now),
                new Event.Handed(BEN, "2", Sent.QUEUED, false, now));
        arrives("2", "1");
        assertThat(foundAtRest()).isEmpty();
    }

    @Test
    void lostInTheMiddle() {
        bothHaveSessions();
        sends("1", "2", "3");
        arrives("1", "3");
        at(ANA, closed());
        assertThat(found()).containsExactly(Rule.LOST);
    }

    @Test
    void lostAtTheEnd() {
        bothHaveSessions();
        sends("1", "2");
        arrives("1");
        assertThat(found()).as("it may be under way").isEmpty();
        assertThat(foundAtRest()).containsExactly(Rule.LOST);
    }

    @Test
    void deliveredAfterTheReceiverEndedTheSession() {
        bothHaveSessions();
        sends("1", "2");
        arrives("1");
        at(BEN, new Event.Closed(ANA), view(BEN), view(ANA, BEN));
        arrives("2");
        assertThat(found()).containsExactly(Rule.DELIVERED_AFTER_END);
    }

    @Test
    void noSessionAtRest() {
        bothHaveSessions();
        at(ANA, closed());
        assertThat(found()).isEmpty();
        assertThat(foundAtRest()).containsExactly(Rule.NO_SESSION);
    }

    @Test
    void anEndInCalm() {
        bothHaveSessions();
        contract.calm();
        at(ANA, closed(), opened());
        assertThat(foundAtRest()).containsExactly(Rule.ENDED_IN_CALM);
    }
}
