package io.heliodor.session.retention;

import io.heliodor.channel.History;
import io.heliodor.channel.KeptMessages;
import io.heliodor.history.CatchUpRequest;
import io.heliodor.history.CatchUpResponse;
import io.heliodor.history.CatchUpSchedule;
import io.heliodor.history.CausalStamp;
import io.heliodor.history.Delivery;
import io.heliodor.history.Dot;
import io.heliodor.history.Gap;
import io.heliodor.history.HistoryMessage;
import io.heliodor.history.LogEntry;
import io.heliodor.history.LogLimits;
import io.heliodor.history.LogListener;
import io.heliodor.history.ResumeResult;
import io.heliodor.history.ResumeToken;
import io.heliodor.history.TopicLog;
import io.heliodor.history.VersionVector;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.fanout.Broadcast;
import io.heliodor.session.fanout.SlowDeliveries;
import io.heliodor.session.replication.Replicas;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.ObjLongConsumer;
import java.util.function.Predicate;

/**
 * The history of one topic on this node: its log, and how that keeps up with the logs of other nodes. Its topic's lock guards it.
 */
final class TopicHistory implements CatchUpSchedule.Effects<KeptBroadcast>, LogListener<KeptBroadcast> {
    /** A member that is ahead waits for a round. */
    private record Waiting(long round, CompletableFuture<Void> over) {}

    private final History bounds;
    private final Histories<?> histories;
    private final Histories<?>.Share share;
    private final String topic;
    private final MemoryBudget memory;
    private final KeptSize size;
    private final KeptLanes lanes;

    /** Requests messages from the logs of another node, in a round. */
    private final ObjLongConsumer<String> requests;

    private final TopicLog<KeptBroadcast> log;
    private final CatchUpSchedule<KeptBroadcast> replication;
    private final CompletableFuture<Void> begun = new CompletableFuture<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private boolean ended;

    /** Whether it has had a member, a message or a copy. One of which joins were refused alone ends with them. */
    private boolean used;

    TopicHistory(
            History bounds,
            Histories<?> histories,
            Histories<?>.Share share,
            MemoryBudget memory,
            Replicas<?> replicas,
            String topic,
            KeptLanes lanes,
            ObjLongConsumer<String> requests,
            long now) {
        this.bounds = bounds;
        this.histories = histories;
        this.share = share;
        this.topic = topic;
        this.memory = memory;
        this.size = new KeptSize(topic);
        this.lanes = lanes;
        this.requests = requests;
        LogLimits limits = LogLimits.of(
                bounds.maxBroadcasts(), bounds.maxBytes(), bounds.maxAge().toNanos());
        this.log = new TopicLog<>(replicas::stream, replicas.owner(), limits, this);
        this.replication = new CatchUpSchedule<>(log, this, now);
        memory.add(MemoryBudget.HISTORY_BYTES);
    }

    /** Whether its topic has ended. It keeps and delivers no messages then. */
    boolean hasEnded() {
        return ended;
    }

    /** Complete when members may join. */
    CompletableFuture<Void> ready() {
        return begun;
    }

    boolean keeps(Broadcast broadcast) {
        return broadcast.payload() instanceof Payload.Json && bounds.keeps(broadcast.event());
    }

    /** Whether all events of another definition are kept here. */
    boolean keepsAllOf(History other) {
        return other.events().stream().allMatch(event -> bounds.keeps(event.name()));
    }

    /** The time for which a broadcast is kept, and the history after its last member left, in nanoseconds. */
    long age() {
        return bounds.maxAge().toNanos();
    }

    /** It has a member or keeps a copy. */
    void use() {
        used = true;
    }

    boolean isUsed() {
        return used;
    }

    // Publishing and receiving.

    Delivery<KeptBroadcast> publish(Broadcast broadcast, long now) {
        used = true;
        Delivery<KeptBroadcast> delivery = log.publish(new KeptBroadcast(broadcast, SlowDeliveries.NONE, memory), now);
        log.expire(now);
        return delivery;
    }

