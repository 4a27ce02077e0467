package io.heliodor.session.channel;

import io.heliodor.channel.HandlerName;
import io.heliodor.channel.JoinOutcome;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Out;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.Reply;
import io.heliodor.channel.Stop;
import io.heliodor.event.InvalidPayload;
import io.heliodor.event.Reason;
import io.heliodor.history.ResumeToken;
import io.heliodor.observe.HandlerObserver.Result;
import io.heliodor.session.fanout.Fastlane;
import io.heliodor.session.fanout.JoinBarrier;
import io.heliodor.session.fanout.Members;
import io.heliodor.session.fanout.Recovery;
import io.heliodor.session.retention.KeptBroadcast;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.session.telemetry.Observers;
import io.heliodor.type.text.ControlCharacters;
import io.heliodor.wire.Frame;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import io.heliodor.wire.StringField;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The handlers' half of one channel: calls the handlers for the mails of its {@link ChannelMailbox}, one at a time. The other
 * half is {@link WireChannel}; {@link Callbacks} are the handlers.
 *
 * <p>Its fields are used by the thread that runs the handlers alone.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 */
final class ChannelProcess<S, A> extends MailboxTask {
    /** The names under which payloads of replies are reported: to a join, and of handlers that no client called. */
    private static final String JOIN = "phx_join";

    private static final String REPLY = "phx_reply";

    private final WireChannel<S, A> channel;
    private final ChannelContext<S, A> context;

    /** The last message of a channel whose onJoined hook threw an expected exception; null for the usual one. */
    private byte @Nullable [] lastError;

    /** Whether a handler failed, so that no reply comes to the calls that wait for one. */
    private boolean crashed;

    /** Whether an intercept dropped a message that showed that earlier ones are missing. */
    private boolean gap;

    ChannelProcess(WireChannel<S, A> channel) {
        this.channel = channel;
        this.context = new ChannelContext<>(channel);
    }

    private ChannelTable<S> table() {
        return channel.table();
    }

    @Override
    ChannelOwner<S> owner() {
        return channel.owner();
    }

    private Callbacks<S, A> callbacks() {
        return channel.callbacks();
    }

    @Override
    ChannelMailbox mailbox() {
        return channel.mailbox();
    }

    private String topic() {
        return channel.topic();
    }

    @Override
    ChannelServices services() {
        return table().services();
    }

    private Counters counters() {
        return services().counters();
    }

    private Observers observers() {
        return services().observers();
    }

    @Override
    public String running() {
        return channel.runningHandler()
                .map(handler -> handler + " of " + ControlCharacters.escaped(topic()))
                .orElse("");
    }

    @Override
    void handle(Mail mail) {
        try {
            if (observers().timesHandlers()) {
                timed(mail);
            } else {
                Result _ = call(mail);
            }
        } catch (Throwable e) {
            failed(mail, e);
        }
    }

    @Override
    void handled() {
        context.endOnce();
    }

    private void failed(Mail mail, Throwable cause) {
        boolean ends = mailbox().end(new LeaveReason.Failed(cause));
        if (ends || mailbox().drains()) {
            crashed = true;
            Ref ref = callOf(mail);
            context.reply(ref, error(ref, Replies.CALL_CRASHED));
        }
        if (ends) {
            counters().increment(Counter.CHANNELS_FAILED);
            log().failed(() -> name(mail), cause);
        } else {
            log().failedAtEnd(name(mail), cause);
        }
    }

    /** The ref of a call, whose client waits for the reply until its timeout; null of any other mail. */
    private Ref callOf(@Nullable Mail mail) {
        return switch (mail) {
            case Mail.ClientFrame sent when callbacks().isCall(sent.frame) -> sent.frame.ref();
            case Mail.DeferredFailed failed -> failed.due.ref();
            case null, default -> Ref.NULL;
        };
    }

    private byte[] error(Ref ref, Payload.Json reason) {
        return Replies.error(owner().serializer(), channel.joinRef(), ref, topic(), reason);
    }

    /** The deferred reply to a call has failed. Any thread. */
    void answerCrashed(DueReply due) {
        boolean _ = context.reply(due, error(due.ref(), Replies.CALL_CRASHED));
    }

