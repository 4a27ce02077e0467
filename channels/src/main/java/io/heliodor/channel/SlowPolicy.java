package io.heliodor.channel;

import java.util.function.Function;

/**
 * What becomes of an event for a client that is behind, because it does not read as fast as is said. Given to {@link
 * Channel.Builder#whenSlow}, for events that are worth less when they are late: cursors, typing, scores. An event without a
 * policy waits for its client, and at the bound of what may wait the connection is closed.
 *
 * <p>Clients that keep up get everything. A client is behind when something has waited for it for 250 ms without a break, or
 * as much as 512 KiB (half of {@code MemoryLimits.maxConnectionBytes}, if that is less). The buffers of both systems do not count.
 *
 * @param <T> the type of the event's payload
 */
public sealed interface SlowPolicy<T> {
    /**
     * A client that is behind does not get it.
     *
     * @param <T> the type of the payload
     */
    record Drop<T>() implements SlowPolicy<T> {}

    /**
     * For a client that is behind it replaces the one of its key that waits.
     *
     * @param key what of the payload has one latest value
     * @param <T> the type of the payload
     */
    record Latest<T>(Function<? super T, ?> key) implements SlowPolicy<T> {}

    /**
     * A client that is behind does not get it. For what is of no use later: that somebody types.
     *
     * @param <T> the type of the payload
     * @return the policy
     */
    static <T> SlowPolicy<T> drop() {
        return new Drop<>();
    }

    /**
     * For a client that is behind it replaces the one of its key that waits: the client gets the newest of each key, or its
     * connection is closed. A newer one never comes before another event that was said earlier, unless that has such a policy
     * as well.
     *
     * <p><b>Threads:</b> the key is computed once for each broadcast, on the thread of whoever broadcasts, and for each push.
     * <b>Blocking:</b> it must not. Where it throws or is null, that is logged and the event waits as any other.
     *
     * @param key what of the payload has one latest value, compared with {@code equals}: the user of a cursor
     * @param <T> the type of the payload
     * @return the policy
     */
    static <T> SlowPolicy<T> latest(Function<? super T, ?> key) {
        return new Latest<>(key);
    }
}
