package io.heliodor.session;

import io.heliodor.channel.InfoMessage;
import io.heliodor.history.ResumeResult;
import io.heliodor.pubsub.Topic;
import io.heliodor.wire.Frame;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** What waits for a channel's handlers. A mail is its own node in the mailbox, hence used once. */
abstract sealed class Mail {
    /** The cost of a mail in addition to its payload: a client's frame is four objects and three short texts. */
    private static final int OVERHEAD = 256;

    @Nullable
    Mail next;

    /** The bytes of heap that count for its connection until it is handled or dropped. */
    int bytes() {
        return OVERHEAD;
    }

    /** Gives back what it shares with others. Once, when it is handled or dropped. */
    void dispose() {}

    /** A handler decodes a client's payload, and often answers with it. */
    private static int twice(Payload payload) {
        return 2 * payload.length();
    }

    /** The request to join; the first mail of every channel. */
    static final class JoinRequested extends Mail {
        final Payload payload;

        JoinRequested(Payload payload) {
            this.payload = payload;
        }

        @Override
        int bytes() {
            return OVERHEAD + twice(payload);
        }
    }

    /** Something that the client said. */
    static final class Said extends Mail {
        final Frame frame;

        Said(Frame frame) {
            this.frame = frame;
        }

        @Override
        int bytes() {
            return OVERHEAD + twice(frame.payload());
        }
    }

    /** An info message. */
    static final class Told extends Mail {
        final InfoMessage<?> message;
        final Object content;

        Told(InfoMessage<?> message, Object content) {
            this.message = message;
            this.content = content;
        }
    }

    /** A deferred reply was completed with an exception. */
    static final class DeferredFailed extends Mail {
        final String call;
        final Ref ref;
        private final Throwable cause;

        DeferredFailed(String call, Ref ref, Throwable cause) {
            this.call = call;
            this.ref = ref;
            this.cause = cause;
        }

        /** The exception of the future; an error is thrown as it is. */
        Exception exception() {
            if (cause instanceof Error error) {
                throw error;
            }
            return cause instanceof Exception exception ? exception : new CompletionException(cause);
        }
    }

    /** Something that was published on a topic to which the channel subscribed. */
    static final class Published extends Mail {
        final Topic<?> topic;
        final Object message;

        Published(Topic<?> topic, Object message) {
            this.topic = topic;
            this.message = message;
        }
    }

    /** What a client missed of a history, to be looked at on its way out. It belongs to the history and is one mail. */
    static final class Repeated extends Mail {
        final List<ResumeResult.Missed<KeptBroadcast>> missed;

        Repeated(List<ResumeResult.Missed<KeptBroadcast>> missed) {
            this.missed = missed;
        }

        @Override
        void dispose() {
            missed.forEach(each -> each.kept().content().memory().release());
        }
    }

    /** A broadcast that the channel looks at on its way out. */
    static final class Outgoing extends Mail {
        final Broadcast broadcast;
        final Ref offset;
        final byte[] message;
        final @Nullable SlowDelivery slowDelivery;

        /** Counts the message once for all members that have it in their mailbox; null if it is no mail of a mailbox. */
        private final @Nullable SharedMemory shared;

        Outgoing(
                Broadcast broadcast,
                Ref offset,
                byte[] message,
                @Nullable SlowDelivery slowDelivery,
                @Nullable SharedMemory shared) {
            this.broadcast = broadcast;
            this.offset = offset;
            this.message = message;
            this.slowDelivery = slowDelivery;
            this.shared = shared;
            if (shared != null) {
                shared.retain();
            }
        }

        @Override
        void dispose() {
            if (shared != null) {
                shared.release();
            }
        }
    }
}
