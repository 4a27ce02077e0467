package io.heliodor.session.fanout;

import io.heliodor.history.CatchUpFormat;
import io.heliodor.history.CatchUpRequest;
import io.heliodor.history.CatchUpResponse;
import io.heliodor.history.Dot;
import io.heliodor.history.LogLocation;
import io.heliodor.history.VersionVector;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
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
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The exchange of histories with other nodes, and with other endpoints of this node: requests, responses, and the time. Any thread may use it. See {@code docs/design/across-history.md}.
 */
public final class Replicas implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.session");

    private static final int VERSION = 1;

    /** A node answers what a log has above a position. */
    private static final int CATCH_UP = 0;

    /** A node answers which topics have another position. */
    private static final int COMPARE = 1;

    /** A node answers which topics it keeps copies of. */
    private static final int COPY = 2;

    /** A node keeps copies of topics, each up to a position. */
    static final int HAND_OVER = 3;

    /** Bits of the first byte of an answer. */
    private static final int MORE_LOGS = 1;

    private static final int FOUND = 2;

    private static final int MAX_ANSWER_BYTES = 512 << 10;
    private static final int MAX_TOPICS = 1_000;
    private static final int MAX_QUESTIONS_PER_NODE = 64;
    private static final long REPAIR = Duration.ofSeconds(10).toNanos();
    private static final String NAME = "history";

    /** A log answers at once. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(1);

    /** A node that keeps a copy subscribes and catches up first. */
    private static final Duration COPY_TIMEOUT = Duration.ofSeconds(3);

    /** Collects the endpoints of this node. */
    private interface Collector {
        void add(Replicas replicas);
    }

    private static final Topic<Collector> ENDPOINTS = Topic.of("heliodor.histories", Collector.class);

    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-history").factory();

    private final Fastlane fastlane;
    private final PubSub pubsub;
    private final PubSub copies;
    private final Nodes nodes;
    private final CatchUpFormat<KeptBroadcast> format;
    private final SecureRandom random = new SecureRandom();

    /** The number of this endpoint among those of its node. */
    private final int number;

    private final Subscription subscribed;
    private final Subscription watching;

    /** Of the endpoints of this node one answers for all, and the next one when that is closed. Guarded by this. */
    private Nodes.@Nullable HandlerRegistration answers;

    /** For each node, so that one that is frozen holds up no other. */
    private final Map<String, Semaphore> asking = new ConcurrentHashMap<>();

    private record Asking(FastlaneTopic topic, String node) {}

    /** The questions that wait or are under way. */
    private final Set<Asking> asked = ConcurrentHashMap.newKeySet();

    /** The topics that wait for something. */
    private final Set<FastlaneTopic> unsettled = ConcurrentHashMap.newKeySet();

    private final AtomicBoolean ticking = new AtomicBoolean();

    /** The topics of whose logs there is to be a copy. */
    private final Set<FastlaneTopic> uncopied = ConcurrentHashMap.newKeySet();

    private final AtomicBoolean copying = new AtomicBoolean();

    /** Then it takes no copies any more: they would end with it. */
    private volatile boolean leaving;

    private volatile boolean closed;

    Replicas(Fastlane fastlane, PubSub pubsub, PubSub copies, int number) {
        this.fastlane = fastlane;
        this.number = number;
        this.pubsub = pubsub;
        this.copies = copies;
        this.nodes = Nodes.of(pubsub);
        BroadcastFormat broadcasts = new BroadcastFormat();
        this.format = new CatchUpFormat<>(
                kept -> broadcasts.write(kept.broadcast()),
                bytes -> broadcasts
                        .read(bytes)
                        .map(read -> new KeptBroadcast(read, TopicLanes.Slow.NONE, fastlane.memory())));
        this.subscribed = copies.subscribeInline(ENDPOINTS, collector -> collector.add(this));
        answerForAll();
        this.watching = nodes.subscribe(new Watcher());
    }

    public static void start(Runnable task) {
        THREADS.newThread(task).start();
    }

    private synchronized void answerForAll() {
        if (answers == null && !closed) {
            try {
                answers = nodes.handle(NAME, this::answer);
            } catch (IllegalStateException e) {
                LOG.trace("Another endpoint of this node answers.", e);
            }
        }
    }

    /** The endpoints of this node over this pub/sub, in the order of their numbers. */
    private List<Replicas> endpoints() {
        List<Replicas> all = new ArrayList<>();
        copies.broadcastLocally(ENDPOINTS, all::add);
        all.sort(Comparator.comparingInt(each -> each.number));
        return all;
    }

    private boolean isHere(String node) {
        return node.equals(nodes.self().toString());
    }

    /** The owner of the logs of this endpoint. */
    LogLocation owner() {
        return new LogLocation(nodes.self().toString(), number);
    }

    /** A stream for a log. */
    long stream() {
        return random.nextLong() >>> 16;
    }

    /** The other nodes that subscribe to a topic; this node if another endpoint of it does. */
    Set<String> others(Topic<?> topic, boolean subscribed) {
        if (!mayBeWanted(topic.name(), subscribed)) {
            return Set.of();
        }
        Set<String> others = Stream.concat(
                        nodes.interestedIn(topic).stream(), Nodes.of(copies).interestedIn(topic).stream())
                .map(NodeId::toString)
                .collect(Collectors.toSet());
        if (isShared(topic.name(), subscribed)) {
            others.add(nodes.self().toString());
        }
        return others;
    }

    /** Completes when {@link #others} are all that are in the view. */
    CompletableFuture<Void> interestKnown() {
        return nodes.interestKnown();
    }

    /** Whether there may be {@link #others}: other nodes are not looked at. */
    boolean mayBeWanted(String topic, boolean subscribed) {
        return pubsub.spansNodes() || isShared(topic, subscribed);
    }

    /** Whether another endpoint of this node subscribes to a topic. */
    private boolean isShared(String topic, boolean subscribed) {
        return pubsub.count(topic) > (subscribed ? 1 : 0);
    }

    /** Whether a broadcast goes nowhere but to the members of this endpoint. */
    boolean alone(Topic<?> topic) {
        return !mayBeWanted(topic.name(), true);
    }

    private Optional<NodeId> node(String text) {
        return nodes.members().stream()
                .filter(each -> each.toString().equals(text))
                .findFirst();
    }

    // Asking.

    /** Asks the logs of a node for what the log of a topic lacks. */
    void ask(FastlaneTopic topic, String node, long round) {
        start(() -> {
            Asking question = new Asking(topic, node);
            boolean first = asked.add(question);
            try {
                if (first) {
                    askSoon(topic, node, round);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                if (first) {
                    asked.remove(question);
                }
                topic.over(node, round);
            }
        });
    }

    private void askSoon(FastlaneTopic topic, String node, long round) throws InterruptedException {
        Semaphore permits = asking.computeIfAbsent(node, _ -> new Semaphore(MAX_QUESTIONS_PER_NODE));
        permits.acquire();
        try {
            boolean moreLogs = true;
            for (int log = 0; moreLogs && !closed; log++) {
                moreLogs = ask(topic, node, round, log);
            }
        } finally {
            permits.release();
        }
    }

    /** Asks one of the logs that a node has of the topic; whether there are more of them. */
    private boolean ask(FastlaneTopic topic, String node, long round, int log) {
        Optional<Dot> after = Optional.empty();
        while (true) {
            Optional<CatchUpRequest> question = topic.question(after);
            Optional<byte[]> answered = question.isEmpty()
                    ? Optional.empty()
                    : ask(node, ANSWER_TIMEOUT, CATCH_UP, out -> {
                        out.write(log);
                        out.writeUTF(topic.topic().name());
                        out.write(format.request(question.get()));
                    });
            if (answered.isEmpty() || answered.get().length == 0) {
                return false;
            }
            byte[] bytes = answered.get();
            boolean moreLogs = (bytes[0] & MORE_LOGS) != 0;
            if ((bytes[0] & FOUND) == 0) {
                return moreLogs;
            }
            Optional<CatchUpResponse<KeptBroadcast>> answer = format.response(tail(bytes));
            answer.ifPresent(part -> topic.answered(node, round, part));
            after = answer.filter(CatchUpResponse::more)
                    .map(part -> part.messages().getLast().stamp().dot());
            if (after.isEmpty()) {
                return moreLogs;
            }
        }
    }

    private static byte[] tail(byte[] bytes) {
        return Arrays.copyOfRange(bytes, 1, bytes.length);
    }

    interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private static byte[] written(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            writing.to(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    Optional<byte[]> ask(String node, Duration timeout, int what, Writing rest) {
        byte[] question = written(out -> {
            out.write(VERSION);
            out.write(what);
            rest.to(out);
        });
        if (!isHere(node)) {
            return node(node).flatMap(id -> nodes.request(id, NAME, question, timeout));
        }
        try {
            return Optional.of(answer(
                    question, endpoints().stream().filter(each -> each != this).toList()));
        } catch (IOException e) {
            throw new AssertionError("a question of this endpoint", e);
        }
    }

    // Comparing.

    private void compare(String node) {
        List<FastlaneTopic> all = fastlane.histories().all();
        for (int from = 0; from < all.size() && !closed; from += MAX_TOPICS) {
            List<FastlaneTopic> page = all.subList(from, Math.min(from + MAX_TOPICS, all.size()));
            ask(node, ANSWER_TIMEOUT, COMPARE, out -> {
                        out.writeShort(page.size());
                        for (FastlaneTopic topic : page) {
                            out.writeUTF(topic.topic().name());
                            out.writeInt(topic.hash());
                        }
                    })
                    .ifPresent(answer -> differ(node, answer));
        }
    }

    private void differ(String node, byte[] answer) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(answer))) {
            for (int i = in.readUnsignedShort(); i > 0; i--) {
                fastlane.find(in.readUTF()).ifPresent(topic -> topic.differs(node));
            }
        } catch (IOException e) {
            LOG.debug("An answer of {} cannot be read.", node, e);
        }
    }

    // Answering.

    private byte[] answer(byte[] question) throws IOException {
        return answer(question, endpoints());
    }

    /** The answer of some endpoints of this node. */
    private static byte[] answer(byte[] question, List<Replicas> endpoints) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(question));
        int version = in.readUnsignedByte();
        int what = in.readUnsignedByte();
        if (version != VERSION || what > HAND_OVER) {
            throw new IOException("a question of version " + version + ", kind " + what);
        }
        return switch (what) {
            case COMPARE -> compared(in, endpoints);
            case COPY -> copied(in, endpoints);
            case HAND_OVER -> HandOver.answer(in, endpoints);
            default -> caughtUp(in, endpoints);
        };
    }

    private static byte[] caughtUp(DataInputStream in, List<Replicas> endpoints) throws IOException {
        int log = in.readUnsignedByte();
        String name = in.readUTF();
        byte[] question = in.readAllBytes();
        List<Replicas> having =
                endpoints.stream().filter(each -> each.hasHistory(name)).toList();
        if (log >= having.size()) {
            return new byte[] {0};
        }
        Optional<byte[]> answer = having.get(log).answer(name, question);
        return written(out -> {
            out.write((log + 1 < having.size() ? MORE_LOGS : 0) | (answer.isPresent() ? FOUND : 0));
            out.write(answer.orElse(new byte[0]));
        });
    }

    private boolean hasHistory(String topic) {
        return fastlane.find(topic).filter(FastlaneTopic::hasHistory).isPresent();
    }

    private Optional<byte[]> answer(String topic, byte[] question) throws IOException {
        CatchUpRequest read = read(question);
        return fastlane.find(topic)
                .flatMap(known -> known.answer(read, MAX_ANSWER_BYTES))
                .map(format::response);
    }

    /** The question of a log. */
    CatchUpRequest read(byte[] question) throws IOException {
        return format.request(question).orElseThrow(() -> new IOException("a question that cannot be read"));
    }

    private static byte[] compared(DataInputStream in, List<Replicas> endpoints) throws IOException {
        List<String> different = new ArrayList<>();
        for (int i = in.readUnsignedShort(); i > 0; i--) {
            String name = in.readUTF();
            int hash = in.readInt();
            if (endpoints.stream().anyMatch(each -> each.differs(name, hash))) {
                different.add(name);
            }
        }
        return written(out -> {
            out.writeShort(different.size());
            for (String name : different) {
                out.writeUTF(name);
            }
        });
    }

    private boolean differs(String topic, int hash) {
        return fastlane.find(topic)
                .filter(known -> known.hasHistory() && known.hash() != hash)
                .isPresent();
    }

    // Copies.

    /** Has a copy of a log kept on another node. */
    public void copy(FastlaneTopic topic) {
        uncopied.add(topic);
        if (copying.compareAndSet(false, true)) {
            start(this::copyAll);
        }
    }

    private void copyAll() {
        do {
            try {
                Map<NodeId, List<FastlaneTopic>> byNode = new HashMap<>();
                for (FastlaneTopic topic : List.copyOf(uncopied)) {
                    uncopied.remove(topic);
                    Optional<NodeId> keeper = keeper(topic.topic().name(), topic.copyAttempt());
                    if (keeper.isEmpty()) {
                        topic.copied("", CopyPlacement.Answer.NONE);
                    } else {
                        byNode.computeIfAbsent(keeper.get(), _ -> new ArrayList<>())
                                .add(topic);
                    }
                }
                byNode.forEach(this::copy);
            } finally {
                copying.set(false);
            }
        } while (!uncopied.isEmpty() && copying.compareAndSet(false, true));
    }

    /** One of the other nodes in the order of rendezvous hashing. */
    private Optional<NodeId> keeper(String topic, int attempt) {
        return chosen(nodes.others().stream().sorted(rendezvous(topic)).toList(), attempt);
    }

    private static Optional<NodeId> chosen(List<NodeId> order, int attempt) {
        return order.isEmpty() ? Optional.empty() : Optional.of(order.get(Math.floorMod(attempt, order.size())));
    }

    private static Comparator<NodeId> rendezvous(String topic) {
        return Comparator.comparingLong((NodeId node) -> weight(topic, node)).thenComparing(Comparator.naturalOrder());
    }

    private static long weight(String topic, NodeId node) {
        long mixed = (31L * topic.hashCode() + node.hashCode()) * 0x9e3779b97f4a7c15L;
        return mixed ^ (mixed >>> 32);
    }

    private void copy(NodeId node, List<FastlaneTopic> topics) {
        for (int from = 0; from < topics.size(); from += MAX_TOPICS) {
            List<FastlaneTopic> page = topics.subList(from, Math.min(from + MAX_TOPICS, topics.size()));
            Optional<byte[]> answered = ask(node.toString(), COPY_TIMEOUT, COPY, out -> {
                out.writeShort(page.size());
                for (FastlaneTopic topic : page) {
                    out.writeUTF(topic.topic().name());
                }
            });
            for (int i = 0; i < page.size(); i++) {
                page.get(i).copied(node.toString(), copied(answered, i));
            }
        }
    }

    private static CopyPlacement.Answer copied(Optional<byte[]> answered, int topic) {
        return answered.filter(kept -> topic < kept.length)
                .map(kept -> kept[topic] == 0 ? CopyPlacement.Answer.REFUSES : CopyPlacement.Answer.KEEPS)
                .orElse(CopyPlacement.Answer.NONE);
    }

    private static byte[] copied(DataInputStream in, List<Replicas> endpoints) throws IOException {
        List<Optional<CompletableFuture<Void>>> all = new ArrayList<>();
        for (int i = in.readUnsignedShort(); i > 0; i--) {
            String name = in.readUTF();
            all.add(endpoints.stream()
                    .filter(each -> !each.leaving)
                    .flatMap(each -> each.fastlane.keepCopy(name).stream())
                    .findFirst());
        }
        byte[] kept = new byte[all.size()];
        for (int i = 0; i < kept.length; i++) {
            all.get(i).ifPresent(CompletableFuture::join);
            kept[i] = (byte) (all.get(i).isPresent() ? 1 : 0);
        }
        return kept;
    }

    // Handing over.

    /** Takes no copies any more: this endpoint is about to stop. */
    public void leave() {
        leaving = true;
    }

    /** Brings the logs to other nodes, and blocks until they have them, for a time at most. */
    public void handOver(Duration within) {
        if (otherNodes() == 0) {
            return;
        }
        try {
            int left = new HandOver(this, fastlane, format, within).run();
            if (left > 0) {
                LOG.warn(
                        "Messages kept for {} topics are not complete on any other node: they end with this one.",
                        left);
            }
        } catch (RuntimeException e) {
            // The endpoint stops all the same.
            LOG.error("The histories were not brought to other nodes: what only this one keeps ends with it.", e);
        }
    }

    int otherNodes() {
        return nodes.others().size();
    }

    /** The node to take a log: first those that have one of the topic, then all others. Empty if all are to be left out. */
    Optional<String> taker(FastlaneTopic topic, int attempt, Set<String> without) {
        Set<String> having = topic.others();
        List<NodeId> order = nodes.others().stream()
                .filter(node -> !without.contains(node.toString()))
                .sorted(Comparator.comparing((NodeId node) -> !having.contains(node.toString()))
                        .thenComparing(rendezvous(topic.topic().name())))
                .toList();
        return chosen(order, attempt).map(NodeId::toString);
    }

    /** Keeps a copy up to a position; whether it has all of that then. Empty if it takes none. */
    Optional<CompletableFuture<Boolean>> takeOver(String topic, VersionVector position) {
        return leaving ? Optional.empty() : fastlane.takeOver(topic, position);
    }

    // Time.

    /** A topic waits for something: it gets the time from now on. */
    void unsettled(FastlaneTopic topic) {
        unsettled.add(topic);
    }

    void tick() {
        if (!unsettled.isEmpty() && ticking.compareAndSet(false, true)) {
            start(() -> {
                try {
                    unsettled.forEach(this::tick);
                } finally {
                    ticking.set(false);
                }
            });
        }
    }

    private void tick(FastlaneTopic topic) {
        // Before the tick: it may be added again while that runs.
        unsettled.remove(topic);
        if (!topic.tick()) {
            unsettled.add(topic);
        }
    }

    @Override
    public void close() {
        closed = true;
        watching.close();
        subscribed.close();
        synchronized (this) {
            if (answers != null) {
                answers.close();
            }
        }
    }

    private final class Watcher implements Nodes.Listener {
        private long repairAt;
        private int turn;

        /** The nodes with which this one is being compared. */
        private final Set<String> compared = ConcurrentHashMap.newKeySet();

        @Override
        public void joined(NodeId node) {}

        @Override
        public void reachable(NodeId node) {
            comparing(node.toString());
        }

        @Override
        public void left(NodeId node) {
            asking.remove(node.toString());
        }

        @Override
        public void tick(long nanos) {
            Replicas.this.tick();
            if (nanos - repairAt >= 0) {
                repairAt = nanos + REPAIR;
                answerForAll();
                List<NodeId> others = nodes.others();
                if (!others.isEmpty()) {
                    comparing(others.get(Math.floorMod(turn++, others.size())).toString());
                }
            }
        }

        private void comparing(String node) {
            if (!closed && compared.add(node)) {
                start(() -> {
                    try {
                        compare(node);
                    } finally {
                        compared.remove(node);
                    }
                });
            }
        }
    }
}
