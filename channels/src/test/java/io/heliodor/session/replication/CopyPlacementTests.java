package io.heliodor.session.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CopyPlacementTests {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long AGE = 300 * SECOND;

    private final CopyPlacement copying = new CopyPlacement();

    private boolean isDue(long now, String... others) {
        return copying.isDue(Set.of(others), Set.of(others), now);
    }

    @Test
    void aLogWithoutACopyRequestsOne() {
        assertThat(isDue(0)).isTrue();
    }

    @Test
    void aLogThatOtherNodesHaveRequestsNoCopy() {
        assertThat(isDue(0, "b")).isFalse();
    }

    /** Nodes with more topics than they may list. */
    @Test
    void nodesThatMayHaveALogMakeNoCopyUnnecessary() {
        Set<String> others = Set.of("b", "c");
        assertThat(copying.isDue(Set.of(), others, 0)).isTrue();
        copying.completed("b", CopyPlacement.Reply.KEEPS, AGE, 0);
        assertThat(copying.isDue(Set.of(), others, 20 * SECOND - 1)).isFalse();
        assertThat(copying.isDue(Set.of(), others, 20 * SECOND)).isTrue();
        copying.completed("b", CopyPlacement.Reply.KEEPS, AGE, 20 * SECOND);
        assertThat(copying.isDue(Set.of(), Set.of("c"), 21 * SECOND)).isTrue();
    }

    @Test
    void oneRequestIsUnderWayAtATime() {
        assertThat(isDue(0)).isTrue();
        assertThat(isDue(10 * SECOND)).isFalse();
    }

    @Test
    void aRequestWithoutAReplyIsFollowedByOneToAnotherNode() {
        assertThat(isDue(0)).isTrue();
        copying.completed("b", CopyPlacement.Reply.NONE, AGE, SECOND);
        assertThat(isDue(SECOND)).isTrue();
        assertThat(copying.attempt()).isEqualTo(1);
    }

    @Test
    void moreRequestsWithoutAResponseFollowAfterPauses() {
        long now = 0;
        for (long pause : new long[] {0, 1, 2, 4, 5, 5}) {
            assertThat(isDue(now)).isTrue();
            copying.completed("b", CopyPlacement.Reply.NONE, AGE, now);
            now += pause * SECOND;
            assertThat(pause > 0 && isDue(now - 1)).isFalse();
        }
    }

    @Test
    void aKeeperThatDoesNotReplyStaysTheKeeper() {
        assertThat(isDue(0)).isTrue();
        copying.completed("b", CopyPlacement.Reply.KEEPS, AGE, 0);
        assertThat(isDue(20 * SECOND, "b")).isTrue();
        copying.completed("b", CopyPlacement.Reply.NONE, AGE, 20 * SECOND);
        assertThat(isDue(25 * SECOND - 1, "b")).isFalse();
        assertThat(isDue(25 * SECOND, "b")).isTrue();
        assertThat(copying.attempt()).isZero();
    }

    @Test
    void aRefusalIsFollowedByAPause() {
        assertThat(isDue(0)).isTrue();
        copying.completed("b", CopyPlacement.Reply.REFUSES, AGE, SECOND);
        assertThat(isDue(6 * SECOND - 1)).isFalse();
        assertThat(isDue(6 * SECOND)).isTrue();
        assertThat(copying.attempt()).isEqualTo(1);
    }

    @Test
    void aKeeperGetsANewRequestBeforeItGivesTheCopyUp() {
        assertThat(isDue(0)).isTrue();
        copying.completed("b", CopyPlacement.Reply.KEEPS, AGE, 0);
        assertThat(isDue(20 * SECOND - 1, "b")).isFalse();
        assertThat(isDue(20 * SECOND, "b")).isTrue();
        assertThat(copying.attempt()).isZero();
    }

    @Test
    void aKeeperThatHasGoneIsReplacedAtOnce() {
        assertThat(isDue(0)).isTrue();
        copying.completed("b", CopyPlacement.Reply.KEEPS, AGE, 0);
        assertThat(isDue(120 * SECOND)).isTrue();
        assertThat(copying.attempt()).isZero();
    }

    @Test
    void aKeeperThatGaveTheCopyUpSoonIsPassedOver() {
        assertThat(isDue(0)).isTrue();
        copying.completed("b", CopyPlacement.Reply.KEEPS, AGE, 0);
        assertThat(isDue(30 * SECOND)).isTrue();
        assertThat(copying.attempt()).isEqualTo(1);
    }
}
