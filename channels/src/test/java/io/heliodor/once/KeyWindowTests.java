package io.heliodor.once;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The states of keys, by values. */
class KeyWindowTests {
    private static final KeyOwner A = new KeyOwner("a", 0);
    private static final KeyOwner B = new KeyOwner("b", 0);
    private static final Set<String> BOTH = Set.of("a", "b");
    private static final CallKey KEY = new CallKey("users:1", "k");
    private static final Fingerprint PAY = new Fingerprint(1, 2);
    private static final Finding NOTHING = new Finding.Nothing();
    private static final KeptAnswer PAID = answer("{\"paid\":true}");
    private static final OnceLimits LIMITS = new OnceLimits(100, 3, 20, 3_000, 5_000, 5_000, 1, 10);

    private final KeyWindow a = new KeyWindow(A, LIMITS);
    private final KeyWindow b = new KeyWindow(B, LIMITS);

    private static KeptAnswer answer(String json) {
        return new KeptAnswer(true, false, json.getBytes(UTF_8));
    }

    private static CallKey key(String key) {
        return new CallKey("users:1", key);
    }

    private static Finding grant(KeyWindow window, CallKey key, long claim, long now) {
        return window.grant(key, claim, BOTH, BOTH, now);
    }

    private long run(KeyWindow window, CallKey key, long now) {
        assertThat(window.begin(key, PAY, BOTH, now))
                .isInstanceOfSatisfying(Finding.Claimed.class, claimed -> claims = claimed.number());
        assertThat(grant(window, key, claims, now)).isEqualTo(NOTHING);
        return claims;
    }

    /** The last claim. */
    private long claims;

    @Test
    void aKeyIsClaimedGrantedAndAnsweredAndThenHasItsAnswer() {
        assertThat(a.find(KEY, PAY, BOTH, 0)).isEqualTo(new Finding.Nothing());
        assertThat(a.begin(KEY, PAY, BOTH, 0)).isEqualTo(new Finding.Claimed(1));
        assertThat(a.begin(KEY, PAY, BOTH, 0)).isEqualTo(new Finding.Running(A));
        assertThat(grant(a, KEY, 1, 0)).isEqualTo(NOTHING);
        assertThat(a.begin(KEY, PAY, BOTH, 0)).isEqualTo(new Finding.Running(A));
        assertThat(a.answered(KEY, 1, PAID, 10)).isTrue();
        assertThat(a.begin(KEY, PAY, BOTH, 109)).isEqualTo(new Finding.Answered(PAID));
        assertThat(a.begin(KEY, PAY, BOTH, 110)).isEqualTo(new Finding.Claimed(2));
    }

    @Test
    void theFirstAnswerCounts() {
        run(a, KEY, 0);
        a.answered(KEY, 1, PAID, 0);
        a.answered(KEY, 1, KeptAnswer.UNANSWERED, 0);
        assertThat(a.find(KEY, PAY, BOTH, 0)).isEqualTo(new Finding.Answered(PAID));
    }

    @Test
    void anotherCallWithTheKeyIsReused() {
        Fingerprint other = new Fingerprint(1, 3);
        run(a, KEY, 0);
        assertThat(a.begin(KEY, other, BOTH, 0)).isEqualTo(new Finding.Reused());
        a.answered(KEY, 1, PAID, 0);
        assertThat(a.begin(KEY, other, BOTH, 0)).isEqualTo(new Finding.Reused());
        assertThat(a.begin(new CallKey("users:2", "k"), other, BOTH, 0)).isEqualTo(new Finding.Claimed(2));
    }

    @Test
    void ofTwoClaimsTheLesserNodeWinsUntilTheOtherIsGranted() {
        a.begin(KEY, PAY, BOTH, 0);
        b.begin(KEY, PAY, BOTH, 0);
        assertThat(a.claimedBy("b", KEY, PAY, BOTH, 0)).isEqualTo(new Finding.Running(A));
        assertThat(b.claimedBy("a", KEY, PAY, BOTH, 0)).isEqualTo(new Finding.Nothing());
        assertThat(grant(b, KEY, 1, 0)).isEqualTo(new Finding.Claimed(1));
        assertThat(grant(a, KEY, 1, 0)).isEqualTo(NOTHING);
    }

