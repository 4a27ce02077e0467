package io.heliodor.pubsub.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscriber;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The implementation of a PubSub or a scope in one JVM. Its transport, if it has one, connects it with other nodes. */
final class LocalPubSub implements ClusterPubSub {
    private static final String COUNT = "heliodor.count";

    private final String title;
    private final int mailbox;
    private final List<String> path;
    private final Optional<ClusterTransport> transport;
    private final Nodes nodes;
    private final TopicTable table;
    private final ConcurrentHashMap<String, LocalPubSub> scopes = new ConcurrentHashMap<>();

    /** The handler of requests for the number of subscriptions. */
    private final Optional<Nodes.HandlerRegistration> countHandler;

    /** Removes this scope from its parent. */
    private final Consumer<LocalPubSub> forget;

    private final EndNotice endNotice = new EndNotice();

    private volatile boolean closed;

    private LocalPubSub(
            List<String> path,
            int mailbox,
            Optional<ClusterTransport> transport,
            Nodes nodes,
            Consumer<LocalPubSub> forget) {
        this.path = path;
        this.nodes = nodes;
        this.title = path.isEmpty() ? "PubSub" : "scope \"" + path.getLast() + "\"";
        this.mailbox = mailbox;
        this.transport = transport;
        this.table = new TopicTable(
                transport
                        .<TopicTable.InterestListener>map(to -> new AdvertisedTopics(path, to))
                        .orElse(TopicTable.InterestListener.NONE),
                System::nanoTime);
        this.forget = forget;
        this.countHandler = transport.map(_ -> nodes.handle(COUNT, new CountHandler()));
    }

    static LocalPubSub open(int mailbox) {
        if (mailbox < 1) {
            throw new IllegalArgumentException("A mailbox holds 1 message or more, not " + mailbox + ".");
        }
        return new LocalPubSub(List.of(), mailbox, Optional.empty(), new SingleNode(SingleNode.id()), root -> {});
    }

    static LocalPubSub over(ClusterTransport transport, int mailbox) {
        return new LocalPubSub(List.of(), mailbox, Optional.of(transport), transport.nodes(List.of()), root -> {});
    }

