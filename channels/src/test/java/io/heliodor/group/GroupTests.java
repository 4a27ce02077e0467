package io.heliodor.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.heliodor.group.FakeChannels.Notice;
import io.heliodor.group.FakeChannels.Sent;
import io.heliodor.pubsub.PubSub;
import io.heliodor.type.text.ControlCharacters;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The topics of a group, and broadcasts to them. */
class GroupTests {
    private final FakeChannels channels = new FakeChannels();
    private final Groups groups = FakeChannels.groups(PubSub.local(), channels, new GroupLimits(2, 3));
    private final Group staff = groups.create("staff");

    @Test
    void itsTopicsAreThoseThatWereAddedInThatOrder() {
        assertThat(staff.add("room:support").add("room:ops")).isSameAs(staff);
        assertThat(staff.topics()).containsExactly("room:support", "room:ops");
    }

    @Test
    void addingATopicAgainDoesNothing() {
        staff.add("room:ops").add("room:support");
        Set<String> before = staff.topics();
        staff.add("room:ops");
        assertThat(staff.topics()).isSameAs(before).containsExactly("room:ops", "room:support");
    }

    @Test
    void aRemovedTopicIsGone() {
        assertThat(staff.add("room:ops").add("room:support").remove("room:ops")).isSameAs(staff);
        assertThat(staff.topics()).containsExactly("room:support");
        assertThat(staff.remove("room:support").topics()).isEmpty();
    }

    @Test
    void removingAnAbsentTopicDoesNothing() {
        staff.add("room:ops");
        Set<String> before = staff.topics();
        staff.remove("room:support").removeAll(List.of("a", "b"));
        assertThat(staff.topics()).isSameAs(before).containsExactly("room:ops");
    }

    @Test
    void manyTopicsAreAddedAndRemovedAtOnce() {
        assertThat(staff.add("a").addAll(List.of("b", "a", "b", "c"))).isSameAs(staff);
        assertThat(staff.topics()).containsExactly("a", "b", "c");
        assertThat(staff.removeAll(List.of("c", "x", "a"))).isSameAs(staff);
        assertThat(staff.topics()).containsExactly("b");
        assertThat(staff.addAll(List.of()).removeAll(List.of()).topics()).containsExactly("b");
    }

    @Test
    void ofManyTopicsAllAreAddedOrNone() {
        staff.add("a");
        assertThatIllegalArgumentException().isThrownBy(() -> staff.addAll(List.of("b", "room:*")));
        assertThatNullPointerException().isThrownBy(() -> staff.addAll(Arrays.asList("b", null)));
        assertThatExceptionOfType(GroupException.Full.class).isThrownBy(() -> staff.addAll(List.of("b", "c", "d")));
        assertThatIllegalArgumentException().isThrownBy(() -> staff.removeAll(List.of("a", "room:*")));
        assertThat(staff.topics()).containsExactly("a");
    }

    @Test
    void topicsBeyondTheLimitAreRefused() {
        staff.addAll(List.of("a", "b", "c"));
        assertThatExceptionOfType(GroupException.Full.class)
                .isThrownBy(() -> staff.add("d"))
                .withMessage("Group 'staff' would have more than 3 topics, the limit;"
                        + " remove some, or raise it with GroupLimits.")
                .satisfies(refused -> assertThat(refused.group()).isEqualTo("staff"));
        assertThat(staff.add("c").topics()).containsExactly("a", "b", "c");
        assertThat(staff.remove("b").add("d").topics()).containsExactly("a", "c", "d");
        assertThat(groups.create("guests").addAll(List.of("a", "b", "c")).topics())
                .hasSize(3);
        assertThat(groups.refused()).isEqualTo(1);
    }

