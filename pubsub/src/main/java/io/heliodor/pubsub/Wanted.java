package io.heliodor.pubsub;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Tells the carrier which topics of a scope are wanted, and the subscriptions when other nodes know. */
final class Wanted implements TopicTable.Wants {
    private final List<String> scopes;
    private final Carrier carrier;

    /** What the carrier said of each topic that has subscriptions. An element is touched under the lock of its topic alone. */
    private final ConcurrentHashMap<String, CompletableFuture<Void>> known = new ConcurrentHashMap<>();

    Wanted(List<String> scopes, Carrier carrier) {
        this.scopes = scopes;
        this.carrier = carrier;
    }

    @Override
    public void first(LocalSubscription<?> subscription) {
        String topic = subscription.topic().name();
        CompletableFuture<Void> future = carrier.wanted(new Place(scopes, topic));
        known.put(topic, future);
        subscription.readyWith(future);
    }

    @Override
    public void further(LocalSubscription<?> subscription) {
        CompletableFuture<Void> future = known.get(subscription.topic().name());
        if (future != null) {
            subscription.readyWith(future);
        }
    }

    @Override
    public void last(String topic) {
        known.remove(topic);
        carrier.unwanted(new Place(scopes, topic));
    }
}
