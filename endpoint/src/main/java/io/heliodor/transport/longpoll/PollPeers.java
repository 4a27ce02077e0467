package io.heliodor.transport.longpoll;

import io.heliodor.session.Endpoints;
import io.heliodor.transport.io.BlockingTasks;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks other endpoints about clients that poll, and answers them, by one byte each. Any thread may use it. */
final class PollPeers {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    static final int NO = 0;
    static final int YES = 1;
    static final int BUSY = 2;

    /** No answer: the endpoint is slow or busy, or has gone. Never sent. */
    static final int UNANSWERED = 3;

    /** The time for the way there and back. */
    static final Duration MARGIN = Duration.ofSeconds(5);

    /** Beyond it the rest of a post, or of an answer, is another question. */
    static final int MAX_PART = 512 << 10;

    private static final int TRIES = 3;
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final Endpoints endpoints;

    PollPeers(Endpoints endpoints) {
        this.endpoints = endpoints;
    }

    /** The name of this endpoint. */
    String self() {
        return endpoints.self();
    }

    /** Whether an endpoint is there, though it may be slow. */
    boolean mayAnswer(String endpoint) {
        return endpoints.mayAnswer(endpoint);
    }

    /** Answers questions from now on. */
    void answer(ToIntFunction<PollWire> with) {
        endpoints.answer(question -> new byte[] {(byte) with.applyAsInt(PollWire.read(question))});
    }

    /** Blocks for the answer. */
    int ask(String endpoint, PollWire question, Duration within) {
        return endpoints
                .ask(endpoint, question.write(), within)
                .filter(answer -> answer.length == 1)
                .map(answer -> (int) answer[0])
                .orElse(UNANSWERED);
    }

    /** The same for questions that may come twice: asks again if the endpoint does not answer. */
    int askAgain(String endpoint, PollWire question, Duration within) {
        return askUntil(() -> false, endpoint, question, within);
    }

    /** The same, but stops when the answer is not needed any more. */
    int askUntil(BooleanSupplier enough, String endpoint, PollWire question, Duration within) {
        int answer = ask(endpoint, question, within);
        for (int i = 1; i < TRIES && answer == UNANSWERED && mayAnswer(endpoint) && !enough.getAsBoolean(); i++) {
            LockSupport.parkNanos(PAUSE.toNanos());
            answer = ask(endpoint, question, within);
        }
        return answer;
    }

    /** Runs a task that asks, and something else if it fails. */
    static void onThread(Runnable task, Runnable otherwise) {
        BlockingTasks.start(() -> {
            try {
                task.run();
            } catch (Throwable e) {
                LOG.error("A request of a client that polls could not be forwarded.", e);
                otherwise.run();
            }
        });
    }
}
