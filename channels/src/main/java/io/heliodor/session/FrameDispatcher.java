package io.heliodor.session;

import io.heliodor.channel.definition.TopicPattern;
import io.heliodor.event.json.JsonLimit;
import io.heliodor.session.budget.RateTokens;
import io.heliodor.session.budget.Rates;
import io.heliodor.session.budget.TokenBucket;
import io.heliodor.session.channel.Callbacks;
import io.heliodor.session.channel.ChannelTable;
import io.heliodor.session.channel.Mail;
import io.heliodor.session.channel.Replies;
import io.heliodor.session.channel.WireChannel;
import io.heliodor.session.fanout.SentMessages;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.session.telemetry.LogContext;
import io.heliodor.type.text.ControlCharacters;
import io.heliodor.wire.Frame;
import io.heliodor.wire.FrameOutcome;
import io.heliodor.wire.Malformed;
import io.heliodor.wire.OverLimit;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The decision table of the protocol: the meaning of a frame in the present state of its topic and of the rates of its
 * client. Used on the lane's thread.
 *
 * @param <S> the type of the connection's assigns
 */
final class FrameDispatcher<S> {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.session");

    private static final int MALFORMED_BURST = 5;
    private static final int MALFORMED_PER_SECOND = 1;

    private final Session<S> session;
    private final ChannelRoutes<S> routes;
    private @Nullable TokenBucket malformed;

    /** Null while nothing of this connection is limited. */
    private @Nullable Rates rates;

    FrameDispatcher(Session<S> session, ChannelRoutes<S> routes) {
        this.session = session;
        this.routes = routes;
    }

    /** The messages that the socket sends under the topic {@code phoenix}. */
    SentMessages sent() {
        return routes.sent();
    }

    private SessionServices services() {
        return session.services();
    }

    private ChannelTable<S> table() {
        return session.table();
    }

    /** Limits the connection from now on. */
    void limit(RateTokens tokens) {
        rates = new Rates(tokens);
    }

    /** Receives a message of so many bytes. */
    void receive(FrameOutcome decoded, int bytes) {
        switch (decoded) {
            case Frame frame -> {
                services().tap().received(session, frame, bytes);
                receive(frame, null);
            }
            case OverLimit(var frame, var limit) -> {
                services().tap().received(session, frame, bytes);
                receive(frame, limit);
            }
            case Malformed(var fault) -> {
                services().tap().malformed(session, bytes);
                malformed(fault);
            }
        }
    }

    private void malformed(Malformed.Fault fault) {
        services().counters().increment(Counter.FRAMES_MALFORMED);
        if (fault == Malformed.Fault.NOT_UTF8) {
            session.closeAfterReplies(SessionEnd.NOT_UTF8);
            return;
        }
        if (LOG.isDebugEnabled()) {
            LOG.atDebug()
                    .addKeyValue(LogContext.KEY, session.correlationId())
                    .log("A message is not a frame: {}", fault);
        }
        if (malformed == null) {
            malformed = new TokenBucket(
                    MALFORMED_BURST, MALFORMED_PER_SECOND, services().budget().now());
        }
        if (!malformed.take(services().budget().now())) {
            session.closeAfterReplies(SessionEnd.MALFORMED);
        }
    }

    /** Receives a frame. A limit that its payload exceeds matters only to events with a payload. */
    private void receive(Frame frame, @Nullable JsonLimit exceeded) {
        services().counters().increment(Counter.FRAMES_IN);
        if (frame.topic().equals(Session.OWN_TOPIC) && frame.event().equals("heartbeat")) {
            if (!isOverRate(frame, null)) {
                session.outbox().offer(Replies.ok(session.serializer(), Ref.NULL, frame.ref(), Session.OWN_TOPIC));
            }
            return;
        }
        if (frame.event().equals("phx_join")) {
            join(frame, exceeded);
            return;
        }
        WireChannel<S, ?> channel = table().find(frame.topic());
        if (!isOverRate(frame, channel)) {
            dispatch(frame, channel, exceeded);
        }
    }

    private void dispatch(Frame frame, @Nullable WireChannel<S, ?> channel, @Nullable JsonLimit exceeded) {
        if (channel == null) {
            if (!isRefresh(frame) || !session.identity().receive(frame)) {
                session.replyUnmatched(frame);
            }
        } else if (!isFor(channel, frame)) {
            services().counters().increment(Counter.FRAMES_STALE);
        } else if (exceeded == null || frame.event().equals("phx_leave")) {
            long decodedBytes = channel.decodedBytes(frame);
            if (session.flow().admits(decodedBytes)) {
                channel.post(new Mail.ClientFrame(frame, decodedBytes));
            } else {
                refuse(
                        Counter.MESSAGES_OVERLOADED,
                        Replies.OVERLOADED,
                        services().budget().now(),
                        joinRef(channel, frame),
                        frame);
            }
        } else {
            refuse(
                    Counter.PAYLOADS_INVALID,
                    Replies.overLimit(exceeded),
                    services().budget().now(),
                    joinRef(channel, frame),
                    frame);
        }
    }

    /** No channel has the topic of the protocol. */
    private static boolean isRefresh(Frame frame) {
        return frame.topic().equals(Session.OWN_TOPIC) && frame.event().equals("refresh");
    }

    private static Ref joinRef(@Nullable WireChannel<?, ?> channel, Frame frame) {
        return channel != null && frame.joinRef().isNull() ? channel.joinRef() : frame.joinRef();
    }