    /** The stamp of a broadcast that is not kept. */
    CausalStamp stampUnkept() {
        return log.unkeptStamp();
    }

    /** A broadcast of another log, with its stamp. */
    void received(Broadcast broadcast, SlowDeliveries slow, long now) {
        CausalStamp stamp = Objects.requireNonNull(broadcast.stamp());
        replication.received(new HistoryMessage<>(stamp, new KeptBroadcast(broadcast, slow, memory), 0), now);
    }

    // Other nodes.

    void begin(Set<String> others, long now) {
        replication.others(others, now);
        replication.begin(now);
    }

    /** Whether a member has what this log lacks. */
    boolean isAhead(ResumeToken since) {
        return log.isAhead(since);
    }

    /** Whether this log has delivered all up to a position. */
    boolean covers(VersionVector position) {
        return log.covers(position);
    }

    /** Catches up because a member or another log is ahead. */
    CompletableFuture<Void> catchUp(Set<String> others, long now) {
        Waiting next = new Waiting(replication.catchUp(), new CompletableFuture<>());
        waiting.add(next);
        tick(others, now);
        return next.over();
    }

    /** The request for the next part of a response. */
    CatchUpRequest request(Optional<Dot> after) {
        return log.request(after);
    }

    CatchUpResponse<KeptBroadcast> respond(CatchUpRequest request, int maxBytes, long now) {
        return log.respond(request, maxBytes, now);
    }

    void answered(String node, long round, CatchUpResponse<KeptBroadcast> answer, long now) {
        replication.received(node, round, answer, now);
    }

    void over(String node, long round, boolean responded, long now) {
        replication.over(node, round, responded, now);
        endWaits();
    }

    void differs(String node) {
        replication.differs(node);
    }

    /** The same on nodes whose logs have delivered the same. */
    int hash() {
        return log.hash();
    }

    /** Whether it waits for nothing but messages. */
    boolean isQuiescent() {
        return replication.isQuiescent();
    }

    void tick(Set<String> others, long now) {
        replication.others(others, now);
        replication.tick(now);
        endWaits();
    }

    private void endWaits() {
        waiting.removeIf(each -> replication.isOver(each.round()) && each.over().complete(null));
    }

    @Override
    public void request(String node, long round) {
        requests.accept(node, round);
    }

    @Override
    public void deliver(List<Delivery<KeptBroadcast>> deliveries) {
        used |= !deliveries.isEmpty();
        deliveries.forEach(each -> lanes.deliver(each, each.content().broadcast()));
    }

    @Override
    public void begun() {
        begun.complete(null);
    }

    @Override
    public void missed(Gap gap, ResumeToken token) {
        lanes.notifyGap(gap, token);
    }

    // Members.

    KeptRecovery recover(Optional<ResumeToken> since, long now) {
        ResumeResult<KeptBroadcast> resumed = log.resume(since, now);
        return new KeptRecovery(
                resumed.recovered(), resumed.token(), resumed.missed(), resumed.ahead(), log.position());
    }

    /** The messages that were skipped lately, of which a member that joins now lacks none. */
    VersionVector skipped() {
        return log.skipped();
    }

    /** The token of all that was delivered. */
    String token() {
        return log.token().text();
    }

    /** Kept messages for a member with a state. */
    sealed interface Following {
        /**
         * The messages that the state does not have.
         *
         * @param before those from before the beginning of the join
         * @param since the numbers of those that have been kept since
         */
        record Known(List<ResumeResult.Missed<KeptBroadcast>> before, Set<Dot> since) implements Following {}

        /** Some of them are not kept any more, or this log does not know the position. */
        record Unknown() implements Following {}
    }

