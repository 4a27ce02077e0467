package io.heliodor.session.channel;

import io.heliodor.event.InvalidPayload;
import io.heliodor.once.CallKey;
import io.heliodor.once.Fingerprint;
import io.heliodor.once.KeptAnswer;
import io.heliodor.session.once.OnceCalls;
import io.heliodor.session.once.OnceOutcome;
import io.heliodor.session.once.OnceRun;
import io.heliodor.wire.Frame;
import io.heliodor.wire.PayloadDigest;
import io.heliodor.wire.Ref;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decides whether the handler of a call that is executed once is to run, and replies to the repeats of a call. */
final class OnceAdmission {
    /** Characters of the key of a call. */
    private static final int MAX_KEY = 128;

    private OnceAdmission() {}

    /** The channel of a call. Any thread. */
    interface Caller extends ReplyEncoder, DeferredReplies.Receiver {
        ChannelOwner<?> owner();

        ChannelServices services();

        /** Sends an encoded reply, unless the frame has no ref. On the thread that runs the handlers. */
        void reply(Ref ref, byte[] message);

        /** Sends an encoded reply, unless there is one. Returns whether it does. */
        boolean reply(DueReply due, byte[] message);
    }

    /**
     * Begins a call, and blocks while other nodes are asked for its key. On the thread that runs the handlers.
     *
     * @return the call, whose handler is to run; null if its reply was sent, or is sent when it is known
     */
    static @Nullable OnceRun begin(Caller channel, Frame frame, @Nullable String key) {
        if (key == null || key.isEmpty() || key.length() > MAX_KEY) {
            throw new InvalidPayload("key", "must have 1 to " + MAX_KEY + " characters");
        }
        // JSON can represent it, UTF-8 cannot: other nodes would get another key, and execute the call again.
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(key)) {
            throw new InvalidPayload("key", "has half of a surrogate pair");
        }
        CallKey call = new CallKey(
                channel.owner()
                        .id()
                        .orElseThrow(() -> new IllegalStateException(
                                "A call that is executed once came from a connection without an id.")),
                key);
        Fingerprint fingerprint = Fingerprint.of(PayloadDigest.of(channel.topic(), frame.event(), frame.payload()));
        ChannelServices services = channel.services();
        return switch (services.once().begin(call, fingerprint, services.counters())) {
            case OnceOutcome.Run(var run) -> run;
            case OnceOutcome.Reply(var answer) -> {
                reply(channel, frame.ref(), answer);
                yield null;
            }
            case OnceOutcome.Due _ -> {
                await(channel, frame.ref(), call, fingerprint);
                yield null;
            }
        };
    }

    private static void reply(Caller channel, Ref ref, KeptAnswer answer) {
        channel.owner().lane().awaitCapacity();
        channel.reply(ref, channel.encode(ref, answer));
    }

    /** Replies when the answer is known, as a deferred reply. */
    private static void await(Caller channel, Ref ref, CallKey call, Fingerprint fingerprint) {
        if (ref.isNull()) {
            return;
        }
        ChannelServices services = channel.services();
        OnceCalls once = services.once();
        Optional<KeptAnswer> refusal = once.reserveWait(call, services.counters());
        if (refusal.isPresent()) {
            reply(channel, ref, refusal.get());
            return;
        }
        DueReply due = new DueReply(ref);
        channel.replyDue(due);
        channel.holdReply(0);
        long since = once.now();
        Thread.ofVirtual().name("heliodor-once").start(() -> {
            try {
                KeptAnswer answer = once.await(call, fingerprint, since, services.counters());
                boolean _ = channel.reply(due, channel.encode(ref, answer));
            } finally {
                channel.releaseReply(0);
                channel.replySettled(due);
            }
        });
    }
}
