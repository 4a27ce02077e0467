package io.heliodor.client.session;

import io.heliodor.client.status.ChannelStatus;
import io.heliodor.client.status.Recovery;
import io.heliodor.client.status.Refusal;
import io.heliodor.client.wire.Frame;
import io.heliodor.client.wire.Payload;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One channel: its join on each connection, and its position in the history. */
final class ChannelState {
    private static final Payload EMPTY = Payload.json("{}");
    private static final String UNAUTHORIZED = "unauthorized";
    private static final long NEVER = Long.MIN_VALUE;
    private static final long ANEW_INTERVAL = TimeUnit.MILLISECONDS.toNanos(100);

    private enum Phase {
        /** Waits for a connection, or for the next attempt. */
        WAITING,
        /** The join was sent, and no reply came. */
        REQUESTED,
        JOINED,
        /** Refused or closed for good, or left. */
        OVER
    }

    private final Session session;
    private final long number;
    private final String topic;
    private final Payload params;
    private final PendingCalls calls;
    private final ChannelQueue queue;
    private final Alarm retry;
    private final Alarm timeout;
    private final Alarm anew;

    private Phase phase = Phase.WAITING;
    private ChannelStatus status = new ChannelStatus.Idle();
    private @Nullable String joinRef;

    /** Of the membership that a join is to replace. */
    private @Nullable String memberRef;

    /** The position in the history: that of the last kept message, or of the last reply. */
    private @Nullable String token;

    /** Whether callbacks need the state after a gap. */
    private boolean hasState;

    /** Whether the next join requests the state: without a token. */
    private boolean needsState;

    /** Whether kept messages were dropped since the last join: the next one gets them, and those that come until then. */
    private boolean missesKept;

    /** The time until which a join anew waits for the replies to calls; {@link #NEVER} if none is due. */
    private long anewUntil = NEVER;

    private int failures;
    private long notBefore = Long.MIN_VALUE;

    ChannelState(Session session, PendingCalls calls, long number, String topic, Payload params) {
        this.session = session;
        this.number = number;
        this.topic = topic;
        this.params = params;
        this.calls = calls;
        this.queue = new ChannelQueue(session, topic);
        this.retry = new Alarm(session.timers(), this::enter);
        this.timeout = new Alarm(session.timers(), this::unanswered);
        this.anew = new Alarm(session.timers(), this::joinAnew);
    }

    String topic() {
        return topic;
    }

    ChannelStatus status() {
        return status;
    }

    /** For its pushes and calls, unless it is over. */
    ChannelQueue queue() {
        return queue;
    }

    boolean isOver() {
        return phase == Phase.OVER;
    }

    /** Joins, also after an end. */
    void join(boolean state) {
        hasState |= state;
        if (phase == Phase.OVER) {
            phase = Phase.WAITING;
            token = null;
            needsState = false;
            failures = 0;
            notBefore = Long.MIN_VALUE;
        }
        if (phase == Phase.WAITING) {
            become(new ChannelStatus.Joining());
            enter();
        }
    }

    /** Joins again after a fresh token, which may have the right that was missing. */
    void authorized() {
        boolean missed = (status instanceof ChannelStatus.Closed closed
                        && closed.reason().equals(UNAUTHORIZED))
                || (status instanceof ChannelStatus.Refused refused
                        && refused.refusal().reason().equals(UNAUTHORIZED));
        if (phase == Phase.OVER && missed) {
            join(hasState);
        }
    }

    /** A callback was added after the join, which needs what came with the join: a state, or a list of presences. */
    void observe(boolean state) {
        hasState |= state;
        if (phase == Phase.JOINED || (phase == Phase.REQUESTED && state)) {
            needsState |= state;
            anew.set(session.now());
        } else if (phase == Phase.WAITING && token != null) {
            needsState |= state; // else the next join would recover, and give none
        }
    }

    /** Sends the join, unless there is no connection, or the server accepts none yet. */
    void enter() {
        if (phase != Phase.WAITING || !session.queue().isOpen()) {
            return;
        }
        if (session.now() < notBefore) {
            retry.set(notBefore);
            return;
        }
        request(null);
    }

    private void request(@Nullable String member) {
        retry.clear();
        queue.hold();
        phase = Phase.REQUESTED;
        memberRef = member;
        anewUntil = NEVER;
        String ref = session.queue().nextRef();
        joinRef = ref;
        if (needsState) {
            token = null;
        }
        Payload payload = token == null ? params : params.with("since", token);
        session.queue().add(Outgoing.control(ref, ref, topic, "phx_join", payload));
        timeout.set(session.now() + session.timing().joinTimeout());
    }

