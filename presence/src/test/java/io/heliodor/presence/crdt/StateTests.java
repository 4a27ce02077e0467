package io.heliodor.presence.crdt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StateTests {
    private static final ReplicaId A = new ReplicaId("a", 1);
    private static final ReplicaId B = new ReplicaId("b", 2);

    private static Entry<String> joined(Transition<String> step) {
        return step.changes().joins().getFirst();
    }

    /** Returns the entries of a replica that one state has beyond another. */
    private static Delta<String> delta(State<String> from, ReplicaId of, State<String> to) {
        return from.since(of, to.version(of)).orElseThrow();
    }

    @Test
    void anEntryIsPresentUntilItIsRemovedAndMayBeAddedAgain() {
        State<String> a = State.of(A);
        Transition<String> first = a.add("room", "ann", 1, "here");
        Entry<String> ann = joined(first);
        assertThat(first.state().topic("room")).containsExactly(ann);
        assertThat(first.state().visible().topics().size()).isEqualTo(1);
        assertThat(a.topic("room")).as("the state before").isEmpty();
        Transition<String> left = first.state().remove(List.of(ann));
        assertThat(left.changes().leaves()).containsExactly(ann);
        assertThat(left.state().topic("room")).isEmpty();
        assertThat(left.state().visible().topics().size()).isZero();
        Transition<String> again = left.state().add("room", "ann", 1, "here");
        assertThat(joined(again)).isNotEqualTo(ann);
    }

    @Test
    void additionsAndRemovalsRaiseTheVersionByOneEach() {
        Transition<String> ann = State.<String>of(A).add("room", "ann", 1, "here");
        assertThat(ann.state().version(A)).isEqualTo(1);
        Transition<String> away = ann.state().replace(joined(ann), "away");
        assertThat(away.state().version(A)).isEqualTo(3);
        assertThat(joined(away).dot().counter()).isEqualTo(3);
        assertThat(away.state().removeOwners(List.of(1L)).state().version(A)).isEqualTo(4);
    }

    @Test
    void removingAnAbsentOwnerChangesNothing() {
        Transition<String> ann = State.<String>of(A).add("room", "ann", 1, "here");
        State<String> without = ann.state().removeOwners(List.of(1L)).state();
        assertThat(without.remove(ann.changes().joins()).state()).isSameAs(without);
        assertThat(without.removeOwners(List.of(1L)).state()).isSameAs(without);
        State<String> b =
                State.<String>of(B).merge(delta(ann.state(), A, State.of(B))).state();
        assertThat(b.remove(ann.changes().joins()).state())
                .as("entries of another replica")
                .isSameAs(b);
    }

    @Test
    void anUpdateContainsTheReplacedEntry() {
        Transition<String> ann = State.<String>of(A).add("room", "ann", 1, "here");
        Entry<String> before = joined(ann);
        Transition<String> updated = ann.state().replace(before, "away");
        Entry<String> after = joined(updated);
        assertThat(updated.changes().leaves()).containsExactly(before);
        assertThat(after.previous()).isEqualTo(before.dot());
        assertThat(List.of(after.topic(), after.key(), after.meta(), after.owner()))
                .containsExactly("room", "ann", "away", 1L);
        assertThatIllegalArgumentException().isThrownBy(() -> updated.state().replace(before, "again"));
    }

    @Test
    void entriesOfOthersAreSeenWhenTheirReplicaIsShown() {
        State<String> a = State.<String>of(A).add("room", "ann", 1, "here").state();
        State<String> b = State.<String>of(B).add("room", "ben", 1, "here").state();
        State<String> merged = b.merge(delta(a, A, b)).state();
        assertThat(merged.topic("room")).extracting(Entry::key).containsExactly("ben");
        Transition<String> shown = merged.show(A);
        assertThat(shown.changes().joins()).extracting(Entry::key).containsExactly("ann");
        assertThat(shown.state().topic("room")).extracting(Entry::key).containsExactly("ann", "ben");
        Transition<String> hidden = shown.state().hide(A);
        assertThat(hidden.changes().leaves()).extracting(Entry::key).containsExactly("ann");
        assertThat(hidden.state().show(A).changes()).isEqualTo(shown.changes());
        assertThat(hidden.state().hide(A).state()).isSameAs(hidden.state());
        assertThat(hidden.state().version(A)).isEqualTo(1);
        State<String> forgotten = shown.state().forget(A).state();
        assertThat(forgotten.version(A)).isZero();
        assertThat(forgotten.topic("room")).extracting(Entry::key).containsExactly("ben");
        assertThatIllegalArgumentException().isThrownBy(() -> b.hide(B));
        assertThatIllegalArgumentException().isThrownBy(() -> b.forget(B));
    }

    @Test
    void aKeyThatIsPresentElsewhereTooStays() {
        State<String> a = State.<String>of(A).add("room", "ann", 1, "web").state();
        State<String> b = State.<String>of(B)
                .show(A)
                .state()
                .merge(delta(a, A, State.of(B)))
                .state();
        State<String> both = b.add("room", "ann", 1, "phone").state();
        State<String> left = a.removeOwners(List.of(1L)).state();
        State<String> after = both.merge(delta(left, A, both)).state();
        assertThat(after.topic("room").get("ann")).extracting(Entry::meta).containsExactly("phone");
    }

    @Test
    void aDeltaOmitsEntriesThatCameAndWentInBetween() {
        State<String> a = State.of(A);
        State<String> later = a.add("room", "ann", 1, "here")
                .state()
                .removeOwners(List.of(1L))
                .state()
                .add("room", "ben", 2, "here")
                .state();
        Delta<String> delta = later.since(A, 0).orElseThrow();
        assertThat(delta.added()).extracting(Entry::key).containsExactly("ben");
        assertThat(delta.to()).isEqualTo(3);
    }

    @Test
    void aDeltaFromALaterVersionIsAGap() {
        State<String> first = State.<String>of(A).add("room", "ann", 1, "here").state();
        State<String> second = first.add("room", "ben", 2, "here").state();
        Delta<String> late = second.since(A, 1).orElseThrow();
        State<String> b = State.of(B);
        assertThat(b.hasGap(late)).isTrue();
        assertThat(b.merge(late).state()).isSameAs(b);
        Delta<String> whole = second.since(A, 0).orElseThrow();
        State<String> merged = b.merge(whole).state();
        assertThat(merged.hasGap(late)).isFalse();
        assertThat(merged.merge(late).state()).isSameAs(merged);
    }

    @Test
    void aDeltaThatOverlapsBringsBackNothingThatWasRemoved() {
        State<String> one = State.<String>of(A).add("room", "ann", 1, "here").state();
        Delta<String> old = one.since(A, 0).orElseThrow();
        State<String> two = one.removeOwners(List.of(1L)).state();
        State<String> b = State.<String>of(B)
                .show(A)
                .state()
                .merge(two.since(A, 0).orElseThrow())
                .state();
        assertThat(b.merge(old).state()).isSameAs(b);
        State<String> three = two.add("room", "ben", 2, "here").state();
        State<String> merged = b.merge(three.since(A, 1).orElseThrow()).state();
        assertThat(merged.topic("room")).extracting(Entry::key).containsExactly("ben");
    }

    @Test
    void forgottenRemovalsAreSentAsPagesOnly() {
        State<String> a = State.<String>of(A).add("room", "stays", 0, "here").state();
        for (int i = 1; i <= 1_000; i++) {
            a = a.add("room", "user " + i, i, "here")
                    .state()
                    .removeOwners(List.of((long) i))
                    .state();
        }
        assertThat(a.since(A, 1)).isEmpty();
        assertThat(a.since(A, a.version(A) - 100)).isPresent();
        CopyPage<String> page = a.page(A, 0, 10);
        assertThat(page.isLast()).isTrue();
        State<String> copied = State.<String>of(B)
                .copy(A, page.version(), page.last(), page.entries())
                .state()
                .show(A)
                .state();
        assertThat(copied.topic("room")).extracting(Entry::key).containsExactly("stays");
        assertThat(copied.version(A)).isEqualTo(a.version(A));
        assertThat(copied.since(A, 1)).as("a delta without its removals").isEmpty();
    }

    @Test
    void aCopyWhoseSourceChangesBetweenPagesIsCompletedByTheNextDelta() {
        State<String> a = State.of(A);
        for (int i = 1; i <= 5; i++) {
            a = a.add("room", "user " + i, i, "here").state();
        }
        CopyPage<String> first = a.page(A, 0, 3);
        State<String> changed = a.removeOwners(List.of(1L))
                .state()
                .add("room", "late", 9, "here")
                .state()
                .removeOwners(List.of(5L))
                .state();
        CopyPage<String> second = changed.page(A, first.last(), 3);
        assertThat(second.isLast()).isTrue();
        List<Entry<String>> entries = new ArrayList<>(first.entries());
        entries.addAll(second.entries());
        State<String> b = State.<String>of(B)
                .copy(A, first.version(), second.last(), entries)
                .state()
                .show(A)
                .state();
        assertThat(b.topic("room"))
                .extracting(Entry::key)
                .containsExactlyInAnyOrder("user 1", "user 2", "user 3", "user 4", "late");
        State<String> complete =
                b.merge(changed.since(A, b.version(A)).orElseThrow()).state();
        assertThat(complete.topic("room"))
                .extracting(Entry::key)
                .containsExactlyInAnyOrder("user 2", "user 3", "user 4", "late");
    }

    @Test
    void aPageOfAnOlderCopyChangesNothing() {
        State<String> old = State.<String>of(A).add("room", "ann", 1, "here").state();
        State<String> current = old.removeOwners(List.of(1L)).state();
        State<String> b =
                State.<String>of(B).merge(current.since(A, 0).orElseThrow()).state();
        CopyPage<String> page = old.page(A, 0, 10);
        assertThat(b.copy(A, page.version(), page.last(), page.entries()).state())
                .isSameAs(b);
    }

    @Test
    void aDeltaThatComesBetweenThePagesOfACopyBringsNothingBack() {
        State<String> a = State.of(A);
        for (int i = 1; i <= 6; i++) {
            a = a.add("room", "user " + i, i, "here").state();
        }
        State<String> b = State.<String>of(B)
                .show(A)
                .state()
                .merge(a.since(A, 0).orElseThrow())
                .state();
        State<String> later = a.add("room", "late", 9, "here").state();
        Delta<String> backlog = later.since(A, 6).orElseThrow();
        State<String> now = later.removeOwners(List.of(9L))
                .state()
                .removeOwners(List.of(1L))
                .state();
        CopyPage<String> first = now.page(A, 0, 3);
        CopyPage<String> second = now.page(A, first.last(), 10);
        b = b.merge(backlog).state();
        List<Entry<String>> entries = new ArrayList<>(first.entries());
        entries.addAll(second.entries());
        b = b.copy(A, first.version(), second.last(), entries).state();
        assertThat(b.topic("room"))
                .extracting(Entry::key)
                .containsExactlyInAnyOrder("user 2", "user 3", "user 4", "user 5", "user 6");
    }

    @Test
    void aReplicaMergesNothingAboutItself() {
        State<String> a = State.<String>of(A).add("room", "ann", 1, "here").state();
        Delta<String> forged = new Delta<>(A, 1, 7, List.of(), List.of(1L));
        assertThat(a.merge(forged).state()).isSameAs(a);
    }

    @Test
    void theEntriesOfAnOwnerAreFound() {
        State<String> a = State.<String>of(A)
                .add("room 1", "ann", 1, "web")
                .state()
                .add("room 2", "ann", 1, "web")
                .state();
        assertThat(a.owned(1)).hasSize(2);
        assertThat(a.find(1, "room 2", "ann"))
                .hasValueSatisfying(found -> assertThat(found.topic()).isEqualTo("room 2"));
        assertThat(a.find(2, "room 2", "ann")).isEmpty();
        Transition<String> gone = a.removeOwners(List.of(1L, 2L));
        assertThat(gone.changes().leaves()).hasSize(2);
        assertThat(gone.state().size()).isZero();
    }
}
