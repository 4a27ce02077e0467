package io.heliodor.examples;

import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.type.Type;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.LongAdder;

/** Pub/sub without a server. */
final class Orders {
    // @start region=topic
    record OrderPlaced(long id, int cents) {}

    static final Topic<OrderPlaced> ORDERS = Topic.of("orders", OrderPlaced.class);
    // @end

    // @start region=generic
    static final Topic<List<OrderPlaced>> BATCHES = Topic.of("batches", new Type<List<OrderPlaced>>() {});
    // @end

    // @start region=format
    static final Topic<OrderPlaced> COMPACT = Topic.of("orders", OrderPlaced.class, new MessageFormat<>() {
        @Override
        public byte[] write(OrderPlaced order) {
            return ByteBuffer.allocate(13)
                    .put((byte) 1)
                    .putLong(order.id)
                    .putInt(order.cents)
                    .array();
        }

        @Override
        public Optional<OrderPlaced> read(byte[] bytes) {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            return bytes.length == 13 && in.get() == 1
                    ? Optional.of(new OrderPlaced(in.getLong(), in.getInt()))
                    : Optional.empty();
        }
    });
    // @end

    private Orders() {}

    static Subscription audit(PubSub pubsub, Queue<Integer> ledger) {
        // @start region=subscribe
        Subscription audit = pubsub.subscribe(ORDERS, order -> ledger.add(order.cents()));
        pubsub.broadcast(ORDERS, new OrderPlaced(1, 990));
        // @end
        return audit;
    }

    static Subscription count(PubSub pubsub, LongAdder placed) {
        // @start region=inline
        Subscription counting = pubsub.subscribeInline(ORDERS, order -> placed.increment());
        // @end
        return counting;
    }

    static Subscription others(PubSub pubsub, Queue<OrderPlaced> theirs) {
        // @start region=from
        Subscription own = pubsub.subscribe(ORDERS, theirs::add);
        pubsub.broadcastFrom(own, ORDERS, new OrderPlaced(2, 450));
        // @end
        return own;
    }

    static PubSub tenant(PubSub pubsub) {
        // @start region=scope
        PubSub tenant = pubsub.scope("tenant-7");
        tenant.broadcast(ORDERS, new OrderPlaced(3, 120));
        // @end
        return tenant;
    }
}
