package io.heliodor.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongPredicate;
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

    /** The maximum size of waiting messages. Further ones are dropped, and fetched later. */
    static final int MAX_HELD_BYTES = 1 << 20;

    /** The maximum size of a kept message. A larger one is delivered, but not kept. */
    static final int MAX_MESSAGE_BYTES = 3 << 20;

    /** Above this number of streams, the one that ended first is dropped. Streams that have not ended stay. */
    static final int MAX_STREAMS = 256;

    private final long own;
    private final LogLocation owner;
    private final LogLimits limits;
    private final LogListener<C> listener;
    private final Map<Long, StreamLog<C>> streams = new TreeMap<>();

    /** The stream of the present log of each location, as far as known. */
    private final Map<LogLocation, Long> current = new HashMap<>();

    /** The kept messages in the order of their delivery. */
    private final LinkedHashMap<Dot, LogEntry<C>> kept = new LinkedHashMap<>();

    private VersionVector position = VersionVector.NONE;

    /** The position at the last own kept message, which implies its predecessors up to there. */
    private VersionVector implied = VersionVector.NONE;

    private long bytes;
    private int heldBytes;

    /** Whether waiting messages were dropped. Then no message can be given up as missing everywhere. */
    private boolean overflowed;

    /** Whether the first catch-up is pending; members join after it. */
    private boolean beginning = true;

    /** Whether messages were missed since the last delivered message that is kept. */
    private boolean gap;

    /**
     * An empty log.
     *
     * @param own its stream: a random number of 48 bits
     * @param owner its location
     * @param limits its limits
     * @param listener receives its changes
     */
    public TopicLog(long own, LogLocation owner, LogLimits limits, LogListener<C> listener) {
        this.own = own;
        this.owner = owner;
        this.limits = limits;
        this.listener = listener;
        getOrAdd(own).owner = Optional.of(owner);
    }

    /** The stream of an id, which is added if it is not known. */
    private StreamLog<C> getOrAdd(long id) {
        StreamLog<C> known = streams.get(id);
        if (known == null) {
            known = new StreamLog<>(id);
            streams.put(id, known);
            position = position.with(id, 0);
        }
        return known;
    }

    /** Registers the stream of a running log, so that no other stream of its location continues. */
    private void register(long id, LogLocation location) {
        getOrAdd(id).owner = Optional.of(location);
        current.put(location, id);
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
        long counter = position.get(own) + 1;
        List<Dot> predecessors = predecessors();
        position = position.with(own, counter);
        implied = position;
        return keep(new Message<>(new CausalStamp(new Dot(own, counter), true, predecessors), content, 0), now);
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
        boolean missed = gap && !beginning;
        gap = false;
        LogEntry<C> added =
                new LogEntry<>(message.stamp(), message.content(), now - message.age(), position, token(now));
        StreamLog<C> stream = stream(message.dot().stream());
        kept.put(added.dot(), added);
        stream.kept.add(added);
        grow(listener.bytes(added.content()));
        listener.kept(added.content());
        while (stream.kept.size() > limits.messages()) {
            drop(stream);
        }
        // A response could not contain it, so all logs must drop it in the same way.
        while (listener.bytes(added.content()) > MAX_MESSAGE_BYTES
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
        grow(-listener.bytes(oldest.content()));
        listener.dropped(oldest.content());
    }

    // Delivering.

    /** Receives a message of another node. */
    List<Delivery<C>> received(Message<C> message, long now) {
        hold(getOrAdd(message.dot().stream()), message, now);
        return deliver(now);
    }

    private void hold(StreamLog<C> stream, Message<C> message, long now) {
        long at = position.get(stream.id);
        long counter = message.dot().counter();
        boolean late = message.kept() ? counter <= at : counter < at;
        if (late) {
            return;
        }
        if (heldBytes >= MAX_HELD_BYTES) {
            overflowed = true;
        } else if (stream.hold(message, now)) {
            addHeldBytes(listener.bytes(message.content()));
        }
    }

    /** Delivers the waiting messages whose predecessors were delivered. */
    private List<Delivery<C>> deliver(long now) {
        List<Delivery<C>> all = new ArrayList<>();
        boolean progress = true;
        while (progress) {
            progress = false;
            for (StreamLog<C> stream : streams.values()) {
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
        return stream.first().map(StreamLog.Held::message).filter(message -> {
            long after = message.dot().counter() - (message.kept() ? 1 : 0);
            long at = position.get(stream.id);
            return at > after || (at == after && hasPredecessors(message));
        });
    }

    private boolean hasPredecessors(Message<C> message) {
        return missing(message).findAny().isEmpty();
    }

    private void unhold(StreamLog<C> stream, Message<C> message) {
        stream.removeFirst();
        addHeldBytes(-listener.bytes(message.content()));
    }

    private void addHeldBytes(int more) {
        heldBytes += more;
        listener.grew(more);
    }

    private Optional<Delivery<C>> deliver(StreamLog<C> stream, Message<C> message, long now) {
        long counter = message.dot().counter();
        if (!message.kept()) {
            return position.get(stream.id) > counter
                    ? Optional.empty()
                    : Optional.of(new Delivery<>(message.stamp(), message.content(), Optional.empty(), position, gap));
        }
        if (position.get(stream.id) >= counter) {
            return Optional.empty();
        }
        position = position.with(stream.id, counter);
        return Optional.of(keep(message, now));
    }

    // Catching up.

    /** Whether a message waits since a matching time, or waiting messages were dropped. */
    boolean lacks(LongPredicate since) {
        return overflowed || held(since).isPresent();
    }

    /** Whether messages wait, or waiting messages were dropped. */
    boolean holdsMessages() {
        return lacks(_ -> true);
    }

    /** The node with the predecessors of a message that waits since a matching time. */
    Optional<String> heldOwner(LongPredicate since) {
        return held(since).flatMap(stream -> stream.owner).map(LogLocation::node);
    }

    private Optional<StreamLog<C>> held(LongPredicate since) {
        return streams.values().stream()
                .filter(stream ->
                        stream.first().filter(held -> since.test(held.since())).isPresent())
                .findFirst();
    }

    /** Whether another log has delivered messages that this one has not. */
    boolean isBehind(CatchUpResponse<C> response) {
        return response.streams().stream().anyMatch(each -> each.counter() > position.get(each.id()));
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
                length += listener.bytes(each.content());
                if (length > maxBytes && !messages.isEmpty()) {
                    return new CatchUpResponse<>(known, own, messages, true);
                }
                messages.add(each.message(now));
            }
        }
        return new CatchUpResponse<>(known, own, messages, false);
    }

    /** Merges a part of the response of another log. */
    List<Delivery<C>> merge(CatchUpResponse<C> response, long now) {
        for (CatchUpResponse.Stream each : response.streams()) {
            StreamLog<C> stream = getOrAdd(each.id());
            stream.owner = stream.owner.or(each::owner);
            if (beginning && position.get(each.id()) < each.floor()) {
                skip(stream, each.floor()); // at once, so that later messages need not wait
            }
        }
        stream(response.own()).owner.ifPresent(location -> current.put(location, response.own()));
        List<Delivery<C>> all = new ArrayList<>();
        for (Message<C> message : response.messages()) {
            hold(stream(message.dot().stream()), message, now);
            all.addAll(deliver(now)); // one by one, to keep the order of the other log
        }
        return all;
    }

    /**
     * Gives up missing messages after all reachable logs have responded. The position skips messages that none of them keeps. A message
     * that another log has delivered without its predecessors is delivered without them here, too.
     *
     * @param responses the last part of each response
     */
    List<Delivery<C>> giveUpMissing(Collection<CatchUpResponse<C>> responses, long now) {
        if (overflowed) {
            overflowed = false;
            return deliver(now);
        }
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
            for (StreamLog<C> stream : streams.values()) {
                skipMissing(stream, states(stream, responses));
            }
            all.addAll(deliver(now));
        } while (!position.equals(before));
        Optional<StreamLog<C>> waiting = waiting(delivered);
        while (waiting.isPresent()) {
            StreamLog<C> stream = waiting.get();
            Message<C> message = stream.first().orElseThrow().message();
            unhold(stream, message);
            missing(message).forEach(listener::givenUp);
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
                .filter(stream -> stream.first()
                        .map(StreamLog.Held::message)
                        .filter(message -> message.kept()
                                && message.dot().counter() == position.get(stream.id) + 1
                                && message.dot().counter() <= delivered.get(stream.id))
                        .isPresent())
                .toList();
        return all.stream()
                .filter(stream ->
                        missing(stream.first().orElseThrow().message()).noneMatch(this::isHeld))
                .findFirst()
                .or(() -> all.stream().findFirst());
    }

    private boolean isHeld(Dot dot) {
        StreamLog<C> stream = streams.get(dot.stream());
        return stream != null
                && stream.firstKept().filter(held -> held <= dot.counter()).isPresent();
    }

    /** The predecessors of a message that were not delivered here. */
    private Stream<Dot> missing(Message<C> message) {
        return message.stamp().predecessors().stream().filter(each -> position.get(each.stream()) < each.counter());
    }

    /** Skips the missing messages of a stream that no other log keeps. */
    private void skipMissing(StreamLog<C> stream, List<CatchUpResponse.Stream> others) {
        long next = position.get(stream.id) + 1;
        while (true) {
            long missing = next;
            List<CatchUpResponse.Stream> past =
                    others.stream().filter(each -> each.counter() >= missing).toList();
            if (past.isEmpty()
                    || stream.firstKept().filter(held -> held <= missing).isPresent()) {
                return;
            }
            long floor =
                    past.stream().mapToLong(CatchUpResponse.Stream::floor).min().orElse(0);
            if (floor < missing) {
                return; // another log keeps it
            }
            long to = Math.min(floor, stream.firstKept().map(held -> held - 1).orElse(floor));
            skip(stream, to);
            next = to + 1;
        }
    }

    /** Skips missing messages. The kept ones before them cannot recover a member any more, so they are dropped. */
    private void skip(StreamLog<C> stream, long to) {
        position = position.with(stream.id, to);
        while (!stream.kept.isEmpty()) {
            drop(stream);
        }
        stream.floor = to;
        gap = true;
        listener.givenUp(new Dot(stream.id, to));
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
        gap = false;
        beginning = false;
    }

    /**
     * Ends the wait of messages that are not kept. Called on clock ticks outside of rounds. Such a message is delivered after the kept
     * messages of its own stream that precede it, or dropped.
     */
    List<Delivery<C>> endWaits(long now) {
        List<Delivery<C>> all = new ArrayList<>();
        for (StreamLog<C> stream : streams.values()) {
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
        return stream.first()
                .filter(held -> !held.message().kept() && now - held.since() >= UNKEPT_TIMEOUT)
                .map(StreamLog.Held::message);
    }

    // Kept messages.

    /**
     * Drops messages beyond the maximum age, kept or waiting. The predecessors of the latter were lost with their nodes, or are on the
     * other side of a split. The next token then has the mark of a gap.
     *
     * @param now the present time
     */
    public void expire(long now) {
        for (StreamLog<C> stream : streams.values()) {
            while (!stream.kept.isEmpty() && now - stream.kept.getFirst().at() >= limits.age()) {
                drop(stream);
            }
            Optional<Message<C>> waits = expired(stream, now);
            while (waits.isPresent()) {
                unhold(stream, waits.get());
                gap = true;
                listener.lost(waits.get().dot());
                waits = expired(stream, now);
            }
        }
    }

    private Optional<Message<C>> expired(StreamLog<C> stream, long now) {
        return stream.first()
                .filter(held -> now - held.since() + held.message().age() >= limits.age())
                .map(StreamLog.Held::message);
    }

    /**
     * Drops the older half of the kept messages, at least one; if there are none, all waiting messages.
     *
     * @return false if there was no message
     */
    public boolean shrink() {
        if (kept.isEmpty()) {
            return dropHeld();
        }
        for (int i = Math.ceilDiv(kept.size(), 2); i > 0; i--) {
            drop(stream(kept.firstEntry().getKey().stream()));
        }
        return true;
    }

    /** Drops the waiting messages, which are fetched again. */
    private boolean dropHeld() {
        boolean any = streams.values().stream().map(StreamLog::first).anyMatch(Optional::isPresent);
        streams.values().forEach(this::dropHeld);
        overflowed |= any;
        return any;
    }

    private void dropHeld(StreamLog<C> stream) {
        while (stream.first().isPresent()) {
            unhold(stream, stream.first().get().message());
        }
    }

    /** Drops all messages at the end of the log. */
    public void clear() {
        boolean more = true;
        while (more) {
            more = shrink();
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
            if (stream.id == own || stream.owner.isEmpty() || continues(stream.owner.get(), stream.id, living)) {
                stream.ended = Optional.empty();
            } else if (stream.ended.isEmpty()) {
                stream.ended = Optional.of(now);
            }
        }
        forget();
    }

    private boolean continues(LogLocation of, long stream, Predicate<String> living) {
        return !of.equals(owner) && living.test(of.node()) && current.getOrDefault(of, stream) == stream;
    }

    private void forget() {
        while (streams.size() > MAX_STREAMS) {
            Optional<StreamLog<C>> first = streams.values().stream()
                    .filter(each -> each.ended.isPresent())
                    .min(Comparator.comparing(each -> each.ended.orElseThrow()));
            if (first.isEmpty()) {
                return;
            }
            StreamLog<C> forgotten = first.get();
            while (!forgotten.kept.isEmpty()) {
                drop(forgotten);
            }
            dropHeld(forgotten);
            streams.remove(forgotten.id);
            position = position.where((id, _) -> id != forgotten.id);
        }
    }

    VersionVector position() {
        return position;
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
        // Mixed: in a polynomial, one more message of a stream and 31 fewer of another one would cancel out.
        return Long.hashCode(ResumeToken.hash(position.where((_, counter) -> counter > 0)));
    }

    /** Whether the token of the next kept message will have the mark of a gap. */
    boolean hasGap() {
        return gap;
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
     * @return bytes, by {@link LogListener#bytes}
     */
    public long bytes() {
        return bytes + heldBytes;
    }

    // Tokens.

    /**
     * The token of a member that has all messages delivered by this node.
     *
     * @param now the present time
     * @return a token
     */
    public ResumeToken token(long now) {
        VersionVector begun = position.where((_, counter) -> counter > 0);
        VersionVector ended =
                begun.where((id, _) -> isOver(id) && now - stream(id).ended.orElseThrow() >= limits.age());
        return begun.size() == 0
                ? new ResumeToken(VersionVector.NONE.with(own, 0), 0)
                : new ResumeToken(begun.where((id, _) -> !ended.has(id)), ResumeToken.hash(ended));
    }

    /**
     * Whether a token covers messages that this log lacks. Then it catches up first.
     *
     * @param token the token of a client
     * @return whether the token is ahead
     */
    public boolean isAhead(ResumeToken token) {
        return !position.covers(token.named()) || !knows(token.named());
    }

    private boolean knows(VersionVector streams) {
        return streams.where((id, _) -> !position.has(id)).size() == 0;
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
        if (since.isEmpty() || !recovers(since.get())) {
            return new ResumeResult<>(false, token(now).text(), List.of(), VersionVector.NONE);
        }
        ResumeToken token = since.get();
        List<ResumeResult.Missed<C>> missed = new ArrayList<>();
        for (LogEntry<C> each : kept.values()) {
            if (each.dot().counter() > token.named().get(each.dot().stream())) {
                missed.add(new ResumeResult.Missed<>(each, after(each, token)));
            }
        }
        VersionVector ahead = token.named().where((id, counter) -> counter > position.get(id));
        return new ResumeResult<>(true, token.text(), missed, ahead);
    }

    /** A member's token after a message. It is the same object as the message's token if the two are equal. */
    private ResumeToken after(LogEntry<C> message, ResumeToken token) {
        ResumeToken stored = message.token();
        if (stored.ended() == token.ended() && stored.named().covers(token.named())) {
            return stored;
        }
        // Without the streams that are in the hash of the token.
        VersionVector named = message.position()
                .where((id, counter) -> counter > 0 && (token.named().has(id) || !keepsNothing(id)))
                .max(token.named());
        return new ResumeToken(named.where((_, counter) -> counter > 0), token.ended());
    }

    private boolean isOver(long id) {
        StreamLog<C> stream = streams.get(id);
        return stream == null || (stream.ended.isPresent() && stream.kept.isEmpty());
    }

    /**
     * Whether it may be in the hash of a token that does not name it. In a log that has just begun, the
     * stream may not be marked as ended yet; the hash shows whether the token's node had.
     */
    private boolean keepsNothing(long id) {
        StreamLog<C> stream = streams.get(id);
        return stream == null || stream.kept.isEmpty();
    }

    private boolean recovers(ResumeToken token) {
        VersionVector named = token.named();
        VersionVector ended = position.where((id, counter) -> counter > 0 && !named.has(id) && keepsNothing(id));
        return knows(named)
                && named.get(own) <= position.get(own) // otherwise it is forged
                && streams.values().stream()
                        .filter(stream -> !ended.has(stream.id))
                        .allMatch(stream -> named.get(stream.id) >= Math.min(stream.floor, position.get(stream.id)))
                && ResumeToken.hash(ended) == token.ended();
    }
}
