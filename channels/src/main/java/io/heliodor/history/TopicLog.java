package io.heliodor.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The log of one topic on one node. It is guarded by the lock of its topic, and the caller passes the time.
 *
 * @param <C> the type of the contents
 */
public final class TopicLog<C> {
    /** The maximum time for which a message that is not kept waits for its predecessors. */
    static final long UNKEPT_TIMEOUT = 500_000_000L;

    /** The maximum size of a kept message. A larger one is delivered, but not kept. */
    static final int MAX_MESSAGE_BYTES = 3 << 20;

    /** The maximum number of streams that have ended before they had a message. The one that ended first is forgotten. */
    static final int MAX_UNUSED = 64;

    private static final long HASH_MASK = (1L << 48) - 1;

    private final LongSupplier ids;
    private final LogLocation owner;
    private final LogLimits limits;
    private final LogListener<C> listener;
    private final Map<Long, StreamLog<C>> streams = new TreeMap<>();
    private final RetiredStreams retired;

    /** Streams that other logs have retired, by messages that this one may have to give up. */
    private final LinkedHashSet<CatchUpResponse.Retired> skippable = new LinkedHashSet<>();

    /** The stream of this log. */
    private long own;

    /** The stream of the present log of each location, as far as known. */
    private final Map<LogLocation, Long> current = new HashMap<>();

    /** The kept messages in the order of their delivery. */
    private final LinkedHashMap<Dot, LogEntry<C>> kept = new LinkedHashMap<>();

    private VersionVector position = VersionVector.NONE;

    /** The position at the last own kept message, which implies its predecessors up to there. */
    private VersionVector implied = VersionVector.NONE;

    private long bytes;
    private int heldBytes;
    private int heldMessages;

    /** Whether a stream has ended that may be retired. */
    private boolean hasEnded;

    /** Whether the first catch-up is pending; members join after it. */
    private boolean beginning = true;

    /** The messages that were missed since the last delivered message that is kept. */
    private Gap gap = Gap.NONE;

    /**
     * An empty log.
     *
     * @param ids returns ids for its own streams: random numbers of 48 bits
     * @param owner its location
     * @param limits its limits
     * @param listener receives its changes
     */
    public TopicLog(LongSupplier ids, LogLocation owner, LogLimits limits, LogListener<C> listener) {
        this.ids = ids;
        this.own = ids.getAsLong();
        this.owner = owner;
        this.limits = limits;
        this.retired = new RetiredStreams(limits.retired());
        this.listener = listener;
        getOrAdd(own).owner = Optional.of(owner);
    }

    /** The stream of an id, which is added if it is not known. A retired one continues after its last message. */
    private StreamLog<C> getOrAdd(long id) {
        StreamLog<C> known = streams.get(id);
        if (known == null) {
            known = new StreamLog<>(id);
            known.floor = retired.last(id);
            streams.put(id, known);
            position = position.with(id, known.floor);
            if (implied.get(id) > known.floor) {
                implied = implied.with(id, known.floor); // a stream that was forgotten, whose messages may come again
            }
        }
        return known;
    }

    /** Registers the stream of a running log, so that no other stream of its location continues. */
    private void register(long id, LogLocation location) {
        if (!retired.has(id)) {
            getOrAdd(id).owner = Optional.of(location);
        }
        current.put(location, id);
    }

    /**
     * The counter up to which the messages of a stream were delivered here, or are lost.
     *
     * @param stream the id of a stream
     * @return 0 if none was
     */
    private long counter(long stream) {
        return position.has(stream) ? position.get(stream) : retired.last(stream);
    }

    /**
     * Whether all messages of a position were delivered here, or are lost.
     *
     * @param other the position of another log
     * @return whether this log lacks none of them
     */
    public boolean covers(VersionVector other) {
        return missing(other).size() == 0;
    }

    private VersionVector missing(VersionVector other) {
        return other.where((id, counter) -> counter > counter(id));
    }

    private StreamLog<C> stream(long id) {
        return Objects.requireNonNull(streams.get(id));
    }

    // Publishing.

    /**
     * Adds a message of this node.
     *
     * @param content the message
     * @param now the present time
     * @return its delivery to the members
     */
    public Delivery<C> publish(C content, long now) {
        Dot dot = new Dot(own, position.get(own) + 1);
        CausalStamp stamp = new CausalStamp(dot, true, predecessors(), retirable(now));
        position = position.with(own, dot.counter());
        retire(stamp);
        implied = position;
        return keep(new Message<>(stamp, content, 0), now);
    }

