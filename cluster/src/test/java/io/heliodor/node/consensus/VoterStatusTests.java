package io.heliodor.node.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.raft.Voters;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class VoterStatusTests {
    private static final Voters THREE = Voters.named(List.of("a@h", "b@h", "c@h"));
    private static final Voters ONE = Voters.named(List.of("a@h"));

    @Test
    void thereIsNoReasonToLookIfAllVote() {
        assertThat(new VoterStatus(THREE, THREE, 3, true, true, 0, false, false, false, false).reasons())
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource
    void eachStateThatNeedsAPersonHasAReason(VoterStatus status, List<String> reasons) {
        assertThat(status.reasons()).containsExactlyElementsOf(reasons);
    }

    static Stream<Arguments> eachStateThatNeedsAPersonHasAReason() {
        return Stream.of(
                Arguments.of(
                        new VoterStatus(THREE, THREE, 2, true, true, 0, false, false, false, false),
                        List.of("voters 2 of 3")),
                Arguments.of(
                        new VoterStatus(THREE, THREE, 1, false, false, 0, false, false, false, false),
                        List.of("voters 1 of 3", "no majority of the voters")),
                Arguments.of(
                        new VoterStatus(THREE, THREE, 3, true, false, 0, false, false, false, false),
                        List.of("no leader of the voters")),
                Arguments.of(
                        new VoterStatus(ONE, THREE, 1, true, true, 0, false, false, false, false),
                        List.of("voters 1 of 3", "the settings name the voters a@h, b@h, c@h, the log has a@h")),
                Arguments.of(
                        new VoterStatus(THREE, ONE, 3, true, true, 0, false, false, false, false),
                        List.of("the settings name the voters a@h, the log has a@h, b@h, c@h")),
                Arguments.of(
                        new VoterStatus(THREE, THREE, 3, true, true, 9, false, false, false, false),
                        List.of("a member lacks 9 entries of the log")),
                Arguments.of(
                        new VoterStatus(THREE, THREE, 3, true, true, 0, true, false, false, false),
                        List.of("another log has a leader")),
                Arguments.of(
                        new VoterStatus(THREE, THREE, 3, true, true, 0, false, true, false, false),
                        List.of("no vote: the directory could not be written to")),
                Arguments.of(
                        new VoterStatus(THREE, THREE, 3, true, true, 0, false, false, true, false),
                        List.of("no vote: the directory lacked entries that it had confirmed")));
    }

    /** An alert about the voters fires on nodes that take part. */
    @Test
    void aNodeThatHasEndedGivesItsOwnReason() {
        VoterStatus ended = new VoterStatus(ONE, THREE, 1, false, true, 9, true, true, true, false).atEnd();
        assertThat(ended.reasons())
                .containsExactly(
                        "this node has ended",
                        "no vote: the directory could not be written to",
                        "no vote: the directory lacked entries that it had confirmed");
        assertThat(ended.voters()).isZero();
        assertThat(ended.lost()).isZero();
        assertThat(ended.lag()).isZero();
        assertThat(ended.otherList()).isFalse();
        assertThat(ended.otherLog()).isFalse();
        assertThat(ended.led()).isFalse();
        assertThat(ended.quorum()).isFalse();
    }
}