    private void joinAnew() {
        if (phase != Phase.JOINED) {
            return; // the join that is requested, or the next one, serves: joined() examines its reply
        }
        if (anewUntil == NEVER) {
            anewUntil = session.now() + session.timing().joinTimeout();
        }
        // A handler that replies later does not reach a membership that was replaced.
        if (calls.isReplyAwaited(queue) && session.now() < anewUntil) {
            anew.set(session.now() + ANEW_INTERVAL);
            return;
        }
        become(new ChannelStatus.Joining());
        request(joinRef);
    }

    private void unanswered() {
        if (session.window().isPaused()) { // the reply may be there, and is not read
            timeout.set(session.now() + session.timing().joinTimeout());
            return;
        }
        session.counters().increment(ClientCounter.FAILED_JOINS);
        sendLeave();
        retryLater(0);
    }

    private void receiveReply(Frame frame) {
        String ref = joinRef;
        if (phase != Phase.REQUESTED || ref == null || !ref.equals(frame.ref())) {
            return;
        }
        timeout.clear();
        if ("ok".equals(frame.status())) {
            joined(ref, frame.payload());
        } else {
            refused(frame.payload());
        }
    }

    private void joined(String ref, Payload reply) {
        phase = Phase.JOINED;
        memberRef = null;
        missesKept = false;
        failures = 0;
        JsonNode history = reply.tree().path("history");
        boolean recovered = history.path("recovered").asBoolean(false);
        String position = Refusals.text(history.path("token"));
        token = position.isEmpty() ? null : position;
        become(new ChannelStatus.Joined());
        session.deliver(new Delivery.Recovered(number, new Recovery(recovered, Optional.ofNullable(token))));
        if (!recovered) {
            needsState = false;
            session.deliver(new Delivery.State(number, reply));
        }
        if (needsState) {
            anew.set(session.now());
        } else {
            anew.clear();
        }
        queue.open(ref);
    }

    private void refused(Payload error) {
        session.counters().increment(ClientCounter.FAILED_JOINS);
        Refusal refusal = Refusals.read(error);
        String member = memberRef;
        long atLeast = refusal.retryAfter()
                .map(after -> TimeUnit.MILLISECONDS.toNanos(after.toMillis()))
                .orElse(0L);
        if (member != null && Refusals.leavesMembership(refusal)) {
            remain(member, atLeast);
        } else if (Refusals.passes(refusal)) {
            become(new ChannelStatus.Refused(refusal, false));
            retryLater(atLeast);
        } else {
            if (refusal.reason().equals(Frame.REPLY_TOO_LARGE)) {
                sendLeave(); // the server may have accepted the join
            }
            end(new ChannelStatus.Refused(refusal, true));
        }
    }

    /** The server has not begun the join anew, so the membership before it lives on. */
    private void remain(String member, long atLeast) {
        phase = Phase.JOINED;
        joinRef = member;
        memberRef = null;
        become(new ChannelStatus.Joined());
        anew.set(session.now() + Math.max(atLeast, nextDelay()));
        queue.open(member);
    }

    private long nextDelay() {
        List<Long> delays = session.timing().joinDelays();
        long delay = delays.get(Math.min(failures, delays.size() - 1));
        failures++;
        return delay - (long) (session.random().nextDouble() * (delay / 4.0));
    }

    private void retryLater(long atLeast) {
        phase = Phase.WAITING;
        timeout.clear();
        memberRef = null;
        long delay = nextDelay();
        long later = session.spread(atLeast);
        if (atLeast > 0) {
            notBefore = session.now() + later;
        }
        retry.set(session.now() + Math.max(later, delay));
    }

    /** Handles a frame of its topic that is not the reply to a call. One that is not whole has no payload. */
    void receive(Frame frame, boolean isWhole) {
        if (frame.status() != null) {
            receiveReply(frame);
            return;
        }
        String ref = frame.joinRef();
        boolean isEnd = frame.event().equals("phx_close") || frame.event().equals("phx_error");
        if (ref != null && !ref.equals(joinRef) && (isEnd || !ref.equals(memberRef))) {
            session.counters().increment(ClientCounter.STALE_FRAMES);
            if (ref.equals(memberRef)) {
                memberRef = null; // a refusal of the join anew leaves no membership then
                loseMembership();
            }
            return;
        }
        switch (frame.event()) {
            case "phx_close" -> closed(Refusals.text(frame.payload().tree().path("reason")));
            case "phx_error" -> crashed();
            default -> message(frame, isWhole);
        }
    }

    private void closed(String reason) {
        if (phase == Phase.JOINED || phase == Phase.REQUESTED) {
            end(new ChannelStatus.Closed(reason));
        }
    }