    /**
     * The stamp of a message of this node that is not kept.
     *
     * @return the stamp that is sent to other nodes
     */
    public CausalStamp unkeptStamp() {
        return new CausalStamp(new Dot(own, position.get(own)), false, predecessors());
    }

    /** The predecessors since the last kept message, which implies earlier ones. A message that is not kept implies none, as it may be lost. */
    private List<Dot> predecessors() {
        VersionVector since = position.where((id, counter) -> id != own && counter > implied.get(id));
        List<Dot> dots = new ArrayList<>();
        for (int i = 0; i < since.size(); i++) {
            dots.add(new Dot(since.stream(i), since.counter(i)));
        }
        return dots;
    }

    private Delivery<C> keep(Message<C> message, long now) {
        Gap missed = beginning ? Gap.NONE : gap;
        gap = Gap.NONE;
        LogEntry<C> added = new LogEntry<>(message.stamp(), message.content(), now - message.age(), position, token());
        if (added.token().isTooLong()) {
            listener.tokenTooLong();
        }
        StreamLog<C> stream = stream(message.dot().stream());
        kept.put(added.dot(), added);
        stream.kept.add(added);
        stream.lastAt = Optional.of(added.at());
        listener.kept(added);
        grow(listener.bytes(added));
        while (stream.kept.size() > limits.messages()) {
            drop(stream);
        }
        // A response could not contain it, so all logs must drop it in the same way.
        while (listener.bytes(message) > MAX_MESSAGE_BYTES
                && stream.floor < added.dot().counter()) {
            drop(stream);
        }
        while (bytes > limits.bytes()) {
            drop(stream(kept.firstEntry().getKey().stream()));
        }
        return new Delivery<>(added.stamp(), added.content(), Optional.of(added), position, missed);
    }

    private void grow(int by) {
        bytes += by;
        listener.grew(by);
    }

    private void drop(StreamLog<C> stream) {
        LogEntry<C> oldest = stream.kept.remove();
        kept.remove(oldest.dot());
        stream.floor = oldest.dot().counter();
        grow(-listener.bytes(oldest));
        listener.dropped(oldest.content());
    }

    private void dropAll(StreamLog<C> stream) {
        while (!stream.kept.isEmpty()) {
            drop(stream);
        }
    }

    // Retiring.

    /** The streams that the next message retires: those that have ended and of which no log keeps a message. */
    private List<Dot> retirable(long now) {
        return hasEnded
                ? streams.values().stream()
                        .filter(each -> each.id != own
                                && each.ended.isPresent()
                                && position.get(each.id) > 0
                                && each.isExpired(limits.age(), now))
                        .limit(CausalStampFormat.MAX_RETIRED)
                        .map(each -> new Dot(each.id, position.get(each.id)))
                        .toList()
                : List.of();
    }

    /**
     * Retires the streams of a delivered message. All messages of them that its publisher had delivered were delivered here before, unless
     * they were given up. A stream of which this log has delivered more stays.
     */
    private void retire(CausalStamp stamp) {
        for (Dot last : stamp.retired()) {
            if (counter(last.stream()) < last.counter() && mayRetire(last, stamp.dot())) {
                gap = gap.retire(last, stamp.dot());
                listener.givenUp(last, stamp.dot());
            }
            retireUpTo(last, stamp.dot());
        }
    }

    /** Whether a message that retires a stream up to another one of its messages applies to this log. */
    private boolean mayRetire(Dot last, Dot by) {
        // A stream that is named again after it was retired up to there has later messages, which may still wait.
        boolean isRetired = retired.last(last.stream()) >= last.counter();
        return !isRetired && position.get(last.stream()) <= last.counter() && last.stream() != by.stream();
    }

    private void retireUpTo(Dot last, Dot by) {
        if (!mayRetire(last, by)) {
            return;
        }
        StreamLog<C> stream = streams.remove(last.stream());
        if (stream != null) {
            dropAll(stream);
            dropHeld(stream);
            position = position.where((id, _) -> id != stream.id);
        }
        retired.add(last, by)
                .filter(forgotten -> forgotten.by().equals(by) || kept.containsKey(forgotten.by()))
                .ifPresent(_ -> listener.streamForgotten());
        if (last.stream() == own) {
            renew();
        }
    }

    /** Continues with another stream: the others took this log for ended, because it was beyond a split. */
    private void renew() {
        own = ids.getAsLong();
        register(own, owner);
    }

    // Delivering.