    /** The replies to all calls that wait, for a channel that is closed before its handler returns. Any thread. */
    List<byte[]> lastReplies(Payload.Json reason) {
        List<byte[]> last = new ArrayList<>();
        ChannelMailbox.Running running = mailbox().running();
        Ref ref = running == null ? Ref.NULL : callOf(running.mail());
        // Before the list is taken, to which the running handler may just be adding its reply.
        boolean waits = !ref.isNull() && !context.isDeferred(ref);
        for (DueReply due : mailbox().dueReplies()) {
            waits &= !due.ref().equals(ref);
            boolean _ = due.answer(() -> last.add(error(due.ref(), reason)));
        }
        if (waits) {
            last.add(error(ref, reason));
        }
        return last;
    }

    /** Writes the lines about its failures. Any thread. */
    ChannelLog log() {
        return new ChannelLog(owner(), services(), mailbox(), topic());
    }

    /** The handler or hooks of a run, for logs. Any thread. */
    String name(ChannelMailbox.Running run) {
        return run.mail() == null ? "onLeave" : name(run.mail());
    }

    /** The handler of a mail, for logs. Any thread. */
    String name(Mail mail) {
        return mail.handler(context.begun());
    }

    /** Handles a mail and reports the time to the observers of handlers. */
    private void timed(Mail mail) throws Exception {
        HandlerName handler = callbacks().name(mail);
        long begin = services().budget().now();
        Result result = Result.FAILED;
        try {
            result = call(mail);
        } finally {
            if (handler != null) {
                observers().handled(handler, result, services().budget().now() - begin);
            }
        }
    }

    private Result call(Mail mail) throws Exception {
        try {
            return switch (mail) {
                case Mail.JoinRequested join -> join(join);
                case Mail.ClientFrame sent -> apply(sent.frame, callbacks().handle(sent.frame, context));
                case Mail.InfoMail infoMail ->
                    apply(null, callbacks().info(infoMail.message, infoMail.content, context));
                case Mail.DeferredFailed failed -> {
                    context.resume(failed);
                    throw failed.exception();
                }
                case Mail.PubSubMessage published ->
                    apply(null, callbacks().published(published.topic, published.message, context));
                case Mail.Replayed repeated -> {
                    replayIntercepted(repeated.recovery);
                    yield Result.OK;
                }
                case Mail.Intercepted outgoing -> {
                    sendThroughIntercept(outgoing);
                    yield Result.OK;
                }
            };
        } catch (Exception e) {
            return refuse(mail, e);
        }
    }

    /** Replies if the exception of a handler is a refusal, and throws it again if not. */
    private Result refuse(Mail mail, Exception thrown) throws Exception {
        Ref ref;
        boolean quiet = false;
        switch (mail) {
            case Mail.ClientFrame sent -> {
                ref = sent.frame.ref();
                quiet = thrown instanceof InvalidPayload || callbacks().isCall(sent.frame);
            }
            case Mail.DeferredFailed failed -> {
                ref = failed.due.ref();
                quiet = true;
            }
            case Mail.InfoMail _, Mail.PubSubMessage _ -> ref = Ref.NULL;
            case Mail.JoinRequested _, Mail.Replayed _, Mail.Intercepted _ -> throw thrown;
        }
        Reply.Error<?, ?> refusal = callbacks().expected().refusal(thrown);
        if (refusal == null) {
            throw thrown;
        }
        try {
            context.reply(ref, REPLY, null, refusal);
        } catch (RuntimeException | Error e) {
            e.addSuppressed(thrown);
            throw e;
        }
        log().expected(name(mail), thrown, quiet);
        return Result.REFUSED;
    }

    private void replayIntercepted(Recovery recovery) throws Exception {
        for (Recovery.Message each : recovery.messages(owner().serializer(), topic())) {
            if (!mailbox().handlesOutput()) {
                return;
            }
            sendThroughIntercept(new Mail.Intercepted(each.broadcast(), each.ref(), each.encoded(), null, null));
        }
    }

    private void sendThroughIntercept(Mail.Intercepted outgoing) throws Exception {
        apply(outgoing, callbacks().out(outgoing.broadcast, context));
    }

    /** {@code frame}: null for a message of the server. */
    private Result apply(@Nullable Frame frame, Outcome<?, ?> outcome) {
        return switch (outcome) {
            case NoReply _, Reply.None<?, ?> _ -> Result.OK;
            case Reply<?, ?> reply -> {
                reply(frame, reply);
                yield reply instanceof Reply.Error<?, ?> ? Result.REFUSED : Result.OK;
            }
            case Stop<?, ?>(var why, var last) -> {
                last.ifPresentOrElse(reply -> reply(frame, reply), () -> answerClosed(frame));
                boolean _ = mailbox().end(new LeaveReason.Stopped(why));
                yield Result.OK;
            }
        };
    }

