package io.heliodor.testkit;

import io.heliodor.wire.PayloadCodec;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The kit of a client, as far as the client uses it. */
interface ClientEnvironment {
    KitLoop loop();

    PayloadCodec codec();

    Duration deadline();

    /** Whether a channel may push under a topic that clients do not join. */
    boolean isPushTopic(String topic);

    /** Waits until all caused work is done. */
    void settle();

    /** Waits until the server has no work. */
    void awaitIdle();

    /** Advances the clock of the cluster, if there is one, to its next task. */
    void turn();

    /** The present time of the machine. */
    long nanoTime();

    /** The time between two looks at an expectation, in nanoseconds. */
    long pollInterval();

    /** A failure with the state of the handlers; its cause is the exception of the last handler of the topic that failed. */
    AssertionError failed(String message, @Nullable String topic);
}
