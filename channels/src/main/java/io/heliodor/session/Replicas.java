package io.heliodor.session;

import io.heliodor.history.Answer;
import io.heliodor.history.Dot;
import io.heliodor.history.LogFormat;
import io.heliodor.history.Owner;
import io.heliodor.history.Question;
import io.heliodor.pubsub.NodeId;
import io.heliodor.pubsub.Nodes;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Topic;
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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/**
 * Brings the histories of this endpoint together with those of other nodes, and of other endpoints of this node: asks and answers, and
 * gives them the time. Any thread may use it. See {@code docs/design/across-history.md}.
 */
final class Replicas implements AutoCloseable {
    private static final int VERSION = 1;

    /** A node answers what a log has above a position. */
    private static final int CATCH_UP = 0;

    /** A node answers which topics have another position. */
    private static final int COMPARE = 1;

    /** Bits of the first byte of an answer. */
    private static final int FURTHER = 1;

    private static final int FOUND = 2;

    private static final int MAX_LOGS = 256;
    private static final int MAX_PART = 512 << 10;
    private static final int MAX_TOPICS = 1_000;
    private static final int MAX_ASKING = 64;
    private static final long REPAIR = Duration.ofSeconds(10).toNanos();
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("heliodor-history").factory();

    private final Fastlane fastlane;
    private final PubSub pubsub;
    private final Nodes nodes;
    private final LogFormat<KeptBroadcast> format;
    private final SecureRandom random = new SecureRandom();
    private final int number;
    private final Nodes.Answers answers;
    private final Nodes.Handle watching;
    private final Semaphore asking = new Semaphore(MAX_ASKING);

    /** The topics that wait for something. */
    private final Set<FastlaneTopic> restless = ConcurrentHashMap.newKeySet();

    private final AtomicBoolean ticking = new AtomicBoolean();
    private volatile boolean closed;

    Replicas(Fastlane fastlane, PubSub pubsub) {
        this.fastlane = fastlane;
        this.pubsub = pubsub;
        this.nodes = pubsub.nodes();
        BroadcastFormat broadcasts = new BroadcastFormat();
        this.format = new LogFormat<>(
                kept -> broadcasts.write(kept.broadcast()),
                bytes -> broadcasts.read(bytes).map(read -> new KeptBroadcast(read, fastlane.memory())));
        Nodes.Answers own = null;
        int free = 0;
        while (own == null) {
            try {
                own = nodes.answer(name(free), this::answer);
            } catch (IllegalStateException e) {
                // It is that of another endpoint.
                if (++free == MAX_LOGS) {
                    throw e;
                }
            }
        }
        this.number = free;
        this.answers = own;
        this.watching = nodes.watch(new Watcher());
    }

    private static String name(int log) {
        return "history/" + log;
    }

    /** The owner of the logs of this endpoint. */
    Owner owner() {
        return new Owner(nodes.self().toString(), number);
    }

    /** A stream for a log. */
    long stream() {
        return random.nextLong() >>> 16;
    }

    /** The other nodes that want a topic; this node if another endpoint of it does. */
    Set<String> others(Topic<?> topic) {
        Set<String> others = nodes.wanting(topic).stream().map(NodeId::toString).collect(Collectors.toSet());
        if (isShared(topic.name())) {
            others.add(nodes.self().toString());
        }
        return others;
    }

    /** Whether another node or endpoint wants a topic. */
    boolean isWanted(Topic<?> topic, boolean here) {
        return pubsub.count(topic.name()) > (here ? 1 : 0)
                || !nodes.wanting(topic).isEmpty();
    }

    /** The same without a look at other nodes. */
    boolean mayBeWanted(String topic, boolean here) {
        return pubsub.spansNodes() || pubsub.count(topic) > (here ? 1 : 0);
    }

    /** Whether a broadcast goes nowhere but to the members of this endpoint. */
    boolean alone(Topic<?> topic) {
        return !pubsub.spansNodes() && !isShared(topic.name());
    }

    private Optional<NodeId> node(String text) {
        return nodes.members().stream()
                .filter(each -> each.toString().equals(text))
                .findFirst();
    }

    // Asking.

