package io.heliodor.presence.crdt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StateTests {
    private static final ReplicaId A = new ReplicaId("a", 1);
    private static final ReplicaId B = new ReplicaId("b", 1);
    private static final ReplicaId C = new ReplicaId("c", 1);

    @Test
    void whoJoinsIsThereUntilTheyLeaveAndMayJoinAgain() {
        State<String> a = State.of(A);
        Step<String> joined = a.add("room", "ann", 1, "here");
        Entry<String> ann = joined.changes().joins().getFirst();
        assertThat(joined.state().topic("room")).containsExactly(ann);
        assertThat(joined.state().topics()).isEqualTo(1);
        assertThat(a.topic("room")).as("the state before").isEmpty();

        Step<String> left = joined.state().remove(List.of(ann));
        assertThat(left.changes().leaves()).containsExactly(ann);
        assertThat(left.state().topic("room")).isEmpty();
        assertThat(left.state().topics()).isZero();

        Step<String> again = left.state().add("room", "ann", 1, "here");
        assertThat(again.changes().joins()).singleElement().isNotEqualTo(ann);
        assertThat(again.state().merge(joined.delta()).state()).isSameAs(again.state());
    }

    @Test
    void removingWhoIsNotThereChangesNothing() {
        Step<String> joined = State.<String>of(A).add("room", "ann", 1, "here");
        State<String> without = joined.state().removeOwner(1).state();
        assertThat(without.remove(joined.changes().joins()).state()).isSameAs(without);
        assertThat(without.removeOwner(1).state()).isSameAs(without);
        assertThat(without.removeOwner(2).delta().isEmpty()).isTrue();
        State<String> stranger = State.of(B);
        assertThat(stranger.remove(joined.changes().joins()).state()).isSameAs(stranger);
    }

    @Test
    void anUpdateIsOneDeltaThatKnowsWhatItReplaced() {
        Step<String> joined = State.<String>of(A).add("room", "ann", 1, "here");
        Entry<String> before = joined.changes().joins().getFirst();
        assertThat(before.previous()).isNull();
        Step<String> updated = joined.state().replace(before, "away");
        Entry<String> after = updated.changes().joins().getFirst();
        assertThat(updated.changes().leaves()).containsExactly(before);
        assertThat(after.previous()).isEqualTo(before.dot());
        assertThat(List.of(after.topic(), after.key(), after.meta())).containsExactly("room", "ann", "away");
        assertThat(after.owner()).isEqualTo(1);
        assertThat(updated.state().topic("room")).containsExactly(after);

        State<String> b = State.<String>of(B).merge(joined.delta()).state();
        Step<String> told = b.merge(updated.delta());
        assertThat(told.changes()).isEqualTo(updated.changes());
        assertThat(b.merge(updated.delta())
                        .state()
                        .merge(joined.delta())
                        .state()
                        .topic("room"))
                .as("told in the wrong order")
                .containsExactly(after);
    }

    @Test
    void onlyWhatIsPresentAndOwnCanBeReplaced() {
        Step<String> joined = State.<String>of(A).add("room", "ann", 1, "here");
        Entry<String> ann = joined.changes().joins().getFirst();
        State<String> b = State.<String>of(B).merge(joined.delta()).state();
        assertThatThrownBy(() -> b.replace(ann, "away"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ann");
        State<String> without = joined.state().remove(List.of(ann)).state();
        assertThatThrownBy(() -> without.replace(ann, "away")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void usersOfOthersAreThereAfterAMerge() {
        Step<String> ann = State.<String>of(A).add("room", "ann", 1, "here");
        Step<String> bob = State.<String>of(B).add("room", "bob", 1, "here");
        Step<String> merged = bob.state().merge(ann.delta());
        assertThat(merged.changes().joins()).extracting(Entry::key).containsExactly("ann");
        assertThat(merged.state().topic("room")).extracting(Entry::key).containsExactlyInAnyOrder("ann", "bob");
        assertThat(merged.state().owned(1))
                .extracting(Entry::key)
                .as("numbers are of one replica")
                .containsExactly("bob");
        assertThat(merged.state().find(1, "room", "ann")).isEmpty();
        assertThat(merged.state().removeOwner(1).state().topic("room"))
                .extracting(Entry::key)
                .containsExactly("ann");
    }

    @Test
    void joinsAndRemovalsAreSeenThroughAThirdReplica() {
        Step<String> ann = State.<String>of(A).add("room", "ann", 1, "here");
        State<String> b = State.<String>of(B).merge(ann.delta()).state();
        State<String> c = State.<String>of(C).merge(b.full()).state();
        assertThat(c.topic("room")).extracting(Entry::key).containsExactly("ann");
        b = b.merge(ann.state().removeOwner(1).delta()).state();
        Step<String> told = c.merge(b.full());
        assertThat(told.changes().leaves()).extracting(Entry::key).containsExactly("ann");
        assertThat(told.state().merge(ann.delta()).state()).as("the join, late").isSameAs(told.state());
    }

    @Test
    void anAdditionThatARemovalHasNotSeenSurvivesIt() {
        Step<String> first = State.<String>of(A).add("room", "ann", 1, "first");
        State<String> b = State.<String>of(B).merge(first.delta()).state();
        Step<String> removed = b.remove(first.changes().joins());
        Step<String> second = first.state().add("room", "ann", 1, "second");
        assertThat(second.state().merge(removed.delta()).state().topic("room"))
                .extracting(Entry::meta)
                .containsExactly("second");
        assertThat(removed.state().merge(second.delta()).state().topic("room"))
                .extracting(Entry::meta)
                .containsExactly("second");
    }

    @Test
    void afterASplitBothSidesTellEachOtherWhatTheyMissed() {
        Step<String> ann = State.<String>of(A).add("room", "ann", 1, "here");
        State<String> a = ann.state()
                .merge(State.<String>of(B).add("room", "bob", 1, "here").delta())
                .state();
        State<String> b = State.<String>of(B)
                .merge(State.<String>of(B).add("room", "bob", 1, "here").delta())
                .state();
        b = b.merge(ann.delta()).state();

        a = a.down(B).state();
        b = b.down(A).state();
        assertThat(a.topic("room")).extracting(Entry::key).containsExactly("ann");
        assertThat(b.topic("room")).extracting(Entry::key).containsExactly("bob");
        a = a.add("room", "carl", 2, "here").state();
        b = b.removeOwner(1).state().add("room", "dora", 2, "here").state();

        Step<String> healed = a.up(B);
        assertThat(healed.changes().joins()).extracting(Entry::key).containsExactly("bob");
        assertThat(healed.delta().isEmpty()).isTrue();
        a = healed.state();
        Delta<String> missing = b.missing(a.context());
        assertThat(missing.entries()).extracting(Entry::key).containsExactly("dora");
        a = a.merge(missing).state();
        assertThat(a.topic("room"))
                .extracting(Entry::key)
                .as("that bob left is not seen by contexts")
                .contains("bob");
        a = a.merge(b.about(a.context())).state();
        assertThat(a.topic("room")).extracting(Entry::key).containsExactlyInAnyOrder("ann", "carl", "dora");
    }

    @Test
    void whoIsOnAReplicaThatIsDownIsHiddenFromEveryRead() {
        Step<String> ann = State.<String>of(A).add("room", "ann", 1, "here");
        State<String> b = State.<String>of(B).merge(ann.delta()).state();
        Step<String> down = b.down(A);
        assertThat(down.changes().leaves()).extracting(Entry::key).containsExactly("ann");
        assertThat(down.state().topic("room")).isEmpty();
        assertThat(down.state().topic("room").get("ann")).isEmpty();
        assertThat(down.state().topics()).isZero();
        assertThat(down.state().size()).isZero();
        assertThat(down.state().down(A).state()).isSameAs(down.state());

        Step<String> more =
                down.state().merge(ann.state().add("room", "carl", 2, "here").delta());
        assertThat(more.changes().isEmpty())
                .as("what joins there is hidden too")
                .isTrue();
        Step<String> fewer = more.state().merge(ann.state().removeOwner(1).delta());
        assertThat(fewer.changes().isEmpty()).isTrue();
        Step<String> up = fewer.state().up(A);
        assertThat(up.changes().joins()).extracting(Entry::key).containsExactly("carl");
        assertThat(up.state().topic("room")).extracting(Entry::key).containsExactly("carl");
        assertThat(up.state().up(A).state()).isSameAs(up.state());
    }

    @Test
    void aReplicaThatIsDownBeforeAnythingOfItIsKnownIsHiddenToo() {
        State<String> b = State.<String>of(B).down(A).state();
        Step<String> told =
                b.merge(State.<String>of(A).add("room", "ann", 1, "here").delta());
        assertThat(told.changes().isEmpty()).isTrue();
        assertThat(told.state().up(A).changes().joins()).hasSize(1);
    }

    @Test
    void aReplicaDoesNotTakeItselfForDown() {
        assertThatThrownBy(() -> State.of(A).down(A)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void nothingOfAnEndedReplicaReturnsFromAThirdOne() {
        Step<String> ann = State.<String>of(A).add("room", "ann", 1, "here");
        State<String> b = State.<String>of(B).merge(ann.delta()).state();
        State<String> c = State.<String>of(C).merge(ann.delta()).state();
        Step<String> ended = b.end(A);
        assertThat(ended.changes().leaves()).extracting(Entry::key).containsExactly("ann");
        assertThat(ended.state().end(A).state()).isSameAs(ended.state());
        assertThat(ended.state().merge(c.full()).changes().isEmpty()).isTrue();
        Delta<String> late = ann.state().add("room", "carl", 2, "here").delta();
        assertThat(ended.state().merge(late).changes().isEmpty()).isTrue();
        assertThat(ended.state().up(A).state()).isSameAs(ended.state());
        assertThat(c.merge(ended.delta()).changes().leaves()).hasSize(1);
        assertThat(c.merge(ended.state().missing(c.context())).changes().leaves())
                .hasSize(1);
    }

    @Test
    void aHiddenReplicaEndsWithoutNoise() {
        Step<String> ann = State.<String>of(A).add("room", "ann", 1, "here");
        State<String> b = State.<String>of(B).merge(ann.delta()).state().down(A).state();
        Step<String> ended = b.end(A);
        assertThat(ended.changes().isEmpty()).isTrue();
        assertThat(ended.state().full().entries()).isEmpty();
        assertThat(ended.state().up(A).changes().isEmpty()).isTrue();
        State<String> told = b.merge(State.<String>of(C).end(A).delta()).state();
        assertThat(told.replicas().size())
                .as("not even that it was down is kept")
                .isZero();
    }

    @Test
    void aNewLifeOfANameEndsTheEarlierOne() {
        Step<String> ann = State.<String>of(A).add("room", "ann", 1, "here");
        State<String> b = State.<String>of(B).merge(ann.delta()).state();
        State<String> again = State.of(new ReplicaId("a", 2));
        Step<String> told = b.merge(again.full());
        assertThat(told.changes().leaves()).extracting(Entry::key).containsExactly("ann");
        assertThat(again.merge(b.full()).changes().isEmpty())
                .as("its own past does not return")
                .isTrue();
        Step<String> first = again.add("room", "ann", 1, "back");
        assertThat(first.changes().joins().getFirst().dot().counter()).isEqualTo(1);
        assertThat(told.state().merge(first.delta()).changes().joins()).hasSize(1);
        assertThat(b.merge(first.delta()).changes().leaves())
                .as("told by an addition")
                .hasSize(1);
        assertThat(b.up(new ReplicaId("a", 2)).changes().leaves())
                .as("told by being up")
                .hasSize(1);
    }

    @Test
    void aReplicaThatHasEndedAddsNothing() {
        State<String> a = State.<String>of(A).add("room", "ann", 1, "here").state();
        Step<String> told = a.merge(State.<String>of(B).end(A).delta());
        assertThat(told.changes().leaves()).extracting(Entry::key).containsExactly("ann");
        assertThat(told.state().owned(1)).isEmpty();
        assertThatThrownBy(() -> told.state().add("room", "ann", 1, "here"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("greater life");
    }

    @Test
    void deltasThatDoNotFollowEachOtherAreTakenAndTheGapIsAskedFor() {
        List<Delta<String>> deltas = new ArrayList<>();
        State<String> a = State.of(A);
        for (int user = 0; user < 5; user++) {
            Step<String> step = a.add("room", "user " + user, user, "here");
            deltas.add(step.delta());
            a = step.state();
        }
        State<String> b = State.<String>of(B)
                .merge(deltas.get(0))
                .state()
                .merge(deltas.get(4))
                .state();
        assertThat(b.topic("room").size()).isEqualTo(2);
        assertThat(b.context().ranges()).isEqualTo(2);
        Delta<String> missing = a.missing(b.context());
        assertThat(missing.entries()).extracting(Entry::key).containsExactly("user 1", "user 2", "user 3");
        b = b.merge(missing).state();
        assertThat(b.topic("room").size()).isEqualTo(5);
        assertThat(b.context().ranges()).isEqualTo(1);
        assertThat(a.missing(b.context()).isEmpty()).isTrue();
    }

    @Test
    void anOwnerIsFoundAndRemovedByItsNumber() {
        State<String> a = State.of(A);
        for (int topic = 0; topic < 50; topic++) {
            a = a.add("room " + topic, "ann", 1, "here").state();
            a = a.add("room " + topic, "bob", 2, "here").state();
        }
        assertThat(a.owned(1)).hasSize(50).allMatch(entry -> entry.key().equals("ann"));
        assertThat(a.find(2, "room 7", "bob"))
                .hasValueSatisfying(entry -> assertThat(entry.topic()).isEqualTo("room 7"));
        assertThat(a.find(2, "room 7", "ann")).isEmpty();
        Step<String> left = a.removeOwner(1);
        assertThat(left.changes().leaves()).hasSize(50);
        assertThat(left.delta().context().ranges()).isEqualTo(50);
        assertThat(left.state().topics()).isEqualTo(50);
        assertThat(left.state().owned(1)).isEmpty();
        assertThat(left.state().removeOwner(2).state().topics()).isZero();
        assertThat(a.sizeOf(1)).isEqualTo(50);
        assertThat(left.state().sizeOf(1)).isZero();
    }

    @Test
    void ownersAreRemovedTogetherInOneDelta() {
        State<String> a = State.of(A);
        for (int owner = 0; owner < 50; owner++) {
            a = a.add("room", "user " + owner, owner, "here").state();
            a = a.add("other room", "user " + owner, owner, "here").state();
        }
        State<String> b = State.<String>of(B).merge(a.full()).state();
        Step<String> left = a.removeOwners(List.of(3L, 4L, 5L, 3L, 70L));
        assertThat(left.changes().leaves()).hasSize(6).allMatch(entry -> entry.owner() >= 3 && entry.owner() <= 5);
        assertThat(left.delta().context().ranges()).isEqualTo(1);
        assertThat(left.state().size()).isEqualTo(94);
        assertThat(left.state().sizeOf(4)).isZero();
        assertThat(b.merge(left.delta()).changes().leaves()).hasSize(6);
        assertThat(left.state().removeOwners(List.of(4L)).state()).isSameAs(left.state());
        assertThat(left.state().removeOwners(List.of()).state()).isSameAs(left.state());
    }

    @Test
    void anOwnerUnderOneKeyTwiceIsFoundByItsLastEntry() {
        State<String> a = State.<String>of(A)
                .add("room", "ann", 1, "first")
                .state()
                .add("room", "ann", 1, "second")
                .state();
        assertThat(a.topic("room").get("ann")).extracting(Entry::meta).containsExactly("first", "second");
        assertThat(a.find(1, "room", "ann")).get().extracting(Entry::meta).isEqualTo("second");
    }

    @Test
    void theEntriesOfAKeyAreInOneOrderOnEveryReplica() {
        State<String> a = State.of(A);
        State<String> b = State.of(B);
        for (int turn = 0; turn < 40; turn++) {
            Step<String> onA = a.add("room", "ann", turn, "a" + turn);
            Step<String> onB = b.add("room", "ann", turn, "b" + turn);
            a = onA.state().merge(onB.delta()).state();
            b = onB.state().merge(onA.delta()).state();
            List<String> metas = new ArrayList<>();
            for (int at = 0; at <= turn; at++) {
                metas.add("a" + at);
            }
            for (int at = 0; at <= turn; at++) {
                metas.add("b" + at);
            }
            assertThat(a.topic("room").get("ann")).extracting(Entry::meta).isEqualTo(metas);
            assertThat(b.topic("room").get("ann")).extracting(Entry::meta).isEqualTo(metas);
        }
        for (int turn = 0; turn < 40; turn++) {
            a = a.removeOwner(turn).state();
            assertThat(a.topic("room").get("ann")).hasSize(79 - turn);
        }
        a = a.remove(b.full().entries()).state();
        assertThat(a.topics()).isZero();
    }

    @Test
    void theTextOfATopicIsKeptOnce() {
        State<String> a = State.of(A);
        for (int user = 0; user < 3; user++) {
            a = a.add(String.join(":", "room", "1"), "user " + user, user, "here")
                    .state();
        }
        assertThat(a.topic("room:1")).hasSize(3);
        String topic = a.topic("room:1").iterator().next().topic();
        assertThat(a.topic("room:1"))
                .allSatisfy(entry -> assertThat(entry.topic()).isSameAs(topic));
    }

    @Test
    void aPageHasBoundedRangesToo() {
        State<String> a = State.of(A);
        CausalContext odd = CausalContext.empty();
        for (int counter = 1; counter <= 101; counter++) {
            a = a.add("room", "user", counter, "here")
                    .state()
                    .removeOwner(counter)
                    .state();
            odd = counter % 2 == 0 ? odd : odd.with(new Dot(A, counter));
        }
        List<Delta<String>> pages = a.missing(odd, 10);
        assertThat(pages).hasSizeBetween(5, 6).allMatch(page -> page.context().ranges() <= 10);
        State<String> b = State.<String>of(B).merge(new Delta<>(List.of(), odd)).state();
        for (Delta<String> page : pages) {
            b = b.merge(page).state();
        }
        assertThat(a.missing(b.context()).isEmpty()).isTrue();
    }

    @Test
    void aPageTakesAtLeastOneEntry() {
        assertThatThrownBy(() -> State.of(A).missing(CausalContext.empty(), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
