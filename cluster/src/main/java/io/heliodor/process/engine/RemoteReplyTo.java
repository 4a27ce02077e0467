package io.heliodor.process.engine;

import io.heliodor.codec.Codec;
import io.heliodor.process.ReplyTo;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A reply address from another node. If it came with a call, it reports cancellation; if it was passed on, it cannot.
 *
 * @param <R> the type of the answer
 */
final class RemoteReplyTo<R> implements ReplyTo<R> {
    private final ProcessNode node;
    private final ProcessId to;
    private final Codec<R> codec;
    private final @Nullable IncomingCall call;
    private final AtomicBoolean given = new AtomicBoolean();

    RemoteReplyTo(ProcessNode node, ProcessId to, Codec<R> codec, @Nullable IncomingCall call) {
        this.node = node;
        this.to = to;
        this.codec = codec;
        this.call = call;
    }

    ProcessId to() {
        return to;
    }

    @Override
    public void reply(R value) {
        Objects.requireNonNull(value, "value");
        if (!given.compareAndSet(false, true)) {
            node.counters().increment(NodeCounter.REPEATED_ANSWERS);
        } else if (cancelled()) {
            node.counters().increment(NodeCounter.LATE_ANSWERS);
        } else if (to.peer().equals(node.self())) {
            here(value);
        } else {
            EncodedResult result;
            try {
                result = new EncodedResult.Answered(codec.encode(value));
            } catch (RuntimeException e) {
                answer(new EncodedResult.Failed("unencodable", Thrown.describe(e)));
                throw e;
            }
            answer(result);
        }
    }

    private void answer(EncodedResult result) {
        if (call != null) {
            if (!call.answer(result)) {
                node.counters().increment(NodeCounter.LATE_ANSWERS);
            }
        } else {
            boolean _ = node.peers().send(to.peer(), new ProcessMessage.Answer(to.number(), result));
        }
    }

    /** Replies to a call of this node, to which the address has returned. */
    @SuppressWarnings("unchecked") // the number was given for a call with answers of this type
    private void here(R value) {
        PendingCall<?> pending = node.calls().find(to.number());
        if (pending == null) {
            node.counters().increment(NodeCounter.LATE_ANSWERS);
        } else {
            ((PendingCall<R>) pending).value(value);
        }
    }

    @Override
    public boolean cancelled() {
        return call != null && call.cancelled();
    }

    @Override
    public String toString() {
        return "reply to " + to;
    }
}
