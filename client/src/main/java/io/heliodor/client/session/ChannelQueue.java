package io.heliodor.client.session;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The pushes and calls of one channel. They wait for its membership, pushes for a limited time. */
final class ChannelQueue implements Outgoing.Source {
    private final Session session;
    private final String topic;
    private final ArrayDeque<Outgoing> waiting = new ArrayDeque<>();
    private final Alarm expiry;

    /** The reference of the join of the membership; null without one. */
    private @Nullable String membership;

    ChannelQueue(Session session, String topic) {
        this.session = session;
        this.topic = topic;
        this.expiry = new Alarm(session.timers(), this::expire);
    }

    @Override
    public String topic() {
        return topic;
    }

    /** Accepts a push or the request of a call. */
    void offer(Outgoing frame) {
        if (membership != null) {
            send(frame, membership);
            return;
        }
        waiting.add(frame);
        if (frame.isPush() && !expiry.isSet()) {
            expiry.set(frame.expiresAt());
        }
    }

    /** Sends the frames that wait, and those that follow, to a membership. */
    void open(String joinRef) {
        membership = joinRef;
        expiry.clear();
        while (!waiting.isEmpty()) {
            send(waiting.remove(), joinRef);
        }
    }

    private void send(Outgoing frame, String joinRef) {
        frame.bind(joinRef, session.queue().nextRef());
        session.queue().add(frame);
    }

    /** Lets the frames that follow wait. */
    void hold() {
        membership = null;
    }

    /** Takes back the frames that were queued for a membership that has ended, and not sent. They wait before the others. */
    void takeBack() {
        hold();
        List<Outgoing> unsent = session.queue().remove(frame -> frame.source() == this);
        for (int i = unsent.size() - 1; i >= 0; i--) {
            waiting.addFirst(unsent.get(i));
        }
        expire();
    }

    /** Removes a request that has not been sent. */
    void withdraw(Outgoing request) {
        if (!waiting.remove(request)) {
            session.queue().remove(frame -> frame == request);
        }
    }

    /** Drops the frames that wait. */
    void clear() {
        hold();
        expiry.clear();
        while (!waiting.isEmpty()) {
            session.drop(waiting.remove());
        }
    }

    /** Drops the pushes that have waited for too long. */
    private void expire() {
        long next = Long.MAX_VALUE;
        for (Iterator<Outgoing> each = waiting.iterator(); each.hasNext(); ) {
            Outgoing frame = each.next();
            if (frame.isPush() && frame.expiresAt() <= session.now()) {
                each.remove();
                session.drop(frame);
            } else {
                next = Math.min(next, frame.expiresAt());
            }
        }
        if (next == Long.MAX_VALUE) {
            expiry.clear();
        } else {
            expiry.set(next);
        }
    }

    /** Whether frames are sent at once. */
    boolean isOpen() {
        return membership != null;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    void checkInvariants() {
        boolean holdsPushes = waiting.stream().anyMatch(Outgoing::isPush);
        if (isOpen() ? !isEmpty() : holdsPushes && !expiry.isSet()) {
            throw new IllegalStateException("A frame of '" + topic + "' waits for ever.");
        }
    }
}
