package io.heliodor.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.heliodor.link.LinkContract.Violation;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Links keep their contract in histories from seeds. {@code -Dlink.histories=10000} runs more of them,
 * {@code -Dlink.seed=SEED} replays one that failed.
 */
class LinkPropertyTests {
    @Test
    void theContractHoldsInEveryHistory() {
        Long only = Long.getLong("link.seed");
        if (only != null) {
            check(only);
            return;
        }
        int histories = Integer.getInteger("link.histories", 300);
        long first = new Random().nextLong();
        for (long seed = first; seed != first + histories; seed++) {
            check(seed);
        }
    }

    private static void check(long seed) {
        List<Violation> violations;
        try {
            violations = LinkHistory.of(seed);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("Seed " + seed + " failed; replay it with -Dlink.seed=" + seed, e);
        }
        if (!violations.isEmpty()) {
            fail("Seed %d violates the contract; replay it with -Dlink.seed=%d%n%s", seed, seed, violations);
        }
    }

    @Test
    void aSeedReplaysTheSameHistory() {
        for (long seed = 1; seed <= 20; seed++) {
            assertThat(full(seed)).as("seed %d", seed).isEqualTo(full(seed));
        }
    }

    private static String full(long seed) {
        LinkHistory history = new LinkHistory(seed);
        history.run(400);
        history.settle();
        return history.script() + history.contract().logs();
    }
}
