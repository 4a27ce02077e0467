package io.heliodor.history;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A client that keeps the token of the last message, and checks what it gets. */
final class SimClient {
    private final HistorySimulation simulation;
    private final String name;
    private @Nullable SimNode node;
    private boolean connecting;

    /** The round that it waits for. */
    private OptionalLong round = OptionalLong.empty();

    private Optional<String> since = Optional.empty();

    /** The messages that this member has and its node lacks. */
    private VersionVector ahead = VersionVector.NONE;

    /** The messages since it last began anew. */
    private final BitSet got = new BitSet();

    private VersionVector base = VersionVector.NONE;

    /** The position of the log at which it began anew. */
    private VersionVector begun = VersionVector.NONE;

    private long baseAt = -1;
    private final Map<String, Integer> latest = new HashMap<>();

    /** The time of the last report that earlier messages may be missing. */
    private long gapReportedAt = -1;

    SimClient(HistorySimulation simulation, String name) {
        this.simulation = simulation;
        this.name = name;
    }

    void connectSoon() {
        if (node == null && !connecting) {
            connecting = true;
            simulation.after(simulation.timeAway(), () -> {
                connecting = false;
                SimNode to = simulation.anyNode();
                if (to.alive) {
                    node = to;
                    to.join(this);
                } else {
                    connectSoon();
                }
            });
        }
    }

    /** Loses the connection. */
    void lost() {
        node = null;
        round = OptionalLong.empty();
        connectSoon();
    }

    /** Goes to another node, as this one does not answer. */
    void abandon(SimNode silent) {
        if (node == silent) {
            simulation.note(() -> name + " abandons " + silent);
            silent.disconnect(this, name);
            lost();
        }
    }

    void leave() {
        SimNode from = node;
        if (from != null && from.members.remove(name) != null) {
            simulation.note(() -> name + " leaves " + from);
            simulation.saw("leave");
            lost();
        }
    }

    /** A node that lacks messages of its client catches up first. */
    boolean mayJoin(SimNode at) {
        boolean isAhead =
                since.flatMap(ResumeToken::of).filter(at.log()::isAhead).isPresent();
        CatchUpSchedule<String> replication = Objects.requireNonNull(at.replication);
        if (!isAhead || simulation.fault == HistorySimulation.Fault.JOIN_BEFORE_CAUGHT_UP) {
            return true;
        }
        if (round.isEmpty()) {
            round = OptionalLong.of(replication.catchUp());
        }
        return replication.isOver(round.getAsLong());
    }

    void seated(SimNode at) {
        round = OptionalLong.empty();
        TopicLog<String> log = at.log();
        Optional<ResumeToken> token = since.flatMap(ResumeToken::of);
        ResumeResult<String> resumed = log.resume(token, simulation.now());
        simulation.note(() -> name + " joins " + at + (resumed.recovered() ? ", recovers " : ", anew ")
                + resumed.missed().size() + " at " + log.position() + " with " + token);
        at.members.put(name, this);
        // A message that is not kept may come again to a client that comes again: it is a new member.
        latest.clear();
        for (int each : got.stream().toArray()) {
            HistorySimulation.Published message = simulation.published.get(each);
            if (message.kept()) {
                latest.merge(message.publisher(), message.index(), Math::max);
            } else {
                got.clear(each);
            }
        }
        if (!resumed.recovered()) {
            simulation.saw(since.isPresent() ? "not recovered" : "first join");
            got.clear();
            latest.clear();
            base = at.passed();
            begun = log.position();
            baseAt = simulation.now();
            ahead = log.skipped();
            since = Optional.of(resumed.token());
            gapReportedAt = -1;
            return;
        }
        simulation.saw("recovered");
        ahead = resumed.ahead().max(log.skipped());
        if (resumed.ahead().size() > 0) {
            simulation.saw("ahead");
        }
        if (simulation.fault == HistorySimulation.Fault.TOKEN_TOO_EARLY) {
            since = Optional.of(log.token().text());
        }
        int replayed = simulation.chance(0.2)
                ? simulation.random.nextInt(resumed.missed().size() + 1)
                : Integer.MAX_VALUE;
        for (ResumeResult.Missed<String> each : resumed.missed()) {
            if (replayed-- == 0) {
                simulation.note(() -> name + " is cut off in its replay");
                simulation.saw("cut off in a replay");
                at.members.remove(name);
                lost();
                return;
            }
            take(each.kept().content(), at.withoutPast.contains(each.kept().content()));
            since = Optional.of(
                    simulation.fault == HistorySimulation.Fault.STORED_TOKEN_REPLAYED
                            ? new ResumeToken(each.kept().position()).text()
                            : each.token().text());
        }
    }

