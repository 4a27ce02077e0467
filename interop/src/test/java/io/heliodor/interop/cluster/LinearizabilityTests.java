package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** The check accepts linearizable histories, and finds planted violations in others. */
@Timeout(60)
class LinearizabilityTests {
    private static final String OK = "{\"ok\":true}";
    private static final String TAKEN = error("name_taken");
    private static final String NOT_OWNER = error("not_owner");
    private static final String NO_PROCESS = error("no_process");
    private static final String UNKNOWN = error("unknown");

    private final RegistryHistory history = new RegistryHistory();

    private static String error(String code) {
        return "{\"ok\":false,\"error\":\"" + code + "\",\"message\":\"m\"}";
    }

    private static String found(String node) {
        return "{\"ok\":true,\"node\":" + (node.equals("null") ? "null" : "\"" + node + "\"") + "}";
    }

    private LinearizabilityTests did(String node, String verb, String answer, long invoked, long returned) {
        Answer given = new Answer(node, verb, JsonMapper.shared().readTree(answer));
        history.record(node, given, verb, "n", invoked, returned);
        return this;
    }

    private void isRight() {
        assertThat(history.violation()).isEmpty();
    }

    private void isWrong() {
        assertThat(history.violation()).isPresent().get().asString().startsWith("n: not linearizable");
    }

    @Test
    void operationsInSequenceAreRight() {
        did("a", "register", OK, 1, 2)
                .did("b", "register", TAKEN, 3, 4)
                .did("b", "lookup", found("a"), 5, 6)
                .did("b", "unregister", NOT_OWNER, 7, 8)
                .did("a", "register", OK, 9, 10)
                .did("a", "unregister", OK, 11, 12)
                .did("a", "unregister", NO_PROCESS, 13, 14)
                .did("b", "lookup", found("null"), 15, 16)
                .did("b", "register", OK, 17, 18)
                .isRight();
    }

    @Test
    void twoOwnersAtOnceAreFound() {
        did("a", "register", OK, 1, 2).did("b", "register", OK, 3, 4).isWrong();
    }

    @Test
    void twoOwnersAreFoundEvenIfBothRegisteredAtTheSameTime() {
        did("a", "register", OK, 1, 10).did("b", "register", OK, 1, 10).isWrong();
    }

    @Test
    void aStaleReadIsFound() {
        did("a", "register", OK, 1, 2).did("b", "lookup", found("null"), 3, 4).isWrong();
    }

    @Test
    void aReadDuringAWriteMaySeeEither() {
        did("a", "register", OK, 1, 10)
                .did("b", "lookup", found("null"), 2, 3)
                .did("c", "lookup", found("a"), 4, 5)
                .isRight();
    }

    @Test
    void aReadDuringAWriteMayNotSeeTheOldValueAfterTheNewOne() {
        did("a", "register", OK, 1, 10)
                .did("b", "lookup", found("a"), 2, 3)
                .did("c", "lookup", found("null"), 4, 5)
                .isWrong();
    }

    @Test
    void aNameWithoutAnOwnerIsNotTaken() {
        did("a", "register", TAKEN, 1, 2).isWrong();
    }

    @Test
    void anOperationWithAnUnknownResultMayHappenLaterOrNever() {
        did("a", "register", UNKNOWN, 1, 2)
                .did("b", "lookup", found("null"), 3, 4)
                .did("b", "lookup", found("a"), 5, 6)
                .isRight();
        did("c", "register", UNKNOWN, 7, 8).isRight();
    }

    @Test
    void anOperationWithAnUnknownResultHappensAtMostOnce() {
        did("a", "register", UNKNOWN, 1, 2)
                .did("a", "unregister", OK, 3, 4)
                .did("b", "lookup", found("null"), 5, 6)
                .did("b", "lookup", found("a"), 7, 8)
                .isWrong();
    }

    @Test
    void theNameOfANodeThatIsCutOffBecomesFree() {
        did("a", "register", OK, 1, 2);
        history.cutOff("a");
        long later = RegistryHistory.now() + 1;
        did("b", "lookup", found("a"), later, later + 1)
                .did("b", "register", OK, later + 2, later + 3)
                .isRight();
        did("b", "lookup", found("a"), later + 4, later + 5).isWrong();
    }

    @Test
    void theNameOfANodeIsNotFreeBeforeTheNodeIsCutOff() {
        did("a", "register", OK, 1, 2).did("b", "lookup", found("null"), 3, 4);
        history.cutOff("a");
        isWrong();
    }

    @Test
    void theNameOfANodeIsNotFreeWhenTheNodeIsBack() {
        history.cutOff("a");
        history.isBack("a");
        long later = RegistryHistory.now() + 1;
        did("a", "register", OK, later, later + 1)
                .did("b", "lookup", found("null"), later + 2, later + 3)
                .isWrong();
    }

    @Test
    void aViolationNamesTheOperationsThatDoNotFit() {
        did("a", "register", OK, 1, 2).did("b", "register", OK, 3, 4);
        assertThat(history.violation()).contains("""
                        n: not linearizable: in state a, after 1 of 2 operations, none of these can be next:
                          b register -> b [3, 4]""");
    }

    /** Each operation happens at one moment between its beginning and its end: such a history is right. */
    private void happened(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        String[] nodes = {"a", "b", "c", "d", "e"};
        String[] verbs = {"register", "unregister", "lookup"};
        Optional<String> owner = Optional.empty();
        for (long moment = 0; moment < 40_000; moment += 100) {
            String node = nodes[random.nextInt(nodes.length)];
            String verb = verbs[random.nextInt(verbs.length)];
            boolean own = owner.isPresent() && owner.get().equals(node);
            String answer = switch (verb) {
                case "register" -> owner.isEmpty() || own ? OK : TAKEN;
                case "unregister" -> own ? OK : owner.isEmpty() ? NO_PROCESS : NOT_OWNER;
                default -> found(owner.orElse("null"));
            };
            if (answer.equals(OK)) {
                owner = verb.equals("register") ? Optional.of(node) : Optional.empty();
            }
            did(node, verb, answer, moment - random.nextInt(300), moment + random.nextInt(300));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aHistoryOfAtomicOperationsIsRight(long seed) {
        happened(seed);
        isRight();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void oneWrongAnswerInALongHistoryIsFound(long seed) {
        happened(seed);
        did("a", "lookup", found("nobody"), 20_000, 20_001).isWrong();
    }
}
