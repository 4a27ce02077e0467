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
sealed interface MailboxEntry<M> {
    /** A message of this node, by reference. */
    record LocalMessage<M>(M message, String correlation) implements MailboxEntry<M> {}

    /** A message of another node, to be read on the thread of the process: a large one holds up nobody else. */
    record RemoteMessage<M>(
            Peer from,
            byte[] payload,
            String correlation,
            @Nullable IncomingCall call) implements MailboxEntry<M> {}

    /** Something that the process is told, unless it does not want to know any more. */
    record Notification<M>(BooleanSupplier wanted, Supplier<? extends M> message) implements MailboxEntry<M> {}
}