    /** Receives a message of another node. */
    List<Delivery<C>> received(Message<C> message, long now) {
        List<Delivery<C>> all = new ArrayList<>();
        receive(message, now, all);
        return all;
    }

    /** Delivers a message and those that wait for it, or lets it wait. */
    private void receive(Message<C> message, long now, List<Delivery<C>> all) {
        if (isLate(message)) {
            return;
        }
        StreamLog<C> stream = getOrAdd(message.dot().stream());
        if (stream.held.first().isEmpty() && isNext(stream, message)) {
            deliver(stream, message, now).ifPresent(all::add);
            all.addAll(deliver(now));
        } else if (stream.held.add(message, listener.bytes(message), now)) {
            addHeld(1, listener.bytes(message));
            all.addAll(deliver(now));
            evict(now);
        }
    }

    /** Whether a message was delivered already, or is not kept and comes too late. */
    private boolean isLate(Message<C> message) {
        Dot dot = message.dot();
        long passed = counter(dot.stream());
        boolean isRetired = !streams.containsKey(dot.stream()) && retired.has(dot.stream());
        return dot.counter() < passed || (dot.counter() == passed && (message.kept() || isRetired));
    }

    /**
     * Drops waiting messages beyond the limit: the last ones of the stream that has most. The first one of each stream stays, so that
     * messages before it can be given up, and it can be delivered then.
     */
    private void evict(long now) {
        while (heldBytes > limits.heldBytes()) {
            Optional<StreamLog<C>> largest = streams.values().stream()
                    .filter(each -> each.held.size() > 1)
                    .max(Comparator.comparingInt(each -> each.held.bytes()));
            if (largest.isEmpty()) {
                return;
            }
            evictLast(largest.get(), now);
        }
    }

    private void evictLast(StreamLog<C> stream, long now) {
        int before = stream.held.bytes();
        stream.held.evictLast(now);
        addHeld(-1, stream.held.bytes() - before);
        listener.evicted();
    }

    /** Delivers the waiting messages whose predecessors were delivered. */
    private List<Delivery<C>> deliver(long now) {
        List<Delivery<C>> all = new ArrayList<>();
        boolean progress = heldMessages > 0;
        while (progress) {
            progress = false;
            for (StreamLog<C> stream : List.copyOf(streams.values())) { // a message may retire streams
                Optional<Message<C>> next = next(stream);
                while (next.isPresent()) {
                    progress = true;
                    unhold(stream, next.get());
                    deliver(stream, next.get(), now).ifPresent(all::add);
                    next = next(stream);
                }
            }
        }
        return all;
    }

    /** The first waiting message of a stream, if it can be delivered, or dropped because it is late. */
    private Optional<Message<C>> next(StreamLog<C> stream) {
        return stream.held
                .first()
                .map(HeldQueue.Held::message)
                .filter(message -> isLate(message) || isNext(stream, message));
    }

    private boolean isNext(StreamLog<C> stream, Message<C> message) {
        long before = message.dot().counter() - (message.kept() ? 1 : 0);
        return position.get(stream.id) == before && hasPredecessors(message);
    }

    private boolean hasPredecessors(Message<C> message) {
        return missing(message).findAny().isEmpty();
    }

    private void unhold(StreamLog<C> stream, Message<C> message) {
        stream.held.removeFirst();
        addHeld(-1, -listener.bytes(message));
    }

    private void addHeld(int count, int size) {
        heldMessages += count;
        heldBytes += size;
        listener.waitingGrew(size);
    }

    private Optional<Delivery<C>> deliver(StreamLog<C> stream, Message<C> message, long now) {
        if (isLate(message)) {
            return Optional.empty();
        }
        if (!message.kept()) {
            return Optional.of(new Delivery<>(message.stamp(), message.content(), Optional.empty(), position, gap));
        }
        pass(stream, message.dot().counter());
        retire(message.stamp());
        return Optional.of(keep(message, now));
    }

    private void pass(StreamLog<C> stream, long counter) {
        // Otherwise members would get messages again.
        Invariant.check(counter > position.get(stream.id), "a position does not go back", position, counter);
        position = position.with(stream.id, counter);
        stream.held.passed(counter);
    }

    // Catching up.

    /** Whether a message waits, or was dropped while it waited, since a matching time. */
    boolean lacks(LongPredicate since) {
        return lacking(since).isPresent();
    }

    /** Whether messages wait, or were dropped while they waited. */
    boolean lacksMessages() {
        return heldMessages > 0 || streams.values().stream().anyMatch(StreamLog::lacksMessages);
    }

