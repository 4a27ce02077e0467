package io.heliodor.pubsub.engine;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Advertises the topics with subscriptions of a scope, and completes {@code ready()} of the subscriptions. */
final class AdvertisedTopics implements TopicTable.InterestListener {
    private final List<String> scopes;
    private final ClusterTransport transport;

    /** For each topic with subscriptions, the future of its advertisement. An element is used under the lock of its topic only. */
    private final ConcurrentHashMap<String, CompletableFuture<Void>> advertised = new ConcurrentHashMap<>();

    AdvertisedTopics(List<String> scopes, ClusterTransport transport) {
        this.scopes = scopes;
        this.transport = transport;
    }

    @Override
    public void first(LocalSubscription<?> subscription) {
        String topic = subscription.topic().name();
        CompletableFuture<Void> future = transport.advertise(new TopicAddress(scopes, topic));
        advertised.put(topic, future);
        subscription.readyWith(future);
    }

    @Override
    public void another(LocalSubscription<?> subscription) {
        CompletableFuture<Void> future = advertised.get(subscription.topic().name());
        if (future != null) {
            subscription.readyWith(future);
        }
    }

    @Override
    public void last(String topic) {
        advertised.remove(topic);
        transport.withdraw(new TopicAddress(scopes, topic));
    }
}
