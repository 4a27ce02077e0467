package io.heliodor.process.engine;

import io.heliodor.codec.Codec;
import io.heliodor.process.ReplyTo;
import java.lang.reflect.Type;
import java.util.Objects;

/**
 * The reply address of a call, on the node of the caller.
 *
 * @param <R> the type of the answer
 */
record LocalReplyTo<R>(PendingCall<R> call, ProcessNode node) implements ReplyTo<R> {
    /** Is sent to another node: its declared type determines the codec of the answer. */
    @SuppressWarnings("unchecked") // the compiler saw the declaration
    ProcessId sent(Type argument) {
        call.decodesWith((Codec<R>) node.codecs().any(argument));
        return new ProcessId(node.self(), call.id());
    }

    @Override
    public void reply(R value) {
        Objects.requireNonNull(value, "value");
        call.value(value);
    }

    @Override
    public boolean cancelled() {
        return call.isOver() && !call.answered();
    }

    @Override
    public String toString() {
        return "reply to " + new ProcessId(node.self(), call.id());
    }
}