    @Test
    void aClaimThatACopyHasReplacedIsNotGranted() {
        assertThat(b.begin(KEY, PAY, BOTH, 0)).isEqualTo(new Finding.Claimed(1));
        assertThat(b.keep(new KeptCall(KEY, PAY, A, Optional.empty()), "a", 0)).isEqualTo(NOTHING);
        assertThat(grant(b, KEY, 1, 0)).isEqualTo(new Finding.Claimed(1));
        assertThat(b.find(KEY, PAY, BOTH, 0)).isEqualTo(new Finding.Running(A));
    }

    @Test
    void aGrantedClaimYieldsToNone() {
        run(b, KEY, 0);
        assertThat(b.claimedBy("a", KEY, PAY, BOTH, 0)).isEqualTo(new Finding.Running(B));
    }

    @Test
    void aReleasedClaimLeavesNothing() {
        a.begin(KEY, PAY, BOTH, 0);
        a.release(KEY, 1);
        assertThat(a.size()).isZero();
        assertThat(a.bytes()).isZero();
        assertThat(grant(a, KEY, 1, 0)).isEqualTo(new Finding.Claimed(1));
    }

    @Test
    void aLateReleaseLeavesALaterClaim() {
        a.begin(KEY, PAY, BOTH, 0);
        a.release(KEY, 1);
        a.begin(KEY, PAY, BOTH, 0);
        a.release(KEY, 1);
        assertThat(grant(a, KEY, 2, 0)).isEqualTo(NOTHING);
    }

    @Test
    void aCopyIsRunningThenUnknownWhenItsOwnerHasLeftAndGoneAfterTwoWindows() {
        assertThat(b.keep(new KeptCall(KEY, PAY, A, Optional.empty()), "a", 0)).isEqualTo(NOTHING);
        assertThat(b.begin(KEY, PAY, BOTH, 0)).isEqualTo(new Finding.Running(A));
        assertThat(b.begin(KEY, PAY, Set.of("b"), 199)).isEqualTo(new Finding.Unknown());
        assertThat(b.begin(KEY, PAY, BOTH, 199)).as("it is back").isEqualTo(new Finding.Running(A));
        assertThat(b.begin(KEY, PAY, Set.of("b"), 200)).isInstanceOf(Finding.Claimed.class);
    }

    @Test
    void aCopyWithAnAnswerAnswersWhoeverHasLeft() {
        b.keep(new KeptCall(KEY, PAY, A, Optional.empty()), "a", 0);
        b.keep(new KeptCall(KEY, PAY, A, Optional.of(PAID)), "a", 50);
        assertThat(b.begin(KEY, PAY, Set.of("b"), 149)).isEqualTo(new Finding.Answered(PAID));
        assertThat(b.begin(KEY, PAY, Set.of("b"), 150)).isInstanceOf(Finding.Claimed.class);
    }

    @Test
    void aLateCopyReplacesNeitherAnAnswerNorACallThatRuns() {
        b.keep(new KeptCall(KEY, PAY, A, Optional.of(PAID)), "a", 0);
        b.keep(new KeptCall(KEY, PAY, A, Optional.empty()), "a", 0);
        assertThat(b.find(KEY, PAY, BOTH, 0)).isEqualTo(new Finding.Answered(PAID));
        run(b, key("own"), 0);
        assertThat(b.keep(new KeptCall(key("own"), PAY, A, Optional.empty()), "a", 0))
                .isEqualTo(new Finding.Running(B));
        assertThat(b.find(key("own"), PAY, BOTH, 0)).isEqualTo(new Finding.Running(B));
    }

