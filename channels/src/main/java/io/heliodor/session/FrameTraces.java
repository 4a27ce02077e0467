package io.heliodor.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.inspect.FrameObserver;
import io.heliodor.inspect.TraceTarget;
import io.heliodor.inspect.TracedFrame.Kind;
import io.heliodor.log.FailureLog;
import io.heliodor.pubsub.Subscription;
import io.heliodor.session.channel.ChannelOwner;
import io.heliodor.session.fanout.Broadcast;
import io.heliodor.session.fanout.BroadcastEntry;
import io.heliodor.session.fanout.BroadcastTap;
import io.heliodor.session.fanout.Members;
import io.heliodor.session.fanout.TopicMember;
import io.heliodor.session.lane.Replay;
import io.heliodor.session.lane.StreamedMessage;
import io.heliodor.wire.Frame;
import io.heliodor.wire.SentFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The traces of frames that run on an endpoint. Any thread, except where stated.
 *
 * <p>Without a trace each method reads one volatile field and returns.
 */
final class FrameTraces implements BroadcastTap, FrameTap, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.observe");

    private static final byte[] EMPTY_OBJECT = {'{', '}'};

    private final SessionRegistry registry;
    private final FailureLog failures;

    /** Null without a trace. Written under the lock. */
    private volatile @Nullable List<FrameTrace> running;

    @GuardedBy("this")
    private boolean closed;

    FrameTraces(SessionRegistry registry, LongSupplier clock) {
        this.registry = registry;
        this.failures = new FailureLog(LOG, clock);
    }

    /** Begins a trace. */
    synchronized Subscription begin(TraceTarget target, FrameObserver observer) {
        FrameTrace trace = new FrameTrace(target, observer, failures);
        if (!closed) {
            List<FrameTrace> present = running;
            List<FrameTrace> more = present == null ? new ArrayList<>() : new ArrayList<>(present);
            more.add(trace);
            running = List.copyOf(more);
        }
        return () -> end(trace);
    }

    private synchronized void end(FrameTrace trace) {
        trace.end();
        List<FrameTrace> present = running;
        if (present != null) {
            List<FrameTrace> others =
                    present.stream().filter(each -> !each.equals(trace)).toList();
            running = others.isEmpty() ? null : others;
        }
    }

    @Override
    public boolean isActive() {
        return running != null;
    }

    @Override
    public void received(ChannelOwner<?> session, Frame frame, int bytes) {
        List<FrameTrace> traces = running;
        if (traces == null) {
            return;
        }
        for (FrameTrace trace : traces) {
            if (trace.isOf(session, frame.topic())) {
                trace.received(session, frame, bytes);
            }
        }
    }

    @Override
    public void malformed(ChannelOwner<?> session, int bytes) {
        List<FrameTrace> traces = running;
        if (traces == null) {
            return;
        }
        for (FrameTrace trace : traces) {
            if (trace.isOfUser(session)) {
                trace.note(session, "", "", Kind.MALFORMED, bytes, 1, null);
            }
        }
    }

    @Override
    public void sent(ChannelOwner<?> session, byte[] message) {
        List<FrameTrace> traces = running;
        if (traces == null) {
            return;
        }
        SentFrame frame = null;
        for (FrameTrace trace : traces) {
            if (trace.mayBeOf(session)) {
                frame = frame == null
                        ? SentFrame.read(session.serializer(), message).orElse(null)
                        : frame;
                if (frame != null && trace.isOf(session, frame.topic())) {
                    trace.sent(session, frame, message.length);
                }
            }
        }
    }

    @Override
    public void sent(ChannelOwner<?> session, StreamedMessage message) {
        List<FrameTrace> traces = running;
        if (traces == null) {
            return;
        }
        SentFrame frame = SentFrame.read(session.serializer(), message.around(EMPTY_OBJECT))
                .orElse(null);
        for (FrameTrace trace : traces) {
            if (frame != null && trace.isOf(session, frame.topic())) {
                trace.note(session, frame.topic(), frame.event(), Kind.PUSH, message.length(), 1, null);
            }
        }
    }

    @Override
    public void sent(ChannelOwner<?> session, Replay replay) {
        List<FrameTrace> traces = running;
        if (traces == null) {
            return;
        }
        for (FrameTrace trace : traces) {
            if (trace.isOf(session, replay.topic())) {
                trace.note(session, replay.topic(), "", Kind.REPLAY, replay.bytes(), replay.messages(), null);
            }
        }
    }

    @Override
    public void enqueued(String topic, Broadcast broadcast, int bytes, int members) {
        List<FrameTrace> traces = running;
        if (traces == null) {
            return;
        }
        for (FrameTrace trace : traces) {
            if (trace.isOfTopic(topic)) {
                trace.note(null, topic, broadcast.event(), Kind.BROADCAST, bytes, members, broadcast.payload());
            }
        }
    }

    @Override
    public void sent(Members members, BroadcastEntry entry) {
        List<FrameTrace> traces = running;
        if (traces == null) {
            return;
        }
        for (FrameTrace trace : traces) {
            if (trace.target() instanceof TraceTarget.User(var id)) {
                // From the fewer ones: a user has few connections and a topic thousands of members, or all guests have
                // one id.
                if (registry.count(id) <= members.size()) {
                    registry.forEach(id, session -> noteIfMember(trace, session, members, entry));
                } else {
                    members.forEach(member -> noteIfOfUser(trace, member, entry));
                }
            }
        }
    }

    private static void noteIfMember(FrameTrace trace, Session<?> session, Members members, BroadcastEntry entry) {
        // The lane first: the table of a session is read on its own lane alone.
        if (session.lane().equals(members.lane()) && !session.closed()) {
            TopicMember member = session.table().find(members.topic().name());
            if (member != null && member.isIn(members) && !member.equals(entry.broadcast.except())) {
                note(trace, session, entry);
            }
        }
    }

    private static void noteIfOfUser(FrameTrace trace, TopicMember member, BroadcastEntry entry) {
        if (member.socket() instanceof Session<?> session
                && trace.isOfUser(session)
                && !member.equals(entry.broadcast.except())) {
            note(trace, session, entry);
        }
    }

    @Override
    public void sent(TopicMember member, BroadcastEntry entry) {
        List<FrameTrace> traces = running;
        if (traces == null) {
            return;
        }
        for (FrameTrace trace : traces) {
            // A trace of its topic has noted the broadcast for all members.
            if (member.socket() instanceof Session<?> session && trace.isOfUser(session)) {
                note(trace, session, entry);
            }
        }
    }

    private static void note(FrameTrace trace, Session<?> session, BroadcastEntry entry) {
        trace.note(
                session,
                entry.topic(),
                entry.broadcast.event(),
                Kind.BROADCAST,
                entry.message.length,
                1,
                entry.broadcast.payload());
    }

    /** Ends all traces. */
    @Override
    public synchronized void close() {
        closed = true;
        List<FrameTrace> present = running;
        if (present != null) {
            present.forEach(FrameTrace::end);
        }
        running = null;
    }
}
