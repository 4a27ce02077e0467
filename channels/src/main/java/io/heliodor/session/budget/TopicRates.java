package io.heliodor.session.budget;

import io.heliodor.limit.Rate;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;

/**
 * The tokens for messages of topics that a connection has left, kept until all have come back: a client that joins
 * again gets no new ones. With too many topics those of which the most have come back are dropped, and topics begin without
 * tokens until all of them would have. Without a clock. Used on the lane's thread.
 */
public final class TopicRates {
    /** The heap of an entry without its topic. */
    private static final long ENTRY_BYTES = 256;

    private final int max;
    private final MemoryBudget memory;
    private final Map<String, TokenBucket> left = new HashMap<>(0);

    /** Whether tokens were dropped that have not all come back. */
    private boolean dropped;

    /** The time at which all tokens that were dropped have come back. */
    private long droppedUntil;

    /**
     * No tokens.
     *
     * @param max the maximum of topics that tokens are kept for, at least 1; with more, tokens of new topics have to come
     *     first
     * @param memory the memory budget of the endpoint
     */
    public TopicRates(int max, MemoryBudget memory) {
        this.max = max;
        this.memory = memory;
    }

    /** The tokens of a topic that is joined: those that were left, or else all of its rate. */
    public TokenBucket join(String topic, Rate rate, long now) {
        TokenBucket kept = left.remove(topic);
        if (kept != null) {
            memory.add(-bytes(topic));
            return kept;
        }
        // Otherwise a client would get the tokens of as many topics as it joins in turn.
        return hasRoom(now) && !hasDropped(now) ? new TokenBucket(rate, now) : TokenBucket.empty(rate, now);
    }

    /** Keeps the tokens of a topic that is left, in any case until the next one is left: it may be joined again now. */
    public void leave(String topic, TokenBucket tokens, long now) {
        if (tokens.isFull(now)) {
            return;
        }
        if (!hasRoom(now)) {
            dropFullest(now);
        }
        left.put(topic, tokens);
        memory.add(bytes(topic));
    }

    private void dropFullest(long now) {
        Map.Entry<String, TokenBucket> fullest = Collections.min(
                left.entrySet(),
                Comparator.comparingLong(each -> each.getValue().fullIn(now)));
        long until = now + fullest.getValue().fullIn(now);
        left.remove(fullest.getKey());
        memory.add(-bytes(fullest.getKey()));
        droppedUntil = hasDropped(now) && droppedUntil - until > 0 ? droppedUntil : until;
        dropped = true;
    }

    private boolean hasDropped(long now) {
        dropped = dropped && droppedUntil - now > 0;
        return dropped;
    }

    /** Keeps nothing more, when the connection ends. */
    public void clear() {
        left.keySet().forEach(topic -> memory.add(-bytes(topic)));
        left.clear();
    }

    private boolean hasRoom(long now) {
        if (left.size() >= max) {
            left.entrySet().removeIf(each -> {
                boolean full = each.getValue().isFull(now);
                if (full) {
                    memory.add(-bytes(each.getKey()));
                }
                return full;
            });
        }
        return left.size() < max;
    }

    private static long bytes(String topic) {
        return ENTRY_BYTES + 2L * topic.length();
    }

    /** The number of topics that tokens are kept for. */
    int size() {
        return left.size();
    }
}
