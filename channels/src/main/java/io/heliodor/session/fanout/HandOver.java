package io.heliodor.session.fanout;

import io.heliodor.history.CatchUpFormat;
import io.heliodor.history.CatchUpRequest;
import java.io.DataInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Brings the logs of an endpoint that stops to other nodes: each to a node that has a log of the topic, else to a node that begins
 * one. Rule 13 of {@code docs/design/across-history.md}.
 */
final class HandOver {
    /** A question has them with their positions, of eight kilobytes at most, and has 4 MiB at most. */
    private static final int MAX_TOPICS = 400;

    /** The attempts with each node: a link that lost messages may lose the first question, too. */
    private static final int ATTEMPTS = 3;

    /** A log that begins waits a second for the nodes that are to know of it, and a second for their answers. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(2);

    private final Replicas replicas;
    private final Fastlane fastlane;
    private final CatchUpFormat<?> format;
    private final long deadline;

    /** Nodes that gave no answer in time: the next topics go to others. */
    private final Set<String> silent = ConcurrentHashMap.newKeySet();

    private record Log(FastlaneTopic topic, CatchUpRequest question) {}

    HandOver(Replicas replicas, Fastlane fastlane, CatchUpFormat<?> format, Duration within) {
        this.replicas = replicas;
        this.fastlane = fastlane;
        this.format = format;
        this.deadline = fastlane.now() + within.toNanos();
    }

    /**
     * Hands over all logs that keep messages. Blocks until other nodes have them, or the time is up.
     *
     * @return the number of logs that no other node has completely
     */
    int run() {
        List<FastlaneTopic> left = fastlane.histories().all().stream()
                .filter(FastlaneTopic::keepsMessages)
                .toList();
        int attempts = ATTEMPTS * replicas.otherNodes();
        for (int attempt = 0; attempt < attempts && !left.isEmpty() && !isOver(); attempt++) {
            left = attempt(left, attempt);
        }
        return left.size();
    }

    private boolean isOver() {
        return fastlane.now() - deadline >= 0;
    }

    private Duration timeout() {
        return Duration.ofNanos(Math.clamp(deadline - fastlane.now(), 1, ANSWER_TIMEOUT.toNanos()));
    }

    /** Asks one node for each topic, all nodes at the same time. Returns the topics that no node took. */
    private List<FastlaneTopic> attempt(List<FastlaneTopic> topics, int attempt) {
        Map<String, List<FastlaneTopic>> byNode = new HashMap<>();
        List<FastlaneTopic> refused = new ArrayList<>();
        for (FastlaneTopic topic : topics) {
            replicas.taker(topic, attempt, silent)
                    .ifPresentOrElse(
                            node -> byNode.computeIfAbsent(node, _ -> new ArrayList<>())
                                    .add(topic),
                            () -> refused.add(topic));
        }
        List<CompletableFuture<List<FastlaneTopic>>> asked = byNode.entrySet().stream()
                .map(each ->
                        CompletableFuture.supplyAsync(() -> handOver(each.getKey(), each.getValue()), Replicas::start))
                .toList();
        asked.forEach(each -> refused.addAll(each.join()));
        return refused;
    }

    /** Hands logs over to a node, page by page. Returns the topics that it did not take. */
    private List<FastlaneTopic> handOver(String node, List<FastlaneTopic> topics) {
        List<FastlaneTopic> refused = new ArrayList<>();
        for (List<Log> page : pages(topics)) {
            long begin = fastlane.now();
            Optional<byte[]> taken = isOver() || silent.contains(node)
                    ? Optional.empty()
                    : replicas.ask(node, timeout(), Replicas.HAND_OVER, out -> {
                        out.writeShort(page.size());
                        for (Log log : page) {
                            out.writeUTF(log.topic().topic().name());
                            byte[] question = format.request(log.question());
                            out.writeInt(question.length);
                            out.write(question);
                        }
                    });
            if (taken.isEmpty() && fastlane.now() - begin >= ANSWER_TIMEOUT.toNanos()) {
                silent.add(node);
            }
            for (int i = 0; i < page.size(); i++) {
                int index = i;
                if (taken.filter(bytes -> index < bytes.length && bytes[index] != 0)
                        .isEmpty()) {
                    refused.add(page.get(i).topic());
                }
            }
        }
        return refused;
    }

    private List<List<Log>> pages(List<FastlaneTopic> topics) {
        List<Log> logs = topics.stream()
                .flatMap(topic -> topic.question(Optional.empty()).stream().map(question -> new Log(topic, question)))
                .toList();
        List<List<Log>> pages = new ArrayList<>();
        for (int from = 0; from < logs.size(); from += MAX_TOPICS) {
            pages.add(logs.subList(from, Math.min(from + MAX_TOPICS, logs.size())));
        }
        return pages;
    }

    /** The answer of a node to the question of an endpoint that stops: for each topic, whether it has all of the log now. */
    static byte[] answer(DataInputStream in, List<Replicas> endpoints) throws IOException {
        List<CompletableFuture<Boolean>> all = new ArrayList<>();
        for (int i = in.readUnsignedShort(); i > 0; i--) {
            String name = in.readUTF();
            byte[] question = new byte[in.readInt()];
            in.readFully(question);
            all.add(take(name, question, endpoints));
        }
        byte[] taken = new byte[all.size()];
        for (int i = 0; i < taken.length; i++) {
            taken[i] = (byte) (all.get(i).join() ? 1 : 0);
        }
        return taken;
    }

    private static CompletableFuture<Boolean> take(String name, byte[] bytes, List<Replicas> endpoints)
            throws IOException {
        for (Replicas endpoint : endpoints) {
            CatchUpRequest question = endpoint.read(bytes);
            Optional<CompletableFuture<Boolean>> taken = endpoint.takeOver(name, question.position());
            if (taken.isPresent()) {
                return taken.get();
            }
        }
        return CompletableFuture.completedFuture(false);
    }
}
