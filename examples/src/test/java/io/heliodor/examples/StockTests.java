package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.election.Election;
import io.heliodor.membership.Health;
import io.heliodor.node.Cookie;
import io.heliodor.node.Node;
import io.heliodor.pubsub.Subscription;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fragments of the cluster's guide, on two nodes. */
class StockTests {
    private static final Cookie COOKIE = Cookie.random();

    private static Node node(String app, String... seeds) {
        return Node.builder(app + "@127.0.0.1")
                .cookie(COOKIE)
                .bind("127.0.0.1:0")
                .seeds(seeds)
                .start();
    }

    private static ConditionFactory eventually() {
        return await().atMost(Duration.ofSeconds(30));
    }

    @Test
    void theGuideRuns() throws Exception {
        try (Node first = node("one");
                Node second = node("two", "127.0.0.1:" + first.port())) {
            assertThat(Stock.count(first)).isEqualTo(2);
            assertThat(Stock.read(second)).isEqualTo(2);

            assertThat(Stock.sendBoth(second)).isFalse();
            assertThat(Stock.read(second)).isEqualTo(3);
            Stock.serveCounters(first);
            assertThat(Stock.countOn(second, first.name())).isEqualTo(12);

            Queue<String> done = new ConcurrentLinkedQueue<>();
            Stock.work(first, done);
            Stock.work(second, done);
            eventually().untilAsserted(() -> assertThat(done).hasSize(3));

            Stock.serve(first);
            assertThat(Stock.reserve(second, first.name())).isEqualTo("tea-1");

            Queue<String> sold = new ConcurrentLinkedQueue<>();
            try (Subscription audit = Stock.follow(second, sold)) {
                first.pubsub().broadcast(Stock.SOLD, new Stock.Sold("tea"));
                eventually().untilAsserted(() -> assertThat(sold).containsExactly("tea"));
                assertThat(audit.dropped()).isZero();
            }

            Queue<String> seen = new ConcurrentLinkedQueue<>();
            assertThat(Stock.look(first, seen).status()).isEqualTo(Health.Status.HEALTHY);
            eventually().untilAsserted(() -> assertThat(seen).hasSize(1));
            eventually()
                    .untilAsserted(() ->
                            assertThat(second.metadata().entries(first.name())).containsEntry("version", "2.1"));

            AtomicInteger runs = new AtomicInteger();
            try (Election scheduler = Stock.schedule(second, runs)) {
                eventually().untilAsserted(() -> assertThat(runs).hasPositiveValue());
                assertThat(scheduler.leading()).isTrue();
            }
        }
    }

    @Test
    void aLeaderThatVotersElectedHasAToken(@TempDir Path data) {
        try (Node only = Node.builder("only@127.0.0.1")
                .cookie(COOKIE)
                .bind("127.0.0.1", 0)
                .voters(data, "only@127.0.0.1")
                .start()) {
            Stock.Ledger ledger = new Stock.Ledger();
            try (Election writer = Stock.writeOrders(only, ledger)) {
                eventually().untilAsserted(() -> assertThat(ledger.orders()).isPositive());
                long token = writer.leader().orElseThrow().term().fencing().orElseThrow();
                assertThat(ledger.write(token - 1)).isFalse();
            }
        }
    }
}