    /** The node with the predecessors of a message that waits since a matching time. */
    Optional<String> heldOwner(LongPredicate since) {
        return lacking(since).flatMap(stream -> stream.owner).map(LogLocation::node);
    }

    private Optional<StreamLog<C>> lacking(LongPredicate since) {
        return streams.values().stream()
                .filter(stream -> stream.held
                                .first()
                                .filter(held -> since.test(held.since()))
                                .isPresent()
                        || stream.held.evictedSince().filter(since::test).isPresent())
                .findFirst();
    }

    /** Begins a round of requests to other logs. */
    void beginRound() {
        streams.values().forEach(stream -> stream.held.beginRound());
    }

    /** Whether another log has delivered messages that this one has not. */
    boolean isBehind(CatchUpResponse<C> response) {
        return response.streams().stream().anyMatch(each -> each.counter() > counter(each.id()));
    }

    /**
     * The request of this log to others.
     *
     * @param after the last message of the previous part
     * @return a request
     */
    public CatchUpRequest request(Optional<Dot> after) {
        return new CatchUpRequest(own, owner, position, after);
    }

    /**
     * The response to another log.
     *
     * @param request the request
     * @param maxBytes the maximum size of a part with several messages
     * @param now the present time
     * @return the next part of the response
     */
    public CatchUpResponse<C> respond(CatchUpRequest request, int maxBytes, long now) {
        expire(now);
        register(request.own(), request.owner());
        List<CatchUpResponse.Stream> known = streams.values().stream()
                .map(each -> new CatchUpResponse.Stream(each.id, position.get(each.id), each.floor, each.owner))
                .toList();
        List<Message<C>> messages = new ArrayList<>();
        int length = 0;
        boolean follows = request.after().filter(kept::containsKey).isEmpty();
        for (LogEntry<C> each : kept.values()) {
            if (!follows) {
                follows = each.dot().equals(request.after().orElseThrow());
            } else if (each.dot().counter() > request.position().get(each.dot().stream())) {
                length += listener.bytes(each);
                if (length > maxBytes && !messages.isEmpty()) {
                    return new CatchUpResponse<>(known, own, messages, true, retired.since(request.position()));
                }
                messages.add(each.message(now));
            }
        }
        return new CatchUpResponse<>(known, own, messages, false, retired.since(request.position()));
    }

    /** Merges a part of the response of another log. */
    List<Delivery<C>> merge(CatchUpResponse<C> response, long now) {
        skippable.addAll(response.retired());
        while (skippable.size() > limits.retired()) {
            skippable.removeFirst();
        }
        for (CatchUpResponse.Stream each : response.streams()) {
            if (streams.containsKey(each.id()) || !retired.has(each.id()) || each.counter() > retired.last(each.id())) {
                merge(each);
            }
        }
        StreamLog<C> theirs = streams.get(response.own());
        if (theirs != null) {
            theirs.owner.ifPresent(location -> current.put(location, response.own()));
        }
        retireSkipped();
        List<Delivery<C>> all = new ArrayList<>();
        for (Message<C> message : response.messages()) {
            receive(message, now, all); // one by one, to keep the order of the other log
        }
        all.addAll(deliver(now)); // a log that begins may have skipped what a message waits for
        return all;
    }

    /**
     * Retires the streams of messages that were given up, by the responses of other logs. They are not a gap of their own: a member that lacks
     * messages of such a stream lacks the skipped message that retired it, too.
     */
    private void retireSkipped() {
        Optional<CatchUpResponse.Retired> due = dueRetired();
        while (due.isPresent()) {
            skippable.remove(due.get());
            retireUpTo(due.get().last(), due.get().by());
            due = dueRetired();
        }
    }

    private Optional<CatchUpResponse.Retired> dueRetired() {
        return skippable.stream()
                .filter(each -> counter(each.by().stream()) >= each.by().counter())
                .findFirst();
    }

    private void merge(CatchUpResponse.Stream state) {
        StreamLog<C> stream = getOrAdd(state.id());
        stream.owner = stream.owner.or(state::owner);
        if (beginning && position.get(state.id()) < state.floor()) {
            giveUp(stream, state.floor()); // at once, so that later messages need not wait
        }
    }

