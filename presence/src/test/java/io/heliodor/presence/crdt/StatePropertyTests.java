package io.heliodor.presence.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** The laws, on histories with delay, loss, repetition, reordering, restarts, and replicas that are down or ended. */
class StatePropertyTests {
    @Provide
    Arbitrary<List<Long>> seeds() {
        return Arbitraries.longs().withoutEdgeCases().list().ofMinSize(1).ofMaxSize(150);
    }

    @Property(tries = 400)
    void everyReadIsThatOfAModelWhichRemembersEverything(
            @ForAll @IntRange(min = 2, max = 5) int replicas, @ForAll("seeds") List<Long> seeds) {
        History.of(replicas, seeds); // checks itself at each turn
    }

    @Property(tries = 300)
    void replicasThatToldEachOtherEverythingKnowTheSame(
            @ForAll @IntRange(min = 2, max = 5) int replicas, @ForAll("seeds") List<Long> seeds) {
        History history = History.of(replicas, seeds);
        history.exchangeAll();
        for (Node node : history.nodes) {
            node.check();
            Node.checkSame(node.state, history.nodes.getFirst().state);
            for (Node other : history.nodes) {
                node.take(node.state.up(other.id()));
                node.model.down().clear();
            }
            node.check();
        }
        for (ReplicaId past : history.past) {
            assertThat(history.nodes.getFirst().state.full().entries())
                    .as("nothing of an earlier life")
                    .noneMatch(entry -> entry.replica().equals(past));
        }
    }

    @Property(tries = 200)
    void nothingOldChangesAnythingOnceAllIsKnown(
            @ForAll @IntRange(min = 2, max = 5) int replicas, @ForAll("seeds") List<Long> seeds) {
        History history = History.of(replicas, seeds);
        history.exchangeAll();
        State<String> state = history.nodes.getFirst().state;
        for (History.Message message : history.sent) {
            Step<String> step = state.merge(message.delta());
            if (state.context().union(message.delta().context()).equals(state.context())) {
                assertThat(step.changes().joins()).isEmpty();
            }
            state = step.state();
        }
        State<String> once = state;
        for (History.Message message : history.sent) {
            assertThat(once.merge(message.delta()).state()).isSameAs(once);
        }
    }

    @Property(tries = 200)
    void mergingIsCommutativeAssociativeAndIdempotent(
            @ForAll @IntRange(min = 3, max = 5) int replicas, @ForAll("seeds") List<Long> seeds) {
        History history = History.of(replicas, seeds);
        State<String> a = history.nodes.get(0).state;
        State<String> b = history.nodes.get(1).state;
        State<String> c = history.nodes.get(2).state;
        State<String> ab = a.merge(b.full()).state();
        Node.checkSame(ab, b.merge(a.full()).state());
        Node.checkSame(
                ab.merge(c.full()).state(),
                a.merge(b.merge(c.full()).state().full()).state());
        assertThat(ab.merge(b.full()).state()).isSameAs(ab);
        assertThat(ab.merge(a.full()).state()).isSameAs(ab);
        assertThat(a.merge(a.full()).state()).isSameAs(a);
    }

    @Property(tries = 200)
    void deltasInAnyOrderAmountToTheFullState(
            @ForAll @IntRange(min = 2, max = 5) int replicas,
            @ForAll("seeds") List<Long> seeds,
            @ForAll Random random) {
        History history = History.of(replicas, seeds);
        var all = new Node("all", 1);
        var shuffled = new Node("all", 1);
        history.sent.forEach(message -> all.take(all.state.merge(message.delta())));
        List<History.Message> order = new ArrayList<>(history.sent);
        order.addAll(order.subList(0, order.size() / 2));
        Collections.shuffle(order, random);
        order.forEach(message -> shuffled.take(shuffled.state.merge(message.delta())));
        Node.checkSame(all.state, shuffled.state);

        for (Node node : history.nodes) {
            // All that happened was sent, unless it was the birth of a replica that then said nothing.
            all.take(
                    all.state.merge(new Delta<>(List.of(), CausalContext.empty().knowing(node.id()))));
        }
        var full = new Node("all", 1);
        history.exchangeAll();
        full.take(full.state.merge(history.nodes.getFirst().state.full()));
        full.take(full.state.merge(all.state.full()));
        Node.checkSame(full.state, all.state);
    }

