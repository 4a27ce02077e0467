package io.heliodor.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * The log of one topic on one node. Its topic's lock guards it, and brings the time.
 *
 * @param <C> the type of what is published
 */
final class TopicLog<C> {
    /** So long a message waits for one that no log has. */
    static final long PATIENCE = 500_000_000L;

    /** Held messages beyond this are dropped, and fetched later. */
    static final int MAX_HELD_BYTES = 1 << 20;

    /** Of more streams the one that ended first is forgotten. */
    static final int MAX_STREAMS = 256;

    private final long own;
    private final String owner;
    private final Bounds bounds;
    private final ToIntFunction<C> size;
    private final Consumer<Dot> givenUp;
    private final Map<Long, StreamLog<C>> streams = new TreeMap<>();

    /** In the order in which they were delivered. */
    private final LinkedHashMap<Dot, Kept<C>> kept = new LinkedHashMap<>();

    private Position position = Position.NONE;

    /** The position when the last own message was kept. */
    private Position mentioned = Position.NONE;

    private long bytes;
    private long heldBytes;

    /** Whether something held was dropped: then nothing is known to be missing everywhere. */
    private boolean overrun;

    /** Until it has caught up with the others: there are no members yet. */
    private boolean beginning = true;

    /** When the last round began in which all logs in reach were asked. */
    private OptionalLong settled = OptionalLong.empty();

    /** Whether something was missed since the last kept message that was delivered. */
    private boolean gap;

    /**
     * An empty log.
     *
     * @param own its stream: by chance, 48 bits
     * @param owner whose it is: the same for all logs of one node
     * @param bounds how much it keeps
     * @param size the bytes of a content
     * @param givenUp gets what is not waited for any more: the last one of each stream
     */
    TopicLog(long own, String owner, Bounds bounds, ToIntFunction<C> size, Consumer<Dot> givenUp) {
        this.own = own;
        this.owner = owner;
        this.bounds = bounds;
        this.size = size;
        this.givenUp = givenUp;
        learn(own, owner);
    }

    private StreamLog<C> learn(long id, String of) {
        StreamLog<C> known = streams.get(id);
        if (known == null) {
            known = new StreamLog<>(id, of);
            streams.put(id, known);
            position = position.with(id, 0);
        }
        return known;
    }

    private StreamLog<C> stream(long id) {
        return Objects.requireNonNull(streams.get(id));
    }

    // Publishing.

    /** Keeps a message of this node. */
    Delivery<C> publish(C content, long now) {
        long counter = position.get(own) + 1;
        List<Dot> predecessors = predecessors();
        position = position.with(own, counter);
        mentioned = position;
        return keep(new Message<>(new Dot(own, counter), true, predecessors, content, 0), now);
    }

    /** A message of this node that is not kept, as other nodes get it. */
    Message<C> pass(C content) {
        return new Message<>(new Dot(own, position.get(own)), false, predecessors(), content, 0);
    }

    /** Those since the last kept message. The others are implied by it; but a message that is not kept may be lost. */
    private List<Dot> predecessors() {
        Position since = position.where((id, counter) -> id != own && counter > mentioned.get(id));
        List<Dot> dots = new ArrayList<>();
        for (int i = 0; i < since.size(); i++) {
            dots.add(new Dot(since.stream(i), since.counter(i)));
        }
        return dots;
    }

    private Delivery<C> keep(Message<C> message, long now) {
        Kept<C> added =
                new Kept<>(message.dot(), message.predecessors(), message.content(), now - message.age(), position);
        StreamLog<C> stream = stream(message.dot().stream());
        kept.put(added.dot(), added);
        stream.kept.add(added);
        bytes += size.applyAsInt(added.content());
        while (stream.kept.size() > bounds.messages()) {
            drop(stream);
        }
        while (bytes > bounds.bytes()) {
            drop(stream(kept.firstEntry().getKey().stream()));
        }
        boolean missed = gap && !beginning;
        gap = false;
        return new Delivery<>(
                added.content(),
                added.dot(),
                Optional.of(added),
                token(now).text() + (missed ? Token.GAP : ""),
                position,
                missed);
    }

    private void drop(StreamLog<C> stream) {
        Kept<C> oldest = stream.kept.remove();
        kept.remove(oldest.dot());
        stream.floor = oldest.dot().counter();
        bytes -= size.applyAsInt(oldest.content());
    }

    // Delivering.

    /** A message of another node. */
    List<Delivery<C>> received(Message<C> message, String from, long now) {
        StreamLog<C> stream = learn(message.dot().stream(), from);
        hold(stream, message, now);
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
            heldBytes += size.applyAsInt(message.content());
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
        return message.predecessors().stream().allMatch(each -> position.get(each.stream()) >= each.counter());
    }

