package io.heliodor.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.heliodor.pubsub.engine.NodeId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Writers that change groups at the same time, whose contributions are lost, come late or come twice. */
class ContributionsTests {
    private static final int WRITERS = 3;
    private static final Set<Long> LIVING = Set.of(0L, 1L, 2L);
    private static final int STEPS = 60;
    private static final List<String> GROUPS = List.of("g", "h");
    private static final List<String> TOPICS = List.of("a", "b", "c");

    /** All contributions that were sent. */
    private final List<Contribution> sent = new ArrayList<>();

    private static NodeId node(int writer) {
        return new NodeId("n" + writer, writer);
    }

    private static Contributions writer(int number) {
        return new Contributions(node(number), number);
    }

    private static List<Contributions> writers() {
        return IntStream.range(0, WRITERS).mapToObj(ContributionsTests::writer).toList();
    }

    private void send(Optional<Contribution> own) {
        own.ifPresent(sent::add);
    }

    /** Merges a received contribution as the groups of a node do. */
    private void bring(Contributions to, long writer, Contribution each) {
        if (each.writer() == writer) {
            send(to.refute(each));
        } else {
            to.merge(each, sent);
        }
    }

    private static Set<String> topics(Contributions of, String group) {
        return of.content(group).map(Contributions.Content::topics).orElse(Set.of());
    }

    private void exchange(List<Contributions> all) {
        for (int from = 0; from < all.size(); from++) {
            for (int to = 0; to < all.size(); to++) {
                for (Contribution each : List.copyOf(all.get(from).all())) {
                    bring(all.get(to), to, each);
                }
            }
        }
    }

