package io.heliodor.process.engine;

import io.heliodor.link.Peer;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What waits in an inbox.
 *
 * @param <M> the type of the messages of its process
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
sealed interface Item<M> {
    /** A message of this node, by reference. */
    record Local<M>(M message, String correlation) implements Item<M> {}

    /** A message of another node, to be read on the thread of the process: a large one holds up nobody else. */
    record Remote<M>(
            Peer from,
            byte[] payload,
            String correlation,
            @Nullable IncomingCall call) implements Item<M> {}

    /** Something that the process is told, unless it does not want to know any more. */
    record Told<M>(BooleanSupplier wanted, Supplier<? extends M> message) implements Item<M> {}
}
