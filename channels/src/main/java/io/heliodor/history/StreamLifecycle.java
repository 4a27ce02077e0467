package io.heliodor.history;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The beginning and end of the streams of a log. A stream that has ended is retired by a message when nothing of it is
 * kept, or forgotten if it had no message. Then all parts of the log remove it.
 */
final class StreamLifecycle<C> {
    /**
     * The maximum number of streams that have ended before they had a message. The one that ended first is forgotten.
     */
    static final int MAX_UNUSED = 64;

    private final LogLimits limits;
    private final LogListener<C> listener;
    private final LogPosition position;
    private final LogEntries<C> entries;
    private final HeldMessages<C> held;
    private final StreamOwners owners;

    /** Streams that other logs have retired, by messages that this one may have to give up. */
    private final LinkedHashSet<CatchUpResponse.Retired> skippable = new LinkedHashSet<>();

    /** Whether a stream has ended that may be retired. */
    private boolean hasEnded;

    StreamLifecycle(
            LogLimits limits,
            LogListener<C> listener,
            LogPosition position,
            LogEntries<C> entries,
            HeldMessages<C> held,
            StreamOwners owners) {
        this.limits = limits;
        this.listener = listener;
        this.position = position;
        this.entries = entries;
        this.held = held;
        this.owners = owners;
        owners.set(position.own(), owners.here());
    }

    /** Registers the stream of a running log, so that no other stream of its location continues. */
    void register(long stream, LogLocation location) {
        if (!position.retired().has(stream)) {
            position.add(stream);
            owners.set(stream, location);
        }
        owners.setCurrent(location, stream);
    }

    /**
     * Updates which streams have ended.
     *
     * @param living whether a node has subscriptions to the topic
     * @param now the present time
     */
    void update(Predicate<String> living, long now) {
        owners.update(position.vector(), position.own(), living, stream -> isExpired(stream, now), now);
        forgetUnused(now);
        hasEnded = ended().size() > 0;
    }

    private VersionVector ended() {
        return position.vector()
                .where((id, counter) -> counter > 0 && owners.ended(id).isPresent());
    }

    private boolean isExpired(long stream, long now) {
        return entries.isExpired(stream, now) && !held.lacksMessages(stream);
    }

    /** Forgets streams that ended before they had a message. Until then the tokens of their empty logs are known. */
    private void forgetUnused(long now) {
        List<Dot> unused = position
                .vector()
                .where((id, counter) -> counter == 0 && owners.ended(id).isPresent() && !held.lacksMessages(id))
                .dots()
                .stream()
                .sorted(Comparator.comparing(each -> owners.ended(each.stream()).orElseThrow()))
                .toList();
        for (int i = 0; i < unused.size(); i++) {
            long stream = unused.get(i).stream();
            if (i < unused.size() - MAX_UNUSED || now - owners.ended(stream).orElseThrow() >= limits.age()) {
                position.remove(stream);
                forget(stream);
            }
        }
    }

    private void forget(long stream) {
        entries.forget(stream);
        held.forget(stream);
        owners.forget(stream);
    }

    // Retiring.

    /** The streams that the next message retires: those that have ended and of which no log keeps a message. */
    List<Dot> retirable(long now) {
        return hasEnded
                ? ended().dots().stream()
                        .filter(each -> isExpired(each.stream(), now))
                        .limit(CausalStampFormat.MAX_RETIRED)
                        .toList()
                : List.of();
    }

    /** Whether messages of a stream that another message retires are missing here. */
    boolean lacks(Dot last, Dot by) {
        return position.counter(last.stream()) < last.counter() && position.mayRetire(last, by);
    }

    /** Retires a stream, unless this log has delivered more of it. */
    void retire(Dot last, Dot by) {
        if (!position.mayRetire(last, by)) {
            return;
        }
        forget(last.stream());
        position.retire(last, by)
                .filter(forgotten -> forgotten.by().equals(by) || entries.contains(forgotten.by()))
                .ifPresent(_ -> listener.streamForgotten());
        if (last.stream() == position.own()) {
            // The others took this log for ended, because it was beyond a split.
            register(position.renew(), owners.here());
        }
    }

    /** Adds streams that another log has retired. */
    void addSkippable(List<CatchUpResponse.Retired> more) {
        skippable.addAll(more);
        while (skippable.size() > limits.retired()) {
            skippable.removeFirst();
        }
    }

    /** Removes one of the streams that other logs have retired, by a message that was delivered here, or skipped. */
    Optional<CatchUpResponse.Retired> pollSkippable() {
        Optional<CatchUpResponse.Retired> due = skippable.stream()
                .filter(each ->
                        position.counter(each.by().stream()) >= each.by().counter())
                .findFirst();
        due.ifPresent(skippable::remove);
        return due;
    }
}
