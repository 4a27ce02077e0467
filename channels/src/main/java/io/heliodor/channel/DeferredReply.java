package io.heliodor.channel;

import io.heliodor.event.Call;
import java.util.concurrent.CompletionStage;

/**
 * A reply that may be sent after the handler of its {@link Call} has returned: once, from any thread. If the object becomes unreachable
 * before the reply was sent, it is counted as {@code deferred_unsent}, and its call is logged. A drain of the server waits for
 * it as for a handler, until its deadline; the end of a connection for another reason does not.
 *
 * @param <R> the type of the payload
 * @param <E> the type of an error's payload
 */
public interface DeferredReply<R, E> {
    /**
     * Sends the reply. It does not wait for the client. After the channel's end the reply is dropped and counted: the client got
     * {@code channel_closed} or {@code crashed} then.
     *
     * @param reply the reply
     * @throws IllegalStateException if one was sent before
     * @throws IllegalArgumentException if its payload cannot be written as JSON; another reply may be sent then
     */
    void send(Reply<R, E> reply);

    /**
     * Sends the reply when a future completes, on the completing thread. A future that completes with an exception, or
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
