package io.heliodor.history;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Decides when the log of a topic catches up, and with the logs of which nodes: at its start, when messages wait for their predecessors, and
 * when a difference was found. It is guarded by the lock of its topic, and the caller passes the time. There is one round at a time: requests
 * go to one node, then, if messages are still missing, to all nodes.
 *
 * @param <C> the type of the contents
 */
public final class CatchUpSchedule<C> {
    /** The time for which a message waits before its predecessors are requested: they may be under way. */
    static final long FETCH_DELAY = 20_000_000L;

    /** The timeout of the first round. */
    static final long BEGIN_TIMEOUT = 1_000_000_000L;

    /** The timeout of a response. */
    static final long RESPONSE_TIMEOUT = 1_000_000_000L;

    /**
     * The timeout of a response while a client waits that is ahead, which recovers nothing without it. A slow machine responds later than
     * usual, and clients join again after ten seconds.
     */
    static final long CLIENT_TIMEOUT = 3_000_000_000L;

    /** The time after which members are notified of missing messages if no message follows that would. */
    static final long GAP_DELAY = 1_000_000_000L;

    /** The pause between two rounds. */
    static final long PAUSE = 250_000_000L;

    /**
     * The time for which nothing is given up while a node does not respond that may have it. Afterwards, nodes that respond decide, because
     * members are to be notified in time.
     */
    static final long SILENCE_TIMEOUT = 3_000_000_000L;

    /**
     * The longest time between two events that the timeouts of responses and of silence count. Ticks come ten times a second: a longer time
     * was a pause of this node, and the responses that came meanwhile are read after it. On a node whose ticks are late, these timeouts are
     * longer.
     */
    static final long MAX_STEP = 250_000_000L;

    /** The maximum pause between rounds for messages that no reachable log has. The pause doubles until then. */
    static final long MAX_PAUSE = 10_000_000_000L;

    /**
     * The effects of this state. No method calls back.
     *
     * @param <C> the type of the contents
     */
    public interface Effects<C> {
        /**
         * Sends requests to the logs of a node, until the last part of each. {@link #received(String, long, CatchUpResponse, long)}
         * follows for each part, and {@link #over} at the end, even without a response.
         *
         * @param node the node
         * @param round the round
         */
        void request(String node, long round);

        /**
         * Delivers messages to the members, in this order.
         *
         * @param deliveries one or more
         */
        void deliver(List<Delivery<C>> deliveries);

        /** Called when the log has caught up for the first time: members may join. */
        void begun();

        /**
         * Notifies the members that messages are missing, since none has followed that would have the mark.
         *
         * @param gap the missing messages
         * @param token the token of a member that has all messages delivered by this node
         */
        void missed(Gap gap, ResumeToken token);
    }

    private enum Stage {
        /** To all nodes, when the log begins. */
        BEGIN,
        /** To the node that probably has the missing messages, or to those that differ. */
        ONE,
        /** To all other nodes. */
        ALL
    }

    private static final class Round<C> {
        private final Stage stage;
        private final long since;
        private final Set<String> pending = new LinkedHashSet<>();
        private final Set<String> responded;
        private final Map<Long, CatchUpResponse<C>> responses;

        /** Its timeout counts from here: from the last part of a response or, at the begin of a log, from its start. */
        private long touched;

        /** The position of this log at its start. */
        private final VersionVector from;

        /** The number of a round that was requested because a client is ahead; else 0. */
        private long number;

        private long id;

        Round(
                Stage stage,
                long since,
                VersionVector from,
                Set<String> responded,
                Map<Long, CatchUpResponse<C>> responses) {
            this.stage = stage;
            this.since = since;
            this.from = from;
            this.responded = responded;
            this.responses = responses;
        }

        /** The same round with all nodes. */
        Round<C> all() {
            return new Round<>(Stage.ALL, since, from, responded, responses);
        }
    }

    private Round<C> first(Stage stage, long now) {
        log.beginRound();
        return new Round<>(stage, now, log.position(), new LinkedHashSet<>(), new LinkedHashMap<>());
    }

    private final TopicLog<C> log;
    private final Effects<C> effects;

    /** The other nodes with subscriptions to the topic. */
    private final Set<String> others = new TreeSet<>();

    private @Nullable Round<C> round;

