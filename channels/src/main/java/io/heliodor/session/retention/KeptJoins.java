package io.heliodor.session.retention;

import io.heliodor.channel.FirstMessages;
import io.heliodor.history.Dot;
import io.heliodor.history.LogEntry;
import io.heliodor.history.ResumeResult;
import io.heliodor.history.ResumeToken;
import io.heliodor.history.VersionVector;
import io.heliodor.session.fanout.FastlaneTopic;
import io.heliodor.session.fanout.JoinBarrier;
import io.heliodor.session.fanout.Members;
import io.heliodor.session.fanout.Recovery;
import io.heliodor.session.fanout.Retention;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.wire.Payload;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The joins of channels that keep the history of one topic. Its topic's lock guards them. */
final class KeptJoins implements Retention.Joins {
    private final KeptParts parts;
    private final FastlaneTopic topic;
    private final KeptLanes lanes;
    private final TopicHistory history;
    private final TopicReplica replica;

    KeptJoins(KeptParts parts, FastlaneTopic topic, KeptLanes lanes, TopicHistory history, TopicReplica replica) {
        this.parts = parts;
        this.topic = topic;
        this.lanes = lanes;
        this.history = history;
        this.replica = replica;
    }

    @Override
    public boolean isUpToDate(Optional<ResumeToken> since) {
        return history.ready().isDone() && !replica.isAhead(since);
    }

    @Override
    public void await(Optional<ResumeToken> since) throws ExecutionException, InterruptedException {
        history.ready().get();
        // A node may have joined the view since: without its topics it would get no request.
        parts.others().interestKnown().get();
        replica.caughtUp(since).get();
    }

    @Override
    public JoinBarrier begin(JoinBarrier.Joining joining) {
        KeptRecovery recovery = recover(joining);
        Members members = lanes.members(joining.kind(), recovery.ahead(), history.skipped());
        return new JoinBarrier(joining.member(), members, recovery);
    }

    private KeptRecovery recover(JoinBarrier.Joining joining) {
        // It may have missed events that its own definition keeps and the history does not.
        boolean known = joining.kept().filter(history::keepsAllOf).isPresent();
        KeptRecovery recovery = history.recover(known ? joining.since() : Optional.empty(), parts.now());
        if (lanes.takes(joining.kind(), recovery.ahead())) {
            return recovery;
        }
        recovery.dispose();
        parts.topics().counters().increment(Counter.HISTORY_AHEAD_REFUSED);
        return history.recover(Optional.empty(), parts.now());
    }

    @Override
    public void accept(JoinBarrier barrier, Payload.Json reply, FirstMessages first) {
        if (!(barrier.recovery() instanceof KeptRecovery begun) || begun.recovered()) {
            accept(barrier, reply, barrier.recovery(), _ -> false);
            return;
        }
        switch (first) {
            case FirstMessages.SinceJoin _ -> accept(barrier, reply, begun, _ -> false);
            case FirstMessages.Since(var position) -> acceptSince(barrier, reply, begun, ResumeToken.of(position));
            case FirstMessages.Newest newest ->
                acceptWith(
                        barrier,
                        reply,
                        begun,
                        kept(begun).stream().limit(newest.limit()).toList());
            case FirstMessages.NewestOfEach<?> newest ->
                acceptWith(
                        barrier,
                        reply,
                        begun,
                        NewestOfEach.of(kept(begun), newest, parts.topics().codec()));
        }
    }

    private void accept(JoinBarrier barrier, Payload.Json reply, @Nullable Recovery recovery, Predicate<Dot> known) {
        synchronized (topic) {
            history.use();
            topic.accept(barrier, reply, recovery, known);
        }
    }

    /** The messages that were kept when a join began, the newest first. */
    private List<LogEntry<KeptBroadcast>> kept(KeptRecovery begun) {
        synchronized (topic) {
            return history.newest(begun.position(), parts.now());
        }
    }

    /** With kept messages, the newest first. */
    private void acceptWith(
            JoinBarrier barrier, Payload.Json reply, KeptRecovery begun, List<LogEntry<KeptBroadcast>> newestFirst) {
        synchronized (topic) {
            List<ResumeResult.Missed<KeptBroadcast>> first = newestFirst.reversed().stream()
                    .map(each -> new ResumeResult.Missed<>(each, each.token()))
                    .toList();
            accept(barrier, reply, first.isEmpty() ? begun : begun.with("", first), _ -> false);
        }
    }

    private void acceptSince(JoinBarrier barrier, Payload.Json reply, KeptRecovery begun, Optional<ResumeToken> state) {
        try {
            replica.caughtUp(state).get();
        } catch (ExecutionException e) {
            throw new AssertionError("the readiness of a topic does not fail", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (topic) {
            if (state.isPresent()) {
                ResumeToken token = state.get();
                VersionVector named = token.named();
                if (history.covers(named) && named.covers(begun.position())) {
                    // The messages after the state wait in the lane, whether or not they are kept still.
                    accept(barrier, reply, begun.with(token.text(), List.of()), named::covers);
                    return;
                }
                if (history.following(token, begun.position(), parts.now())
                        instanceof TopicHistory.Following.Known(var before, var since)) {
                    accept(barrier, reply, begun.with(token.text(), before), dot -> !since.contains(dot));
                    return;
                }
            }
            parts.topics().counters().increment(Counter.HISTORY_POSITIONS_UNKNOWN);
            accept(barrier, reply, begun, _ -> false);
        }
    }
}
