package io.heliodor.session.replication;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.DecodeException;
import io.heliodor.history.CatchUpFormat;
import io.heliodor.history.CatchUpRequest;
import io.heliodor.pubsub.engine.Nodes.RequestOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * Brings the logs of an endpoint that stops to other nodes: each to a node that has a log of the topic, else to a node that begins
 * one. Rule 13 of {@code docs/design/across-history.md}.
 */
final class HandOver {
    /**
     * The attempts with each node, a tick of its clock apart. A link that lost messages ends its session with the first request,
     * and opens another one a moment later.
     */
    private static final int ATTEMPTS = 10;

    /** A log that begins waits a second for the nodes that are to know of it, and a second for their responses. */
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final LogHolders others;
    private final ReplicaRequests requests;
    private final KeptLogs<?> logs;
    private final Runnable tick;
    private final long deadline;

    /** The response of a node whose endpoints all stop has this byte after its flags. Former releases send none, and ignore it. */
    private static final byte LEAVING = 1;

    /** Nodes that did not respond in time: the next topics go to others. */
    private final Set<String> silent = ConcurrentHashMap.newKeySet();

    /** Nodes whose endpoints stop, too. */
    private final Set<String> leaving = ConcurrentHashMap.newKeySet();

    /** Nodes that responded when they did not stop yet. */
    private final Set<String> staying = ConcurrentHashMap.newKeySet();

    /** Nodes without an endpoint that responds. */
    private final Set<String> absent = ConcurrentHashMap.newKeySet();

    private record Log(KeptLog<?> topic, CatchUpRequest request) {}

    /**
     * The logs of an endpoint that stops.
     *
     * @param tick waits for the next tick of the node's clock
     */
    HandOver(LogHolders others, ReplicaRequests requests, KeptLogs<?> logs, Runnable tick, Duration timeout) {
        this.others = others;
        this.requests = requests;
        this.logs = logs;
        this.tick = tick;
        this.deadline = logs.now() + timeout.toNanos();
    }

    /**
     * Hands over all logs that keep messages. Blocks until other nodes have them, or the time is up.
     *
     * @return the number of logs that no other node has completely, although some node could have kept them
     */
    int run() {
        List<KeptLog<?>> left = logs.all().stream()
                .filter(KeptLog::keepsMessages)
                .<KeptLog<?>>map(each -> each)
                .toList();
        int nodes = Math.max(1, Math.toIntExact(others.nodes().count()));
        for (int attempt = 0;
                attempt < ATTEMPTS * nodes && !left.isEmpty() && !isOver() && !areAllLeaving();
                attempt++) {
            if (attempt > 0 && attempt % nodes == 0) {
                tick.run();
            }
            left = attempt(left, attempt);
        }
        return isOneStaying() ? left.size() : 0;
    }

    /** Whether a node of the view could have kept a log, or may, as it does not respond. */
    private boolean isOneStaying() {
        Set<String> serving = requests.nodesWithEndpoints();
        return others.nodes()
                .map(Object::toString)
                .filter(node -> !leaving.contains(node))
                .anyMatch(node -> silent.contains(node)
                        || staying.contains(node)
                        || (serving.contains(node) && !absent.contains(node)));
    }

    private boolean areAllLeaving() {
        return others.nodes().map(Object::toString).allMatch(leaving::contains);
    }

    private boolean isOver() {
        return logs.now() - deadline >= 0;
    }

    private Duration timeout() {
        return Duration.ofNanos(Math.clamp(deadline - logs.now(), 1, TIMEOUT.toNanos()));
    }

    /** Offers each topic to one node, to all nodes at the same time. Returns the topics that no node took. */
    private List<KeptLog<?>> attempt(List<KeptLog<?>> topics, int attempt) {
        Map<String, List<KeptLog<?>>> byNode = new HashMap<>();
        List<KeptLog<?>> refused = new ArrayList<>();
        for (KeptLog<?> topic : topics) {
            List<String> takers = takers(topic);
            if (takers.isEmpty()) {
                refused.add(topic);
            } else {
                byNode.computeIfAbsent(takers.get(attempt % takers.size()), _ -> new ArrayList<>())
                        .add(topic);
            }
        }
        List<CompletableFuture<List<KeptLog<?>>>> offers = byNode.entrySet().stream()
                .map(each -> CompletableFuture.supplyAsync(
                        () -> handOver(each.getKey(), each.getValue()), HistoryThreads::start))
                .toList();
        offers.forEach(each -> refused.addAll(each.join()));
        return refused;
    }

    /** The nodes that may take a log: first those that have one of the topic. */
    private List<String> takers(KeptLog<?> topic) {
        Set<String> having = topic.others();
        return others.order(topic.name())
                .map(Object::toString)
                .filter(node -> !silent.contains(node) && !leaving.contains(node))
                .sorted(Comparator.comparing(node -> !having.contains(node)))
                .toList();
    }

    /** Hands logs over to a node, page by page. Returns the topics that it did not take. */
    private List<KeptLog<?>> handOver(String node, List<KeptLog<?>> topics) {
        return topics.stream()
                .flatMap(topic -> topic.request(Optional.empty()).stream().map(request -> new Log(topic, request)))
                .gather(requests.pages())
                .flatMap(page -> refused(node, page).stream())
                .toList();
    }

    private List<KeptLog<?>> refused(String node, List<Log> page) {
        long begin = logs.now();
        RequestOutcome outcome = isOver() || silent.contains(node)
                ? new RequestOutcome.NoResponse()
                : requests.sendRequest(node, timeout(), ReplicaRequests.HAND_OVER, out -> {
                    out.int16(page.size());
                    page.forEach(log ->
                            out.modifiedText(log.topic().name()).int32Bytes(CatchUpFormat.request(log.request())));
                });
        byte[] flags = {};
        switch (outcome) {
            case RequestOutcome.Response(byte[] response) -> {
                flags = response;
                (isLeaving(response, page.size()) ? leaving : staying).add(node);
            }
            case RequestOutcome.NoHandler() -> absent.add(node);
            case RequestOutcome.NoResponse() -> {
                if (logs.now() - begin >= TIMEOUT.toNanos()) {
                    silent.add(node);
                }
            }
        }
        return refused(page, flags);
    }

    private static List<KeptLog<?>> refused(List<Log> page, byte[] flags) {
        return IntStream.range(0, page.size())
                .filter(i -> i >= flags.length || flags[i] == 0)
                .<KeptLog<?>>mapToObj(i -> page.get(i).topic())
                .toList();
    }

    private static boolean isLeaving(byte[] response, int topics) {
        return response.length > topics && response[topics] == LEAVING;
    }

    static byte[] respond(BinaryReader in, List<KeptLogs<?>> endpoints) throws DecodeException {
        List<CompletableFuture<Boolean>> all = new ArrayList<>();
        for (int i = in.int16(); i > 0; i--) {
            String name = in.modifiedText();
            CatchUpRequest request = CatchUp.request(in.int32Bytes());
            all.add(endpoints.stream()
                    .flatMap(each -> each.takeOver(name, request.position()).stream())
                    .findFirst()
                    .orElse(CompletableFuture.completedFuture(false)));
        }
        byte[] flags =
                ReplicaRequests.flags(all.stream().map(CompletableFuture::join).toList());
        if (!endpoints.stream().allMatch(KeptLogs::isLeaving)) {
            return flags;
        }
        byte[] response = Arrays.copyOf(flags, flags.length + 1);
        response[flags.length] = LEAVING;
        return response;
    }
}