    /** Nodes to which requests are to be sent, because messages between them and this node may be lost. */
    private final Set<String> differing = new LinkedHashSet<>();

    /** The numbers of the last rounds that began and ended because a client is ahead. */
    private long rounds;

    private long completed;
    private long lastRound;
    private boolean allRequested;
    private long pauseUntil;

    /** The time of the last event. */
    private long seen;

    /** When the last round with all nodes began. Requests for messages that wait since before are repeated at {@link #againAt}. */
    private long allAt;

    private long againAt;
    private long pause = PAUSE;

    /** The time since which members are to be notified of missing messages. */
    private OptionalLong gapSince = OptionalLong.empty();

    /** The time since which rounds end without a response of some node. */
    private OptionalLong silentSince = OptionalLong.empty();

    /**
     * The schedule of an empty log.
     *
     * @param log the log
     * @param effects the effects
     * @param now the present time
     */
    public CatchUpSchedule(TopicLog<C> log, Effects<C> effects, long now) {
        this.log = log;
        this.effects = effects;
        this.seen = now;
        this.pauseUntil = now;
        this.allAt = now;
        this.againAt = now;
    }

    /**
     * Begins the first round. Members may join after {@link Effects#begun}.
     *
     * @param now the present time
     */
    public void begin(long now) {
        see(now);
        request(first(Stage.BEGIN, now), others, now);
    }

    /**
     * Requests a round with all nodes, because the token of a client is ahead. Each node has three seconds to respond.
     *
     * @return the number of the round, for {@link #isOver}
     */
    public long catchUp() {
        allRequested = true;
        return rounds + 1;
    }

    /**
     * Whether a round is over.
     *
     * @param number the number of the round
     * @return whether all nodes have responded, or their time is up
     */
    public boolean isOver(long number) {
        return completed >= number;
    }

    /**
     * Whether nothing depends on time now.
     *
     * @return true if {@link #tick} need not be called
     */
    public boolean isQuiescent() {
        return round == null
                && !allRequested
                && differing.isEmpty()
                && log.hasBegun()
                && !log.lacksMessages()
                && !log.hasGap();
    }

    private void request(Round<C> next, Collection<String> nodes, long now) {
        round = next;
        next.id = ++lastRound;
        next.touched = now;
        next.pending.addAll(nodes);
        nodes.forEach(node -> effects.request(node, next.id));
        end(next, now);
    }

    /**
     * Receives a message of another node.
     *
     * @param message the message
     * @param now the present time
     */
    public void received(HistoryMessage<C> message, long now) {
        see(now);
        deliver(log.received(message, now));
    }

    private void deliver(List<Delivery<C>> deliveries) {
        if (!deliveries.isEmpty()) {
            effects.deliver(deliveries);
        }
    }

    /**
     * Receives a part of the response of a log.
     *
     * @param node the node
     * @param of the round of the request
     * @param response the part
     * @param now the present time
     */
    public void received(String node, long of, CatchUpResponse<C> response, long now) {
        see(now);
        deliver(log.merge(response, now));
        Round<C> present = round;
        if (present == null || present.id != of || !present.pending.contains(node)) {
            return;
        }
        if (present.stage != Stage.BEGIN) {
            present.touched = now;
        }
        present.responses.put(response.own(), response);
    }

    /**
     * Ends the requests to a node.
     *
     * @param node the node
     * @param of the round of the requests
     * @param responded whether all its logs have responded, or it has none; false if it may have some and did not respond
     * @param now the present time
     */
    public void over(String node, long of, boolean responded, long now) {
        see(now);
        Round<C> present = round;
        if (present == null || present.id != of || !present.pending.contains(node)) {
            return;
        }
        if (responded) {
            present.responded.add(node);
        }
        over(present, node, now);
    }

    private void over(Round<C> present, String node, long now) {
        if (round == present && present.pending.remove(node)) {
            end(present, now);
        }
    }

