package io.heliodor.session.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.pubsub.PubSub;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The topics that wait for something are looked at with each tick of the node. */
class WaitingTopicsTests {
    /** So many looks by one tick do not end by themselves. */
    private static final int ENDLESS = 1_000;

    /**
     * Their place in the set of those that wait is the same, so one that was added again came after the other one,
     * again and again.
     */
    @Test
    void aTickLooksAtEachOfTwoTopicsInTheSamePlaceOnce() {
        List<AtomicInteger> looks = List.of(new AtomicInteger(), new AtomicInteger());
        try (PubSub pubsub = PubSub.local()) {
            Replicas<Object> replicas = new Replicas<>(none(), pubsub, pubsub.scope("copies"), 1);
            looks.forEach(each -> replicas.addWaiting(topic(each)));
            for (int tick = 1; tick <= 3; tick++) {
                int ticks = tick;
                await().until(() -> {
                    replicas.tick();
                    return looks.stream().allMatch(each -> each.get() >= ticks);
                });
            }
        }
        assertThat(looks).allSatisfy(each -> assertThat(each.get()).isLessThan(ENDLESS));
    }

    @SuppressWarnings("ReferenceEquality") // which is the equality of proxies without a state
    private static KeptLog<?> topic(AtomicInteger looks) {
        return (KeptLog<?>) Proxy.newProxyInstance(
                KeptLog.class.getClassLoader(),
                new Class<?>[] {KeptLog.class},
                (self, method, arguments) -> switch (method.getName()) {
                    case "hashCode" -> 1;
                    case "equals" -> self == arguments[0];
                    case "tick" -> looks.incrementAndGet() >= ENDLESS;
                    default -> throw new UnsupportedOperationException(method.toString());
                });
    }

    @SuppressWarnings("unchecked")
    private static KeptLogs<Object> none() {
        return (KeptLogs<Object>) Proxy.newProxyInstance(
                KeptLogs.class.getClassLoader(), new Class<?>[] {KeptLogs.class}, (_, _, _) -> null);
    }
}