    @Test
    void aCopyIsRefusedWithWhatIsThereOfAnotherOwner() {
        b.keep(new KeptCall(KEY, PAY, A, Optional.empty()), "a", 0);
        KeyOwner later = new KeyOwner("c", 0);
        KeptCall other = new KeptCall(KEY, PAY, later, Optional.empty());
        assertThat(b.keep(other, "c", 0)).isEqualTo(new Finding.Running(A));
        b.keep(new KeptCall(KEY, PAY, A, Optional.of(PAID)), "a", 0);
        assertThat(b.keep(other, "c", 0)).isEqualTo(new Finding.Answered(PAID));
        assertThat(b.keep(new KeptCall(KEY, PAY, A, Optional.empty()), "a", 0)).isEqualTo(NOTHING);
    }

    @Test
    void aCopyThatItsOwnerHasGivenUpIsReleasedByItsNumber() {
        b.keep(new KeptCall(KEY, PAY, A, Optional.empty()), "a", 0);
        long first = b.copy(KEY).orElseThrow();
        b.keep(new KeptCall(KEY, PAY, A, Optional.empty()), "a", 0);
        b.release(KEY, first);
        assertThat(b.find(KEY, PAY, BOTH, 0)).as("a later copy").isEqualTo(new Finding.Running(A));
        b.release(KEY, b.copy(KEY).orElseThrow());
        assertThat(b.size()).isZero();
    }

    @Test
    void anOldClaimIsNeitherGrantedNorExecuted() {
        long end = KeyWindow.CLAIM_NANOS;
        KeyWindow window = new KeyWindow(A, OnceLimits.DEFAULTS);
        window.begin(KEY, PAY, BOTH, 0);
        assertThat(grant(window, KEY, 1, end)).isEqualTo(new Finding.Unsure());
        assertThat(grant(window, KEY, 1, end - 1)).isEqualTo(NOTHING);
        assertThat(window.mayRun(KEY, 1, end - 1)).isTrue();
        assertThat(window.mayRun(KEY, 1, end)).isFalse();
        assertThat(window.mayRun(KEY, 2, 0)).isFalse();
    }

    @Test
    void aNodeThatRespondedToAClaimExecutesNothingWithoutAskingTheClaimant() {
        long end = KeyWindow.CLAIM_NANOS;
        KeyWindow window = new KeyWindow(B, OnceLimits.DEFAULTS);
        assertThat(window.claimedBy("a", KEY, PAY, BOTH, 0)).isEqualTo(NOTHING);
        assertThat(window.claimedBy("c", KEY, PAY, BOTH, 0)).isEqualTo(new Finding.Promised(Set.of("a")));
        window.begin(KEY, PAY, Set.of("b", "c"), end - 1);
        assertThat(window.grant(KEY, 1, Set.of("c"), Set.of("b", "c"), end)).isEqualTo(new Finding.Unsure());
        assertThat(window.grant(KEY, 1, Set.of("a", "c"), BOTH, end)).isEqualTo(NOTHING);
        CallKey other = key("other");
        window.claimedBy("a", other, PAY, BOTH, 0);
        window.sweep(BOTH, end);
        window.begin(other, PAY, Set.of("b"), end);
        assertThat(window.grant(other, 2, Set.of(), Set.of("b"), end)).isEqualTo(NOTHING);
    }

