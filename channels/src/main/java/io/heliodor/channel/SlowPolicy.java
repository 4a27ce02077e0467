package io.heliodor.channel;

import java.util.Objects;
import java.util.function.Function;

/**
 * How an event is treated when a client cannot keep up: drop it, or keep only the latest for each key. It is set by {@link
 * Channel.Builder#whenSlow}, for events that lose their value when they are late: cursors, typing, scores. An event without a policy waits
 * for its client, and the connection is closed at the limit of its memory.
 *
 * <p>Clients that keep up get all events. A client lags if messages have waited for it for 250 ms without a break, or if 512 KiB wait (half of
 * {@code MemoryLimits.maxConnectionBytes}, if that is less). The socket buffers of both systems do not count.
 *
 * @param <T> the type of the event's payload
 */
public sealed interface SlowPolicy<T> {
    /**
     * The event is dropped for a lagging client.
     *
     * @param <T> the type of the payload
     */
    record Drop<T>() implements SlowPolicy<T> {}

    /**
     * The event replaces the waiting one with its key for a lagging client.
     *
     * @param key returns the key of a payload
     * @param <T> the type of the payload
     */
    record Latest<T>(Function<? super T, ?> key) implements SlowPolicy<T> {
        /** Checks that no value is null. */
        public Latest {
            Objects.requireNonNull(key, "key");
        }
    }

    /**
     * Drops the event for a lagging client. For events that are useless later, such as typing.
     *
     * @param <T> the type of the payload
     * @return the policy
     */
    static <T> SlowPolicy<T> drop() {
        return new Drop<>();
    }

    /**
     * Keeps only the latest event of each key for a lagging client. The client gets the newest of each key, or its connection is closed. A
     * replacement is not sent before another event that was sent earlier, unless that has such a policy as well.
     *
     * <p><b>Threads:</b> the key is computed once for each broadcast, on the broadcasting thread, and for each push. <b>Blocking:</b>
     * forbidden. If it throws or is null, that is logged, and the event waits like any other.
     *
     * @param key returns the key of a payload, such as the user of a cursor; compared with {@code equals}
     * @param <T> the type of the payload
     * @return the policy
     */
    static <T> SlowPolicy<T> latest(Function<? super T, ?> key) {
        return new Latest<>(Objects.requireNonNull(key, "key"));
    }
}
