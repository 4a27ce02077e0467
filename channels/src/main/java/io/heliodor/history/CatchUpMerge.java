package io.heliodor.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The merge of the responses of other logs into a log: their messages are delivered here, and after a round the missing
 * messages are given up that none of them keeps.
 */
final class CatchUpMerge<C> {
    private final LogListener<C> listener;
    private final LogPosition position;
    private final HeldMessages<C> held;
    private final StreamOwners owners;
    private final StreamLifecycle<C> streams;
    private final CausalDelivery<C> delivery;

    CatchUpMerge(
            LogListener<C> listener,
            LogPosition position,
            HeldMessages<C> held,
            StreamOwners owners,
            StreamLifecycle<C> streams,
            CausalDelivery<C> delivery) {
        this.listener = listener;
        this.position = position;
        this.held = held;
        this.owners = owners;
        this.streams = streams;
        this.delivery = delivery;
    }

    /** Merges a part of a response. */
    List<Delivery<C>> merge(CatchUpResponse<C> response, long now) {
        streams.addSkippable(response.retired());
        for (CatchUpResponse.Stream each : response.streams()) {
            if (position.has(each.id())
                    || !position.retired().has(each.id())
                    || each.counter() > position.counter(each.id())) {
                merge(each);
            }
        }
        if (position.has(response.own())) {
            owners.of(response.own()).ifPresent(location -> owners.setCurrent(location, response.own()));
        }
        delivery.retireSkipped();
        List<Delivery<C>> all = new ArrayList<>();
        for (HistoryMessage<C> message : response.messages()) {
            delivery.receive(message, now, all); // one by one, to keep the order of the other log
        }
        delivery.deliverHeld(now, all); // a log that begins may have skipped what a message waits for
        return all;
    }

    private void merge(CatchUpResponse.Stream state) {
        position.add(state.id());
        state.owner().ifPresent(location -> owners.add(state.id(), location));
        if (!delivery.hasBegun() && position.get(state.id()) < state.floor()) {
            delivery.giveUp(new Dot(state.id(), state.floor())); // at once, so that later messages need not wait
        }
    }

    // Giving up.

    /**
     * Gives up missing messages after all reachable logs have responded. The position skips messages that none of them
     * keeps. A message that another log has delivered without its predecessors is delivered without them here, too.
     *
     * @param responses the last part of each response
     */
    List<Delivery<C>> giveUpMissing(Collection<CatchUpResponse<C>> responses, long now) {
        List<Delivery<C>> all = new ArrayList<>();
        VersionVector before;
        do { // messages between two gaps are delivered between them
            before = position.vector();
            for (Dot each : before.dots()) {
                if (position.has(each.stream())) { // else a message that was skipped before has retired it
                    skipMissing(each.stream(), states(each.stream(), responses));
                }
            }
            delivery.deliverHeld(now, all);
        } while (!position.vector().equals(before));
        VersionVector delivered = delivered(responses);
        Optional<HistoryMessage<C>> waiting = waiting(delivered);
        while (waiting.isPresent()) {
            HistoryMessage<C> message = held.removeFirst(waiting.get().dot().stream());
            position.missing(message.stamp()).forEach(each -> listener.givenUp(each, message.dot()));
            delivery.deliver(message, now, all);
            delivery.deliverHeld(now, all);
            waiting = waiting(delivered);
        }
        return all;
    }

    private static <C> List<CatchUpResponse.Stream> states(long stream, Collection<CatchUpResponse<C>> responses) {
        return responses.stream()
                .flatMap(response -> response.streams().stream())
                .filter(each -> each.id() == stream)
                .toList();
    }

    /** Skips the missing messages of a stream that no other log keeps. */
    private void skipMissing(long stream, List<CatchUpResponse.Stream> others) {
        long next = position.get(stream) + 1;
        while (true) {
            long missing = next;
            List<CatchUpResponse.Stream> past =
                    others.stream().filter(each -> each.counter() >= missing).toList();
            Optional<Long> present = held.firstKept(stream);
            if (past.isEmpty() || present.filter(counter -> counter <= missing).isPresent()) {
                return;
            }
            long floor =
                    past.stream().mapToLong(CatchUpResponse.Stream::floor).min().orElse(0);
            if (floor < missing) {
                return; // another log keeps it
            }
            long to = Math.min(floor, present.map(counter -> counter - 1).orElse(floor));
            delivery.giveUp(new Dot(stream, to));
            next = to + 1;
        }
    }

    /** The messages that a log in reach has delivered. */
    private static <C> VersionVector delivered(Collection<CatchUpResponse<C>> responses) {
        VersionVector delivered = VersionVector.NONE;
        for (CatchUpResponse<C> response : responses) {
            for (CatchUpResponse.Stream each :
                    response.more() ? List.<CatchUpResponse.Stream>of() : response.streams()) {
                delivered = delivered.with(each.id(), Math.max(delivered.get(each.id()), each.counter()));
            }
        }
        return delivered;
    }

    /**
     * A message that is the next kept one of its stream, waits only for predecessors, and was delivered by another log.
     * That log does not have these predecessors, or else its response would have contained them. A message that waits
     * for another waiting one comes later.
     */
    private Optional<HistoryMessage<C>> waiting(VersionVector delivered) {
        List<HistoryMessage<C>> all = held.firsts()
                .filter(message -> message.kept()
                        && message.dot().counter() == position.get(message.dot().stream()) + 1
                        && delivered.covers(message.dot())
                        && position.missing(message.stamp()).noneMatch(held::mayBeEvicted))
                .toList();
        return all.stream()
                .filter(message -> position.missing(message.stamp()).noneMatch(this::isHeld))
                .findFirst()
                .or(() -> all.stream().findFirst());
    }

    private boolean isHeld(Dot dot) {
        return held.firstKept(dot.stream())
                .filter(counter -> counter <= dot.counter())
                .isPresent();
    }
}
