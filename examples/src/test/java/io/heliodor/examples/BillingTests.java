package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.examples.Stock.Reserve;
import io.heliodor.examples.Stock.Reserved;
import io.heliodor.process.CallOutcome;
import io.heliodor.testkit.Chaos;
import io.heliodor.testkit.ClusterKit;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** The tests of the guide: a worker that must run once in the cluster. */
class BillingTests {
    private final Queue<String> bills = new ConcurrentLinkedQueue<>();

    // @start region=once
    @Test
    void oneNodeBillsAndAnotherOneAfterItsEnd() {
        try (ClusterKit kit = ClusterKit.start("a@host", "b@host", "c@host")) {
            Billing.start(kit.node("a@host"), bills::add);
            kit.await(() -> bills.size() == 1);
            Billing.start(kit.node("b@host"), bills::add);
            Billing.start(kit.node("c@host"), bills::add);

            kit.advance(Duration.ofSeconds(30));
            assertThat(bills).containsExactly("bill of a@host");

            kit.crash("a@host");
            kit.await(() -> bills.size() == 2);
            assertThat(bills).doesNotHaveDuplicates();
        }
    }
    // @end

    @Test
    void eachSideOfASplitBills() {
        try (ClusterKit kit = ClusterKit.start("a@host", "b@host", "c@host")) {
            kit.nodes().forEach(node -> Billing.start(kit.node(node), bills::add));
            kit.await(() -> bills.size() == 1);
            String leader = leaders(kit).getFirst();
            // @start region=split
            List<String> others =
                    kit.nodes().stream().filter(node -> !node.equals(leader)).toList();
            kit.partition(List.of(leader), others);
            kit.await(() -> leaders(kit).size() == 2); // after 11 s of the clock: one on each side

            kit.heal();
            kit.await(() -> leaders(kit).size() == 1);
            // @end
            assertThat(bills).hasSizeGreaterThanOrEqualTo(2);
        }
    }

    private static List<String> leaders(ClusterKit kit) {
        return kit.nodes().stream()
                .filter(node -> kit.node(node).election("billing").leading())
                .toList();
    }

    @Test
    void theTimeOfACallPasses() {
        try (ClusterKit kit = ClusterKit.start("a@host", "b@host")) {
            Stock.serve(kit.node("b@host"));
            // @start region=call
            kit.pause("b@host");
            CompletableFuture<CallOutcome<Reserved>> call = kit.async(() -> kit.node("a@host")
                    .rpc()
                    .call("b@host", Stock.RESERVE, new Reserve("tea", 1), Duration.ofSeconds(2)));
            kit.advance(Duration.ofSeconds(2));
            assertThat(call).isCompletedWithValue(new CallOutcome.TimedOut<>(Duration.ofSeconds(2)));
            // @end
        }
    }

    @Test
    void afterAnyFaultsOneNodeBillsInTheEnd() {
        try (ClusterKit kit = ClusterKit.start("a@host", "b@host", "c@host")) {
            // @start region=chaos
            Chaos chaos = kit.chaos(17);
            for (int i = 0; i < 20; i++) {
                chaos.next();
                kit.advance(Duration.ofSeconds(3));
            }
            chaos.end();
            kit.await(() -> kit.nodes().stream()
                    .allMatch(node -> kit.node(node).membership().peers().size() == 2));
            // @end
            kit.nodes().forEach(node -> Billing.start(kit.node(node), bills::add));
            kit.await(() -> leaders(kit).size() == 1);
        }
    }
}
