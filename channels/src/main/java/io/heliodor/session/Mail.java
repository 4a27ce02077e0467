package io.heliodor.session;

import io.heliodor.pubsub.Topic;
import io.heliodor.wire.Frame;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What waits for a channel's handlers. A mail is its own node in the mailbox, hence used once. */
abstract sealed class Mail {
    /** What a mail costs beside its payload. */
    private static final int OVERHEAD = 64;

    @Nullable
    Mail next;

    /** The bytes that it holds, for the bound of the mailbox. */
    int bytes() {
        return OVERHEAD;
    }

    /** The request to join; the first mail of every channel. */
    static final class JoinRequested extends Mail {
        final Payload payload;

        JoinRequested(Payload payload) {
            this.payload = payload;
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
            return OVERHEAD + frame.payload().length();
        }
    }

    /** Something that the server side told the channel. */
    static final class Told extends Mail {
        final Object message;

        Told(Object message) {
            this.message = message;
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
        final List<TopicHistory.Kept> missed;

        Repeated(List<TopicHistory.Kept> missed) {
            this.missed = missed;
        }
    }

    /** A broadcast that the channel looks at on its way out. */
    static final class Outgoing extends Mail {
        final Broadcast broadcast;
        final Ref offset;
        final byte[] message;
        final @Nullable Perishable perishable;

        Outgoing(Broadcast broadcast, Ref offset, byte[] message, @Nullable Perishable perishable) {
            this.broadcast = broadcast;
            this.offset = offset;
            this.message = message;
            this.perishable = perishable;
        }

        @Override
        int bytes() {
            return OVERHEAD + message.length;
        }
    }
}
