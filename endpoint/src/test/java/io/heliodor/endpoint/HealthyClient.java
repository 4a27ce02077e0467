package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A well-behaved client that echoes for as long as the test does something else; every echo must be answered. */
final class HealthyClient implements AutoCloseable {
    private final RawClient client;
    private volatile boolean over;
    private final CompletableFuture<Integer> answered = new CompletableFuture<>();

    HealthyClient(Endpoint endpoint) {
        client = RawClient.open(endpoint).joins("room:healthy");
        Thread.ofVirtual().start(() -> {
            int count = 0;
            try {
                do {
                    client.echoes("room:healthy", String.valueOf(++count));
                } while (!over);
                answered.complete(count);
            } catch (Throwable e) {
                answered.completeExceptionally(e);
            }
        });
    }

    @Override
    public void close() {
        over = true;
        assertThat(answered).succeedsWithin(Duration.ofMillis(RawClient.DEADLINE_MILLIS));
        client.close();
    }
}
