package io.heliodor.transport.longpoll;

import io.heliodor.log.FailureLog;
import io.heliodor.session.cluster.Endpoints;
import io.heliodor.transport.io.BlockingTasks;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Requests between endpoints about long-polling clients, with replies of one byte. Any thread may use it. */
final class PollPeers {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

    static final int NO = 0;
    static final int YES = 1;
    static final int BUSY = 2;

    /** No reply: the endpoint is slow or busy, or has left. Never sent. */
    static final int UNANSWERED = 3;

    /** The time for a round trip. */
    static final Duration MARGIN = Duration.ofSeconds(5);

    /** The maximum of a part; the rest of a post or of a response is sent in further requests. */
    static final int MAX_PART = 512 << 10;

    /** The heap of a virtual thread that waits for another endpoint, most of it for its stack, and of what it waits with. */
    static final long WAIT_BYTES = 4 << 10;

    private static final int TRIES = 3;
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final Endpoints endpoints;
    private final FailureLog failures = new FailureLog(LOG, System::nanoTime);

    PollPeers(Endpoints endpoints) {
        this.endpoints = endpoints;
    }

    /** The name of this endpoint. */
    String self() {
        return endpoints.self();
    }

    /** Whether an endpoint is in the view, though it may be slow. */
    boolean mayAnswer(String endpoint) {
        return endpoints.mayAnswer(endpoint);
    }

    /** Handles the requests of other endpoints from now on. */
    void handle(ToIntFunction<PollWire> handler) {
        endpoints.handle(request -> new byte[] {(byte) handler.applyAsInt(PollWire.read(request))});
    }

    /** Sends a request and blocks for the reply. */
    int send(String endpoint, PollWire request, Duration within) {
        return endpoints
                .request(endpoint, request.write(), within)
                .filter(answer -> answer.length == 1)
                .map(answer -> (int) answer[0])
                .orElse(UNANSWERED);
    }

    /** Sends an idempotent request, repeatedly if the endpoint does not reply, and blocks for the reply. */
    int retry(String endpoint, PollWire request, Duration within) {
        return retryUnless(() -> false, endpoint, request, within);
    }

    /** Sends an idempotent request as above, and stops when the reply is no longer needed. */
    int retryUnless(BooleanSupplier obsolete, String endpoint, PollWire request, Duration within) {
        int answer = send(endpoint, request, within);
        for (int i = 1; i < TRIES && answer == UNANSWERED && mayAnswer(endpoint) && !obsolete.getAsBoolean(); i++) {
            LockSupport.parkNanos(PAUSE.toNanos());
            answer = send(endpoint, request, within);
        }
        return answer;
    }

    /** Runs a task that blocks for replies, and another one if it throws. */
    void onThread(Runnable task, Runnable otherwise) {
        BlockingTasks.start(() -> {
            try {
                task.run();
            } catch (Throwable e) {
                failures.error("A request of a client that polls", e, () -> "could not be forwarded.");
                otherwise.run();
            }
        });
    }
}
