package io.heliodor.history;

import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * The position of a log: for each of its streams, all messages up to a counter were delivered here, or are lost. It
 * numbers the messages of the log's own stream. A retired stream is not part of it, but continues after its last
 * message.
 */
final class LogPosition {
    private final LongSupplier ids;
    private final RetiredStreams retired;
    private final int tokenLength;

    /** The stream of this log. */
    private long own;

    private VersionVector vector = VersionVector.NONE;

    /** The position at the last own kept message, which implies its predecessors up to there. */
    private VersionVector implied = VersionVector.NONE;

    LogPosition(LongSupplier ids, LogLimits limits) {
        this.ids = ids;
        this.retired = new RetiredStreams(limits.retired());
        this.tokenLength = limits.tokenLength();
        this.own = ids.getAsLong();
        add(own);
    }

    VersionVector vector() {
        return vector;
    }

    long own() {
        return own;
    }

    /** The streams that were retired. Only this class changes them. */
    RetiredStreams retired() {
        return retired;
    }

    // Streams.

    /** Adds a stream that it does not have. A retired one continues after its last message. */
    void add(long stream) {
        if (vector.has(stream)) {
            return;
        }
        long last = retired.last(stream);
        vector = vector.with(stream, last);
        if (implied.get(stream) > last) {
            implied = implied.with(stream, last); // a stream that was forgotten, whose messages may come again
        }
    }

    void remove(long stream) {
        vector = vector.without(stream);
    }

    /** Whether a message that retires a stream up to another one of its messages applies to this log. */
    boolean mayRetire(Dot last, Dot by) {
        // A stream that is named again after it was retired up to there has later messages, which may still wait.
        boolean isRetired = retired.last(last.stream()) >= last.counter();
        return !isRetired && get(last.stream()) <= last.counter() && last.stream() != by.stream();
    }

    /** Retires a stream. Returns the retired stream that is forgotten for it, if there are too many. */
    Optional<CatchUpResponse.Retired> retire(Dot last, Dot by) {
        remove(last.stream());
        return retired.add(last, by);
    }

    /** Continues with another stream of this log, which it returns. */
    long renew() {
        own = ids.getAsLong();
        add(own);
        return own;
    }

    // Delivered messages.

    boolean has(long stream) {
        return vector.has(stream);
    }

    /** The counter of a stream; 0 if the position does not have it. */
    long get(long stream) {
        return vector.get(stream);
    }

    /**
     * The counter up to which the messages of a stream were delivered here, or are lost, also if it is retired; 0 if
     * none was.
     */
    long counter(long stream) {
        return vector.has(stream) ? vector.get(stream) : retired.last(stream);
    }

    /** Whether a message was delivered already, or is not kept and comes too late. */
    boolean isLate(CausalStamp stamp) {
        Dot dot = stamp.dot();
        long passed = counter(dot.stream());
        boolean isRetired = !has(dot.stream()) && retired.has(dot.stream());
        return dot.counter() < passed || (dot.counter() == passed && (stamp.kept() || isRetired));
    }

    /** Whether a message is the next one of its stream, and all of its predecessors were delivered. */
    boolean isNext(CausalStamp stamp) {
        long before = stamp.dot().counter() - (stamp.kept() ? 1 : 0);
        return get(stamp.dot().stream()) == before && hasPredecessors(stamp);
    }

    private boolean hasPredecessors(CausalStamp stamp) {
        return missing(stamp).findAny().isEmpty();
    }

    /** The predecessors of a message that were not delivered here. */
    Stream<Dot> missing(CausalStamp stamp) {
        return stamp.predecessors().stream().filter(each -> counter(each.stream()) < each.counter());
    }

    /** The part of another position that was not delivered here. */
    VersionVector missing(VersionVector other) {
        return other.where((id, counter) -> counter > counter(id));
    }

    /** Whether each stream of a token is part of this position, or retired. */
    boolean knows(VersionVector named) {
        return named.where((id, _) -> !has(id) && !retired.has(id)).size() == 0;
    }

    /** The messages of a stream up to a counter were delivered, or are lost. */
    void pass(long stream, long counter) {
        // Otherwise members would get messages again.
        Invariant.check(counter > get(stream), "a position does not go back", vector, counter);
        vector = vector.with(stream, counter);
    }

    /** The token of a member that has all messages delivered by this node. */
    ResumeToken token() {
        VersionVector begun = vector.where((_, counter) -> counter > 0);
        return new ResumeToken(begun.size() == 0 ? VersionVector.NONE.with(own, 0) : begun, tokenLength);
    }

    // Own messages.

    /** Numbers the next kept message of this log, and passes it. */
    CausalStamp next(List<Dot> retires) {
        Dot dot = new Dot(own, get(own) + 1);
        CausalStamp stamp = new CausalStamp(dot, true, predecessors(), retires);
        vector = vector.with(own, dot.counter());
        return stamp;
    }

    /** The last kept message of this log implies all that was delivered before it. */
    void imply() {
        implied = vector;
    }

    /** The stamp of a message of this log that is not kept. It implies no predecessors, as it may be lost. */
    CausalStamp unkept() {
        return new CausalStamp(new Dot(own, get(own)), false, predecessors());
    }

    /** The predecessors since the last kept message, which implies earlier ones. */
    private List<Dot> predecessors() {
        return vector.where((id, counter) -> id != own && counter > implied.get(id))
                .dots();
    }

    void checkInvariants() {
        Invariant.check(has(own), "the position has the own stream", own, vector);
        Invariant.check(
                implied.where((id, counter) -> has(id) && counter > get(id)).size() == 0,
                "implied messages were delivered",
                implied,
                vector);
        Invariant.check(
                vector.where((id, counter) -> counter < retired.last(id)).size() == 0,
                "a retired stream continues after its last message",
                vector);
        retired.checkInvariants();
    }
}
