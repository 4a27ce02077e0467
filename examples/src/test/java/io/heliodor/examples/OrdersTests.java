package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.examples.Orders.OrderPlaced;
import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Pub/sub alone. */
class OrdersTests {
    @AutoClose
    private final PubSub pubsub = PubSub.local();

    @Test
    void aSubscriberGetsPublishedMessages() throws InterruptedException {
        var ledger = new LinkedBlockingQueue<Integer>();
        Subscription audit = Orders.audit(pubsub, ledger);
        assertThat(ledger.poll(10, TimeUnit.SECONDS)).isEqualTo(990);
        audit.close();
        assertThat(pubsub.count("orders")).isZero();
    }

    @Test
    void anInlineSubscriberHasRunWhenTheBroadcastReturns() {
        var placed = new LongAdder();
        Orders.count(pubsub, placed);
        pubsub.broadcast(Orders.ORDERS, new OrderPlaced(1, 1));
        assertThat(placed.sum()).isOne();
    }

    @Test
    void theSenderIsLeftOut() throws InterruptedException {
        var mine = new LinkedBlockingQueue<OrderPlaced>();
        var theirs = new LinkedBlockingQueue<OrderPlaced>();
        pubsub.subscribe(Orders.ORDERS, theirs::add);
        Orders.others(pubsub, mine);
        pubsub.broadcast(Orders.ORDERS, new OrderPlaced(4, 1));
        assertThat(theirs.poll(10, TimeUnit.SECONDS)).isEqualTo(new OrderPlaced(2, 450));
        assertThat(mine.poll(10, TimeUnit.SECONDS)).isEqualTo(new OrderPlaced(4, 1));
    }

    @Test
    void scopesAreSeparate() {
        var placed = new LongAdder();
        Orders.count(pubsub, placed);
        PubSub tenant = Orders.tenant(pubsub);
        assertThat(placed.sum()).isZero();
        Orders.count(tenant, placed);
        Orders.tenant(pubsub);
        assertThat(placed.sum()).isOne();
    }

    @Test
    void aTopicMayCarryAGenericType() {
        var sizes = new LongAdder();
        pubsub.subscribeInline(Orders.BATCHES, batch -> sizes.add(batch.size()));
        pubsub.broadcast(Orders.BATCHES, List.of(new OrderPlaced(1, 1), new OrderPlaced(2, 2)));
        assertThat(sizes.sum()).isEqualTo(2);
    }

    @Test
    void aFormatReadsItsOwnBytesAndNoOthers() {
        MessageFormat<OrderPlaced> format = Orders.COMPACT.format().orElseThrow();
        byte[] bytes = format.write(new OrderPlaced(7, 120));
        assertThat(format.read(bytes)).contains(new OrderPlaced(7, 120));
        bytes[0] = 2;
        assertThat(format.read(bytes)).isEmpty();
        assertThat(format.read(new byte[0])).isEmpty();
    }
}