    /**
     * Gives up missing messages after all reachable logs have responded. The position skips messages that none of them keeps. A message
     * that another log has delivered without its predecessors is delivered without them here, too.
     *
     * @param responses the last part of each response
     */
    List<Delivery<C>> giveUpMissing(Collection<CatchUpResponse<C>> responses, long now) {
        VersionVector delivered = VersionVector.NONE;
        for (CatchUpResponse<C> response : responses) {
            for (CatchUpResponse.Stream each :
                    response.more() ? List.<CatchUpResponse.Stream>of() : response.streams()) {
                delivered = delivered.with(each.id(), Math.max(delivered.get(each.id()), each.counter()));
            }
        }
        List<Delivery<C>> all = new ArrayList<>();
        VersionVector before;
        do { // messages between two gaps are delivered between them
            before = position;
            for (StreamLog<C> stream : List.copyOf(streams.values())) {
                if (streams.containsKey(stream.id)) { // else a message that was skipped before has retired it
                    skipMissing(stream, states(stream, responses));
                }
            }
            all.addAll(deliver(now));
        } while (!position.equals(before));
        Optional<StreamLog<C>> waiting = waiting(delivered);
        while (waiting.isPresent()) {
            StreamLog<C> stream = waiting.get();
            Message<C> message = stream.held.first().orElseThrow().message();
            unhold(stream, message);
            missing(message).forEach(each -> listener.givenUp(each, message.dot()));
            deliver(stream, message, now).ifPresent(all::add);
            all.addAll(deliver(now));
            waiting = waiting(delivered);
        }
        return all;
    }

    private static <C> List<CatchUpResponse.Stream> states(
            StreamLog<C> stream, Collection<CatchUpResponse<C>> responses) {
        return responses.stream()
                .flatMap(response -> response.streams().stream())
                .filter(each -> each.id() == stream.id)
                .toList();
    }

    /**
     * A stream whose next message is present, is kept, waits only for predecessors, and was delivered by another log. That log does not
     * have these predecessors, or else its response would have contained them. A message that waits for another waiting one comes later.
     */
    private Optional<StreamLog<C>> waiting(VersionVector delivered) {
        List<StreamLog<C>> all = streams.values().stream()
                .filter(stream -> stream.held
                        .first()
                        .map(HeldQueue.Held::message)
                        .filter(message -> message.kept()
                                && message.dot().counter() == position.get(stream.id) + 1
                                && message.dot().counter() <= delivered.get(stream.id)
                                && missing(message).noneMatch(this::mayBeEvicted))
                        .isPresent())
                .toList();
        return all.stream()
                .filter(stream ->
                        missing(stream.held.first().orElseThrow().message()).noneMatch(this::isHeld))
                .findFirst()
                .or(() -> all.stream().findFirst());
    }

    private boolean isHeld(Dot dot) {
        StreamLog<C> stream = streams.get(dot.stream());
        return stream != null
                && stream.held.firstKept().filter(held -> held <= dot.counter()).isPresent();
    }

    /** Whether a message arrived in this round, but was dropped while it waited: then it comes in the next one. */
    private boolean mayBeEvicted(Dot dot) {
        StreamLog<C> stream = streams.get(dot.stream());
        return stream != null && stream.held.mayBeEvicted(dot.counter());
    }

    /** The predecessors of a message that were not delivered here. */
    private Stream<Dot> missing(Message<C> message) {
        return message.stamp().predecessors().stream().filter(each -> counter(each.stream()) < each.counter());
    }

    /** Skips the missing messages of a stream that no other log keeps. */
    private void skipMissing(StreamLog<C> stream, List<CatchUpResponse.Stream> others) {
        long next = position.get(stream.id) + 1;
        while (true) {
            long missing = next;
            List<CatchUpResponse.Stream> past =
                    others.stream().filter(each -> each.counter() >= missing).toList();
            if (past.isEmpty()
                    || stream.held.firstKept().filter(held -> held <= missing).isPresent()) {
                return;
            }
            long floor =
                    past.stream().mapToLong(CatchUpResponse.Stream::floor).min().orElse(0);
            if (floor < missing) {
                return; // another log keeps it
            }
            long to = Math.min(
                    floor, stream.held.firstKept().map(held -> held - 1).orElse(floor));
            giveUp(stream, to);
            next = to + 1;
        }
    }

    private void giveUp(StreamLog<C> stream, long to) {
        Dot last = new Dot(stream.id, to);
        listener.givenUp(last, last);
        skip(stream, to);
    }

    /** Skips missing messages. The kept ones before them cannot recover a member any more, so they are dropped. */
    private void skip(StreamLog<C> stream, long to) {
        pass(stream, to);
        dropAll(stream);
        stream.lastAt = Optional.empty(); // no log keeps these messages
        stream.floor = to;
        gap = gap.skip(new Dot(stream.id, to));
        retireSkipped();
    }