    private void unhold(StreamLog<C> stream, Message<C> message) {
        stream.removeFirst();
        heldBytes -= size.applyAsInt(message.content());
    }

    /** Whether no log in reach has what precedes it, and it has waited. */
    private boolean isGivenUp(StreamLog.Held<C> held, long now) {
        return settled.isPresent() && settled.getAsLong() - held.since() >= 0 && now - held.since() >= PATIENCE;
    }

    private Optional<Delivery<C>> deliver(StreamLog<C> stream, Message<C> message, long now) {
        long counter = message.dot().counter();
        if (!message.kept()) {
            return position.get(stream.id) > counter
                    ? Optional.empty()
                    : Optional.of(
                            new Delivery<>(message.content(), message.dot(), Optional.empty(), "", position, gap));
        }
        if (position.get(stream.id) >= counter) {
            return Optional.empty();
        }
        position = position.with(stream.id, counter);
        return Optional.of(keep(message, now));
    }

    // Catching up.

    /** Whether something is held for so long. */
    boolean lacks(long after, long now) {
        return overrun || heldOwner(after, now).isPresent();
    }

    /** The node that has what precedes something that is held for so long. */
    Optional<String> heldOwner(long after, long now) {
        return streams.values().stream()
                .filter(stream -> stream.first()
                        .filter(held -> now - held.since() >= after)
                        .isPresent())
                .map(stream -> stream.owner)
                .findFirst();
    }

    /** Whether another log has delivered what this one has not. */
    boolean isBehind(Answer<C> answer) {
        return answer.streams().stream().anyMatch(each -> each.counter() > position.get(each.id()));
    }

    Question question(Optional<Dot> after) {
        return new Question(own, owner, position, after);
    }

    /**
     * Answers another log.
     *
     * @param maxBytes after so many no further message is added
     */
    Answer<C> answer(Question question, int maxBytes, long now) {
        expire(now);
        learn(question.own(), question.owner());
        List<Answer.Stream> known = streams.values().stream()
                .map(each -> new Answer.Stream(each.id, position.get(each.id), each.floor, each.owner))
                .toList();
        List<Message<C>> messages = new ArrayList<>();
        int length = 0;
        boolean follows = question.after().filter(kept::containsKey).isEmpty();
        for (Kept<C> each : kept.values()) {
            if (!follows) {
                follows = each.dot().equals(question.after().orElseThrow());
            } else if (each.dot().counter() > question.position().get(each.dot().stream())) {
                if (length > maxBytes) {
                    return new Answer<>(known, own, messages, true);
                }
                messages.add(each.message(now));
                length += size.applyAsInt(each.content());
            }
        }
        return new Answer<>(known, own, messages, false);
    }

    /** Takes the answer of another log, or a part of it. */
    List<Delivery<C>> take(Answer<C> answer, long now) {
        for (Answer.Stream each : answer.streams()) {
            StreamLog<C> stream = learn(each.id(), each.owner());
            if (beginning && position.get(each.id()) < each.floor()) {
                pass(stream, each.floor()); // at once, so that what follows is not held
            }
        }
        List<Delivery<C>> all = new ArrayList<>();
        for (Message<C> message : answer.messages()) {
            hold(stream(message.dot().stream()), message, now);
            all.addAll(deliver(now)); // one by one, so that the order is that of the other log
        }
        return all;
    }

    /**
     * All logs in reach have been asked since something was missing: the position passes what none of them keeps.
     *
     * @param answers the last part of each answer
     * @param since when the first of them was asked
     */
    List<Delivery<C>> settle(Collection<Answer<C>> answers, long since, long now) {
        if (!overrun) {
            settled = OptionalLong.of(since);
            for (StreamLog<C> stream : streams.values()) {
                List<Answer.Stream> others = answers.stream()
                        .flatMap(answer -> answer.streams().stream())
                        .filter(each -> each.id() == stream.id)
                        .toList();
                settle(stream, others);
            }
        }
        overrun = false;
        return deliver(now);
    }

