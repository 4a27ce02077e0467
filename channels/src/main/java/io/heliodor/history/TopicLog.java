package io.heliodor.history;

import java.util.ArrayList;
import java.util.Collection;
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
 * The log of one topic on one node. Its topic's lock guards it, and brings the time.
 *
 * @param <C> the type of what is published
 */
public final class TopicLog<C> {
    /** So long a message that is not kept waits for what precedes it. */
    static final long PATIENCE = 500_000_000L;

    /** Held messages beyond this are dropped, and fetched later. */
    static final int MAX_HELD_BYTES = 1 << 20;

    /** A larger message is delivered and not kept. */
    static final int MAX_MESSAGE_BYTES = 3 << 20;

    /** Of more streams the one that ended first is forgotten. */
    static final int MAX_STREAMS = 256;

    private final long own;
    private final LogLocation owner;
    private final LogLimits bounds;
    private final LogListener<C> storage;
    private final Map<Long, StreamLog<C>> streams = new TreeMap<>();

    /** The stream of the log that is there now, as far as is known. */
    private final Map<LogLocation, Long> current = new HashMap<>();

    /** In the order in which they were delivered. */
    private final LinkedHashMap<Dot, LogEntry<C>> kept = new LinkedHashMap<>();

    private VersionVector position = VersionVector.NONE;

    /** The position when the last own message was kept. */
    private VersionVector mentioned = VersionVector.NONE;

    private long bytes;
    private int heldBytes;

    /** Whether something held was dropped: then nothing is known to be missing everywhere. */
    private boolean overrun;

    /** Until it has caught up with the others: there are no members yet. */
    private boolean beginning = true;

    /** Whether something was missed since the last kept message that was delivered. */
    private boolean gap;

    /**
     * An empty log.
     *
     * @param own its stream: by chance, 48 bits
     * @param owner where it is
     * @param bounds how much it keeps
     * @param storage counts what it holds
     */
    public TopicLog(long own, LogLocation owner, LogLimits bounds, LogListener<C> storage) {
        this.own = own;
        this.owner = owner;
        this.bounds = bounds;
        this.storage = storage;
        learn(own).owner = Optional.of(owner);
    }

    private StreamLog<C> learn(long id) {
        StreamLog<C> known = streams.get(id);
        if (known == null) {
            known = new StreamLog<>(id);
            streams.put(id, known);
            position = position.with(id, 0);
        }
        return known;
    }

    /** A log that asks or answers lives: no other stream of its owner does. */
    private void learn(long id, LogLocation of) {
        learn(id).owner = Optional.of(of);
        current.put(of, id);
    }

    private StreamLog<C> stream(long id) {
        return Objects.requireNonNull(streams.get(id));
    }

    // Publishing.

    /**
     * Keeps a message of this node.
     *
     * @param content the message
     * @param now the present time
     * @return what the members get
     */
    public Delivery<C> publish(C content, long now) {
        long counter = position.get(own) + 1;
        List<Dot> predecessors = predecessors();
        position = position.with(own, counter);
        mentioned = position;
        return keep(new Message<>(new CausalStamp(new Dot(own, counter), true, predecessors), content, 0), now);
    }

    /**
     * The place of a message of this node that is not kept.
     *
     * @return the stamp with which other nodes get it
     */
    public CausalStamp pass() {
        return new CausalStamp(new Dot(own, position.get(own)), false, predecessors());
    }

    /** Those since the last kept message. The others are implied by it; but a message that is not kept may be lost. */
    private List<Dot> predecessors() {
        VersionVector since = position.where((id, counter) -> id != own && counter > mentioned.get(id));
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
        grow(storage.bytes(added.content()));
        storage.kept(added.content());
        while (stream.kept.size() > bounds.messages()) {
            drop(stream);
        }
        // An answer could not hold it, so it must go from all logs alike.
        while (storage.bytes(added.content()) > MAX_MESSAGE_BYTES
                && stream.floor < added.dot().counter()) {
            drop(stream);
        }
        while (bytes > bounds.bytes()) {
            drop(stream(kept.firstEntry().getKey().stream()));
        }
        return new Delivery<>(added.stamp(), added.content(), Optional.of(added), position, missed);
    }

    private void grow(int by) {
        bytes += by;
        storage.grew(by);
    }

    private void drop(StreamLog<C> stream) {
        LogEntry<C> oldest = stream.kept.remove();
        kept.remove(oldest.dot());
        stream.floor = oldest.dot().counter();
        grow(-storage.bytes(oldest.content()));
        storage.dropped(oldest.content());
    }

    // Delivering.