    /**
     * Whether the log has caught up for the first time.
     *
     * @return whether members may join
     */
    public boolean hasBegun() {
        return !beginning;
    }

    /** Marks that the log has caught up, and members may join. Called after {@link #giveUpMissing}. */
    void begun() {
        gap = Gap.NONE;
        beginning = false;
    }

    /**
     * Ends the wait of messages that are not kept. Called on clock ticks outside of rounds. Such a message is delivered after the kept
     * messages of its own stream that precede it, or dropped.
     */
    List<Delivery<C>> endWaits(long now) {
        List<Delivery<C>> all = new ArrayList<>();
        for (StreamLog<C> stream : List.copyOf(streams.values())) {
            Optional<Message<C>> waits = overdue(stream, now);
            while (waits.isPresent()) {
                unhold(stream, waits.get());
                if (position.get(stream.id) == waits.get().dot().counter()) {
                    deliver(stream, waits.get(), now).ifPresent(all::add);
                    all.addAll(deliver(now));
                }
                waits = overdue(stream, now);
            }
        }
        return all;
    }

    /** The first waiting message of a stream, if it is not kept and its time is up. */
    private static <C> Optional<Message<C>> overdue(StreamLog<C> stream, long now) {
        return stream.held
                .first()
                .filter(held -> !held.message().kept() && now - held.since() >= UNKEPT_TIMEOUT)
                .map(HeldQueue.Held::message);
    }

    // Kept messages.

    /**
     * Drops kept messages beyond the maximum age.
     *
     * @param now the present time
     */
    public void expire(long now) {
        for (StreamLog<C> stream : streams.values()) {
            while (!stream.kept.isEmpty() && now - stream.kept.getFirst().at() >= limits.age()) {
                drop(stream);
            }
        }
    }

    /**
     * Skips waiting messages beyond the maximum age, which no log keeps any more. Their predecessors were lost with their nodes, are on the
     * other side of a split, or have just expired elsewhere.
     *
     * @param now the present time
     * @return the messages that waited for them
     */
    List<Delivery<C>> expireWaiting(long now) {
        for (StreamLog<C> stream : List.copyOf(streams.values())) {
            Optional<Message<C>> waits = expired(stream, now);
            while (waits.isPresent()) {
                unhold(stream, waits.get());
                lose(stream, waits.get().dot().counter());
                waits = expired(stream, now);
            }
            if (stream.held
                    .evictedSince()
                    .filter(since -> now - since >= limits.age())
                    .isPresent()) {
                lose(stream, stream.held.lastEvicted());
            }
        }
        return deliver(now);
    }

    private void lose(StreamLog<C> stream, long last) {
        if (position.has(stream.id) && last > position.get(stream.id)) { // else a skipped message has retired it
            listener.lost(new Dot(stream.id, last));
            skip(stream, last);
        }
    }

    private Optional<Message<C>> expired(StreamLog<C> stream, long now) {
        return stream.held
                .first()
                .filter(held -> now - held.since() + held.message().age() >= limits.age())
                .map(HeldQueue.Held::message);
    }

    /**
     * Drops the older half of the kept messages, at least one; if there are none, all waiting messages.
     *
     * @param now the present time
     * @return false if there was no message
     */
    public boolean shrink(long now) {
        if (kept.isEmpty()) {
            return dropHeld(now);
        }
        for (int i = Math.ceilDiv(kept.size(), 2); i > 0; i--) {
            drop(stream(kept.firstEntry().getKey().stream()));
        }
        return true;
    }

    /** Drops the waiting messages, which are fetched again. */
    private boolean dropHeld(long now) {
        boolean any = heldMessages > 0;
        for (StreamLog<C> stream : streams.values()) {
            while (stream.held.size() > 0) {
                evictLast(stream, now);
            }
        }
        return any;
    }

    private void dropHeld(StreamLog<C> stream) {
        addHeld(-stream.held.size(), -stream.held.bytes());
        while (stream.held.size() > 0) {
            stream.held.removeFirst();
        }
    }

    /** Drops all messages at the end of the log. */
    public void clear() {
        for (StreamLog<C> stream : streams.values()) {
            dropAll(stream);
            dropHeld(stream);
        }
    }