    @Property(tries = 200)
    void pagesAddUpToTheWholeInAnyOrder(
            @ForAll @IntRange(min = 2, max = 5) int replicas,
            @ForAll("seeds") List<Long> seeds,
            @ForAll @IntRange(min = 1, max = 40) int most,
            @ForAll Random random) {
        History history = History.of(replicas, seeds);
        Node from = history.nodes.get(0);
        Node to = history.nodes.get(1);
        Delta<String> whole = from.state.missing(to.state.context());
        List<Delta<String>> pages = new ArrayList<>(from.state.missing(to.state.context(), most));
        assertThat(pages)
                .allMatch(page -> page.entries().size() <= most)
                .allMatch(page -> page.context().ranges() <= most)
                .noneMatch(Delta::isEmpty);
        assertThat(pages.stream().mapToInt(page -> page.entries().size()).sum())
                .isEqualTo(whole.entries().size());
        Collections.shuffle(pages, random);
        State<String> byPages = to.state;
        for (Delta<String> page : pages) {
            byPages = byPages.merge(page).state();
        }
        State<String> atOnce = to.state.merge(whole).state();
        Node.checkSame(byPages, atOnce);
        for (Entry<String> entry : whole.entries()) {
            assertThat(to.state.context().contains(entry.dot()))
                    .as("%s was known", entry)
                    .isFalse();
        }
        State<String> complete =
                atOnce.merge(from.state.about(to.state.context())).state();
        Node.checkSame(complete, to.state.merge(from.state.full()).state());
        assertThat(from.state.missing(complete.context()).isEmpty()).isTrue();
        assertThat(from.state.missing(complete.context(), most)).isEmpty();
    }

    @Property(tries = 200)
    void whatIsKeptIsAsMuchAsWhatIsPresent(
            @ForAll @IntRange(min = 2, max = 5) int replicas, @ForAll("seeds") List<Long> seeds) {
        History history = History.of(replicas, seeds);
        history.exchangeAll();
        for (Node node : history.nodes) {
            State<String> state = node.state;
            assertThat(state.context().ranges()).isLessThanOrEqualTo(replicas);
            for (Node other : history.nodes) {
                state = state.up(other.id()).state();
            }
            Set<ReplicaId> present = new HashSet<>();
            state.full().entries().forEach(entry -> present.add(entry.replica()));
            assertThat(state.replicas().size()).isEqualTo(present.size());
            state = state.remove(state.full().entries()).state();
            assertThat(Heap.slots(state))
                    .as("nothing is left of those who left but the context")
                    .isEqualTo(Heap.slots(empty(state)));
        }
    }

    @Property(tries = 200)
    void aChangeTellsOfNothingButItself(
            @ForAll @IntRange(min = 2, max = 5) int replicas, @ForAll("seeds") List<Long> seeds) {
        State<String> state = History.of(replicas, seeds).nodes.getFirst().state;
        if (state.context().ended(state.self())) {
            return;
        }
        Step<String> added = state.add("room:1", "ann", 7, "new");
        Entry<String> entry = added.changes().joins().getFirst();
        assertThat(added.delta().entries()).containsExactly(entry);
        assertThat(added.delta().context()).isEqualTo(CausalContext.empty().with(entry.dot()));
        Step<String> replaced = added.state().replace(entry, "newer");
        Entry<String> newer = replaced.changes().joins().getFirst();
        assertThat(replaced.changes().leaves()).containsExactly(entry);
        assertThat(replaced.delta().entries()).containsExactly(newer);
        assertThat(replaced.delta().context())
                .isEqualTo(CausalContext.empty().with(entry.dot()).with(newer.dot()));
        Step<String> removed = replaced.state().remove(List.of(newer));
        assertThat(removed.delta().entries()).isEmpty();
        assertThat(removed.delta().context()).isEqualTo(CausalContext.empty().with(newer.dot()));
    }

    /** A state with the same context, and nobody in it. */
    private static State<String> empty(State<String> state) {
        return new State<>(state.self(), state.context(), Trie.empty(), Topics.none(), Radix.byOwner());
    }
}