    private void settle(StreamLog<C> stream, List<Answer.Stream> others) {
        long next = position.get(stream.id) + 1;
        while (true) {
            long missing = next;
            List<Answer.Stream> past =
                    others.stream().filter(each -> each.counter() >= missing).toList();
            if (past.isEmpty()
                    || stream.firstKept().filter(held -> held <= missing).isPresent()) {
                return;
            }
            long floor = past.stream().mapToLong(Answer.Stream::floor).min().orElse(0);
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
        givenUp.accept(new Dot(stream.id, to));
    }

    boolean hasBegun() {
        return !beginning;
    }

    /** It has caught up, and members may come. Called after {@link #settle}. */
    void begun() {
        gap = false;
        beginning = false;
    }

    /**
     * Time passes, and no log is being asked.
     *
     * <p>What has waited, though all logs in reach were asked meanwhile, waits no longer: for predecessors in other streams it is
     * delivered without them, and after a gap in its own stream, whose node has died, it is dropped.
     */
    List<Delivery<C>> giveUp(long now) {
        List<Delivery<C>> all = new ArrayList<>();
        for (StreamLog<C> stream : streams.values()) {
            Optional<StreamLog.Held<C>> first = stream.first();
            while (first.filter(held -> isGivenUp(held, now)).isPresent()) {
                Message<C> message = first.get().message();
                unhold(stream, message);
                if (position.get(stream.id) == message.dot().counter() - (message.kept() ? 1 : 0)) {
                    message.predecessors().stream()
                            .filter(each -> position.get(each.stream()) < each.counter())
                            .forEach(givenUp);
                    deliver(stream, message, now).ifPresent(all::add);
                    all.addAll(deliver(now));
                }
                first = stream.first();
            }
        }
        return all;
    }

    // Kept messages.

    /** Drops what was kept for its time. */
    void expire(long now) {
        for (StreamLog<C> stream : streams.values()) {
            while (!stream.kept.isEmpty() && now - stream.kept.getFirst().at() >= bounds.age()) {
                drop(stream);
            }
        }
    }

    /** Which owners have a log now; of each its stream, as far as it is known. */
    void owners(Map<String, Optional<Long>> living, long now) {
        for (StreamLog<C> stream : streams.values()) {
            Optional<Long> current = living.getOrDefault(stream.owner, Optional.empty());
            boolean goesOn = stream.id == own
                    || (living.containsKey(stream.owner) && (current.isEmpty() || current.get() == stream.id));
            if (goesOn) {
                stream.ended = Optional.empty();
            } else if (stream.ended.isEmpty()) {
                stream.ended = Optional.of(now);
            }
        }
        forget();
    }

    private void forget() {
        while (streams.size() > MAX_STREAMS) {
            StreamLog<C> first = null;
            for (StreamLog<C> each : streams.values()) {
                if (each.ended.isPresent()
                        && each.kept.isEmpty()
                        && (first == null || each.ended.get() < first.ended.orElseThrow())) {
                    first = each;
                }
            }
            if (first == null) {
                return;
            }
            streams.remove(first.id);
            long forgotten = first.id;
            position = position.where((id, _) -> id != forgotten);
        }
    }

    Position position() {
        return position;
    }

    /** Whether the token of the next kept message will have the sign that some were missed. */
    boolean hasGap() {
        return gap;
    }

    Collection<Kept<C>> kept() {
        return kept.values();
    }

    long bytes() {
        return bytes;
    }

    // Tokens.

    /** The token of a member that has all that this node delivered. */
    Token token(long now) {
        Position begun = position.where((_, counter) -> counter > 0);
        Position ended =
                begun.where((id, _) -> isOver(id) && now - stream(id).ended.orElseThrow() >= bounds.age());
        return new Token(begun.where((id, _) -> !ended.has(id)), Token.hash(ended));
    }

    /** Whether a token has something that this log lacks: it is to catch up first. */
    boolean isAhead(Token token) {
        return !position.covers(token.named());
    }

    /** Recovers a member, if that can be. */
    Resumed<C> resume(Optional<Token> since, long now) {
        expire(now);
        if (since.isEmpty() || !recovers(since.get())) {
            return new Resumed<>(false, token(now).text(), List.of(), Position.NONE);
        }
        Token token = since.get();
        List<Resumed.Missed<C>> missed = new ArrayList<>();
        for (Kept<C> each : kept.values()) {
            if (each.dot().counter() > token.named().get(each.dot().stream())) {
                // Without the streams that the token has in its hash.
                Position named = each.position()
                        .where((id, counter) -> counter > 0 && (token.named().has(id) || !isOver(id)));
                missed.add(new Resumed.Missed<>(each, new Token(token.named().max(named), token.ended())));
            }
        }
        Position ahead = token.named().where((id, counter) -> counter > position.get(id));
        return new Resumed<>(true, token.text(), missed, ahead);
    }

    /** Whether it is in the hash of a token that does not name it. */
    private boolean isOver(long id) {
        StreamLog<C> stream = streams.get(id);
        return stream == null || (stream.ended.isPresent() && stream.kept.isEmpty());
    }

    private boolean recovers(Token token) {
        Position named = token.named();
        Position ended = position.where((id, counter) -> counter > 0 && !named.has(id) && isOver(id));
        return named.where((id, _) -> !position.has(id)).size() == 0
                && streams.values().stream()
                        .filter(stream -> !ended.has(stream.id))
                        .allMatch(stream -> named.get(stream.id) >= Math.min(stream.floor, position.get(stream.id)))
                && Token.hash(ended) == token.ended();
    }
}