    @Test
    void promisesHaveALimitAndCountInTheMemoryUntilTheyAreForgotten() {
        long end = 2 * KeyWindow.CLAIM_NANOS;
        KeyWindow window = new KeyWindow(B, new OnceLimits(100, 3, 20, 3_000, 5_000, 1_000, 1, 10));
        assertThat(window.claimedBy("a", of("users:1", 1), PAY, BOTH, 0)).isEqualTo(NOTHING);
        long first = window.bytes();
        assertThat(window.claimedBy("c", of("users:1", 1), PAY, BOTH, 0)).isEqualTo(new Finding.Promised(Set.of("a")));
        assertThat(window.bytes()).isGreaterThan(first);
        assertThat(window.claimedBy("a", of("users:2", 1), PAY, BOTH, 0)).isEqualTo(NOTHING);
        assertThat(window.claimedBy("a", of("users:3", 1), PAY, BOTH, 0)).isEqualTo(new Finding.Unsure());
        assertThat(window.bytes()).isBetween(500L, 1_000L);
        long held = window.bytes();
        assertThat(window.claimedBy("a", of("users:1", 1), PAY, BOTH, 1))
                .as("it needs no more room")
                .isEqualTo(new Finding.Promised(Set.of("c")));
        assertThat(window.bytes()).isEqualTo(held);
        window.sweep(BOTH, end);
        assertThat(window.claimedBy("a", of("users:3", 1), PAY, BOTH, end)).isEqualTo(NOTHING);
        window.sweep(BOTH, 2 * end);
        assertThat(window.bytes()).isZero();
    }

    /** However much one id may have: it may have as much as is free. */
    @Test
    void promisesOfOneIdTakeHalfOfTheRoomAtMost() {
        KeyWindow window = new KeyWindow(B, new OnceLimits(100, 30, 20, 5_000, 5_000, 5_000, 1, 10));
        int taken = 0;
        while (window.claimedBy("a", of("greedy", taken), PAY, BOTH, 0).equals(NOTHING)) {
            taken++;
        }
        assertThat(window.bytes()).isBetween(2_000L, 2_500L);
        assertThat(window.claimedBy("a", of("modest", 1), PAY, BOTH, 0)).isEqualTo(NOTHING);
    }

    @Test
    void promisesForTheKeysOfOneIdLeaveRoomForThoseOfOthers() {
        KeyWindow window = new KeyWindow(B, new OnceLimits(100, 3, 20, 1_000, 5_000, 5_000, 1, 10));
        assertThat(window.claimedBy("a", of("greedy", 1), PAY, BOTH, 0)).isEqualTo(NOTHING);
        assertThat(window.claimedBy("a", of("greedy", 2), PAY, BOTH, 0)).isEqualTo(NOTHING);
        assertThat(window.claimedBy("a", of("greedy", 3), PAY, BOTH, 0)).isEqualTo(new Finding.Unsure());
        assertThat(window.claimedBy("a", of("modest", 1), PAY, BOTH, 0)).isEqualTo(NOTHING);
    }

    @Test
    void afterAPauseTheMembersBeforeItAreAskedEvenIfTheyAreNotInTheViewNow() {
        long end = KeyWindow.PAUSE_NANOS;
        KeyWindow window = new KeyWindow(A, OnceLimits.DEFAULTS);
        Set<String> alone = Set.of("a");
        window.sweep(BOTH, 0);
        window.begin(KEY, PAY, alone, end);
        assertThat(window.grant(KEY, 1, Set.of(), alone, end)).isEqualTo(new Finding.Unsure());
        assertThat(window.grant(KEY, 1, Set.of("b"), alone, end)).isEqualTo(NOTHING);
        CallKey other = key("other");
        for (long now = end; now < end + KeyWindow.RETURN_NANOS; now += end / 2) {
            window.sweep(alone, now);
        }
        window.begin(other, PAY, alone, end + KeyWindow.RETURN_NANOS);
        assertThat(window.grant(other, 2, Set.of(), alone, end + KeyWindow.RETURN_NANOS))
                .isEqualTo(NOTHING);
    }

    @Test
    void aLateCopyOfAForgottenCallIsNotTakenForOneThatRuns() {
        assertThat(a.keep(new KeptCall(KEY, PAY, A, Optional.empty()), "b", 0)).isEqualTo(NOTHING);
        assertThat(a.find(KEY, PAY, BOTH, 0)).isEqualTo(new Finding.Nothing());
    }