    private void end(Round<C> present, long now) {
        if (!present.pending.isEmpty()) {
            return;
        }
        boolean behind = present.responses.values().stream().anyMatch(log::isBehind);
        if (present.stage == Stage.ONE && (behind || log.lacksMessages())) {
            List<String> rest = others.stream()
                    .filter(node -> !present.responded.contains(node))
                    .toList();
            request(present.all(), rest, now);
            return;
        }
        round = null;
        completed = Math.max(completed, present.number);
        if (present.stage != Stage.ONE) {
            if (mayGiveUp(present, behind, now)) {
                deliver(log.giveUpMissing(present.responses.values(), now));
            }
            boolean progress = !log.position().equals(present.from);
            pause = progress || !log.lacksMessages() ? PAUSE : Math.min(2 * pause, MAX_PAUSE);
            allAt = present.since;
            againAt = now + pause;
        }
        if (present.stage == Stage.BEGIN) {
            log.owners(others::contains, now); // before the first message, which retires streams that have ended
            log.begun();
            effects.begun();
        }
        pauseUntil = now + PAUSE;
    }

    /** Whether all nodes have responded that may have missing messages, or were waited for long enough. Else another round follows. */
    private boolean mayGiveUp(Round<C> present, boolean behind, long now) {
        boolean lacksNothing = !behind && !log.lacksMessages();
        if (lacksNothing || present.stage == Stage.BEGIN || present.responded.containsAll(others)) {
            silentSince = OptionalLong.empty();
            return true;
        }
        if (silentSince.isEmpty()) {
            silentSince = OptionalLong.of(now);
        }
        boolean over = now - silentSince.getAsLong() >= SILENCE_TIMEOUT;
        allRequested |= behind && !over;
        return over;
    }

    /**
     * Sets the other nodes with subscriptions to the topic.
     *
     * @param next the nodes
     * @param now the present time
     */
    public void others(Set<String> next, long now) {
        see(now);
        others.clear();
        others.addAll(next);
        Round<C> present = round;
        if (present != null) {
            List<String> left = present.pending.stream()
                    .filter(node -> !next.contains(node))
                    .toList();
            left.forEach(node -> over(present, node, now));
        }
    }

    /**
     * Reports that a log of a node differs, so messages between the two may be lost.
     *
     * @param node the node
     */
    public void differs(String node) {
        differing.add(node);
    }

    /**
     * A clock tick.
     *
     * @param now the present time
     */
    public void tick(long now) {
        see(now);
        log.expire(now);
        deliver(log.expireWaiting(now));
        Round<C> present = round;
        if (present != null) {
            if (now - present.touched >= timeout(present)) {
                List.copyOf(present.pending).forEach(node -> over(present, node, now));
            }
        } else if (log.hasBegun()) {
            deliver(log.endWaits(now));
            reportGap(now);
            if (now - pauseUntil >= 0) {
                next(now);
            }
        }
    }

    private static long timeout(Round<?> round) {
        if (round.stage == Stage.BEGIN) {
            return BEGIN_TIMEOUT;
        }
        return round.number > 0 ? CLIENT_TIMEOUT : RESPONSE_TIMEOUT;
    }

    /** Sees the time of an event. A pause before it does not count as silence of the other nodes. */
    private void see(long now) {
        long paused = now - seen - MAX_STEP;
        seen = now;
        if (paused > 0) {
            if (round != null) {
                round.touched += paused;
            }
            if (silentSince.isPresent()) {
                silentSince = OptionalLong.of(silentSince.getAsLong() + paused);
            }
        }
    }

    private void reportGap(long now) {
        if (!log.hasGap()) {
            gapSince = OptionalLong.empty();
        } else if (gapSince.isEmpty()) {
            gapSince = OptionalLong.of(now);
        } else if (now - gapSince.getAsLong() >= GAP_DELAY) {
            gapSince = OptionalLong.empty();
            effects.missed(log.reportGap(), log.token());
        }
    }

    /** Whether to request the predecessors of a message that has waited since a time. */
    private boolean isDue(long since, long now) {
        return now - since >= FETCH_DELAY && (since - allAt >= 0 || now - againAt >= 0);
    }

    private void next(long now) {
        if (allRequested) {
            allRequested = false;
            Round<C> all = first(Stage.ALL, now);
            all.number = ++rounds;
            request(all, others, now);
        } else if (log.lacks(since -> isDue(since, now))) {
            Optional<String> owner = log.heldOwner(since -> isDue(since, now)).filter(others::contains);
            request(first(Stage.ONE, now), owner.stream().toList(), now);
        } else if (!differing.isEmpty()) {
            List<String> nodes = differing.stream().filter(others::contains).toList();
            differing.clear();
            request(first(Stage.ONE, now), nodes, now);
        }
    }
}