    /**
     * Updates which streams have ended.
     *
     * @param living whether a node has subscriptions to the topic
     * @param now the present time
     */
    public void owners(Predicate<String> living, long now) {
        current.keySet().removeIf(each -> !living.test(each.node()));
        for (StreamLog<C> stream : streams.values()) {
            if (stream.id == own || continues(stream, living, now)) {
                stream.ended = Optional.empty();
            } else if (stream.ended.isEmpty()) {
                stream.ended = Optional.of(now);
            }
        }
        forgetUnused(now);
        hasEnded = streams.values().stream().anyMatch(each -> each.ended.isPresent() && position.get(each.id) > 0);
    }

    /** Whether more messages of a stream may come. If its location is unknown, that is so while messages of it are kept. */
    private boolean continues(StreamLog<C> stream, Predicate<String> living, long now) {
        if (stream.owner.isEmpty()) {
            return !stream.isExpired(limits.age(), now);
        }
        LogLocation of = stream.owner.get();
        return !of.equals(owner) && living.test(of.node()) && current.getOrDefault(of, stream.id) == stream.id;
    }

    /** Forgets streams that ended before they had a message. Until then the tokens of their empty logs are known. */
    private void forgetUnused(long now) {
        List<StreamLog<C>> unused = streams.values().stream()
                .filter(each -> each.ended.isPresent() && position.get(each.id) == 0 && !each.lacksMessages())
                .sorted(Comparator.comparing(each -> each.ended.orElseThrow()))
                .toList();
        for (int i = 0; i < unused.size(); i++) {
            StreamLog<C> stream = unused.get(i);
            if (i < unused.size() - MAX_UNUSED || stream.endedBefore(limits.age(), now)) {
                streams.remove(stream.id);
                position = position.where((id, _) -> id != stream.id);
            }
        }
    }

    /**
     * The position of this log.
     *
     * @return the streams with their counters
     */
    public VersionVector position() {
        return position;
    }

    /** Checks the whole log. Tests call it after each event. */
    void checkInvariants() {
        Invariant.check(
                streams.containsKey(own) && streams.size() == position.size(),
                "the position names the streams of the log",
                own,
                position,
                streams.keySet());
        int keptOfStreams = 0;
        int waiting = 0;
        int waitingBytes = 0;
        for (StreamLog<C> stream : streams.values()) {
            check(stream);
            keptOfStreams += stream.kept.size();
            waiting += stream.held.size();
            waitingBytes += stream.held.bytes();
        }
        Invariant.check(keptOfStreams == kept.size(), "a kept message is of a stream", keptOfStreams, kept.keySet());
        Invariant.check(
                waiting == heldMessages && waitingBytes == heldBytes,
                "the waiting messages are counted",
                waiting,
                heldMessages,
                waitingBytes,
                heldBytes);
        long size = kept.values().stream().mapToLong(listener::bytes).sum();
        Invariant.check(size == bytes, "the bytes are those of the kept messages", size, bytes);
        Invariant.check(
                implied.where((id, counter) -> position.has(id) && counter > position.get(id))
                                .size()
                        == 0,
                "implied messages were delivered",
                implied,
                position);
        retired.checkInvariants();
    }

    private void check(StreamLog<C> stream) {
        Invariant.check(position.has(stream.id), "the position names each stream", stream.id, position);
        long at = position.get(stream.id);
        Invariant.check(
                stream.floor + stream.kept.size() == at,
                "each message above the floor is kept",
                stream.id,
                stream.floor,
                stream.kept.size(),
                at);
        Invariant.check(
                retired.last(stream.id) <= stream.floor,
                "a retired stream keeps nothing up to its end",
                stream.id,
                stream.floor);
        long before = stream.floor;
        for (LogEntry<C> entry : stream.kept) {
            Invariant.check(entry.dot().counter() == ++before, "counters have no gap", entry.dot(), before);
            Invariant.check(
                    Objects.equals(kept.get(entry.dot()), entry)
                            && entry.position().get(stream.id) == before,
                    "a kept message has the position after it",
                    entry.dot(),
                    entry.position());
        }
        stream.held.checkInvariants(at);
        next(stream)
                .ifPresent(message -> Invariant.check(
                        false, "a message that can be delivered does not wait", message.stamp(), position));
    }

    /**
     * A hash of the position.
     *
     * @return a hash that is equal for logs with the same position
     */
    public int hash() {
        return hash(position);
    }

