package io.heliodor.client;

import io.heliodor.client.session.Answer;
import io.heliodor.client.session.ClientCounter;
import io.heliodor.client.wire.Payload;
import io.heliodor.event.Call;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** The calls without a result, as the application has them. The loop completes them; it runs nothing that depends on them. */
final class Calls {
    private final ClientRuntime client;
    private final int maxPending;
    private final Replies replies;
    private final AtomicLong numbers = new AtomicLong();
    private final AtomicInteger pending = new AtomicInteger();
    private final Map<Long, Consumer<Answer>> continuations = new ConcurrentHashMap<>();

    Calls(ClientRuntime client, int maxPending, Replies replies) {
        this.client = client;
        this.maxPending = maxPending;
        this.replies = replies;
    }

    <Q, R, E> CallResult<R, E> await(ClientChannel channel, Call<Q, R, E> call, Q request, Duration timeout) {
        if (client.loop().isCurrentThread()) {
            throw new IllegalStateException("call(\"" + call.name() + "\") on \"" + channel.topic()
                    + "\" on the thread of the client, which would wait for itself: the executor of callbacks runs them on the"
                    + " thread that submits them; give callbacks(executor) one with threads.");
        }
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        if (!submit(channel, call, request, timeout, answer::complete)) {
            return new CallResult.NotSent<>();
        }
        try {
            return replies.result(call, answer.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new CallResult.TimedOut<>();
        } catch (ExecutionException e) {
            throw new IllegalStateException("A call was completed with an exception.", e);
        }
    }

    <Q, R, E> CompletableFuture<CallResult<R, E>> begin(
            ClientChannel channel, Call<Q, R, E> call, Q request, Duration timeout) {
        CompletableFuture<CallResult<R, E>> result = new CompletableFuture<>();
        // Neither on the loop, nor on the thread of callbacks: one of them may wait for this result.
        boolean accepted = submit(
                channel, call, request, timeout, answer -> result.completeAsync(() -> replies.result(call, answer)));
        return accepted ? result : CompletableFuture.completedFuture(new CallResult.NotSent<>());
    }

    private <Q> boolean submit(
            ClientChannel channel, Call<Q, ?, ?> call, Q request, Duration timeout, Consumer<Answer> continuation) {
        Objects.requireNonNull(call, "call");
        Objects.requireNonNull(request, "request");
        long nanos = ClientChannel.nanos(timeout);
        channel.checkJoined("call(\"" + call.name() + "\")");
        Payload written = client.payloads().write(call.name(), call.request(), request);
        int size = client.size(channel, call.name(), written);
        if (channel.isOver() || client.isClosed()) {
            return false;
        }
        if (pending.incrementAndGet() > maxPending) {
            pending.decrementAndGet();
            client.count(ClientCounter.REJECTED_CALLS);
            return false;
        }
        if (!client.room().take(size)) {
            pending.decrementAndGet();
            client.count(ClientCounter.REJECTED_CALLS);
            return false;
        }
        long number = numbers.incrementAndGet();
        continuations.put(number, continuation);
        boolean isRepeated = call.key().isPresent();
        client.loop()
                .submit((state, now) ->
                        state.call(now, channel.number(), number, call.name(), written, size, nanos, isRepeated));
        return true;
    }

    /** On the loop. */
    void complete(long number, Answer answer) {
        Consumer<Answer> continuation = continuations.remove(number);
        if (continuation != null) {
            pending.decrementAndGet();
            continuation.accept(answer);
        }
    }

    /** After a fault of the client. */
    void closeAll() {
        List.copyOf(continuations.keySet()).forEach(number -> complete(number, new Answer.Closed()));
    }

    int pending() {
        return pending.get();
    }
}
