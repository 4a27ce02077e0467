package io.heliodor.process.engine;

import io.heliodor.link.Peer;
import io.heliodor.pubsub.Correlation;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a mailbox.
 *
 * @param <M> the type of the messages of its process
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
sealed interface MailboxEntry<M> {
    /** A message of this node, by reference. */
    record LocalMessage<M>(M message, Correlation.@Nullable Captured context) implements MailboxEntry<M> {
        /** With the context of this thread. */
        LocalMessage(M message) {
            this(message, Correlation.capture().orElse(null));
        }
    }

    /** A message of another node, decoded on the thread of the process: a large one delays no other. */
    record RemoteMessage<M>(
            Peer from,
            byte[] payload,
            String correlation,
            @Nullable IncomingCall call) implements MailboxEntry<M> {}

    /** A notification of a monitor, dropped if the monitor was closed. */
    record Notification<M>(BooleanSupplier fires, Supplier<? extends M> message) implements MailboxEntry<M> {}
}