    @Test
    void aSweepReturnsCallsWithoutACopyAndRenewsThoseThatRunForLong() {
        run(a, KEY, 0);
        KeptCall running = a.call(KEY).orElseThrow();
        assertThat(a.sweep(BOTH, 0)).containsExactly(running);
        a.placed(running, "b", 10);
        assertThat(a.sweep(BOTH, 109)).isEmpty();
        assertThat(a.sweep(BOTH, 110)).containsExactly(running);
        a.placed(running, "b", 110);
        assertThat(a.sweep(Set.of("a"), 120)).as("the holder has left").containsExactly(running);
        a.answered(KEY, 1, PAID, 130);
        KeptCall answered = a.call(KEY).orElseThrow();
        assertThat(a.sweep(BOTH, 130)).as("the holder lacks the answer").hasSize(1);
        a.placed(running, "b", 130);
        assertThat(a.sweep(BOTH, 130))
                .as("a late confirmation without the answer")
                .hasSize(1);
        a.placed(answered, "b", 130);
        assertThat(a.sweep(BOTH, 229)).isEmpty();
        assertThat(a.size()).isOne();
        assertThat(a.sweep(BOTH, 230)).isEmpty();
        assertThat(a.size()).isZero();
        assertThat(a.bytes()).isZero();
    }

    @Test
    void aSweepReturnsTheCopyOfAnOwnerThatHasLeft() {
        b.keep(new KeptCall(KEY, PAY, A, Optional.empty()), "a", 0);
        assertThat(b.sweep(BOTH, 0)).isEmpty();
        assertThat(b.sweep(Set.of("b"), 0)).hasSize(1);
    }

    @Test
    void theKeysOfAnIdAreLimited() {
        for (String each : List.of("1", "2", "3")) {
            run(a, key(each), 0);
        }
        assertThat(a.begin(key("4"), PAY, BOTH, 0)).isEqualTo(new Finding.Full());
        assertThat(a.keep(new KeptCall(key("4"), PAY, B, Optional.empty()), "b", 0))
                .isEqualTo(new Finding.Full());
        assertThat(a.begin(key("1"), PAY, BOTH, 0)).as("a repeat").isEqualTo(new Finding.Running(A));
        assertThat(a.begin(new CallKey("users:2", "4"), PAY, BOTH, 0)).isEqualTo(new Finding.Claimed(4));
        a.answered(key("1"), 1, PAID, 0);
        a.sweep(BOTH, 100);
        assertThat(a.begin(key("4"), PAY, BOTH, 100)).isEqualTo(new Finding.Claimed(5));
    }

    @Test
    void theBytesOfAllIdsAreLimited() {
        int begun = 0;
        while (a.begin(new CallKey("users:" + begun, "k"), PAY, BOTH, 0) instanceof Finding.Claimed) {
            begun++;
        }
        assertThat(begun).isEqualTo(9);
        assertThat(a.bytes()).isBetween(9 * KeyWindow.KEY_BYTES, 5_000L);
    }

    private static CallKey of(String id, int key) {
        return new CallKey(id, "" + key);
    }

    /** Runs calls of an id with answers as long as they are executed; at most so many. Returns how many were. */
    private static int fill(KeyWindow window, String id, int max, KeptAnswer answer) {
        for (int i = 0; i < max; i++) {
            if (!(window.begin(of(id, i), PAY, BOTH, 0) instanceof Finding.Claimed(long claim))) {
                return i;
            }
            assertThat(grant(window, of(id, i), claim, 0)).isEqualTo(NOTHING);
            window.answered(of(id, i), claim, answer, 0);
        }
        return max;
    }