    private void change(Contributions of, int self, Random random) {
        String group = GROUPS.get(random.nextInt(GROUPS.size()));
        Collection<String> some = TOPICS.subList(0, 1 + random.nextInt(TOPICS.size()));
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> send(of.add(group, some));
            case 3, 4 -> send(of.remove(group, some));
            case 5 -> send(of.delete(group));
            case 6 -> of.forget(node((self + 1 + random.nextInt(WRITERS - 1)) % WRITERS));
            default -> of.sweep(LIVING).forEach(sent::add);
        }
    }

    @Property(tries = 2_000)
    void writersThatExchangeAllBecomeEqualAndKeepNoTombstone(@ForAll long seed) {
        sent.clear();
        Random random = new Random(seed);
        List<Contributions> all = writers();
        for (int i = 0; i < STEPS; i++) {
            int writer = random.nextInt(WRITERS);
            if (random.nextInt(3) == 0) {
                change(all.get(writer), writer, random);
            } else if (!sent.isEmpty()) {
                bring(all.get(writer), writer, sent.get(random.nextInt(sent.size())));
            }
        }
        for (int i = 0; i < 4; i++) {
            exchange(all);
            all.forEach(each -> each.sweep(LIVING).forEach(sent::add));
        }
        exchange(all);
        for (Contributions each : all) {
            assertThat(each.hash()).isEqualTo(all.getFirst().hash());
            assertThat(each.sweep(LIVING)).isEmpty();
            assertThat(each.all())
                    .allSatisfy(
                            contribution -> assertThat(contribution.removed()).isEmpty());
            for (String group : GROUPS) {
                assertThat(each.content(group)).isEqualTo(all.getFirst().content(group));
            }
        }
    }

    @Property(tries = 1_000)
    void aTopicStaysUntilAWriterThatHasItRemovesIt(@ForAll long seed) {
        sent.clear();
        Random random = new Random(seed);
        List<Contributions> all = writers();
        Set<String> expected = new HashSet<>();
        for (int i = 0; i < STEPS; i++) {
            int writer = random.nextInt(WRITERS);
            String topic = "t" + i;
            if (random.nextBoolean()) {
                send(all.get(writer).add("g", List.of(topic)));
                expected.add(topic);
            } else if (random.nextBoolean()) {
                List<String> some = List.copyOf(topics(all.get(writer), "g"));
                if (!some.isEmpty()) {
                    String gone = some.get(random.nextInt(some.size()));
                    send(all.get(writer).remove("g", List.of(gone)));
                    expected.remove(gone);
                }
            } else if (random.nextInt(10) == 0) {
                all.get(writer).sweep(LIVING).forEach(sent::add);
            } else if (!sent.isEmpty()) {
                bring(all.get(writer), writer, sent.get(random.nextInt(sent.size())));
            }
        }
        for (int i = 0; i < 3; i++) {
            exchange(all);
            all.forEach(each -> each.sweep(LIVING).forEach(sent::add));
        }
        all.forEach(each -> assertThat(topics(each, "g")).containsExactlyInAnyOrderElementsOf(expected));
    }

    @Property(tries = 1_000)
    void copiesThatDifferHaveDifferentHashes(@ForAll long seed) {
        sent.clear();
        Random random = new Random(seed);
        List<Contributions> all = writers();
        for (int i = 0; i < 10; i++) {
            int writer = random.nextInt(2);
            change(all.get(writer), writer, random);
            bring(all.get(2), 2, sent.isEmpty() ? empty() : sent.get(random.nextInt(sent.size())));
        }
        Contributions one = all.getFirst();
        Contributions two = all.get(2);
        assertThat(one.hash() == two.hash()).isEqualTo(live(one).equals(live(two)));
    }

    private static Contribution empty() {
        return writer(1).add("x", List.of()).orElseThrow();
    }

    private static Set<Contribution> live(Contributions of) {
        return of.all().stream().filter(each -> !each.isEmpty()).collect(Collectors.toSet());
    }

    @Example
    void versionsThatAreExchangedGiveAnotherHash() {
        Contributions one = writer(0);
        Contributions two = writer(1);
        Contribution a4 = one.add("g", List.of("a", "b")).orElseThrow();
        Contribution b4 = two.add("g", List.of("a", "b")).orElseThrow();
        one.merge(b4, sent);
        two.merge(a4, sent);
        assertThat(one.hash()).isEqualTo(two.hash());
        one.add("g", List.of("c"));
        two.add("g", List.of("c"));
        assertThat(one.hash()).isNotEqualTo(two.hash());
    }

    @Example
    void aWriterThatEndsTakesItsEntriesBackAndLeavesItsTombstones() {
        Contributions one = writer(0);
        Contributions two = writer(1);
        Contribution added = one.add("g", List.of("a", "b")).orElseThrow();
        two.merge(added, sent);
        two.add("g", List.of("c"));
        two.remove("g", List.of("a"));
        List<Contribution> ended = two.end();
        assertThat(ended).hasSize(1);
        one.merge(ended.getFirst(), sent);
        assertThat(topics(one, "g")).containsExactly("b");
        Contributions three = writer(2);
        three.merge(added, sent);
        three.merge(ended.getFirst(), sent);
        assertThat(topics(three, "g")).containsExactly("b");
    }

    @Example
    void theTombstonesOfAWriterThatEndedAreSweptByAnotherOneOfItsNode() {
        Contributions one = new Contributions(node(0), 0);
        Contributions two = new Contributions(node(0), 1);
        two.merge(one.add("g", List.of("a", "b")).orElseThrow(), sent);
        one.merge(two.remove("g", List.of("a")).orElseThrow(), sent);
        assertThat(two.end()).isEmpty();
        assertThat(one.hasTombstones()).isTrue();
        assertThat(one.sweep(Set.of(0L))).isEmpty();
        assertThat(one.sweep(Set.of(0L)))
                .singleElement()
                .satisfies(each -> assertThat(each.isEmpty()).isTrue());
        assertThat(one.hasTombstones()).isFalse();
        assertThat(topics(one, "g")).containsExactly("b");
    }

    @Example
    void aTopicThatWasRemovedElsewhereIsGoneAtOnceAndCanBeAddedAgain() {
        Contributions one = writer(0);
        Contributions two = writer(1);
        Contribution added = one.add("g", List.of("a", "b")).orElseThrow();
        two.merge(added, sent);
        Contribution removed = two.remove("g", List.of("a")).orElseThrow();
        assertThat(topics(two, "g")).containsExactly("b");
        one.merge(removed, sent);
        assertThat(topics(one, "g")).containsExactly("b");
        // A new entry, which the mark does not name.
        Contribution again = one.add("g", List.of("a")).orElseThrow();
        two.merge(again, sent);
        assertThat(topics(one, "g")).containsExactly("b", "a");
        assertThat(topics(two, "g")).containsExactly("b", "a");
    }

    @Example
    void anEntryIsOrderedAfterThoseThatItsWriterHad() {
        Contributions one = writer(1);
        Contributions two = writer(0);
        one.add("g", List.of("a", "b"));
        two.merge(one.add("g", List.of("c")).orElseThrow(), sent);
        one.merge(two.add("g", List.of("d")).orElseThrow(), sent);
        two.merge(one.add("g", List.of("e")).orElseThrow(), sent);
        assertThat(topics(two, "g")).containsExactly("a", "b", "c", "d", "e");
    }

    @Example
    void anEarlierVersionThatComesLateChangesNothing() {
        Contributions one = writer(0);
        Contributions two = writer(1);
        Contribution first = one.add("g", List.of("a")).orElseThrow();
        Contribution second = one.remove("g", List.of("a")).orElseThrow();
        Contribution third = one.delete("g").orElseThrow();
        assertThat(two.merge(second, sent)).isTrue();
        assertThat(two.merge(first, sent)).isFalse();
        assertThat(topics(two, "g")).isEmpty();
        assertThat(two.merge(third, sent)).isTrue();
        assertThat(two.merge(second, sent)).isFalse();
        assertThat(two.content("g")).isEmpty();
    }

    @Example
    void topicsThatOnlyOneNodeAddedGoAndReturnWithIt() {
        Contributions one = writer(0);
        Contributions two = writer(1);
        Contribution first = one.add("g", List.of("a", "b")).orElseThrow();
        two.merge(first, sent);
        two.add("g", List.of("b", "c"));
        assertThat(topics(two, "g")).containsExactly("a", "b", "c");
        assertThat(two.forget(node(0))).containsExactly("g");
        assertThat(topics(two, "g")).containsExactly("b", "c");
        assertThat(two.merge(first, sent)).isTrue();
        assertThat(topics(two, "g")).containsExactly("a", "b", "c");
    }

    @Example
    void aDeletionRemovesTheTopicsOfAllWriters() {
        Contributions one = writer(0);
        Contributions two = writer(1);
        two.merge(one.add("g", List.of("a")).orElseThrow(), sent);
        two.add("g", List.of("b"));
        Contribution deleted = two.delete("g").orElseThrow();
        assertThat(two.content("g")).isEmpty();
        sent.clear();
        one.merge(deleted, sent);
        assertThat(one.content("g")).isEmpty();
        assertThat(sent)
                .singleElement()
                .satisfies(own -> assertThat(own.isEmpty()).isTrue());
        assertThat(two.delete("g")).isEmpty();
    }

    @Example
    void aTombstoneIsKeptUntilTheSecondSweepAfterItsEntryWent() {
        Contributions one = writer(0);
        Contributions two = writer(1);
        two.merge(one.add("g", List.of("a", "b")).orElseThrow(), sent);
        Contribution mark = two.remove("g", List.of("a")).orElseThrow();
        for (int i = 0; i < 3; i++) {
            assertThat(two.sweep(LIVING)).isEmpty();
        }
        sent.clear();
        one.merge(mark, sent);
        two.merge(sent.getFirst(), sent);
        assertThat(two.sweep(LIVING)).isEmpty();
        assertThat(two.sweep(LIVING))
                .singleElement()
                .satisfies(own -> assertThat(own.isEmpty()).isTrue());
    }

    @Example
    void aTombstoneIsKeptForLongWhileTheNodeOfItsEntryIsAway() {
        Contributions one = writer(0);
        Contributions two = writer(1);
        Contribution added = one.add("g", List.of("a", "b")).orElseThrow();
        two.merge(added, sent);
        two.remove("g", List.of("a"));
        two.forget(node(0));
        for (int i = 0; i < 29; i++) {
            assertThat(two.sweep(LIVING)).isEmpty();
        }
        two.merge(added, sent);
        assertThat(topics(two, "g")).containsExactly("b");
        assertThat(two.sweep(LIVING)).isEmpty();
        two.forget(node(0));
        for (int i = 0; i < 29; i++) {
            assertThat(two.sweep(LIVING)).isEmpty();
        }
        assertThat(two.sweep(LIVING)).hasSize(1);
    }

    @Example
    void aGroupThatGotATopicDuringItsDeletionStaysWithoutTopics() {
        Contributions one = writer(0);
        Contributions two = writer(1);
        two.merge(one.add("g", List.of()).orElseThrow(), sent);
        one.add("g", List.of("x"));
        one.merge(two.delete("g").orElseThrow(), sent);
        assertThat(topics(one, "g")).containsExactly("x");
        one.remove("g", List.of("x"));
        assertThat(one.content("g")).isPresent();
    }

    @Example
    void anOwnContributionThatWasForgottenIsTakenBackWhenItComes() {
        Contributions one = writer(0);
        Contribution old = one.add("g", List.of("a")).orElseThrow();
        one.delete("g");
        for (int i = 0; i < 10_001; i++) {
            one.add("h" + i, List.of());
            one.delete("h" + i);
        }
        Contributions two = writer(1);
        two.merge(old, sent);
        Contribution next = one.refute(old).orElseThrow();
        assertThat(next.isEmpty()).isTrue();
        assertThat(two.merge(next, sent)).isTrue();
        assertThat(two.content("g")).isEmpty();
        assertThat(one.refute(old)).isEmpty();
    }

    @Example
    void aContributionFitsAMessageHoweverMuchIsRemoved() {
        Contributions one = writer(0);
        Contributions two = writer(1);
        List<String> many =
                IntStream.range(0, 50_000).mapToObj(i -> "topic " + i).toList();
        for (int round = 0; round < 3; round++) {
            two.merge(one.add("g", many).orElseThrow(), sent);
            one.merge(two.remove("g", many).orElseThrow(), sent);
            two.merge(sent.getLast(), sent);
        }
        two.merge(one.add("g", many).orElseThrow(), sent);
        long hash = two.hash();
        assertThatExceptionOfType(GroupException.Full.class)
                .isThrownBy(() -> two.remove("g", many))
                .withMessage("Group 'g' was not changed: its topics of this endpoint and the latest removals would have"
                        + " 3200000 bytes, and the limit is 3145728;"
                        + " use several groups, or remove fewer topics of other endpoints within 20 s.");
        assertThatExceptionOfType(GroupException.Full.class).isThrownBy(() -> two.delete("g"));
        assertThat(two.hash()).isEqualTo(hash);
        assertThat(topics(two, "g")).hasSize(50_000);

        Contribution largest = two.remove("g", many.subList(0, 46_608)).orElseThrow();
        assertThat(new ContributionFormat().write(largest)).hasSizeBetween(3 << 20, (3 << 20) + 1024);
        assertThatExceptionOfType(GroupException.Full.class).isThrownBy(() -> two.add("g", List.of("a")));
        one.merge(largest, sent);
        two.merge(sent.getLast(), sent);
        assertThat(two.sweep(LIVING)).isEmpty();
        assertThat(two.sweep(LIVING)).hasSize(1);
        assertThat(two.add("g", List.of("a"))).isPresent();
        assertThat(two.delete("g")).isPresent();
    }

    @Example
    void aContributionIsReadAsItWasWritten() {
        Contributions one = writer(0);
        Contributions two = writer(1);
        two.merge(one.add("g", List.of("a", "\u20ac")).orElseThrow(), sent);
        two.remove("g", List.of("a"));
        Contribution contribution = two.add("g", List.of("b", "c")).orElseThrow();
        ContributionFormat format = new ContributionFormat();
        byte[] bytes = format.write(contribution);
        assertThat(format.read(bytes)).contains(contribution);
        for (int length = 0; length < bytes.length; length++) {
            assertThat(format.read(Arrays.copyOf(bytes, length))).isEmpty();
        }
        assertThat(format.read(Arrays.copyOf(bytes, bytes.length + 1))).isEmpty();
        bytes[0] = 2;
        assertThat(format.read(bytes)).isEmpty();
    }
}
