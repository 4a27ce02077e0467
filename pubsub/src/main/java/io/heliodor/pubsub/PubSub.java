package io.heliodor.pubsub;

import java.util.List;

/** Typed publish and subscribe by topic. */
public interface PubSub extends AutoCloseable {
    <T> Subscription subscribe(Topic<T> topic, Subscriber<? super T> subscriber);

    <T> Subscription subscribeInline(Topic<T> topic, Subscriber<? super T> subscriber);

    <T> void broadcast(Topic<T> topic, T message);

    <T> void broadcastFrom(Subscription sender, Topic<T> topic, T message);

    <T> void broadcastLocally(Topic<T> topic, T message);

    List<Subscription> subscribers(String topic);

    int count(String topic);

    PubSub scope(String name);

    @Override
    void close();
}
