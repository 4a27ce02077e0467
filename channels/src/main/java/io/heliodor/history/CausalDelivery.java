package io.heliodor.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The delivery of messages in causal order: each one after its predecessors. A message that arrives before one of them
 * waits, until they are delivered or skipped. Skipped messages are a gap, which the next kept message reports.
 */
final class CausalDelivery<C> {
    private final LogListener<C> listener;
    private final LogPosition position;
    private final LogEntries<C> entries;
    private final HeldMessages<C> held;
    private final StreamLifecycle<C> streams;

    /** Whether the first catch-up is pending; members join after it. */
    private boolean beginning = true;

    /** The messages that were missed since the last delivered message that is kept. */
    private Gap gap = Gap.NONE;

    CausalDelivery(
            LogListener<C> listener,
            LogPosition position,
            LogEntries<C> entries,
            HeldMessages<C> held,
            StreamLifecycle<C> streams) {
        this.listener = listener;
        this.position = position;
        this.entries = entries;
        this.held = held;
        this.streams = streams;
    }

    boolean hasBegun() {
        return !beginning;
    }

    /** The log has caught up, and members may join. Messages that were missed before are not a gap for them. */
    void begun() {
        gap = Gap.NONE;
        beginning = false;
    }

    Gap gap() {
        return gap;
    }

    /** The members are notified of the gap without a message. Returns it. */
    Gap reportGap() {
        Gap reported = gap;
        gap = Gap.NONE;
        return reported;
    }

    // Delivering.

    /** Delivers a message of this log. */
    Delivery<C> publish(C content, long now) {
        CausalStamp stamp = position.next(streams.retirable(now));
        retire(stamp);
        position.imply();
        return keep(new HistoryMessage<>(stamp, content, 0), now);
    }

    /** Delivers a message of another log and those that wait for it, or lets it wait. */
    void receive(HistoryMessage<C> message, long now, List<Delivery<C>> all) {
        if (position.isLate(message.stamp())) {
            return;
        }
        long stream = message.dot().stream();
        position.add(stream);
        if (!held.has(stream) && position.isNext(message.stamp())) {
            deliver(message, now, all);
            deliverHeld(now, all);
        } else if (held.add(message, now)) {
            deliverHeld(now, all);
            held.evict(now);
        }
    }

    /** Delivers the waiting messages whose predecessors were delivered. */
    void deliverHeld(long now, List<Delivery<C>> all) {
        boolean progress = !held.isEmpty();
        while (progress) {
            progress = false;
            for (long stream : held.streams()) { // a message may retire streams
                while (held.first(stream).filter(this::isDue).isPresent()) {
                    progress = true;
                    deliver(held.removeFirst(stream), now, all);
                }
            }
        }
    }

    /** Whether a waiting message can be delivered, or dropped because it is late. */
    private boolean isDue(HistoryMessage<C> message) {
        return position.isLate(message.stamp()) || position.isNext(message.stamp());
    }

    /** Delivers a message, though predecessors may be missing, unless it is late. */
    void deliver(HistoryMessage<C> message, long now, List<Delivery<C>> all) {
        if (position.isLate(message.stamp())) {
            return;
        }
        if (message.kept()) {
            pass(message.dot());
            retire(message.stamp());
            all.add(keep(message, now));
        } else {
            all.add(new Delivery<>(message.stamp(), message.content(), Optional.empty(), position.vector(), gap));
        }
    }

    private void pass(Dot last) {
        position.pass(last.stream(), last.counter());
        held.passed(last.stream(), last.counter());
    }

    /**
     * Retires the streams of a delivered message. All messages of them that its publisher had delivered were delivered
     * here before, unless they were given up. A stream of which this log has delivered more stays.
     */
    private void retire(CausalStamp stamp) {
        for (Dot last : stamp.retired()) {
            if (streams.lacks(last, stamp.dot())) {
                gap = gap.retire(last, stamp.dot());
                listener.givenUp(last, stamp.dot());
            }
            streams.retire(last, stamp.dot());
        }
    }

    /**
     * Retires the streams of messages that were given up, by the responses of other logs. They are not a gap of their
     * own: a member that lacks messages of such a stream lacks the skipped message that retired it, too.
     */
    void retireSkipped() {
        Optional<CatchUpResponse.Retired> due = streams.pollSkippable();
        while (due.isPresent()) {
            streams.retire(due.get().last(), due.get().by());
            due = streams.pollSkippable();
        }
    }

    private Delivery<C> keep(HistoryMessage<C> message, long now) {
        Gap missed = beginning ? Gap.NONE : gap;
        gap = Gap.NONE;
        LogEntry<C> added = new LogEntry<>(
                message.stamp(), message.content(), now - message.age(), position.vector(), position.token());
        if (added.token().isTooLong()) {
            listener.tokenTooLong();
        }
        entries.add(added, listener.bytes(message));
        return new Delivery<>(added.stamp(), added.content(), Optional.of(added), added.position(), missed);
    }

    // Skipping.

    /** Gives up the missing messages of a stream up to a counter: no reachable log keeps them. */
    void giveUp(Dot last) {
        listener.givenUp(last, last);
        skip(last);
    }

    /** Skips missing messages. The kept ones before them cannot recover a member any more, so they are dropped. */
    private void skip(Dot last) {
        pass(last);
        entries.forget(last.stream());
        gap = gap.skip(last);
        retireSkipped();
    }

    /**
     * Ends the wait of messages that are not kept. Such a message is delivered after the kept ones before it in its
     * stream, or dropped.
     */
    List<Delivery<C>> endWaits(long now) {
        List<Delivery<C>> all = new ArrayList<>();
        for (long stream : held.streams()) {
            while (held.isOverdue(stream, now)) {
                HistoryMessage<C> message = held.removeFirst(stream);
                if (position.get(stream) == message.dot().counter()) {
                    deliver(message, now, all);
                    deliverHeld(now, all);
                }
            }
        }
        return all;
    }

    /**
     * Skips waiting messages beyond the maximum age, which no log keeps any more. Their predecessors were lost with
     * their nodes, are on the other side of a split, or have just expired elsewhere. Returns the messages that waited
     * for them.
     */
    List<Delivery<C>> expireWaiting(long now) {
        for (long stream : held.streams()) {
            while (held.isExpired(stream, now)) {
                lose(held.removeFirst(stream).dot());
            }
            held.expiredEviction(stream, now).ifPresent(this::lose);
        }
        List<Delivery<C>> all = new ArrayList<>();
        deliverHeld(now, all);
        return all;
    }

    private void lose(Dot last) {
        // Otherwise a skipped message has retired it.
        if (position.has(last.stream()) && last.counter() > position.get(last.stream())) {
            listener.lost(last);
            skip(last);
        }
    }

    void checkInvariants() {
        held.firsts()
                .forEach(message -> Invariant.check(
                        !isDue(message),
                        "a message that can be delivered does not wait",
                        message.stamp(),
                        position.vector()));
    }
}
