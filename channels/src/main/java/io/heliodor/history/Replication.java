package io.heliodor.history;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Decides when the log of a topic catches up with which other log: when it begins, when something is held, and now and then. Its
 * topic's lock guards it, and brings the time. One round at a time: first one log is asked, then, if something is still missing, all.
 *
 * @param <C> the type of what is published
 */
final class Replication<C> {
    /** So long something is held before it is fetched: it may be under way. */
    static final long FETCH = 20_000_000L;

    /** A log that begins waits so long for the others. */
    static final long BEGIN = 1_000_000_000L;

    /** An answer that takes longer is not waited for. */
    static final long ANSWER = 2_000_000_000L;

    /** After a round that did not bring what is missing. */
    static final long PAUSE = 250_000_000L;

    /** How often a log is compared with another one. */
    static final long REPAIR = 10_000_000_000L;

    /** The actions of this state. No method calls back. */
    interface Effects<C> {
        /**
         * Asks another log. {@link #answered} or {@link #failed} follows.
         *
         * @param node its owner
         * @param question the question
         */
        void ask(String node, Question question);

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
        private final Map<String, Answer<C>> answers;
        private long touched;

        Round(Stage stage, long since, Map<String, Answer<C>> answers) {
            this.stage = stage;
            this.since = since;
            this.answers = answers;
        }
    }

    private final TopicLog<C> log;
    private final Effects<C> effects;

    /** The other nodes that want the topic. */
    private final Set<String> others = new TreeSet<>();

    private @Nullable Round<C> round;

    /** Nodes that are to be asked, because messages may have been lost between them and this one. */
    private final Set<String> wanted = new LinkedHashSet<>();

    /** How many rounds with all nodes have been asked for, and which one is over. */
    private long rounds;

    private long completed;
    private boolean allWanted;
    private long pauseUntil;
    private long repairAt;
    private int turn;

    Replication(TopicLog<C> log, Effects<C> effects, long now) {
        this.log = log;
        this.effects = effects;
        this.repairAt = now + REPAIR;
        this.pauseUntil = now;
    }

    /** Begins. Members may join after {@link Effects#begun}. */
    void begin(long now) {
        ask(Stage.BEGIN, List.copyOf(others), now);
    }

    /**
     * Catches up with all nodes, because a client has a token that is ahead. It takes two seconds at most.
     *
     * @return which round it is, for {@link #isOver}
     */
    long catchUp() {
        allWanted = true;
        return rounds + 1;
    }

    /** Whether a round is over. */
    boolean isOver(long number) {
        return completed >= number;
    }

    private void ask(Stage stage, List<String> nodes, long now) {
        Round<C> before = round;
        Round<C> next = new Round<>(
                stage, before == null ? now : before.since, before == null ? new LinkedHashMap<>() : before.answers);
        round = next;
        next.touched = now;
        next.asked.addAll(nodes);
        if (stage == Stage.ALL) {
            rounds++;
            allWanted &= before != null;
        }
        Question question = log.question(Optional.empty());
        nodes.forEach(node -> effects.ask(node, question));
        end(next, now);
    }

    /** A message of another node. */
    void received(Message<C> message, String from, long now) {
        deliver(log.received(message, from, now));
    }

    private void deliver(List<Delivery<C>> deliveries) {
        if (!deliveries.isEmpty()) {
            effects.deliver(deliveries);
        }
    }

    /** An answer, or a part of one. */
    void answered(String node, Answer<C> answer, long now) {
        deliver(log.take(answer, now));
        Round<C> present = round;
        if (present == null || !present.asked.contains(node)) {
            return;
        }
        present.touched = now;
        if (answer.more()) {
            effects.ask(
                    node, log.question(Optional.of(answer.messages().getLast().dot())));
            return;
        }
        present.answers.put(node, answer);
        present.asked.remove(node);
        end(present, now);
    }

    /** A node gave no answer: it has no log, or cannot be reached. */
    void failed(String node, long now) {
        Round<C> present = round;
        if (present != null && present.asked.remove(node)) {
            end(present, now);
        }
    }

    private void end(Round<C> present, long now) {
        if (!present.asked.isEmpty()) {
            return;
        }
        boolean behind = present.answers.values().stream().anyMatch(log::isBehind);
        if (present.stage == Stage.ONE && (behind || log.lacks(0, now))) {
            List<String> rest = others.stream()
                    .filter(node -> !present.answers.containsKey(node))
                    .toList();
            ask(Stage.ALL, rest, now);
            return;
        }
        round = null;
        if (present.stage == Stage.ALL) {
            completed = rounds;
        }
        if (present.stage != Stage.ONE) {
            deliver(log.settle(present.answers.values(), present.since, now));
        }
        if (present.stage == Stage.BEGIN) {
            log.begun();
            effects.begun();
        }
        pauseUntil = now + PAUSE;
    }

    /** The other nodes that want the topic. */
    void others(Set<String> next, long now) {
        others.clear();
        others.addAll(next);
        Round<C> present = round;
        if (present != null) {
            List<String> gone =
                    present.asked.stream().filter(node -> !next.contains(node)).toList();
            gone.forEach(node -> failed(node, now));
        }
    }

    /** A node can be reached, for the first time or again: messages of both may have been lost. */
    void reachable(String node) {
        wanted.add(node);
    }

    /** Time passes. */
    void tick(long now) {
        log.expire(now);
        Round<C> present = round;
        if (present != null) {
            long waits = present.stage == Stage.BEGIN ? now - present.since - BEGIN : now - present.touched - ANSWER;
            if (waits >= 0) {
                List.copyOf(present.asked).forEach(node -> failed(node, now));
            }
        } else if (log.hasBegun()) {
            deliver(log.giveUp(now));
            next(now);
        }
    }

    private void next(long now) {
        if (allWanted) {
            ask(Stage.ALL, List.copyOf(others), now);
        } else if (now - pauseUntil >= 0) {
            compare(now);
        }
    }

    private void compare(long now) {
        if (log.lacks(FETCH, now)) {
            Optional<String> owner = log.heldOwner(FETCH, now).filter(others::contains);
            ask(Stage.ONE, owner.stream().toList(), now);
        } else if (!wanted.isEmpty()) {
            List<String> nodes = wanted.stream().filter(others::contains).toList();
            wanted.clear();
            ask(Stage.ONE, nodes, now);
        } else if (now - repairAt >= 0) {
            repairAt = now + REPAIR;
            List<String> all = new ArrayList<>(others);
            ask(Stage.ONE, all.isEmpty() ? List.of() : List.of(all.get(turn++ % all.size())), now);
        }
    }
}