    /** The handler of a call stops the channel without a reply. */
    private void answerClosed(@Nullable Frame frame) {
        Ref ref = frame != null && callbacks().isCall(frame) ? frame.ref() : Ref.NULL;
        context.reply(ref, error(ref, Replies.CHANNEL_CLOSED));
    }

    private void reply(@Nullable Frame frame, Reply<?, ?> reply) {
        if (frame == null) {
            context.reply(Ref.NULL, REPLY, null, reply);
        } else {
            context.reply(frame.ref(), frame.event(), callbacks().call(frame), reply);
        }
    }

    private void apply(Mail.Intercepted outgoing, Out<?> out) {
        boolean afterGap = gap && !outgoing.offset.isNull();
        Ref token = afterGap ? KeptBroadcast.afterGap(outgoing.offset) : outgoing.offset;
        switch (out) {
            case Out.Pass<?> _ when !afterGap -> context.send(outgoing.message, outgoing.slowDelivery);
            case Out.Pass<?> _ -> send(outgoing, token, outgoing.broadcast.payload());
            case Out.Replace<?>(var payload) ->
                send(outgoing, token, callbacks().encode(outgoing.broadcast.event(), payload, context.codec()));
            case Out.Drop<?> _ -> {}
        }
        if (!outgoing.offset.isNull()) {
            gap = out instanceof Out.Drop<?> && KeptBroadcast.isAfterGap(token);
        }
    }

    private void send(Mail.Intercepted outgoing, Ref token, Payload payload) {
        context.send(
                owner().serializer().broadcast(token, topic(), outgoing.broadcast.event(), payload),
                outgoing.slowDelivery);
    }

