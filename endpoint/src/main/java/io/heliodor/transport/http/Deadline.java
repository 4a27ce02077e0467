package io.heliodor.transport.http;

import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The only deadline of a connection: setting one cancels the one before. On the loop of the connection. */
final class Deadline {
    private final Channel channel;
    private @Nullable ScheduledFuture<?> next;

    Deadline(Channel channel) {
        this.channel = channel;
    }

    void set(Duration time, Runnable onTimeout) {
        cancel();
        next = channel.eventLoop().schedule(onTimeout, time.toNanos(), TimeUnit.NANOSECONDS);
    }

    void cancel() {
        if (next != null) {
            next.cancel(false);
            next = null;
        }
    }
}
