package io.heliodor.session.channel;

import io.heliodor.channel.DeferredReply;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.once.KeptAnswer;
import io.heliodor.session.once.OnceRun;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.wire.Frame;
import io.heliodor.wire.Ref;
import java.lang.ref.Reference;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A deferred reply to one call.
 *
 * @param <R> the type of the payload
 * @param <E> the type of an error's payload
 */
final class PendingReply<R, E> implements DeferredReply<R, E> {
    private final ChannelContext<?, ?> channel;
    private final DueReply due;
    private final Call<?, R, E> call;
    private final AtomicBoolean sent = new AtomicBoolean();
    private final @Nullable OnceRun once;
    private final DeferredReplies.Pending pending;

    /** {@code once}: the call, if it is executed once. */
    PendingReply(ChannelContext<?, ?> channel, Frame frame, Call<?, R, E> call, @Nullable OnceRun once) {
        this.channel = channel;
        this.due = new DueReply(frame.ref());
        this.call = call;
        this.once = once;
        this.pending =
                channel.deferredReplies().add(this, channel, call.name(), channel.payloadBytes(frame), due, once);
        channel.deferred(due);
    }

    /** The handler threw, so its exception becomes the reply, unless there is one already. */
    void abandon() {
        channel.deferredReplies().settle(pending);
    }

    @Override
    public void send(Reply<R, E> reply) {
        Objects.requireNonNull(reply, "reply");
        try {
            // Before it counts as sent: a reply that cannot be written may be followed by one that can.
            KeptAnswer answer = once == null ? null : channel.answer(call.name(), call, reply);
            Ref ref = due.ref();
            byte[] message =
                    answer == null ? channel.encode(ref, call.name(), call, reply) : channel.encode(ref, answer);
            if (!sent.compareAndSet(false, true)) {
                throw new IllegalStateException("The call '" + call.name() + "' on '" + channel.topic()
                        + "' has its reply already; a reply is sent once.");
            }
            if (once == null || answer == null) {
                reply(message);
            } else {
                // Another thread waits for the copy: this one may be an event loop.
                OnceRun run = once;
                Thread.ofVirtual().name("heliodor-once").start(() -> {
                    run.answered(answer);
                    reply(message);
                });
            }
        } finally {
            // The last reference may be the caller's: it must not become garbage before it counts as sent.
            Reference.reachabilityFence(this);
        }
    }

    private void reply(byte[] message) {
        try {
            if (!channel.reply(due, message)) {
                channel.counters().increment(Counter.WRITES_AFTER_END);
            }
        } finally {
            // After the reply: a drain that waited for it goes on, and closes the connection.
            channel.deferredReplies().settle(pending);
        }
    }

    @Override
    public void sendWhenComplete(CompletionStage<? extends Reply<R, E>> reply) {
        Objects.requireNonNull(reply, "reply");
        var _ = reply.whenComplete(this::complete);
    }

    private void complete(@Nullable Reply<R, E> reply, @Nullable Throwable failure) {
        try {
            if (failure != null) {
                Throwable cause = failure.getCause();
                fail(failure instanceof CompletionException && cause != null ? cause : failure);
            } else if (reply == null) {
                throw new IllegalStateException("The deferred reply to '" + call.name()
                        + "' was completed with null; complete it with Reply.ok(payload) or Reply.error(payload).");
            } else {
                send(reply);
            }
        } catch (Throwable e) {
            // An error as well: the future would swallow it, and the client would wait.
            fail(e);
        }
    }

    private void fail(Throwable cause) {
        channel.failed(new Mail.DeferredFailed(
                call.name(), due, cause, once, channel.deferredReplies().fail(pending)));
    }
}
