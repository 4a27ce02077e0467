package io.heliodor.channel;

import io.heliodor.event.Call;
import java.util.concurrent.CompletionStage;

/**
 * A reply that may be sent after the handler of its {@link Call} has returned: once, from any thread. A reply that nothing refers to any
 * more can never be sent: it is counted as {@code deferred_unsent}, and a line of the log has its call.
 *
 * @param <R> the type of the payload
 * @param <E> the type of an error's payload
 */
public interface DeferredReply<R, E> {
    /**
     * Sends the reply. It does not wait for the client; after the channel's end it is dropped and counted.
     *
     * @param reply the reply
     * @throws IllegalStateException if one was sent before
     * @throws IllegalArgumentException if its payload cannot be written as JSON; another reply may be sent then
     */
    void send(Reply<R, E> reply);

    /**
     * Sends the reply when a future is complete, on the thread that completes it. A future that completes with an exception, or
     * with a payload that cannot be written, counts as an exception of the handler: a refusal if that is {@linkplain
     * Channel.Builder#onException expected}, else the channel ends as {@link LeaveReason.Failed}.
     *
     * {@snippet lang="java" :
     * .answerLater(QUOTE, (quote, context, reply) -> reply.sendWhenComplete(prices.ask(quote).thenApply(Reply::ok)))
     * }
     *
     * @param reply the reply
     */
    void sendWhenComplete(CompletionStage<? extends Reply<R, E>> reply);
}
