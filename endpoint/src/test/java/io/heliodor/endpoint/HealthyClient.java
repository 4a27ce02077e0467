package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;

/** A well-behaved client that sends echoes while the test does something else; every echo must be answered. */
public final class HealthyClient implements AutoCloseable {
    private final RawClient client;
    private volatile boolean over;
    private final CompletableFuture<long[]> nanos = new CompletableFuture<>();

    public HealthyClient(Endpoint endpoint) {
        this(endpoint.port());
    }

    public HealthyClient(int port) {
        client = RawClient.connect(port, 0).upgrade("").joins("room:healthy");
        Thread.ofVirtual().start(() -> {
            LongStream.Builder took = LongStream.builder();
            int count = 0;
            try {
                do {
                    long begun = System.nanoTime();
                    client.echoes("room:healthy", String.valueOf(++count));
                    took.add(System.nanoTime() - begun);
                } while (!over);
                nanos.complete(took.build().sorted().toArray());
            } catch (Throwable e) {
                nanos.completeExceptionally(e);
            }
        });
    }

    /** Ends the client, and returns the times of its echoes in ascending order. */
    public long[] stop() {
        over = true;
        assertThat(nanos).as("every echo was answered").succeedsWithin(Duration.ofMillis(RawClient.DEADLINE_MILLIS));
        client.close();
        return nanos.join();
    }

    @Override
    public void close() {
        stop();
    }
}