    /** Asks the logs of a node for what the log of a topic lacks. */
    void ask(FastlaneTopic topic, String node) {
        THREADS.newThread(() -> {
                    try {
                        asking.acquire();
                        try {
                            askAll(topic, node);
                        } finally {
                            asking.release();
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } finally {
                        topic.over(node);
                    }
                })
                .start();
    }

    private void askAll(FastlaneTopic topic, String node) {
        boolean further = true;
        for (int log = 0; further && !closed; log++) {
            if (log != number || !node.equals(nodes.self().toString())) {
                further = ask(topic, node, log);
            }
        }
    }

    private boolean ask(FastlaneTopic topic, String node, int log) {
        Optional<Dot> after = Optional.empty();
        while (true) {
            Optional<Question> question = topic.question(after);
            Optional<byte[]> came = question.isEmpty()
                    ? Optional.empty()
                    : ask(node, log, CATCH_UP, out -> {
                        out.writeUTF(topic.topic().name());
                        out.write(format.question(question.get()));
                    });
            if (came.isEmpty() || came.get().length == 0) {
                return false;
            }
            byte[] bytes = came.get();
            boolean further = (bytes[0] & FURTHER) != 0;
            if ((bytes[0] & FOUND) == 0) {
                return further;
            }
            Optional<Answer<KeptBroadcast>> answer = format.answer(tail(bytes));
            answer.ifPresent(part -> topic.answered(node, part));
            after = answer.filter(Answer::more)
                    .map(part -> part.messages().getLast().stamp().dot());
            if (after.isEmpty()) {
                return further;
            }
        }
    }

    private static byte[] tail(byte[] bytes) {
        return Arrays.copyOfRange(bytes, 1, bytes.length);
    }

    private interface Writing {
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

    private Optional<byte[]> ask(String node, int log, int what, Writing rest) {
        byte[] question = written(out -> {
            out.write(VERSION);
            out.write(what);
            rest.to(out);
        });
        return node(node).flatMap(id -> nodes.ask(id, name(log), question, PATIENCE));
    }

    // Comparing.

    private void compare(String node) {
        List<FastlaneTopic> all = fastlane.histories().all();
        for (int from = 0; from < all.size() && !closed; from += MAX_TOPICS) {
            List<FastlaneTopic> page = all.subList(from, Math.min(from + MAX_TOPICS, all.size()));
            boolean further = true;
            for (int log = 0; further; log++) {
                Optional<byte[]> came = ask(node, log, COMPARE, out -> {
                    out.writeShort(page.size());
                    for (FastlaneTopic topic : page) {
                        out.writeUTF(topic.topic().name());
                        out.writeInt(topic.hash());
                    }
                });
                further = came.isPresent() && differ(node, came.get());
            }
        }
    }

    private boolean differ(String node, byte[] answer) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(answer))) {
            int flags = in.readUnsignedByte();
            for (int i = in.readUnsignedShort(); i > 0; i--) {
                fastlane.known(in.readUTF()).ifPresent(topic -> topic.differs(node));
            }
            return (flags & FURTHER) != 0;
        } catch (IOException e) {
            return false; // of another version
        }
    }

    // Answering.

    private byte[] answer(byte[] question) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(question));
        int version = in.readUnsignedByte();
        int what = in.readUnsignedByte();
        if (version != VERSION || what > COMPARE) {
            throw new IOException("a question of version " + version + ", kind " + what);
        }
        return what == COMPARE ? compared(in) : caughtUp(in);
    }

    private byte[] caughtUp(DataInputStream in) throws IOException {
        String name = in.readUTF();
        Question question =
                format.question(in.readAllBytes()).orElseThrow(() -> new IOException("a question that cannot be read"));
        Optional<Answer<KeptBroadcast>> answer =
                fastlane.known(name).flatMap(topic -> topic.answer(question, MAX_PART));
        return written(out -> {
            out.write((isShared(name) ? FURTHER : 0) | (answer.isPresent() ? FOUND : 0));
            if (answer.isPresent()) {
                out.write(format.answer(answer.get()));
            }
        });
    }

    private byte[] compared(DataInputStream in) throws IOException {
        List<String> different = new ArrayList<>();
        boolean shared = false;
        for (int i = in.readUnsignedShort(); i > 0; i--) {
            String name = in.readUTF();
            int hash = in.readInt();
            shared |= isShared(name);
            fastlane.known(name)
                    .filter(topic -> topic.hasHistory() && topic.hash() != hash)
                    .ifPresent(_ -> different.add(name));
        }
        int flags = shared ? FURTHER : 0;
        return written(out -> {
            out.write(flags);
            out.writeShort(different.size());
            for (String name : different) {
                out.writeUTF(name);
            }
        });
    }

    /** Whether another endpoint of this node may have a log of a topic. */
    private boolean isShared(String topic) {
        return pubsub.count(topic) > 1;
    }

    // Time.

    /** A topic waits for something: it gets the time from now on. */
    void restless(FastlaneTopic topic) {
        restless.add(topic);
    }

    void tick() {
        if (!restless.isEmpty() && ticking.compareAndSet(false, true)) {
            THREADS.newThread(() -> {
                        try {
                            restless.forEach(this::tick);
                        } finally {
                            ticking.set(false);
                        }
                    })
                    .start();
        }
    }

    private void tick(FastlaneTopic topic) {
        // Before the tick: it may be added again while that runs.
        restless.remove(topic);
        if (!topic.tick()) {
            restless.add(topic);
        }
    }

    @Override
    public void close() {
        closed = true;
        watching.close();
        answers.close();
    }

    private final class Watcher implements Nodes.Watcher {
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
        public void left(NodeId node) {}

        @Override
        public void tick(long nanos) {
            Replicas.this.tick();
            if (nanos - repairAt >= 0) {
                repairAt = nanos + REPAIR;
                List<NodeId> others = nodes.others();
                if (!others.isEmpty()) {
                    comparing(others.get(Math.floorMod(turn++, others.size())).toString());
                }
            }
        }

        private void comparing(String node) {
            if (!closed && compared.add(node)) {
                THREADS.newThread(() -> {
                            try {
                                compare(node);
                            } finally {
                                compared.remove(node);
                            }
                        })
                        .start();
            }
        }
    }
}
