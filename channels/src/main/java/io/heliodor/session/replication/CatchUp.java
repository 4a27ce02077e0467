package io.heliodor.session.replication;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.history.CatchUpFormat;
import io.heliodor.history.CatchUpRequest;
import io.heliodor.history.CatchUpResponse;
import io.heliodor.history.Dot;
import io.heliodor.pubsub.engine.Nodes.RequestOutcome;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Gets what a log lacks from the logs of other nodes. Any thread may use it.
 *
 * @param <T> the type of what is kept
 */
final class CatchUp<T> {
    /** The timeout of a response. Most rounds do not wait for that long; their messages are taken all the same. */
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private static final int MAX_CONCURRENT_PER_NODE = 64;
    private static final int MAX_RESPONSE_BYTES = 512 << 10;

    /** Bits of the first byte of a response. */
    private static final int MORE_LOGS = 1;

    private static final int FOUND = 2;

    private record Request<T>(KeptLog<T> topic, String node) {}

    private final ReplicaRequests requests;
    private final CatchUpFormat<T> format;

    /** For each node, so that one that is frozen delays no other. */
    private final Map<String, Semaphore> permits = new ConcurrentHashMap<>();

    /** Those that wait or are under way, with the last round that has requested them. */
    private final Map<Request<T>, Long> pending = new ConcurrentHashMap<>();

    CatchUp(ReplicaRequests requests, CatchUpFormat<T> format) {
        this.requests = requests;
        this.format = format;
    }

    /**
     * Requests from a node what the log of a topic lacks. Returns at once; the topic gets the responses. If an earlier round has requests
     * under way, those of this round follow them: their responses may be older than the round.
     */
    void start(KeptLog<T> topic, String node, long round) {
        Request<T> request = new Request<>(topic, node);
        if (pending.put(request, round) == null) {
            HistoryThreads.start(() -> run(request, round));
        }
    }

    /** Requests for a round, and for those that begin meanwhile. */
    private void run(Request<T> request, long first) {
        KeptLog<T> topic = request.topic();
        long round = first;
        boolean ended = false;
        try {
            while (!ended) {
                boolean responded = requestLogs(request);
                ended = pending.remove(request, round);
                if (ended) {
                    topic.over(request.node(), round, responded);
                } else {
                    round = Objects.requireNonNull(pending.get(request));
                }
            }
        } finally {
            Long failed = ended ? null : pending.remove(request);
            if (failed != null) {
                topic.over(request.node(), failed, false);
            }
        }
    }

    /** Requests from each log of a node. Returns whether all responded. */
    private boolean requestLogs(Request<T> of) {
        Semaphore permit = permits.computeIfAbsent(of.node(), _ -> new Semaphore(MAX_CONCURRENT_PER_NODE));
        try {
            permit.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        try {
            int log = 0;
            Outcome outcome;
            do {
                outcome = request(of, log++);
            } while (outcome == Outcome.MORE_LOGS);
            return outcome == Outcome.LAST_LOG;
        } finally {
            permit.release();
        }
    }

    private enum Outcome {
        MORE_LOGS,
        LAST_LOG,
        NO_RESPONSE
    }

    /** Gets what one of the node's logs of the topic has. */
    private Outcome request(Request<T> of, int log) {
        KeptLog<T> topic = of.topic();
        String node = of.node();
        Optional<Dot> after = Optional.empty();
        while (true) {
            Optional<CatchUpRequest> request = topic.request(after);
            if (request.isEmpty()) {
                return Outcome.NO_RESPONSE;
            }
            RequestOutcome outcome = requests.sendRequest(node, TIMEOUT, ReplicaRequests.CATCH_UP, out -> {
                out.put(log).modifiedText(topic.name()).append(CatchUpFormat.request(request.get()));
            });
            if (outcome instanceof RequestOutcome.NoHandler) {
                return Outcome.LAST_LOG;
            }
            if (!(outcome instanceof RequestOutcome.Response(byte[] bytes)) || bytes.length == 0) {
                return Outcome.NO_RESPONSE;
            }
            Outcome ofLog = (bytes[0] & MORE_LOGS) == 0 ? Outcome.LAST_LOG : Outcome.MORE_LOGS;
            if ((bytes[0] & FOUND) == 0) {
                return ofLog;
            }
            Optional<CatchUpResponse<T>> part = format.response(Arrays.copyOfRange(bytes, 1, bytes.length));
            if (part.isEmpty()) {
                return Outcome.NO_RESPONSE;
            }
            topic.answered(node, pending.getOrDefault(of, 0L), part.get());
            after = part.filter(CatchUpResponse::more)
                    .map(found -> found.messages().getLast().stamp().dot());
            if (after.isEmpty()) {
                return ofLog;
            }
        }
    }

    /** A node left the view. */
    void left(String node) {
        permits.remove(node);
    }

    static CatchUpRequest request(byte[] bytes) throws DecodeException {
        return CatchUpFormat.request(bytes).orElseThrow(() -> new DecodeException("not the request of a log"));
    }

    static byte[] respond(BinaryReader in, List<KeptLogs<?>> endpoints) throws DecodeException {
        int log = in.get();
        String name = in.modifiedText();
        byte[] bytes = in.rest();
        List<KeptLogs<?>> having =
                endpoints.stream().filter(each -> each.find(name).isPresent()).toList();
        if (log >= having.size()) {
            return new byte[] {0};
        }
        CatchUpRequest request = request(bytes);
        Optional<byte[]> response = response(having.get(log), name, request);
        byte[] content = response.orElse(new byte[0]);
        return new BinaryWriter(1 + content.length)
                .put((log + 1 < having.size() ? MORE_LOGS : 0) | (response.isPresent() ? FOUND : 0))
                .append(content)
                .toBytes();
    }

    private static <T> Optional<byte[]> response(KeptLogs<T> endpoint, String name, CatchUpRequest request) {
        return endpoint.find(name)
                .flatMap(topic -> topic.respond(request, MAX_RESPONSE_BYTES))
                .map(endpoint.format()::response);
    }
}