    static int hash(VersionVector position) {
        long hash = 0;
        for (int i = 0; i < position.size(); i++) {
            if (position.counter(i) > 0) {
                // Mixed: in a polynomial, one more message of a stream and 31 fewer of another one would cancel out.
                long mixed = ((position.stream(i) * 0x9e3779b97f4a7c15L) ^ position.counter(i)) * 0xbf58476d1ce4e5b9L;
                hash = (hash + (mixed ^ (mixed >>> 29))) & HASH_MASK;
            }
        }
        return Long.hashCode(hash);
    }

    /** Whether the token of the next kept message will have the mark of a gap. */
    boolean hasGap() {
        return !gap.isEmpty();
    }

    /**
     * The messages that were skipped since the last kept one. A member that joins now lacks none of them: it recovers by its token, which is
     * not below the floors, or begins anew.
     *
     * @return the counters up to which streams were skipped; mostly empty
     */
    public VersionVector skipped() {
        return gap.skipped();
    }

    /** The members are notified of the gap without a message. Returns it. */
    Gap reportGap() {
        Gap reported = gap;
        gap = Gap.NONE;
        return reported;
    }

    /**
     * The newest kept messages.
     *
     * @param limit their maximum number
     * @param now the present time
     * @return the newest first
     */
    public List<LogEntry<C>> newest(int limit, long now) {
        expire(now);
        return kept.sequencedValues().reversed().stream().limit(limit).toList();
    }

    Collection<LogEntry<C>> kept() {
        return kept.values();
    }

    /**
     * The size of kept and waiting messages.
     *
     * @return bytes of heap
     */
    public long bytes() {
        return bytes + heldBytes;
    }

    // Tokens.

    /**
     * The token of a member that has all messages delivered by this node.
     *
     * @return a token
     */
    public ResumeToken token() {
        VersionVector begun = position.where((_, counter) -> counter > 0);
        return new ResumeToken(begun.size() == 0 ? VersionVector.NONE.with(own, 0) : begun, limits.tokenLength());
    }

    /**
     * Whether a token covers messages that this log lacks. Then it catches up first.
     *
     * @param token the token of a client
     * @return whether the token is ahead
     */
    public boolean isAhead(ResumeToken token) {
        return !covers(token.named()) || !knows(token.named());
    }

    private boolean knows(VersionVector streams) {
        return streams.where((id, _) -> !position.has(id) && !retired.has(id)).size() == 0;
    }

    /**
     * Recovers a member from its token, if possible.
     *
     * @param since the token of the member; empty if it has none
     * @param now the present time
     * @return the result
     */
    public ResumeResult<C> resume(Optional<ResumeToken> since, long now) {
        expire(now);
        if (since.isEmpty() || !recovers(since.get().named())) {
            return new ResumeResult<>(false, token().text(), List.of(), VersionVector.NONE);
        }
        VersionVector named = since.get().named();
        VersionVector after = named;
        List<ResumeResult.Missed<C>> missed = new ArrayList<>();
        for (LogEntry<C> each : missedBy(named)) {
            List<Dot> over = each.stamp().retired();
            after = after.where(
                    (id, counter) -> over.stream().noneMatch(last -> last.stream() == id && last.counter() >= counter));
            missed.add(new ResumeResult.Missed<>(each, after(each, after)));
        }
        return new ResumeResult<>(true, since.get().text(), missed, missing(named));
    }

    private List<LogEntry<C>> missedBy(VersionVector named) {
        return kept.values().stream()
                .filter(each -> each.dot().counter() > retired.counter(named, each.dot().stream()))
                .toList();
    }

    /** A member's token after a message. It is the same object as the message's token if the two are equal. */
    private ResumeToken after(LogEntry<C> message, VersionVector named) {
        VersionVector stored = message.token().named();
        // Streams that were retired meanwhile, and that the member's token does not name, were retired before that was
        // issued.
        return stored.covers(named)
                ? message.token()
                : new ResumeToken(
                        stored.where((id, _) -> position.has(id) || named.has(id))
                                .max(named),
                        limits.tokenLength());
    }

    private boolean recovers(VersionVector named) {
        return knows(named)
                && named.get(own) <= position.get(own) // otherwise it is forged
                && streams.values().stream().allMatch(stream -> hasUpTo(named, stream.id, stream.floor))
                && missedBy(named).stream()
                        .flatMap(each -> each.stamp().retired().stream())
                        // Also if the stream is forgotten: the member may lack its messages.
                        .allMatch(last -> retired.counter(named, last.stream()) >= last.counter());
    }

    private boolean hasUpTo(VersionVector named, long stream, long counter) {
        return retired.counter(named, stream) >= Math.min(counter, counter(stream));
    }
}
