package io.heliodor.pubsub;

import java.util.concurrent.CompletableFuture;

/** A live subscription. */
public interface Subscription extends AutoCloseable {
    Topic<?> topic();

    CompletableFuture<Void> ready();

    long dropped();

    @Override
    void close();
}
