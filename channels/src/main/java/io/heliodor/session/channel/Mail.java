package io.heliodor.session.channel;

import io.heliodor.channel.InfoMessage;
import io.heliodor.pubsub.Correlation;
import io.heliodor.pubsub.Topic;
import io.heliodor.session.budget.SharedMemory;
import io.heliodor.session.fanout.Broadcast;
import io.heliodor.session.fanout.Recovery;
import io.heliodor.session.lane.Promotion;
import io.heliodor.session.lane.SlowDelivery;
import io.heliodor.session.once.OnceRun;
import io.heliodor.type.text.ControlCharacters;
import io.heliodor.wire.Frame;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** A message for the handlers of a channel. A mail is its own node in the mailbox, hence used once. */
public abstract sealed class Mail {
    /** The cost of a mail in addition to its payload. */
    private static final int OVERHEAD = 256;

    /** The cost of a client's frame in addition to its texts and payload: ten objects, and their queue. */
    private static final int FRAME_OVERHEAD = 384;

    @Nullable
    Mail next;

    /** Whether its handler runs on event loops; null if it always runs in the pool. Written when it is posted. */
    @Nullable
    Promotion promotion;

    /** The trace of the code that sent it; null for that of the connection. */
    Correlation.@Nullable Trace trace;

    /** The bytes of heap that count for its connection until it is handled or dropped. */
    int bytes() {
        return OVERHEAD;
    }

    /** The heap that its decoded payload takes beyond those bytes, counted as long as they are. */
    long decodedBytes() {
        return 0;
    }

    /** Whether it is to be handled on the event loop. */
    boolean runsOnLoop() {
        return promotion != null && promotion.isPromoted();
    }

    /** Its handler, for logs; {@code joined}: whether the join handler of its channel has let the client in. */
    final String handler(boolean joined) {
        return switch (this) {
            case JoinRequested _ -> joined ? "onJoined" : "the join handler";
            case ClientFrame sent -> "the handler of '" + ControlCharacters.escaped(sent.frame.event()) + "'";
            case InfoMail info -> "the handler of info message '" + info.message.name() + "'";
            case DeferredFailed failed -> "the deferred reply to '" + failed.call + "'";
            case PubSubMessage published -> "the handler of topic '" + published.topic.name() + "'";
            case Replayed _ -> "an intercept of a replayed message";
            case Intercepted outgoing -> "the intercept of '" + outgoing.broadcast.event() + "'";
        };
    }

    /** Releases memory that it shares with others. Called once, when it is handled or dropped. */
    void dispose() {}

    /** The whole message, of which the payload is a part, and what a handler decodes from it, and often answers with. */
    private static int heldWith(Payload payload) {
        return payload.bytes().length + payload.length();
    }

    /** The request to join; the first mail of every channel. */
    static final class JoinRequested extends Mail {
        final Payload payload;

        private final long decodedBytes;

        JoinRequested(Payload payload, long decodedBytes) {
            this.payload = payload;
            this.decodedBytes = decodedBytes;
        }

        @Override
        long decodedBytes() {
            return decodedBytes;
        }

        /** The heap that assigns take which hold the payload. */
        long payloadBytes() {
            return payload.bytes().length + decodedBytes;
        }

        @Override
        int bytes() {
            return OVERHEAD + heldWith(payload);
        }
    }

    /** A frame of the client. */
    public static final class ClientFrame extends Mail {
        final Frame frame;
        private final int bytes;
        private final long decodedBytes;

        /** {@code decodedBytes}: those of {@link Callbacks#decodedBytes}. */
        public ClientFrame(Frame frame, long decodedBytes) {
            this.frame = frame;
            this.decodedBytes = decodedBytes;
            // A string holds two bytes for each of its characters if one is not of Latin-1.
            int texts = frame.joinRef().json().length
                    + frame.ref().json().length
                    + 2 * (frame.topic().length() + frame.event().length());
            this.bytes = FRAME_OVERHEAD + texts + heldWith(frame.payload());
        }

        @Override
        int bytes() {
            return bytes;
        }

        @Override
        long decodedBytes() {
            return decodedBytes;
        }
    }

    /** An info message. */
    public static final class InfoMail extends Mail {
        final InfoMessage<?> message;
        final Object content;

        public InfoMail(InfoMessage<?> message, Object content) {
            this.message = message;
            this.content = content;
            this.trace = Correlation.trace().orElse(null);
        }
    }

    /** A deferred reply was completed with an exception. */
    static final class DeferredFailed extends Mail {
        final String call;
        final DueReply due;
        final Throwable cause;

        /** The call, if it is executed once. */
        final @Nullable OnceRun once;

        private final Runnable settled;

        /** {@code settled} runs when it was handled or dropped: until then the reply is due. */
        DeferredFailed(String call, DueReply due, Throwable cause, @Nullable OnceRun once, Runnable settled) {
            this.call = call;
            this.due = due;
            this.cause = cause;
            this.once = once;
            this.settled = settled;
        }

        /** A call that has no reply by now has none. */
        @Override
        void dispose() {
            if (once != null) {
                once.abandon();
            }
            settled.run();
        }

        /** The exception of the future; an error is thrown as it is. */
        Exception exception() {
            if (cause instanceof Error error) {
                throw error;
            }
            return cause instanceof Exception exception ? exception : new CompletionException(cause);
        }
    }

    /** A message published on a topic to which the channel subscribed. */
    static final class PubSubMessage extends Mail {
        final Topic<?> topic;
        final Object message;

        PubSubMessage(Topic<?> topic, Object message) {
            this.topic = topic;
            this.message = message;
            this.trace = Correlation.trace().orElse(null);
        }
    }

    /** Messages of a history that the client missed, for the intercepts. The messages belong to the history; all of them are one mail. */
    static final class Replayed extends Mail {
        final Recovery recovery;

        Replayed(Recovery recovery) {
            this.recovery = recovery;
        }

        @Override
        void dispose() {
            recovery.dispose();
        }
    }

    /** A broadcast for the intercept of its event. */
    static final class Intercepted extends Mail {
        final Broadcast broadcast;
        final Ref offset;
        final byte[] message;
        final @Nullable SlowDelivery slowDelivery;

        /** Counts the message once for all members that have it in their mailbox; null if the mail is not in a mailbox. */
        private final @Nullable SharedMemory shared;

        Intercepted(
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
