package io.heliodor.testkit;

import io.heliodor.wire.PayloadCodec;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ChannelKit} as its clients use it.
 *
 * @param cluster the cluster of the server's node, if there is one
 * @param settling waits until all caused work is done
 */
record ClientKit(
        KitServer server,
        KitSettler settler,
        PayloadCodec codec,
        Duration deadline,
        Optional<ClusterKit> cluster,
        Runnable settling)
        implements ClientEnvironment {
    private static final long CLUSTER_POLL_INTERVAL = 1_000_000;

    @Override
    public KitLoop loop() {
        return server.loop();
    }

    @Override
    public boolean isPushTopic(String topic) {
        return server.isPushTopic(topic);
    }

    @Override
    public void settle() {
        settling.run();
    }

    @Override
    public void awaitIdle() {
        settler.awaitIdle();
    }

    @Override
    public void turn() {
        cluster.ifPresent(ClusterKit::turn);
    }

    @Override
    public long nanoTime() {
        return server.threads().nanoTime();
    }

    /** Unlimited, or short if the client advances the clock of the cluster. */
    @Override
    public long pollInterval() {
        return cluster.isPresent() ? CLUSTER_POLL_INTERVAL : Long.MAX_VALUE;
    }

    @Override
    public AssertionError failed(String message, @Nullable String topic) {
        StringBuilder text = new StringBuilder(message);
        String running = server.handlers().running();
        if (!running.isEmpty()) {
            text.append("\nStill running: ").append(running);
        }
        String unsent = server.handlers().unsent().text();
        if (!unsent.isEmpty()) {
            text.append("\nNot sent yet: ").append(unsent);
        }
        Optional<Throwable> cause = Optional.ofNullable(topic).flatMap(server.handlers()::failure);
        cause.ifPresent(thrown ->
                text.append("\nThe last failure on ").append(topic).append(": ").append(thrown));
        return new AssertionError(text.toString(), cause.orElse(null));
    }
}
