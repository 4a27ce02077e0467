package io.heliodor.session;

import io.heliodor.channel.Answer;
import io.heliodor.channel.Reply;
import io.heliodor.wire.Ref;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An answer owed to one request.
 *
 * @param <R> the type of the promised payload
 */
final class LaterAnswer<R> implements Answer<R> {
    private final ChannelContext<?, ?> channel;
    private final Ref ref;
    private final String call;
    private final AtomicBoolean given = new AtomicBoolean();

    LaterAnswer(ChannelContext<?, ?> channel, Ref ref, String call) {
        this.channel = channel;
        this.ref = ref;
        this.call = call;
    }

    @Override
    public void give(Reply<R> reply) {
        // Before it counts as given: what cannot be written may be followed by an answer that can.
        byte[] message = channel.encode(ref, reply);
        if (!given.compareAndSet(false, true)) {
            throw new IllegalStateException("The call '" + call + "' on '" + channel.topic()
                    + "' was answered before; an answer is given once.");
        }
        channel.reply(ref, message);
    }
}