    private void crashed() {
        if (phase != Phase.JOINED && phase != Phase.REQUESTED) {
            return;
        }
        phase = Phase.WAITING; // so that calls that are repeated wait for the next membership
        loseMembership();
        become(new ChannelStatus.Joining());
        retryLater(0);
    }

    /** Messages that were not sent wait for the next membership, and no reply of this one comes. */
    private void loseMembership() {
        queue.takeBack();
        calls.lost(each -> each == queue);
    }

    private void message(Frame frame, boolean isWhole) {
        String position = frame.token();
        boolean isMember = phase == Phase.JOINED || (phase == Phase.REQUESTED && memberRef != null && position == null);
        if (!isMember || (position != null && missesKept)) {
            session.counters().increment(ClientCounter.STALE_FRAMES);
            missesKept |= position != null;
            return;
        }
        if (position != null) {
            token = position;
        }
        if (!isWhole) {
            dropped(frame.event());
            return;
        }
        if (position != null && position.endsWith("~")) {
            missed(position);
        }
        session.deliver(new Delivery.Message(number, frame.event(), frame.payload(), position));
    }

    /** A message was too large. If the history has it, the next join continues after it: to request it again would drop it again. */
    private void dropped(String event) {
        if (event.equals("presence_diff")) {
            // Without a change the presences are wrong: a join brings all of them.
            anew.set(session.now() + spread());
        } else if (!event.equals("presence_state")) {
            missed(token);
        }
    }

    private void missed(@Nullable String position) {
        session.counters().increment(ClientCounter.GAPS);
        session.deliver(new Delivery.Recovered(number, new Recovery(false, Optional.ofNullable(position))));
        if (hasState && !needsState) {
            needsState = true;
            anew.set(session.now() + spread());
        }
    }

    /** All clients of a node receive a message at the same time. */
    private long spread() {
        return (long) (session.random().nextDouble() * session.timing().gapDelay());
    }

    /** The connection is lost: waits for the next one. */
    void disconnected() {
        if (phase == Phase.OVER) {
            return;
        }
        boolean wasActive = phase != Phase.WAITING;
        phase = Phase.WAITING;
        memberRef = null;
        timeout.clear();
        retry.clear();
        anew.clear();
        queue.takeBack();
        if (wasActive) {
            become(new ChannelStatus.Joining());
        }
    }

    /** The connection is refused for good: nothing follows. */
    void suspend() {
        if (phase == Phase.WAITING) {
            become(new ChannelStatus.Idle());
        }
    }

    /** The connection is attempted again. */
    void resume() {
        if (phase == Phase.WAITING) {
            become(new ChannelStatus.Joining());
        }
    }

    /** Leaves for good. */
    void leave() {
        if (phase == Phase.JOINED || phase == Phase.REQUESTED) {
            sendLeave();
        }
        end(new ChannelStatus.Left());
    }

    private void sendLeave() {
        if (session.queue().isOpen()) {
            session.queue().add(Outgoing.control(joinRef, session.queue().nextRef(), topic, "phx_leave", EMPTY));
        }
    }

    /** Ends the channel: nothing is delivered after this status. */
    private void end(ChannelStatus last) {
        phase = Phase.OVER;
        memberRef = null;
        retry.clear();
        timeout.clear();
        anew.clear();
        if (!(last instanceof ChannelStatus.Left)) {
            queue.takeBack(); // those of a membership that is left are sent before the leave
        }
        calls.close(each -> each == queue);
        queue.clear();
        become(last);
    }

    private void become(ChannelStatus next) {
        if (!next.equals(status)) {
            status = next;
            session.deliver(new Delivery.ChannelChanged(number, next));
        }
    }

    void checkInvariants() {
        check((phase == Phase.JOINED) == queue.isOpen(), "its frames wait: " + !queue.isOpen());
        check(timeout.isSet() == (phase == Phase.REQUESTED), "the timeout of its join is " + timeout.isSet());
        check(phase != Phase.OVER || queue.isEmpty(), "frames wait though it is over");
        check(
                session.queue().isOpen() || phase == Phase.WAITING || phase == Phase.OVER,
                "it is joined without a connection");
        check(phase != Phase.WAITING || !session.queue().isOpen() || retry.isSet(), "nothing makes it join");
        queue.checkInvariants();
        check((phase == Phase.OVER) == status.isOver(), "its status is " + status);
    }

    private void check(boolean holds, String fault) {
        if (!holds) {
            throw new IllegalStateException("Channel '" + topic + "' in " + phase + ": " + fault + ".");
        }
    }
}
