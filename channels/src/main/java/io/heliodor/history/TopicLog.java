package io.heliodor.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * The log of one topic on one node. It is guarded by the lock of its topic, and the caller passes the time.
 *
 * @param <C> the type of the contents
 */
public final class TopicLog<C> {
    private final LogListener<C> listener;
    private final LogPosition position;
    private final LogEntries<C> entries;
    private final HeldMessages<C> held;
    private final StreamOwners owners;
    private final StreamLifecycle<C> streams;
    private final CausalDelivery<C> delivery;
    private final CatchUpMerge<C> merge;
    private final TokenRecovery<C> recovery;

    /**
     * An empty log.
     *
     * @param ids returns ids for its own streams: random numbers of 48 bits
     * @param owner its location
     * @param limits its limits
     * @param listener receives its changes
     */
    public TopicLog(LongSupplier ids, LogLocation owner, LogLimits limits, LogListener<C> listener) {
        this.listener = listener;
        this.position = new LogPosition(ids, limits);
        this.entries = new LogEntries<>(limits, listener);
        this.held = new HeldMessages<>(limits, listener);
        this.owners = new StreamOwners(owner);
        this.streams = new StreamLifecycle<>(limits, listener, position, entries, held, owners);
        this.delivery = new CausalDelivery<>(listener, position, entries, held, streams);
        this.merge = new CatchUpMerge<>(listener, position, held, owners, streams, delivery);
        this.recovery = new TokenRecovery<>(position, entries);
    }

    // Messages.

    /**
     * Adds a message of this node.
     *
     * @param content the message
     * @param now the present time
     * @return its delivery to the members
     */
    public Delivery<C> publish(C content, long now) {
        return delivery.publish(content, now);
    }

    /**
     * The stamp of a message of this node that is not kept.
     *
     * @return the stamp that is sent to other nodes
     */
    public CausalStamp unkeptStamp() {
        return position.unkept();
    }

    /** Receives a message of another node. */
    List<Delivery<C>> received(HistoryMessage<C> message, long now) {
        List<Delivery<C>> all = new ArrayList<>();
        delivery.receive(message, now, all);
        return all;
    }

    /** Ends the wait of messages that are not kept. Called on clock ticks outside of rounds. */
    List<Delivery<C>> endWaits(long now) {
        return delivery.endWaits(now);
    }

    /** Skips waiting messages beyond the maximum age. Returns the messages that waited for them. */
    List<Delivery<C>> expireWaiting(long now) {
        return delivery.expireWaiting(now);
    }

    // Catching up.

    /**
     * Whether the log has caught up for the first time.
     *
     * @return whether members may join
     */
    public boolean hasBegun() {
        return delivery.hasBegun();
    }

    /** Marks that the log has caught up, and members may join. Called after {@link #giveUpMissing}. */
    void begun() {
        delivery.begun();
    }

    /** Whether a message waits, or was dropped while it waited, since a matching time. */
    boolean lacks(LongPredicate since) {
        return held.lacking(since).isPresent();
    }

    /** Whether messages wait, or were dropped while they waited. */
    boolean lacksMessages() {
        return held.lacksMessages();
    }

    /** The node with the predecessors of a message that waits since a matching time. */
    Optional<String> heldOwner(LongPredicate since) {
        return held.lacking(since).flatMap(owners::of).map(LogLocation::node);
    }

    /** Begins a round of requests to other logs. */
    void beginRound() {
        held.beginRound();
    }

    /** Whether another log has delivered messages that this one has not. */
    boolean isBehind(CatchUpResponse<C> response) {
        return response.streams().stream().anyMatch(each -> each.counter() > position.counter(each.id()));
    }

