package io.heliodor.history;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Decides when the log of a topic catches up with those of which other node: when it begins, when something is held, and when they
 * were found to differ. Its topic's lock guards it, and brings the time. One round at a time: first one node is asked, then, if
 * something is still missing, all.
 *
 * @param <C> the type of what is published
 */
public final class CatchUpSchedule<C> {
    /** So long something is held before it is fetched: it may be under way. */
    static final long FETCH = 20_000_000L;

    /** A log that begins waits so long for the others. */
    static final long BEGIN = 1_000_000_000L;

    /** An answer that takes longer is not waited for. */
    static final long ANSWER = 1_000_000_000L;

    /** Between two rounds. */
    static final long PAUSE = 250_000_000L;

    /** Between two rounds for something that no log in reach brings, once it has waited for longer. */
    static final long MAX_PAUSE = 10_000_000_000L;

    /**
     * The actions of this state. No method calls back.
     *
     * @param <C> the type of what is published
     */
    public interface Effects<C> {
        /**
         * Asks the logs of a node, each until its last part. {@link #answered} follows for each part, and {@link #over} at the end,
         * also if there was no answer.
         *
         * @param node the node
         * @param round for which round
         */
        void ask(String node, long round);

        /**
         * The members get messages, in this order.
         *
         * @param deliveries one or more
         */
        void deliver(List<Delivery<C>> deliveries);

        /** The log has caught up for the first time: members may join. */
        void begun();
    }

    private enum Stage {
        /** All that are members when the log begins. */
        BEGIN,
        /** One that probably has what is missing, or those that are to be compared. */
        ONE,
        /** All that are in reach. */
        ALL
    }

    private static final class Round<C> {
        private final Stage stage;
        private final long since;
        private final Set<String> asked = new LinkedHashSet<>();
        private final Set<String> answered;
        private final Map<Long, CatchUpResponse<C>> answers;
        private long touched;

        /** Of those that were asked for because a client is ahead; else 0. */
        private long number;

        private long id;

        Round(Stage stage, long since, Set<String> answered, Map<Long, CatchUpResponse<C>> answers) {
            this.stage = stage;
            this.since = since;
            this.answered = answered;
            this.answers = answers;
        }

        static <C> Round<C> first(Stage stage, long now) {
            return new Round<>(stage, now, new LinkedHashSet<>(), new LinkedHashMap<>());
        }
    }

    private final TopicLog<C> log;
    private final Effects<C> effects;

    /** The other nodes that want the topic. */
    private final Set<String> others = new TreeSet<>();

    private @Nullable Round<C> round;

    /** Nodes that are to be asked, because messages may have been lost between them and this one. */
    private final Set<String> wanted = new LinkedHashSet<>();

    /** How many rounds have begun because a client is ahead, and which one is over. */
    private long rounds;

    private long completed;
    private long lastRound;
    private boolean allWanted;
    private long pauseUntil;

    /** When the last round began in which all were asked; what is held since before it is asked for again at {@link #againAt}. */
    private long asked;

    private long againAt;
    private long pause = PAUSE;

    /**
     * For a log that is empty.
     *
     * @param log the log
     * @param effects the actions
     * @param now the present time
     */
    public CatchUpSchedule(TopicLog<C> log, Effects<C> effects, long now) {
        this.log = log;
        this.effects = effects;
        this.pauseUntil = now;
        this.asked = now;
        this.againAt = now;
    }

    /**
     * Begins. Members may join after {@link Effects#begun}.
     *
     * @param now the present time
     */
    public void begin(long now) {
        ask(Round.first(Stage.BEGIN, now), others, now);
    }

    /**
     * Catches up with all nodes, because a client has a token that is ahead. Each node has a second to answer.
     *
     * @return which round it is, for {@link #isOver}
     */
    public long catchUp() {
        allWanted = true;
        return rounds + 1;
    }

    /**
     * Whether a round is over.
     *
     * @param number which one
     * @return whether all nodes have answered it, or had the time to
     */
    public boolean isOver(long number) {
        return completed >= number;
    }

    /**
     * Whether it waits for nothing but messages.
     *
     * @return whether {@link #tick} may be left out
     */
    public boolean rests() {
        return round == null && !allWanted && wanted.isEmpty() && log.hasBegun() && !log.holds();
    }