    @Test
    void anIdThatHoldsLittleTakesTheAnswersAndThenTheKeysOfTheIdThatHoldsMost() {
        KeyWindow window = new KeyWindow(A, new OnceLimits(100, 100, 1_000, 100_000, 5_000, 5_000, 1, 10));
        assertThat(fill(window, "greedy", 3, answer("\"" + "x".repeat(900) + "\"")))
                .isEqualTo(3);
        assertThat(fill(window, "modest", 2, PAID)).isEqualTo(2);
        assertThat(window.taken()).isEqualTo(1);
        assertThat(window.find(of("greedy", 0), PAY, BOTH, 0)).isEqualTo(new Finding.Answered(KeptAnswer.UNKNOWN));

        assertThat(fill(window, "greedy", 100, PAID))
                .as("its repeats, and new ones")
                .isZero();
        for (int i = 3; window.begin(of("greedy", i), PAY, BOTH, 0) instanceof Finding.Claimed; i++) {}
        assertThat(fill(window, "other", 2, PAID)).isEqualTo(2);
        assertThat(window.taken()).isGreaterThan(1);
        assertThat(window.bytes()).isLessThanOrEqualTo(5_000);

        assertThat(window.begin(of("greedy", 0), PAY, BOTH, 99)).as("a repeat").isEqualTo(new Finding.Full());
        assertThat(window.find(of("greedy", 0), PAY, BOTH, 99)).as("for others").isEqualTo(new Finding.Unknown());
        assertThat(window.find(of("modest", 0), PAY, BOTH, 99)).isEqualTo(new Finding.Answered(PAID));
        window.sweep(BOTH, 1_000);
        assertThat(window.bytes()).isZero();
        assertThat(window.begin(of("greedy", 0), PAY, BOTH, 1_000)).isInstanceOf(Finding.Claimed.class);
    }

    /** An id that holds less than its share of the bytes is never refused, for all that others do. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void ofManyIdsOneThatHoldsLessThanItsShareIsNeverRefused(long seed) {
        Random random = new Random(seed);
        int others = 1 + random.nextInt(30);
        int limit = 200_000;
        KeyWindow window = new KeyWindow(A, new OnceLimits(1_000_000, 400, 2_000, 60_000, limit, 5_000, 1, 10));
        KeptAnswer answer = answer("\"" + "x".repeat(random.nextInt(1_900)) + "\"");
        int share = Math.min(60_000, limit / (others + 1));
        int own = 0;
        long held = 0;
        for (int step = 0; step < 20_000; step++) {
            long room = KeyWindow.KEY_BYTES + 40 + answer.payload().length;
            if (random.nextInt(200) == 0 && held + room <= share) {
                Finding found = window.begin(of("modest", own), PAY, BOTH, 0);
                assertThat(found).as("call %s of %s others", own, others).isInstanceOf(Finding.Claimed.class);
                if (found instanceof Finding.Claimed(long claim)) {
                    assertThat(grant(window, of("modest", own), claim, 0)).isEqualTo(NOTHING);
                    assertThat(window.answered(of("modest", own), claim, answer, 0))
                            .isTrue();
                }
                own++;
                held += room;
            } else {
                CallKey key = of("greedy" + random.nextInt(others), random.nextInt(1_000));
                if (window.begin(key, PAY, BOTH, 0) instanceof Finding.Claimed(long claim)) {
                    assertThat(grant(window, key, claim, 0)).isEqualTo(NOTHING);
                    window.answered(key, claim, answer, 0);
                }
            }
            assertThat(window.bytes()).isLessThanOrEqualTo(limit);
        }
        assertThat(own).isPositive();
        for (int i = 0; i < own; i++) {
            assertThat(window.find(of("modest", i), PAY, BOTH, 0)).isEqualTo(new Finding.Answered(answer));
        }
    }

    @Test
    void ofAnAnswerOverALimitTheKeyStaysAndTheAnswerIsUnknown() {
        run(a, KEY, 0);
        assertThat(a.answered(KEY, 1, answer("{\"text\":\"0123456789\"}"), 0)).isFalse();
        assertThat(a.find(KEY, PAY, BOTH, 0)).isEqualTo(new Finding.Answered(KeptAnswer.UNKNOWN));
    }
}