    /**
     * The request of this log to others.
     *
     * @param after the last message of the previous part
     * @return a request
     */
    public CatchUpRequest request(Optional<Dot> after) {
        return new CatchUpRequest(position.own(), owners.here(), position.vector(), after);
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
        streams.register(request.own(), request.owner());
        List<HistoryMessage<C>> messages = new ArrayList<>();
        int length = 0;
        boolean more = false;
        boolean follows = request.after().filter(entries::contains).isEmpty();
        for (LogEntry<C> each : entries.all()) {
            if (!follows) {
                follows = each.dot().equals(request.after().orElseThrow());
            } else if (!request.position().covers(each.dot())) {
                length += listener.bytes(each);
                if (length > maxBytes && !messages.isEmpty()) {
                    more = true;
                    break;
                }
                messages.add(each.message(now));
            }
        }
        List<CatchUpResponse.Stream> known = position.vector().dots().stream()
                .map(each -> new CatchUpResponse.Stream(
                        each.stream(),
                        each.counter(),
                        entries.floor(each.stream(), each.counter()),
                        owners.of(each.stream())))
                .toList();
        return new CatchUpResponse<>(
                known, position.own(), messages, more, position.retired().since(request.position()));
    }

    /** Merges a part of the response of another log. */
    List<Delivery<C>> merge(CatchUpResponse<C> response, long now) {
        return merge.merge(response, now);
    }

    /**
     * Gives up missing messages after all reachable logs have responded.
     *
     * @param responses the last part of each response
     */
    List<Delivery<C>> giveUpMissing(Collection<CatchUpResponse<C>> responses, long now) {
        return merge.giveUpMissing(responses, now);
    }

    /**
     * Updates which streams have ended.
     *
     * @param living whether a node has subscriptions to the topic
     * @param now the present time
     */
    public void owners(Predicate<String> living, long now) {
        streams.update(living, now);
    }

    // Kept messages.

    /**
     * Drops kept messages beyond the maximum age.
     *
     * @param now the present time
     */
    public void expire(long now) {
        entries.expire(now);
    }

    /**
     * Drops the older half of the kept messages, at least one; if there are none, all waiting messages.
     *
     * @param now the present time
     * @return false if there was no message
     */
    public boolean shrink(long now) {
        return entries.shrink() || held.evictAll(now);
    }

    /** Drops all messages at the end of the log. */
    public void clear() {
        entries.clear();
        held.clear();
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
        return entries.newest(limit);
    }

    Collection<LogEntry<C>> kept() {
        return entries.all();
    }

    /**
     * The size of kept and waiting messages.
     *
     * @return bytes of heap
     */
    public long bytes() {
        return entries.bytes() + held.bytes();
    }

    // The position.

    /**
     * The position of this log.
     *
     * @return the streams with their counters
     */
    public VersionVector position() {
        return position.vector();
    }

    /**
     * Whether all messages of a position were delivered here, or are lost.
     *
     * @param other the position of another log
     * @return whether this log lacks none of them
     */
    public boolean covers(VersionVector other) {
        return position.missing(other).size() == 0;
    }

    /**
     * A hash of the position.
     *
     * @return a hash that is equal for logs with the same position
     */
    public int hash() {
        return position.vector().digest();
    }

    /** Whether the token of the next kept message will have the mark of a gap. */
    boolean hasGap() {
        return !delivery.gap().isEmpty();
    }

    /** The members are notified of the gap without a message. Returns it. */
    Gap reportGap() {
        return delivery.reportGap();
    }

    /**
     * The messages that were skipped since the last kept one. A member that joins now lacks none of them: it recovers
     * by its token, which is not below the floors, or begins anew.
     *
     * @return the counters up to which streams were skipped; mostly empty
     */
    public VersionVector skipped() {
        return delivery.gap().skipped();
    }

    // Tokens.

    /**
     * The token of a member that has all messages delivered by this node.
     *
     * @return a token
     */
    public ResumeToken token() {
        return position.token();
    }

    /**
     * Whether a token covers messages that this log lacks. Then it catches up first.
     *
     * @param token the token of a client
     * @return whether the token is ahead
     */
    public boolean isAhead(ResumeToken token) {
        return !covers(token.named()) || !position.knows(token.named());
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
        return recovery.resume(since);
    }

    /** Checks the whole log. Tests call it after each event. */
    void checkInvariants() {
        position.checkInvariants();
        entries.checkInvariants(position);
        held.checkInvariants(position.vector());
        owners.checkInvariants(position.vector());
        delivery.checkInvariants();
    }
}
