package io.heliodor.session.budget;

import io.heliodor.limit.Rate;
import java.util.HashMap;
import java.util.Map;

/**
 * The tokens for messages of topics that a connection has left, kept until all have come back: a client that joins
 * again gets no new ones. Without a clock. Used on the lane's thread.
 */
public final class TopicRates {
    /** The heap of an entry without its topic. */
    private static final long ENTRY_BYTES = 256;

    private final int max;
    private final MemoryBudget memory;
    private final Map<String, TokenBucket> left = new HashMap<>(0);

    /**
     * No tokens.
     *
     * @param max the maximum of topics that tokens are kept for; with more, tokens of new topics have to come first
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
        return hasRoom(now) ? new TokenBucket(rate, now) : TokenBucket.empty(rate, now);
    }

    /** Keeps the tokens of a topic that is left. */
    public void leave(String topic, TokenBucket tokens, long now) {
        if (!tokens.isFull(now) && hasRoom(now)) {
            left.put(topic, tokens);
            memory.add(bytes(topic));
        }
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
