package io.heliodor.pubsub.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.pubsub.Subscriber;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A subscriber that keeps the received messages. */
final class Received implements Subscriber<String> {
    private final Queue<String> messages = new ConcurrentLinkedQueue<>();

    @Override
    public void receive(String message) {
        messages.add(message);
    }

    /** Waits until these messages are there, in this order and no others. */
    void awaits(String... expected) {
        PubSubContract.eventually().untilAsserted(() -> assertThat(messages).containsExactly(expected));
    }
}