    @Override
    public <T> Subscription subscribe(Topic<T> topic, Subscriber<? super T> subscriber) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(subscriber, "subscriber");
        return add(new MailboxSubscription<>(table, topic, subscriber, mailbox));
    }

    @Override
    public <T> Subscription subscribeInline(Topic<T> topic, Subscriber<? super T> subscriber) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(subscriber, "subscriber");
        return add(new InlineSubscription<>(table, topic, subscriber));
    }

    private Subscription add(LocalSubscription<?> subscription) {
        checkOpen();
        table.add(subscription);
        if (closed) {
            // close() may have cleared the table before the subscription was added.
            subscription.close();
            checkOpen();
        }
        return subscription;
    }

    @Override
    public <T> void broadcast(Topic<T> topic, T message) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(message, "message");
        check(topic);
        broadcastLocally(topic, message);
        forward(topic, message);
    }

    private void check(Topic<?> topic) {
        if (transport.isPresent()) {
            transport.get().check(topic);
        }
    }

    private <T> void forward(Topic<T> topic, T message) {
        if (transport.isPresent()) {
            transport.get().forward(new TopicAddress(path, topic.name()), topic, message);
        }
    }

    @Override
    public <T> void broadcastFrom(Subscription sender, Topic<T> topic, T message) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(sender, "sender");
        Objects.requireNonNull(message, "message");
        checkOpen();
        check(topic);
        table.subscribers(topic).deliver(message, sender);
        forward(topic, message);
    }

    @Override
    public <T> void broadcastLocally(Topic<T> topic, T message) {
        deliverHere(topic, message, null);
    }

    @Override
    public <T> void broadcastLocallyFrom(Subscription sender, Topic<T> topic, T message) {
        deliverHere(topic, message, Objects.requireNonNull(sender, "sender"));
    }

    private <T> void deliverHere(Topic<T> topic, T message, @Nullable Subscription except) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(message, "message");
        checkOpen();
        table.subscribers(topic).deliver(message, except);
    }

    @Override
    public <T> boolean broadcastTo(String node, Topic<T> topic, T message) {
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(message, "message");
        check(topic);
        if (node.equals(nodes.self().name())) {
            broadcastLocally(topic, message);
            return true;
        }
        Objects.requireNonNull(message, "message");
        checkOpen();
        // Throws if the subscriptions here have another type.
        table.subscribers(topic);
        Optional<NodeId> member =
                nodes.others().stream().filter(each -> each.name().equals(node)).findFirst();
        if (member.isPresent() && transport.isPresent()) {
            transport.get().forwardTo(member.get(), new TopicAddress(path, topic.name()), topic, message);
        }
        return member.isPresent();
    }

    @Override
    public boolean spansNodes() {
        return transport.isPresent();
    }

    @Override
    public Nodes nodes() {
        return nodes;
    }

    @Override
    public Subscribers subscribers(TopicAddress address) {
        LocalPubSub scope = this;
        for (String name : address.scopes()) {
            scope = scope.scopes.get(name);
            if (scope == null) {
                return Subscribers.NONE;
            }
        }
        return scope.table.subscribers(address.topic());
    }

    @Override
    public int count(String topic) {
        Objects.requireNonNull(topic, "topic");
        return table.subscribers(topic).count();
    }

    @Override
    public int countAll(String topic, Duration within) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(within, "within");
        byte[] request = topic.getBytes(UTF_8);
        // In parallel, as the waits for responses would add up.
        List<CompletableFuture<Integer>> others = nodes.interestedIn(Topic.of(topic, Object.class)).stream()
                .map(node -> CompletableFuture.supplyAsync(
                        () -> nodes.request(node, COUNT, request, within)
                                .filter(answer -> answer.length == Integer.BYTES)
                                .map(answer -> ByteBuffer.wrap(answer).getInt())
                                .orElse(0),
                        task -> Thread.ofVirtual().name("count").start(task)))
                .toList();
        return count(topic) + others.stream().mapToInt(CompletableFuture::join).sum();
    }

    private final class CountHandler implements Nodes.RequestHandler {
        @Override
        public byte[] handle(byte[] topic) {
            return ByteBuffer.allocate(Integer.BYTES)
                    .putInt(count(new String(topic, UTF_8)))
                    .array();
        }

        @Override
        public boolean isReplaceable() {
            // A scope that closes may be followed at once by another one of its name.
            return true;
        }
    }

    @Override
    public PubSub scope(String name) {
        Objects.requireNonNull(name, "name");
        NameRule.check("scope", name);
        checkOpen();
        LocalPubSub scope = scopes.computeIfAbsent(name, this::open);
        // end() and close() may have passed the scopes before this one was added.
        ended().ifPresent(scope::end);
        if (closed) {
            scope.close();
            checkOpen();
        }
        return scope;
    }

    private LocalPubSub open(String scope) {
        List<String> inner = Stream.concat(path.stream(), Stream.of(scope)).toList();
        Nodes ofScope = transport.isPresent() ? transport.get().nodes(inner) : new SingleNode(nodes.self());
        return new LocalPubSub(inner, mailbox, transport, ofScope, closed -> scopes.remove(scope, closed));
    }

    @Override
    public void end(PubSubEnd how) {
        endNotice.set(how);
        scopes.values().forEach(scope -> scope.end(how));
    }

    @Override
    public Optional<PubSubEnd> ended() {
        return endNotice.end();
    }

    @Override
    public Subscription onEnd(Consumer<? super PubSubEnd> listener) {
        return endNotice.add(listener);
    }

    @Override
    public void close() {
        end(PubSubEnd.closed(title));
        // First, so that later calls of scope() return an open one.
        forget.accept(this);
        closed = true;
        countHandler.ifPresent(Nodes.HandlerRegistration::close);
        table.clear().forEach(LocalSubscription::close);
        scopes.values().forEach(PubSub::close);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("This " + title
                    + " is closed: nothing can be subscribed to or published through it any more."
                    + ended().filter(how -> !how.reason().equals(PubSubEnd.CLOSED))
                            .map(how -> " " + how.text())
                            .orElse(" Close it after everything that uses it."));
        }
    }

    TopicTable table() {
        return table;
    }
}
