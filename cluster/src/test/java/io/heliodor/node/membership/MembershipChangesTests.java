package io.heliodor.node.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.membership.Member;
import io.heliodor.membership.Member.Status;
import io.heliodor.membership.MembershipEvent;
import io.heliodor.membership.MembershipEvent.Changed;
import io.heliodor.membership.MembershipEvent.Joined;
import io.heliodor.membership.MembershipEvent.Left;
import io.heliodor.membership.MembershipEvent.Merged;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MembershipChangesTests {
    private static Member member(String node, Status status, long incarnation) {
        return new Member(node, status, incarnation);
    }

    private static Member a(Status status) {
        return member("a", status, 1);
    }

    private static List<MembershipEvent> coalesce(MembershipEvent... events) {
        return MembershipChanges.coalesce(List.of(events));
    }

    @Test
    void aMemberThatJoinedAndLeftIsOmitted() {
        assertThat(coalesce(
                        new Joined(a(Status.ALIVE)),
                        new Changed(a(Status.SUSPECT), Status.ALIVE),
                        new Left(a(Status.DEAD))))
                .isEmpty();
    }

    @Test
    void aMemberThatJoinedHasItsLastStatus() {
        assertThat(coalesce(new Joined(a(Status.ALIVE)), new Changed(a(Status.SUSPECT), Status.ALIVE)))
                .containsExactly(new Joined(a(Status.SUSPECT)));
    }

    @Test
    void aMemberThatLeftAndReturnedHasBothEvents() {
        assertThat(coalesce(
                        new Changed(a(Status.SUSPECT), Status.ALIVE),
                        new Left(a(Status.DEAD)),
                        new Joined(a(Status.ALIVE))))
                .containsExactly(new Left(a(Status.DEAD)), new Joined(a(Status.ALIVE)));
    }

    @Test
    void aSuspectThatIsAliveAgainIsOmitted() {
        assertThat(coalesce(new Changed(a(Status.SUSPECT), Status.ALIVE), new Changed(a(Status.ALIVE), Status.SUSPECT)))
                .isEmpty();
    }

    @Test
    void incarnationsAreDifferentMembersAndTheLastMergeStays() {
        assertThat(coalesce(
                        new Merged(List.of("a")),
                        new Left(a(Status.DEAD)),
                        new Joined(member("a", Status.ALIVE, 2)),
                        new Merged(List.of("a", "b"))))
                .containsExactly(
                        new Left(a(Status.DEAD)),
                        new Joined(member("a", Status.ALIVE, 2)),
                        new Merged(List.of("a", "b")));
    }

    /** The coalesced events lead a listener to the same members as all events. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void coalescedEventsLeadToTheSameMembers(long seed) {
        Random random = new Random(seed);
        Map<Long, Member> members = new HashMap<>();
        List<MembershipEvent> history = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            long incarnation = random.nextInt(4);
            Member present = members.get(incarnation);
            if (present == null) {
                history.add(new Joined(member("n" + incarnation, Status.ALIVE, incarnation)));
            } else if (random.nextBoolean()) {
                history.add(new Left(member(present.node(), Status.DEAD, incarnation)));
            } else {
                Status next = present.status() == Status.ALIVE ? Status.SUSPECT : Status.ALIVE;
                history.add(new Changed(member(present.node(), next, incarnation), present.status()));
            }
            apply(members, history.getLast());
        }
        int begin = random.nextInt(history.size());
        Map<Long, Member> followed = new HashMap<>();
        history.subList(0, begin).forEach(event -> apply(followed, event));
        List<MembershipEvent> few = MembershipChanges.coalesce(history.subList(begin, history.size()));
        few.forEach(event -> apply(followed, event));
        assertThat(followed).isEqualTo(members);
        assertThat(few).hasSizeLessThanOrEqualTo(8);
    }

    /** Applies an event as a listener does that relies on the order of events. */
    private static void apply(Map<Long, Member> members, MembershipEvent event) {
        switch (event) {
            case Joined(Member member) ->
                assertThat(members.put(member.incarnation(), member)).isNull();
            case Changed(Member member, Status before) ->
                assertThat(members.put(member.incarnation(), member))
                        .extracting(Member::status)
                        .isEqualTo(before);
            case Left(Member member) ->
                assertThat(members.remove(member.incarnation())).isNotNull();
            case Merged _ -> {}
        }
    }
}
