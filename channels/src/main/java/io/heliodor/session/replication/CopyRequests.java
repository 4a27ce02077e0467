package io.heliodor.session.replication;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.DecodeException;
import io.heliodor.pubsub.engine.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Requests copies of logs from other nodes: from each the topics that wait for it, in one request. Any thread may use it. */
final class CopyRequests {
    /** A node that keeps a copy subscribes and catches up first. */
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private final ReplicaRequests requests;
    private final LogHolders others;
    private final Pending<KeptLog<?>> unplaced = new Pending<>(this::place);

    /** For each node, so that one that is frozen delays no other. */
    private final Map<NodeId, Pending<KeptLog<?>>> byNode = new ConcurrentHashMap<>();

    CopyRequests(ReplicaRequests requests, LogHolders others) {
        this.requests = requests;
        this.others = others;
    }

    /** Requests a copy of a log. Returns at once; the topic gets the answer. */
    void start(KeptLog<?> topic) {
        unplaced.add(topic);
    }

    private void place(List<KeptLog<?>> topics) {
        for (KeptLog<?> topic : topics) {
            List<NodeId> order = others.order(topic.name()).toList();
            if (order.isEmpty()) {
                topic.copied("", CopyPlacement.Reply.NONE);
            } else {
                byNode.computeIfAbsent(
                                order.get(Math.floorMod(topic.copyAttempt(), order.size())),
                                node -> new Pending<>(waiting -> request(node.toString(), waiting)))
                        .add(topic);
            }
        }
    }

    private void request(String node, List<KeptLog<?>> topics) {
        topics.stream().gather(requests.pages()).forEach(page -> {
            Optional<byte[]> response = requests.send(node, TIMEOUT, ReplicaRequests.COPY, out -> {
                out.int16(page.size());
                page.forEach(topic -> out.modifiedText(topic.name()));
            });
            for (int i = 0; i < page.size(); i++) {
                page.get(i).copied(node, answer(response, i));
            }
        });
    }

    private static CopyPlacement.Reply answer(Optional<byte[]> response, int topic) {
        return response.filter(kept -> topic < kept.length)
                .map(kept -> kept[topic] == 0 ? CopyPlacement.Reply.REFUSES : CopyPlacement.Reply.KEEPS)
                .orElse(CopyPlacement.Reply.NONE);
    }

    /** A node left the view. */
    void left() {
        byNode.keySet().retainAll(others.nodes().collect(Collectors.toSet()));
    }

    static byte[] respond(BinaryReader in, List<KeptLogs<?>> endpoints) throws DecodeException {
        List<Optional<CompletableFuture<Void>>> all = new ArrayList<>();
        for (int i = in.int16(); i > 0; i--) {
            String name = in.modifiedText();
            all.add(endpoints.stream()
                    .flatMap(each -> each.keepCopy(name).stream())
                    .findFirst());
        }
        all.forEach(copy -> copy.ifPresent(CompletableFuture::join));
        return ReplicaRequests.flags(all.stream().map(Optional::isPresent).toList());
    }
}