    private boolean isFor(WireChannel<S, ?> channel, Frame frame) {
        return frame.joinRef().isNull() || frame.joinRef().equals(channel.expectedJoinRef());
    }

    /** Whether a heartbeat or a message is over a rate and was refused. A leave takes a token, but is never refused. */
    private boolean isOverRate(Frame frame, @Nullable WireChannel<S, ?> channel) {
        TokenBucket own = channel == null ? null : channel.messages();
        if (rates == null && own == null) {
            return false;
        }
        long now = services().budget().now();
        Counter reason = Counter.MESSAGES_OVER_RATE;
        long wait = rates == null ? 0 : rates.message(now);
        if (frame.event().equals("phx_leave")) {
            // A leave of a channel makes room, whatever the rate; leaves of nothing are a flood like any other.
            return wait > 0 && channel == null && closedForRefusal(reason, now);
        }
        if (wait == 0 && channel != null && isFor(channel, frame)) {
            reason = Counter.CHANNEL_MESSAGES_OVER_RATE;
            wait = Rates.waitFor(own, now);
        }
        if (wait == 0) {
            return false;
        }
        refuse(reason, Rates.refusal(wait), now, joinRef(channel, frame), frame);
        return true;
    }

    /**
     * Refuses a frame, directly from the event loop: the refusal may overtake replies to earlier messages, but uses no thread
     * and no mailbox.
     */
    private void refuse(Counter reason, Payload.Json reply, long now, Ref joinRef, Frame frame) {
        if (!closedForRefusal(reason, now) && !frame.ref().isNull()) {
            error(joinRef, frame.ref(), frame.topic(), reply);
        }
    }

    /** Counts a refusal. Returns whether the connection was closed, since there were too many. */
    private boolean closedForRefusal(Counter reason, long now) {
        services().counters().increment(reason);
        if (rates == null) {
            rates = new Rates(new RateTokens(services().rates(), now));
        }
        if (rates.refuse(now)) {
            return false;
        }
        session.closeAfterReplies(SessionEnd.OVER_RATE);
        return true;
    }

    private void join(Frame frame, @Nullable JsonLimit exceeded) {
        Serializer serializer = session.serializer();
        // A client that gives and is sent no join_ref knows only the ref of its messages.
        Ref joinRef = frame.joinRef().isNull() && serializer.carriesJoinRef() ? frame.ref() : frame.joinRef();
        if (rates != null) {
            long now = services().budget().now();
            long wait = rates.join(now);
            if (wait > 0) {
                table().joinRefused(TopicPattern.validTopic(frame.topic()) ? frame.topic() : "", "rate_limited");
                refuse(Counter.JOINS_OVER_RATE, Rates.refusal(wait), now, joinRef, frame);
                return;
            }
        }
        String topic = frame.topic();
        if (!TopicPattern.validTopic(topic)) {
            refuseJoin(joinRef, frame.ref(), topic, Replies.INVALID_TOPIC, "invalid topic");
            return;
        }
        if (exceeded != null) {
            table().joinRefused(topic, "invalid_payload");
            refuse(
                    Counter.PAYLOADS_INVALID,
                    Replies.overLimit(exceeded),
                    services().budget().now(),
                    joinRef,
                    frame);
            return;
        }
        if (services().draining().getAsBoolean()) {
            refuseJoin(joinRef, frame.ref(), topic, Replies.DRAINING, "draining");
            return;
        }
        if (services().budget().memory().tight()) {
            services().counters().increment(Counter.JOINS_OVERLOADED);
            refuseJoin(joinRef, frame.ref(), topic, Replies.OVERLOADED, "overloaded");
            return;
        }
        Optional<Callbacks<S, ?>> route = routes.route(topic);
        if (route.isEmpty()) {
            if (LOG.isDebugEnabled()) {
                LOG.atDebug()
                        .addKeyValue(LogContext.KEY, session.correlationId())
                        .log("No channel serves topic {}", ControlCharacters.escaped(topic));
            }
            refuseJoin(Ref.NULL, frame.ref(), topic, Replies.UNMATCHED, "unmatched topic");
            return;
        }
        long decodedBytes = route.get().decodedBytesOfJoin(frame.payload());
        if (!session.flow().admits(decodedBytes)) {
            services().counters().increment(Counter.JOINS_OVERLOADED);
            refuseJoin(joinRef, frame.ref(), topic, Replies.OVERLOADED, "overloaded");
            return;
        }
        int max = session.flow().limits().maxChannels();
        // They are usually equal, and the channel keeps both.
        Ref requestRef = frame.ref().equals(joinRef) ? joinRef : frame.ref();
        if (!table().open(route.get(), topic, joinRef, requestRef, frame.payload(), decodedBytes, max)) {
            refuseJoin(joinRef, frame.ref(), topic, Replies.TOO_MANY, "too many channels joined");
        }
    }

    private void refuseJoin(Ref joinRef, Ref ref, String topic, Payload.Json reason, String why) {
        table().joinRefused(why.equals("invalid topic") ? "" : topic, why);
        error(joinRef, ref, topic, reason);
    }

    private void error(Ref joinRef, Ref ref, String topic, Payload.Json reason) {
        session.outbox().offer(Replies.error(session.serializer(), joinRef, ref, topic, reason));
    }
}