    private void ask(Round<C> next, Collection<String> nodes, long now) {
        round = next;
        next.id = ++lastRound;
        next.touched = now;
        next.asked.addAll(nodes);
        nodes.forEach(node -> effects.ask(node, next.id));
        end(next, now);
    }

    /**
     * A message of another node.
     *
     * @param message the message
     * @param now the present time
     */
    public void received(Message<C> message, long now) {
        deliver(log.received(message, now));
    }

    private void deliver(List<Delivery<C>> deliveries) {
        if (!deliveries.isEmpty()) {
            effects.deliver(deliveries);
        }
    }

    /**
     * A log of a node has answered, or a part of it.
     *
     * @param node the node
     * @param of for which round it was asked
     * @param answer the answer
     * @param now the present time
     */
    public void answered(String node, long of, CatchUpResponse<C> answer, long now) {
        deliver(log.take(answer, now));
        Round<C> present = round;
        if (present == null || present.id != of || !present.asked.contains(node)) {
            return;
        }
        present.touched = now;
        present.answers.put(answer.own(), answer);
        if (!answer.more()) {
            present.answered.add(node);
        }
    }

    /**
     * A node answers no more: its logs have answered, it has none, or it cannot be reached.
     *
     * @param node the node
     * @param of for which round it was asked
     * @param now the present time
     */
    public void over(String node, long of, long now) {
        Round<C> present = round;
        if (present != null && present.id == of) {
            over(present, node, now);
        }
    }

    private void over(Round<C> present, String node, long now) {
        if (round == present && present.asked.remove(node)) {
            end(present, now);
        }
    }

    private void end(Round<C> present, long now) {
        if (!present.asked.isEmpty()) {
            return;
        }
        boolean behind = present.answers.values().stream().anyMatch(log::isBehind);
        if (present.stage == Stage.ONE && (behind || log.holds())) {
            List<String> rest = others.stream()
                    .filter(node -> !present.answered.contains(node))
                    .toList();
            ask(new Round<>(Stage.ALL, present.since, present.answered, present.answers), rest, now);
            return;
        }
        round = null;
        completed = Math.max(completed, present.number);
        if (present.stage != Stage.ONE) {
            deliver(log.settle(present.answers.values(), now));
            pause = log.holds() ? Math.min(2 * pause, MAX_PAUSE) : PAUSE;
            asked = present.since;
            againAt = now + pause;
        }
        if (present.stage == Stage.BEGIN) {
            log.begun();
            effects.begun();
        }
        pauseUntil = now + PAUSE;
    }

    /**
     * Which other nodes want the topic.
     *
     * @param next the nodes
     * @param now the present time
     */
    public void others(Set<String> next, long now) {
        others.clear();
        others.addAll(next);
        Round<C> present = round;
        if (present != null) {
            List<String> gone =
                    present.asked.stream().filter(node -> !next.contains(node)).toList();
            gone.forEach(node -> over(present, node, now));
        }
    }

    /**
     * A log of a node has something else, so messages may have been lost between the two.
     *
     * @param node the node
     */
    public void differs(String node) {
        wanted.add(node);
    }

    /**
     * Time passes.
     *
     * @param now the present time
     */
    public void tick(long now) {
        log.expire(now);
        Round<C> present = round;
        if (present != null) {
            long waits = present.stage == Stage.BEGIN ? now - present.since - BEGIN : now - present.touched - ANSWER;
            if (waits >= 0) {
                List.copyOf(present.asked).forEach(node -> over(present, node, now));
            }
        } else if (log.hasBegun()) {
            deliver(log.giveUp(now));
            if (now - pauseUntil >= 0) {
                next(now);
            }
        }
    }

    /** Whether something that is held for so long is to be asked for now. */
    private boolean isDue(long since, long now) {
        return now - since >= FETCH && (since - asked >= 0 || now - againAt >= 0);
    }

    private void next(long now) {
        if (allWanted) {
            allWanted = false;
            Round<C> all = Round.first(Stage.ALL, now);
            all.number = ++rounds;
            ask(all, others, now);
        } else if (log.lacks(since -> isDue(since, now))) {
            Optional<String> owner = log.heldOwner(since -> isDue(since, now)).filter(others::contains);
            ask(Round.first(Stage.ONE, now), owner.stream().toList(), now);
        } else if (!wanted.isEmpty()) {
            List<String> nodes = wanted.stream().filter(others::contains).toList();
            wanted.clear();
            ask(Round.first(Stage.ONE, now), nodes, now);
        }
    }
}