    /** The kept messages after the position of a state, for a join that began at another one. */
    Following following(ResumeToken state, VersionVector begun, long now) {
        ResumeResult<KeptBroadcast> resumed = log.resume(Optional.of(state), now);
        if (!resumed.recovered()) {
            return new Following.Unknown();
        }
        List<ResumeResult.Missed<KeptBroadcast>> before = new ArrayList<>();
        Set<Dot> since = new HashSet<>();
        for (ResumeResult.Missed<KeptBroadcast> each : resumed.missed()) {
            Dot dot = each.kept().dot();
            if (begun.covers(dot)) {
                before.add(each);
            } else {
                since.add(dot);
            }
        }
        return new Following.Known(before, since);
    }

    /** The newest messages that were kept when a join began, the newest first. */
    List<LogEntry<KeptBroadcast>> newest(VersionVector begun, long now) {
        return log.newest(Integer.MAX_VALUE, now).stream()
                .filter(each -> begun.covers(each.dot()))
                .toList();
    }

    // The server.

    /** The newest messages first. */
    KeptMessages newest(int limit, PayloadCodec codec, long now) {
        List<KeptMessages.Message> messages = log.newest(limit, now).stream()
                .map(kept -> message(kept, kept.token(), codec, now))
                .toList();
        return new KeptMessages(messages, Optional.of(log.token().text()), false);
    }

    /** The messages after a token, the oldest first. */
    KeptMessages since(Optional<ResumeToken> token, int limit, PayloadCodec codec, long now) {
        ResumeResult<KeptBroadcast> resumed = log.resume(token, now);
        List<KeptMessages.Message> messages = resumed.missed().stream()
                .limit(limit)
                .map(missed -> message(missed.kept(), missed.token(), codec, now))
                .toList();
        String last = messages.isEmpty() ? resumed.token() : messages.getLast().token();
        return new KeptMessages(messages, Optional.of(last), resumed.recovered());
    }

    private static KeptMessages.Message message(
            LogEntry<KeptBroadcast> kept, ResumeToken token, PayloadCodec codec, long now) {
        Duration age = Duration.ofNanos(Math.max(0, now - kept.at()));
        return new KeptMessage(kept.content().broadcast(), token.text(), age, codec);
    }

    // Its memory.

    boolean isEmpty() {
        return log.bytes() == 0;
    }

    void expire(Predicate<String> living, long now) {
        log.owners(living, now);
        log.expire(now);
    }

    /** Drops the oldest half, at least one. False if there is none. */
    boolean shrink(long now) {
        return log.shrink(now);
    }

    /** Drops all. */
    void end() {
        // Before its futures complete: a copy that ends is not confirmed.
        ended = true;
        log.clear();
        memory.add(-MemoryBudget.HISTORY_BYTES);
        begun.complete(null);
        waiting.forEach(each -> each.over().complete(null));
        waiting.clear();
    }

    @Override
    public int bytes(HistoryMessage<KeptBroadcast> message) {
        return size.waiting(message.stamp(), message.content().broadcast());
    }

    @Override
    public int bytes(LogEntry<KeptBroadcast> entry) {
        return entry.content().bytes();
    }

    @Override
    public void grew(long more) {
        share.grow(more);
    }

    @Override
    public void waitingGrew(long more) {
        share.grow(more);
        memory.add(more);
    }

    @Override
    public void kept(LogEntry<KeptBroadcast> entry) {
        entry.content().keep(size.kept(entry, entry.content().broadcast()));
    }

    @Override
    public void dropped(KeptBroadcast content) {
        content.memory().release();
    }

    @Override
    public void evicted() {
        histories.evicted();
    }

    @Override
    public void tokenTooLong() {
        histories.tokenTooLong();
    }

    @Override
    public void streamForgotten() {
        histories.streamForgotten();
    }

    @Override
    public void lost(Dot dot) {
        if (log.hasBegun() && lanes.lacks(dot, dot)) {
            histories.missed(
                    topic, dot, "the last one waited for those before it for longer than the history keeps messages");
        }
    }

    @Override
    public void givenUp(Dot last, Dot after) {
        // A log may begin without the response of a slow node, and get its floors later. Clients have what is below
        // them.
        if (log.hasBegun() && lanes.lacks(last, after)) {
            histories.missed(topic, last, "no node that answers keeps them");
        }
    }
}
