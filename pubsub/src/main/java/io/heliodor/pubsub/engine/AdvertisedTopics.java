package io.heliodor.pubsub.engine;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Advertises the topics of a scope that have subscriptions, and completes these when other nodes know. */
final class AdvertisedTopics implements TopicTable.InterestListener {
    private final List<String> scopes;
    private final ClusterTransport transport;

    /** For each topic that has subscriptions: completes when other nodes know. An element is touched under the lock of its topic alone. */
    private final ConcurrentHashMap<String, CompletableFuture<Void>> known = new ConcurrentHashMap<>();

    AdvertisedTopics(List<String> scopes, ClusterTransport transport) {
        this.scopes = scopes;
        this.transport = transport;
    }

    @Override
    public void first(LocalSubscription<?> subscription) {
        String topic = subscription.topic().name();
        CompletableFuture<Void> future = transport.advertise(new TopicAddress(scopes, topic));
        known.put(topic, future);
        subscription.readyWith(future);
    }

    @Override
    public void another(LocalSubscription<?> subscription) {
        CompletableFuture<Void> future = known.get(subscription.topic().name());
        if (future != null) {
            subscription.readyWith(future);
        }
    }

    @Override
    public void last(String topic) {
        known.remove(topic);
        transport.withdraw(new TopicAddress(scopes, topic));
    }
}
