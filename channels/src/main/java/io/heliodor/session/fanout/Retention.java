package io.heliodor.session.fanout;

import io.heliodor.channel.FirstMessages;
import io.heliodor.history.ResumeToken;
import io.heliodor.pubsub.Subscription;
import io.heliodor.wire.Payload;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Keeps messages of one topic: the topic passes joins and messages to it. It begins with the first member whose channel keeps
 * messages, or without members, and ends with the topic. The methods are called under the topic's lock unless they state otherwise.
 */
public interface Retention {
    /** The joins of channels that keep messages. */
    interface Joins {
        /** Whether a channel with a token need not {@linkplain #await wait} for other nodes. */
        boolean isUpToDate(Optional<ResumeToken> since);

        /** Waits for what other nodes have, and a channel with a token needs. Without the lock. */
        void await(Optional<ResumeToken> since) throws ExecutionException, InterruptedException;

        /** Begins the join of a channel that keeps messages. */
        JoinBarrier begin(JoinBarrier.Joining joining);

        /** Lets such a channel become a member. Without the lock. */
        void accept(JoinBarrier barrier, Payload.Json reply, FirstMessages first);
    }

    /** Begins, after the topic has subscribed. Without a subscription it keeps a copy for other nodes. */
    void begin();

    /**
     * The topic has subscribed.
     *
     * @param ready completes when all nodes have the subscription
     */
    void subscribed(CompletableFuture<Void> ready);

    /** The joins of channels that keep messages. */
    Joins joins();

    /** A first member is about to join. */
    void busy();

    /** The token of all that was delivered here. Without the lock. */
    String token();

    /** The last member has left. Returns false if the topic need not outlive it. */
    boolean idle();

    /** Drops messages beyond the limits. Without the lock. */
    void trim();

    void end();

    /**
     * Broadcasts to the members of all nodes. Without the lock.
     *
     * @param own the subscription of the topic
     * @return false if the topic has ended: then nothing was done
     */
    boolean publish(Broadcast broadcast, Subscription own);

    /**
     * Delivers a broadcast of another endpoint or node. Without the lock.
     *
     * @param all the members when it came
     */
    void receive(Broadcast broadcast, Members[] all);
}