    void received(Delivery<String> delivery, boolean givenUp) {
        Optional<LogEntry<String>> kept = delivery.kept();
        // A message that it already has may also contain the report of lost ones.
        boolean gap = delivery.gap().isFor(ahead);
        if (gap) {
            checkLacks(delivery.gap());
            gapReportedAt = simulation.now();
        }
        if (delivery.isIn(ahead)) {
            return;
        }
        take(delivery.content(), givenUp);
        if (kept.isPresent()) {
            since = delivery.token(ahead, gap);
        }
    }

    /** Messages may be missing, and none follows that would show it. */
    void missed(Gap gap, ResumeToken token) {
        if (!gap.isFor(ahead)) {
            return;
        }
        checkLacks(gap);
        gapReportedAt = simulation.now();
        since = Optional.of(token.with(ahead).text() + ResumeToken.GAP);
    }

    /** A member that is notified of skipped messages lacks one of them, unless the log has forgotten that it had a stream. */
    private void checkLacks(Gap gap) {
        boolean lacks = simulation.published.stream()
                .anyMatch(message -> message.kept()
                        && (gap.skipped().covers(message.dot())
                                || gap.retired().stream()
                                        .map(CatchUpResponse.Retired::last)
                                        .anyMatch(last -> last.stream() == message.dot().stream()
                                                && last.counter()
                                                        >= message.dot().counter()))
                        && !got.get(message.number())
                        && !begun.covers(message.dot()));
        simulation.check(
                lacks || simulation.mayForget(), () -> name + " is notified of " + gap + ", but lacks nothing");
    }

    private void take(String content, boolean givenUp) {
        HistorySimulation.Published message = simulation.named(content);
        simulation.check(
                !got.get(message.number()) || simulation.mayForget(message),
                () -> name + " gets " + content + " twice");
        got.set(message.number());
        int before = latest.getOrDefault(message.publisher(), 0);
        simulation.check(
                before < message.index() || simulation.mayForget(message),
                () -> name + " gets " + content + " after the " + before + "th of its node");
        latest.put(message.publisher(), message.index());
        if (!givenUp && message.at() > gapReportedAt) {
            BitSet missing = (BitSet) message.before().clone();
            missing.andNot(got);
            missing.stream()
                    .mapToObj(simulation.published::get)
                    .forEach(earlier -> simulation.check(
                            earlier.at() <= gapReportedAt
                                    || isInBase(earlier)
                                    || ahead.get(earlier.dot().stream())
                                            >= earlier.dot().counter(),
                            () -> name + " gets " + content + " before " + earlier.name()));
        }
    }

    /** Whether the client began after a message. Its node may not have had all of a stream that was retired. */
    private boolean isInBase(HistorySimulation.Published message) {
        long stream = message.dot().stream();
        return message.dot().counter() <= base.get(stream)
                || (message.at() <= baseAt && simulation.retired.contains(stream));
    }

    void checkEnd() {
        SimNode at = node;
        simulation.check(at != null && at.members.containsKey(name), () -> name + " has not joined");
        if (at == null) {
            return;
        }
        for (HistorySimulation.Published message : simulation.published) {
            boolean due = !at.log().hasGap()
                    && message.kept()
                    && message.at() > gapReportedAt
                    && !isInBase(message)
                    && at.passed().get(message.dot().stream()) >= message.dot().counter();
            simulation.check(
                    !due || got.get(message.number()),
                    () -> name + " at " + at + " lacks " + message.name() + "; it has begun at " + base);
        }
    }
}