    /** A message of another node. */
    List<Delivery<C>> received(Message<C> message, long now) {
        hold(learn(message.dot().stream()), message, now);
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
            overrun = true;
        } else if (stream.hold(message, now)) {
            holds(storage.bytes(message.content()));
        }
    }

    /** Delivers what is held as far as it goes. */
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

    /** The first held message of a stream, if it can be delivered, or dropped because it is late. */
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
        holds(-storage.bytes(message.content()));
    }

    private void holds(int more) {
        heldBytes += more;
        storage.grew(more);
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

    /** Whether something is held since a time that matches, or was held and had to be dropped. */
    boolean lacks(LongPredicate since) {
        return overrun || held(since).isPresent();
    }

    /** Whether something is held, or was and had to be dropped. */
    boolean holds() {
        return lacks(_ -> true);
    }

    /** The node that has what precedes something that is held since a time that matches. */
    Optional<String> heldOwner(LongPredicate since) {
        return held(since).flatMap(stream -> stream.owner).map(LogLocation::node);
    }

    private Optional<StreamLog<C>> held(LongPredicate since) {
        return streams.values().stream()
                .filter(stream ->
                        stream.first().filter(held -> since.test(held.since())).isPresent())
                .findFirst();
    }

    /** Whether another log has delivered what this one has not. */
    boolean isBehind(CatchUpResponse<C> answer) {
        return answer.streams().stream().anyMatch(each -> each.counter() > position.get(each.id()));
    }

    /**
     * The question of this log to others.
     *
     * @param after the last message of the part before
     * @return a question
     */
    public CatchUpRequest question(Optional<Dot> after) {
        return new CatchUpRequest(own, owner, position, after);
    }

    /**
     * Answers another log.
     *
     * @param question the question
     * @param maxBytes no message is added beyond it, but there is one at least
     * @param now the present time
     * @return the answer, or a part of it
     */
    public CatchUpResponse<C> answer(CatchUpRequest question, int maxBytes, long now) {
        expire(now);
        learn(question.own(), question.owner());
        List<CatchUpResponse.Stream> known = streams.values().stream()
                .map(each -> new CatchUpResponse.Stream(each.id, position.get(each.id), each.floor, each.owner))
                .toList();
        List<Message<C>> messages = new ArrayList<>();
        int length = 0;
        boolean follows = question.after().filter(kept::containsKey).isEmpty();
        for (LogEntry<C> each : kept.values()) {
            if (!follows) {
                follows = each.dot().equals(question.after().orElseThrow());
            } else if (each.dot().counter() > question.position().get(each.dot().stream())) {
                length += storage.bytes(each.content());
                if (length > maxBytes && !messages.isEmpty()) {
                    return new CatchUpResponse<>(known, own, messages, true);
                }
                messages.add(each.message(now));
            }
        }
        return new CatchUpResponse<>(known, own, messages, false);
    }

    /** Takes the answer of another log, or a part of it. */
    List<Delivery<C>> take(CatchUpResponse<C> answer, long now) {
        for (CatchUpResponse.Stream each : answer.streams()) {
            StreamLog<C> stream = learn(each.id());
            stream.owner = stream.owner.or(each::owner);
            if (beginning && position.get(each.id()) < each.floor()) {
                pass(stream, each.floor()); // at once, so that what follows is not held
            }
        }
        stream(answer.own()).owner.ifPresent(owns -> current.put(owns, answer.own()));
        List<Delivery<C>> all = new ArrayList<>();
        for (Message<C> message : answer.messages()) {
            hold(stream(message.dot().stream()), message, now);
            all.addAll(deliver(now)); // one by one, so that the order is that of the other log
        }
        return all;
    }

    /**
     * All logs in reach have been asked: the position passes what none of them keeps, and what one of them has delivered without
     * its predecessors is delivered without them here, too.
     *
     * @param answers the last part of each answer
     */
    List<Delivery<C>> settle(Collection<CatchUpResponse<C>> answers, long now) {
        if (overrun) {
            overrun = false;
            return deliver(now);
        }
        VersionVector delivered = VersionVector.NONE;
        for (CatchUpResponse<C> answer : answers) {
            for (CatchUpResponse.Stream each : answer.more() ? List.<CatchUpResponse.Stream>of() : answer.streams()) {
                delivered = delivered.with(each.id(), Math.max(delivered.get(each.id()), each.counter()));
            }
        }
        List<Delivery<C>> all = new ArrayList<>();
        VersionVector before;
        do { // what is held between two gaps is delivered between them
            before = position;
            for (StreamLog<C> stream : streams.values()) {
                settle(stream, states(stream, answers));
            }
            all.addAll(deliver(now));
        } while (!position.equals(before));
        Optional<StreamLog<C>> waiting = waiting(delivered);
        while (waiting.isPresent()) {
            StreamLog<C> stream = waiting.get();
            Message<C> message = stream.first().orElseThrow().message();
            unhold(stream, message);
            missing(message).forEach(storage::givenUp);
            deliver(stream, message, now).ifPresent(all::add);
            all.addAll(deliver(now));
            waiting = waiting(delivered);
        }
        return all;
    }

    private static <C> List<CatchUpResponse.Stream> states(
            StreamLog<C> stream, Collection<CatchUpResponse<C>> answers) {
        return answers.stream()
                .flatMap(answer -> answer.streams().stream())
                .filter(each -> each.id() == stream.id)
                .toList();
    }

    /**
     * A stream whose next message is here, kept, waits for predecessors alone, and was delivered by another log. That log has none of
     * what the message waits for, else it would have brought it. A message that waits for another held one comes after it.
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

    /** The predecessors of a message that are not here. */
    private Stream<Dot> missing(Message<C> message) {
        return message.stamp().predecessors().stream().filter(each -> position.get(each.stream()) < each.counter());
    }

    private void settle(StreamLog<C> stream, List<CatchUpResponse.Stream> others) {
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
                return; // a log keeps it
            }
            long to = Math.min(floor, stream.firstKept().map(held -> held - 1).orElse(floor));
            pass(stream, to);
            next = to + 1;
        }
    }

    /** Passes the missing messages. The kept ones before them cannot recover a member any more, so they go. */
    private void pass(StreamLog<C> stream, long to) {
        position = position.with(stream.id, to);
        while (!stream.kept.isEmpty()) {
            drop(stream);
        }
        stream.floor = to;
        gap = true;
        storage.givenUp(new Dot(stream.id, to));
    }

    /**
     * Whether it has caught up for the first time.
     *
     * @return whether members may come
     */
    public boolean hasBegun() {
        return !beginning;
    }

    /** It has caught up, and members may come. Called after {@link #settle}. */
    void begun() {
        gap = false;
        beginning = false;
    }

    /**
     * Time passes, and no log is being asked: what is not kept waits no longer for what precedes it. It is delivered after the kept
     * messages of its own stream that precede it, or dropped.
     */
    List<Delivery<C>> giveUp(long now) {
        List<Delivery<C>> all = new ArrayList<>();
        for (StreamLog<C> stream : streams.values()) {
            Optional<Message<C>> waits = passing(stream, now);
            while (waits.isPresent()) {
                unhold(stream, waits.get());
                if (position.get(stream.id) == waits.get().dot().counter()) {
                    deliver(stream, waits.get(), now).ifPresent(all::add);
                    all.addAll(deliver(now));
                }
                waits = passing(stream, now);
            }
        }
        return all;
    }

    /** The first held message of a stream, if it is not kept and has waited. */
    private static <C> Optional<Message<C>> passing(StreamLog<C> stream, long now) {
        return stream.first()
                .filter(held -> !held.message().kept() && now - held.since() >= PATIENCE)
                .map(StreamLog.Held::message);
    }

    // Kept messages.

    /**
     * Drops messages that were kept for their time, and those that were held as long because what precedes them died with its nodes or
     * is beyond a split: the members learn that they miss something.
     *
     * @param now the present time
     */
    public void expire(long now) {
        for (StreamLog<C> stream : streams.values()) {
            while (!stream.kept.isEmpty() && now - stream.kept.getFirst().at() >= bounds.age()) {
                drop(stream);
            }
            Optional<Message<C>> waits = expired(stream, now);
            while (waits.isPresent()) {
                unhold(stream, waits.get());
                gap = true;
                storage.lost(waits.get().dot());
                waits = expired(stream, now);
            }
        }
    }

    private Optional<Message<C>> expired(StreamLog<C> stream, long now) {
        return stream.first()
                .filter(held -> now - held.since() + held.message().age() >= bounds.age())
                .map(StreamLog.Held::message);
    }

    /**
     * Drops the older half of what is kept, at least one; if nothing is kept, all that is held.
     *
     * @return whether there was one
     */
    public boolean shrink() {
        if (kept.isEmpty()) {
            return release();
        }
        for (int i = Math.ceilDiv(kept.size(), 2); i > 0; i--) {
            drop(stream(kept.firstEntry().getKey().stream()));
        }
        return true;
    }

    /** Drops what is held. It is fetched again. */
    private boolean release() {
        boolean any = false;
        for (StreamLog<C> stream : streams.values()) {
            while (stream.first().isPresent()) {
                unhold(stream, stream.first().get().message());
                any = true;
            }
        }
        overrun |= any;
        return any;
    }

    /** Drops all, as the log ends. */
    public void clear() {
        boolean more = true;
        while (more) {
            more = shrink();
        }
    }

    /**
     * Which streams go on, and which have ended.
     *
     * @param living whether a node wants the topic
     * @param now the present time
     */
    public void owners(Predicate<String> living, long now) {
        current.keySet().removeIf(each -> !living.test(each.node()));
        for (StreamLog<C> stream : streams.values()) {
            if (stream.id == own || stream.owner.isEmpty() || goesOn(stream.owner.get(), stream.id, living)) {
                stream.ended = Optional.empty();
            } else if (stream.ended.isEmpty()) {
                stream.ended = Optional.of(now);
            }
        }
        forget();
    }

    private boolean goesOn(LogLocation of, long stream, Predicate<String> living) {
        return !of.equals(owner) && living.test(of.node()) && current.getOrDefault(of, stream) == stream;
    }

    private void forget() {
        while (streams.size() > MAX_STREAMS) {
            StreamLog<C> first = null;
            for (StreamLog<C> each : streams.values()) {
                if (each.ended.isPresent() && (first == null || each.ended.get() < first.ended.orElseThrow())) {
                    first = each;
                }
            }
            if (first == null) {
                return;
            }
            while (!first.kept.isEmpty()) {
                drop(first);
            }
            while (first.first().isPresent()) {
                unhold(first, first.first().get().message());
            }
            streams.remove(first.id);
            long forgotten = first.id;
            position = position.where((id, _) -> id != forgotten);
        }
    }

    VersionVector position() {
        return position;
    }

    /**
     * A hash of what it has delivered.
     *
     * @return the same for logs with the same position
     */
    public int hash() {
        return hash(position);
    }

    static int hash(VersionVector position) {
        // Mixed: in a polynomial a message more of one stream and 31 fewer of another one are the same.
        return Long.hashCode(ResumeToken.hash(position.where((_, counter) -> counter > 0)));
    }

    /** Whether the token of the next kept message will have the sign that some were missed. */
    boolean hasGap() {
        return gap;
    }

    /**
     * The messages that were kept last.
     *
     * @param limit how many at most
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
     * The bytes that it keeps and holds back.
     *
     * @return bytes, as its storage counts them
     */
    public long bytes() {
        return bytes + heldBytes;
    }

    // Tokens.

    /**
     * The token of a member that has all that this node delivered.
     *
     * @param now the present time
     * @return a token
     */
    public ResumeToken token(long now) {
        VersionVector begun = position.where((_, counter) -> counter > 0);
        VersionVector ended =
                begun.where((id, _) -> isOver(id) && now - stream(id).ended.orElseThrow() >= bounds.age());
        return begun.size() == 0
                ? new ResumeToken(VersionVector.NONE.with(own, 0), 0)
                : new ResumeToken(begun.where((id, _) -> !ended.has(id)), ResumeToken.hash(ended));
    }

    /**
     * Whether a token has something that this log lacks: it is to catch up first.
     *
     * @param token of a client
     * @return whether it has
     */
    public boolean isAhead(ResumeToken token) {
        return !position.covers(token.named()) || !knows(token.named());
    }

    private boolean knows(VersionVector streams) {
        return streams.where((id, _) -> !position.has(id)).size() == 0;
    }

    /**
     * Recovers a member, if that can be.
     *
     * @param since the token that it has, if it has one
     * @param now the present time
     * @return what it gets
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

    /** The greater of a member's token and the position after a message: the same object as the message's if that is equal. */
    private ResumeToken after(LogEntry<C> message, ResumeToken token) {
        ResumeToken stored = message.token();
        if (stored.ended() == token.ended() && stored.named().covers(token.named())) {
            return stored;
        }
        // Without the streams that the token has in its hash.
        VersionVector named = message.position()
                .where((id, counter) -> counter > 0 && (token.named().has(id) || !isOver(id)))
                .max(token.named());
        return new ResumeToken(named.where((_, counter) -> counter > 0), token.ended());
    }

    /** Whether it is in the hash of a token that does not name it. */
    private boolean isOver(long id) {
        StreamLog<C> stream = streams.get(id);
        return stream == null || (stream.ended.isPresent() && stream.kept.isEmpty());
    }

    private boolean recovers(ResumeToken token) {
        VersionVector named = token.named();
        VersionVector ended = position.where((id, counter) -> counter > 0 && !named.has(id) && isOver(id));
        return knows(named)
                && named.get(own) <= position.get(own) // else it is forged
                && streams.values().stream()
                        .filter(stream -> !ended.has(stream.id))
                        .allMatch(stream -> named.get(stream.id) >= Math.min(stream.floor, position.get(stream.id)))
                && ResumeToken.hash(ended) == token.ended();
    }
}