    private Result join(Mail.JoinRequested request) throws Exception {
        JoinOutcome<A> outcome;
        Payload.Json reply = Replies.EMPTY;
        byte[] refusal = Serializer.UNSUPPORTED;
        JoinBarrier barrier = null;
        try {
            JoinBarrier begun = fastlane().begin(topic(), joining(request.payload));
            barrier = begun;
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedException("The channel ended before its join handler ran.");
            }
            outcome = callbacks()
                    .join(
                            owner(),
                            topic(),
                            request.payload,
                            context.codec(),
                            callbacks().channels(services().channels()),
                            () -> fastlane().position(begun));
            switch (outcome) {
                case JoinOutcome.Joined<A> joined -> {
                    callbacks().declared().keeps(joined.first());
                    reply = reply(joined.reply());
                }
                case JoinOutcome.Refused<A> refused -> refusal = encodeRefusal(refused.reason());
            }
            if (outcome instanceof JoinOutcome.Joined<A>(var assigns, var _, var first) && begun.complete()) {
                fastlane().accept(begun, reply, first);
                barrier = null;
                context.begin(assigns, request.payloadBytes());
            }
        } catch (JoinRequest.UnmatchedTopic e) {
            refused("unmatched topic", encodeRefusal(new Reason("unmatched topic")));
            return Result.REFUSED;
        } catch (Throwable e) {
            if (refuses(e)) {
                return Result.REFUSED;
            }
            if (!mailbox().isEnding()) {
                log().joinFailed(e);
            } else {
                log().failedAtEnd("its join handler", e);
            }
            // A timeout interrupts the handler.
            services()
                    .joinFailed()
                    .accept(topic(), mailbox().reason() instanceof LeaveReason.Failed(var cause) ? cause : e);
            refused("join crashed", encodeRefusal(Map.of("reason", "join crashed")));
            return Result.FAILED;
        } finally {
            if (barrier != null) {
                fastlane().refuse(barrier);
            }
        }
        if (outcome instanceof JoinOutcome.Refused<A>) {
            refused("refused", refusal);
            return Result.REFUSED;
        }
        if (barrier != null) {
            refused("overrun", encodeRefusal(new Reason("overloaded")));
            return Result.REFUSED;
        }
        return joined();
    }

    private JoinBarrier.Joining joining(Payload request) {
        boolean keeps = callbacks().history().isPresent();
        Optional<ResumeToken> since =
                keeps ? StringField.of(request, "since").flatMap(ResumeToken::of) : Optional.empty();
        Members.Kind kind = new Members.Kind(
                owner().lane(),
                owner().serializer(),
                callbacks().slow(),
                callbacks().intercepts(),
                keeps);
        return new JoinBarrier.Joining(channel, kind, callbacks().history(), since);
    }

    private Fastlane fastlane() {
        return services().fastlane();
    }

    private Result joined() throws Exception {
        try {
            callbacks().joined(context);
        } catch (Exception e) {
            lastError = phxError(e);
            if (lastError == null) {
                throw e;
            }
            log().expected("an onJoined hook", e, false);
            boolean _ = mailbox().end(new LeaveReason.Failed(e));
            return Result.REFUSED;
        }
        return Result.OK;
    }

    /** The refusal for an exception of an onJoined hook, as the last message; null if it is unexpected. */
    private byte @Nullable [] phxError(Exception thrown) {
        Reply.Error<?, ?> error = callbacks().expected().refusal(thrown);
        if (error == null) {
            return null;
        }
        try {
            return Replies.phxError(
                    owner().serializer(),
                    channel.joinRef(),
                    topic(),
                    context.codec().encode("phx_error", error.reason()));
        } catch (RuntimeException | Error e) {
            thrown.addSuppressed(e);
            return null;
        }
    }

    private byte[] encodeRefusal(Object reason) {
        return context.encode(channel.requestRef(), JOIN, "error", null, reason);
    }

    /** Refuses the client if the exception of the join handler is a refusal. Returns whether it is. */
    private boolean refuses(Throwable thrown) {
        Reply.Error<?, ?> refusal = callbacks().expected().refusal(thrown);
        if (refusal == null || !(thrown instanceof Exception exception)) {
            return false;
        }
        byte[] reply;
        try {
            reply = context.encode(channel.requestRef(), JOIN, null, refusal);
        } catch (RuntimeException | Error e) {
            thrown.addSuppressed(e);
            return false;
        }
        log().expected("the join handler", exception, true);
        refused(thrown instanceof InvalidPayload ? "invalid_payload" : "refused", reply);
        return true;
    }

    private Payload.Json reply(Object reply) {
        boolean history = callbacks().history().isPresent();
        if (history) {
            JoinReply.checkFields(callbacks().pattern(), reply);
        }
        callbacks().sent().checkJoinReply(reply, services().undeclared());
        Payload encoded = context.codec().encodeResponse(JOIN, callbacks().typeOf(reply), reply);
        return JoinReply.json(callbacks().pattern(), reply, encoded, history);
    }

    private void refused(String why, byte[] reply) {
        table().joinRefused(topic(), why);
        mailbox().refuse();
        table().handlers().finished(channel);
        owner().lane().add(new WireChannel.Closed(channel, reply));
    }

    /** Runs the leave hooks, then has the last messages written. */
    @Override
    void finish() {
        LeaveReason why = mailbox().reason();
        if (why == null) {
            throw new AssertionError("a channel finishes that does not end");
        }
        if (mailbox().drains()) {
            if (why instanceof LeaveReason.Replaced) {
                answerDue(why); // before the close
            }
            owner().lane().add(new WireChannel.Drained(channel, last(why)));
        }
        if (context.begun() && callbacks().leaves()) {
            mailbox().leave();
            table().handlers().ending(channel);
            callbacks().left(why, context, e -> log().leaveFailed(e));
        }
        answerDue(why); // after the leave hooks, which may have better answers
        CleanupTasks after = mailbox().finish();
        table().handlers().finished(channel);
        if (after != null) {
            after.run(e -> log().cleanupFailed(e));
        }
        owner().lane().add(new WireChannel.Closed(channel, last(why)));
    }

    /** Replies to the calls that wait, unless the end of the connection ends them. */
    private void answerDue(LeaveReason why) {
        if (!crashed && !endsMembership(why)) {
            return;
        }
        Payload.Json reason = crashed ? Replies.CALL_CRASHED : Replies.CHANNEL_CLOSED;
        for (DueReply due : mailbox().dueReplies()) {
            boolean _ = context.reply(due, error(due.ref(), reason));
        }
    }

    private static boolean endsMembership(LeaveReason why) {
        return switch (why) {
            case LeaveReason.Left _,
                    LeaveReason.Stopped _,
                    LeaveReason.Replaced _,
                    LeaveReason.Removed _,
                    LeaveReason.Unauthorized _,
                    LeaveReason.Failed _ -> true;
            case LeaveReason.Closed _,
                    LeaveReason.Disconnected _,
                    LeaveReason.HeartbeatTimeout _,
                    LeaveReason.Draining _ -> false;
        };
    }

    private byte[][] last(LeaveReason why) {
        byte[] error = lastError;
        return error != null && why instanceof LeaveReason.Failed ? new byte[][] {error} : channel.last(why);
    }
}
