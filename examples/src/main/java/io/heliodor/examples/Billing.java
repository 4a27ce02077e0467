package io.heliodor.examples;

import io.heliodor.election.Election;
import io.heliodor.node.Node;
import java.time.Duration;
import java.util.function.Consumer;

/** Work that one node of the cluster does. */
final class Billing {
    private Billing() {}

    // @start region=worker
    static Election start(Node node, Consumer<String> bills) {
        return node.election("billing").whileLeading(term -> {
            while (true) {
                bills.accept("bill of " + node.name());
                Thread.sleep(Duration.ofHours(1));
            }
        });
    }
    // @end
}