    /** Returns topics with the longest names. */
    private static List<String> longest(String first, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> first + "%05d".formatted(i) + "x".repeat(249))
                .toList();
    }

    @Test
    void theTopicsAndRemovalsOfOneEndpointFitAMessage() {
        PubSub pubsub = PubSub.local();
        GroupLimits limits = new GroupLimits(1, 100_000);
        List<String> others = longest("a", 10_000);
        Groups one = FakeChannels.groups(pubsub, channels, limits);
        Groups two = FakeChannels.groups(pubsub, channels, limits);
        one.create("g").addAll(others);
        Group group = two.ensure("g").addAll(longest("b", 11_500));
        Set<String> before = group.topics();
        assertThatExceptionOfType(GroupException.Full.class)
                .isThrownBy(() -> group.addAll(others))
                .withMessage("Group 'g' was not changed: its topics of this endpoint and the latest removals would have"
                        + " 5697500 bytes, and the limit is 3145728;"
                        + " use several groups, or remove fewer topics of other endpoints within 20 s.");
        assertThatExceptionOfType(GroupException.Full.class).isThrownBy(() -> group.removeAll(others));
        assertThat(group.topics()).isSameAs(before).hasSize(21_500);
        assertThat(two.refused()).isEqualTo(2);
        assertThat(two.delete("g")).isTrue();
        assertThat(one.names()).isEmpty();
    }

    @Test
    void itsTopicsAreThoseOfOneMomentAndCannotBeChanged() {
        staff.add("a");
        Set<String> before = staff.topics();
        staff.add("b").remove("a");
        assertThat(before).containsExactly("a");
        assertThat(before).isUnmodifiable();
    }

    @Test
    void aTopicMayBeInSeveralGroups() {
        Group guests = groups.create("guests").add("room:lobby");
        staff.add("room:lobby").remove("room:lobby");
        assertThat(guests.topics()).containsExactly("room:lobby");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", "a\u0000", "a\u0085", "a\ud800", "\n*"})
    void anInvalidTopicIsRefused(String topic) {
        String message = "'" + ControlCharacters.escaped(topic)
                + "' is not a topic: 1 to 255 bytes of UTF-8 without control characters, for example 'room:42'.";
        refuses(topic, message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "room:*", "a*b*"})
    void aPatternIsRefused(String pattern) {
        refuses(
                pattern,
                "'" + pattern + "' is a pattern; a group holds topics, for example 'room:42': add each of them.");
    }

    @Test
    void theTopicOfTheProtocolIsRefused() {
        refuses("phoenix", "Topic 'phoenix' carries the protocol's heartbeats and has no members; choose another one.");
        assertThat(staff.add("phoenix:1").add("a*b").topics()).containsExactly("phoenix:1", "a*b");
    }

    private void refuses(String topic, String message) {
        for (ThrowingCallable call : List.<ThrowingCallable>of(() -> staff.add(topic), () -> staff.remove(topic))) {
            assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
        }
        assertThat(staff.topics()).isEmpty();
    }

    @Test
    void aTopicHas255BytesAtTheMost() {
        String longest = "é".repeat(127) + "x";
        assertThat(staff.add(longest).topics()).containsExactly(longest);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> staff.add("x".repeat(100_000)))
                .satisfies(refused -> assertThat(refused.getMessage()).hasSizeLessThan(500));
    }

    @Test
    void aBroadcastReachesAllItsTopicsAtOnceAndEachOnce() {
        staff.add("room:ops").add("room:support").add("room:ops");
        staff.broadcast(FakeChannels.NOTICE, new Notice("disk full"));
        assertThat(channels.sent)
                .containsExactly(new Sent(List.of("room:ops", "room:support"), "notice", new Notice("disk full")));
    }

    @Test
    void aBroadcastReachesTheTopicsThatTheGroupHasThen() {
        staff.add("a").broadcast(FakeChannels.NOTICE, new Notice("1"));
        staff.add("b").remove("a").broadcast(FakeChannels.NOTICE, new Notice("2"));
        groups.create("guests").add("c");
        assertThat(channels.sent)
                .containsExactly(
                        new Sent(List.of("a"), "notice", new Notice("1")),
                        new Sent(List.of("b"), "notice", new Notice("2")));
    }

    @Test
    void aBroadcastToAnEmptyGroupReachesNoTopic() {
        staff.broadcast(FakeChannels.NOTICE, new Notice("anyone?"));
        assertThat(channels.sent).containsExactly(new Sent(List.of(), "notice", new Notice("anyone?")));
    }

    @Test
    void aDeletedGroupRefusesAllButItsName() {
        staff.add("a");
        groups.delete("staff");
        Stream.<ThrowingCallable>of(
                        staff::topics,
                        () -> staff.add("a"),
                        () -> staff.addAll(List.of()),
                        () -> staff.remove("b"),
                        () -> staff.removeAll(List.of()),
                        () -> staff.broadcast(FakeChannels.NOTICE, new Notice("?")))
                .forEach(call -> assertThatExceptionOfType(GroupException.Deleted.class)
                        .isThrownBy(call)
                        .withMessage("Group 'staff' was deleted;"
                                + " take a new one with ensure(\"staff\"), or do not use it any more."));
        assertThat(staff.name()).isEqualTo("staff");
        assertThat(staff).hasToString("Group[staff, deleted]");
        assertThat(channels.sent).isEmpty();
    }

    @Test
    void aDeletedGroupLeavesANewOneOfItsNameAlone() {
        staff.add("a");
        groups.delete("staff");
        Group next = groups.create("staff").add("b");
        assertThatExceptionOfType(GroupException.Deleted.class).isThrownBy(() -> staff.add("c"));
        next.broadcast(FakeChannels.NOTICE, new Notice("new"));
        assertThat(channels.sent).containsExactly(new Sent(List.of("b"), "notice", new Notice("new")));
    }

    @Test
    void itShowsItsNameAndItsSize() {
        assertThat(staff.add("a").add("b")).hasToString("Group[staff, 2 topics]");
    }

    @Test
    void theReasonsOfRefusalsAreExhaustive() {
        assertThatExceptionOfType(GroupException.class)
                .isThrownBy(() -> groups.create("staff"))
                .satisfies(refused -> assertThat(
                                switch (refused) {
                                    case GroupException.Exists _ -> "exists";
                                    case GroupException.Deleted _ -> "deleted";
                                    case GroupException.TooMany _ -> "too many";
                                    case GroupException.Full _ -> "full";
                                })
                        .isEqualTo("exists"));
    }
}
